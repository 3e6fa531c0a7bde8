// Who may do what, and what a client that may not is told (part 2, section 2.8.15: amqp:unauthorized-access).

import { describe, expect, test } from 'vitest';
import type { Operation } from '../../../broker/core/access.ts';
import { openAccess } from '../../../broker/core/access.ts';
import { formatAddress } from '../../../broker/core/address.ts';
import { BrokerError } from '../../../broker/core/errors.ts';
import { hex } from './codec/bytes.ts';
import { amqpBroker, queue } from './fixture.ts';
import { RawPeer, terminus } from './raw-peer.ts';

/** A broker where everybody may do everything but this, and what was asked. */
async function guarded(forbidden?: `${Operation} ${string}`) {
  const engine = await amqpBroker();
  const asked: string[] = [];
  const authenticate = async () => ({
    user: 'ann',
    authorize: (operation: Operation, destination: Parameters<typeof formatAddress>[0]) => {
      const what = `${operation} ${formatAddress(destination).replace(/ID:.*/, 'ID')}`;
      asked.push(what);
      if (what === forbidden) throw new BrokerError('unauthorized', `ann may not ${what}`);
    },
  });
  Object.assign(engine.context, { access: { ...openAccess, authenticate } });
  return Object.assign(engine, { asked });
}

const dynamic = { ...terminus('target', undefined), dynamic: true };

describe('an attach is refused to who may not', () => {
  test.each([
    ['write there', 'write queue://orders', (peer: RawPeer) => peer.attachSender()],
    [
      'write to one of several',
      'write topic://b',
      (peer: RawPeer) => peer.attachSender({ target: terminus('target', 'a,topic://b') }),
    ],
    ['make the queue that is not there', 'create queue://orders', (peer: RawPeer) => peer.attachSender()],
    ['read there', 'read queue://orders', (peer: RawPeer) => peer.attachReceiver()],
    [
      'read a filter',
      'read topic://a.>',
      (peer: RawPeer) => peer.attachReceiver({ source: terminus('source', 'topic://a.>') }),
    ],
    [
      'browse',
      'read queue://orders',
      (peer: RawPeer) => peer.attachReceiver({ source: { ...terminus('source', 'orders'), distributionMode: 'copy' } }),
    ],
    [
      'subscribe durably',
      'read topic://a',
      (peer: RawPeer) => peer.attachReceiver({ source: { ...terminus('source', 'topic://a'), durable: 2 } }),
    ],
    ['make a temporary queue', 'create temp-queue://ID', (peer: RawPeer) => peer.attachSender({ target: dynamic })],
  ] as const)('%s', async (_, forbidden, act) => {
    await using engine = await guarded(forbidden);
    await using peer = await RawPeer.open(engine.port);
    act(peer);
    const attach = await peer.expect('attach');
    expect(attach.role ? attach.target : attach.source).toBeUndefined();
    expect((await peer.expect('detach')).error).toMatchObject({
      condition: 'amqp:unauthorized-access',
      description: `ann may not ${forbidden}`,
    });
    expect(engine.broker.find('mq', 'orders')).toBeUndefined();
    expect(Array.from(engine.broker.queues('temporary'))).toEqual([]);
    expect(engine.broker.topics.subscriptionCount).toBe(0);
  });
});

test('making is asked for where the queue is not there', async () => {
  await using engine = await guarded();
  queue(engine, 'known');
  await using peer = await RawPeer.open(engine.port);
  peer.attachSender({ target: terminus('target', 'known') });
  await peer.expect('attach');
  await peer.expect('flow');
  peer.attachReceiver({ handle: 1, source: terminus('source', 'new,topic://t') });
  await peer.expect('attach');
  expect(engine.asked).toEqual(['write queue://known', 'read queue://new', 'create queue://new', 'read topic://t']);
});

test('messages on the anonymous terminus are rejected one by one', async () => {
  await using engine = await guarded('write queue://b');
  await using peer = await RawPeer.open(engine.port);
  peer.attachSender({ target: terminus('target', undefined) });
  await peer.expect('attach');
  await peer.expect('flow');
  // Properties: to.
  for (const [id, to] of ['a', 'b', 'a'].entries()) {
    peer.deliver(id, hex(`00 53 73 c0 06 03 40 40 a1 01 ${Buffer.from(to).toString('hex')} 0053 77 a1 01 61`));
  }
  const answers = [
    await peer.expect('disposition'),
    await peer.expect('disposition'),
    await peer.expect('disposition'),
  ];
  expect(
    answers.map(({ first, state }) => [first, state?.kind]).toSorted((a, b) => Number(a[0]) - Number(b[0])),
  ).toEqual([
    [0, 'accepted'],
    [1, 'rejected'],
    [2, 'accepted'],
  ]);
  expect(answers.find(({ first }) => first === 1)?.state).toMatchObject({
    error: { condition: 'amqp:unauthorized-access' },
  });
  expect(queue(engine, 'a').readyCount).toBe(2);
});
