// What links may be attached to (part 3, section 3.5): temporary nodes, browsers, several destinations at once, options.

import { describe, expect, test } from 'vitest';
import type { Composite, Draft } from '../../../broker/protocols/amqp/codec/composite.ts';
import { hex } from './codec/bytes.ts';
import { amqpBroker, queue, until, type AmqpBroker } from './fixture.ts';
import { RawPeer, terminus } from './raw-peer.ts';

const durable = hex('00 53 70 c0 02 01 41  0053 77 a1 01 61');
const accepted = { kind: 'accepted' } as const;

function source(address: string | undefined, fields: Partial<Composite<'source'>> = {}): Composite<'source'> {
  return { ...terminus('source', address), ...fields };
}

/** Puts messages where the address says. */
async function send(engine: AmqpBroker, address: string, count = 1): Promise<void> {
  await using peer = await RawPeer.open(engine.port);
  peer.attachSender({ target: terminus('target', address) });
  await peer.expect('attach');
  await peer.expect('flow');
  for (let i = 0; i < count; i++) {
    peer.deliver(i, durable);
    await peer.expect('disposition');
  }
}

async function receiver(engine: AmqpBroker, draft: Partial<Draft<'attach'>>, open: Partial<Draft<'open'>> = {}) {
  const peer = await RawPeer.open(engine.port, open);
  peer.attachReceiver(draft);
  return { peer, reply: await peer.expect('attach') };
}

/** The condition with which an attach is refused. */
async function refusal(engine: AmqpBroker, draft: Partial<Draft<'attach'>>): Promise<string | undefined> {
  const { peer } = await receiver(engine, draft);
  const { error } = await peer.expect('detach');
  await peer[Symbol.asyncDispose]();
  return error?.condition;
}

describe('a dynamic node', () => {
  test.each([
    ['a queue', ['temporary-queue'], 'temp-queue'],
    ['a topic', ['temporary-topic'], 'temp-topic'],
    ['a queue where the kind is not said', undefined, 'temp-queue'],
  ])('3.5.4 is %s, for a target', async (_, capabilities, kind) => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    peer.attachSender({ target: { ...terminus('target', undefined), dynamic: true, capabilities } });
    const { target } = await peer.expect('attach');
    expect(target).toMatchObject({
      kind: 'target',
      dynamic: true,
      capabilities,
      dynamicNodeProperties: [
        [{ type: 'symbol', value: 'lifetime-policy' }, { value: { descriptor: { value: 0x2bn } } }],
      ],
    });
    await peer.expect('flow');
    const address = addressOf(target as Composite<'target'>);
    expect(address).toMatch(new RegExp(`^${kind}://ID:`));
    // As a JMS client receives from it: by its address, and the capability of its kind.
    peer.attachReceiver({ handle: 1, source: source(address, { capabilities: [`temporary-${kind.slice(5)}`] }) });
    expect((await peer.expect('attach')).source?.capabilities).toEqual([`temporary-${kind.slice(5)}`]);
    peer.grant(1, { handle: 1 });
    await send(engine, address);
    await peer.expect('transfer');
    // Another connection may not.
    expect(await refusal(engine, { source: source(address) })).toBe('amqp:not-allowed');
    peer.send(0, 'detach', { handle: 0, closed: true });
    expect(await peer.expect('detach')).toMatchObject({ handle: 1, error: { condition: 'amqp:resource-deleted' } });
    await peer.expect('detach');
    await using late = await RawPeer.open(engine.port);
    late.attachSender({ target: terminus('target', address) });
    await late.expect('attach');
    expect((await late.expect('detach')).error?.condition).toBe('amqp:not-found');
  });

  test.each([
    ['lifetime-policy', { type: 'uint', value: 1 }],
    [
      'lifetime-policy',
      { type: 'described', value: { descriptor: { type: 'ulong', value: 0x24n }, value: { type: 'list', value: [] } } },
    ],
    ['supported-dist-modes', { type: 'uint', value: 0 }],
  ] as const)('3.5.9 with a %s that is none is refused', async (name, value) => {
    await using engine = await amqpBroker();
    const dynamicNodeProperties = [[{ type: 'symbol', value: name }, value]] as const;
    const asked = source(undefined, { dynamic: true, dynamicNodeProperties });
    expect(await refusal(engine, { source: asked })).toBe('amqp:invalid-field');
    expect(Array.from(engine.broker.queues('temporary'))).toEqual([]);
  });

  test.each([0x2bn, 0x2cn, 0x2dn, 0x2en, 'amqp:delete-on-no-links:list'])(
    '3.5.10 whatever lifetime is asked for (%s), is there until its link is closed, and says so',
    async (code) => {
      await using engine = await amqpBroker();
      const descriptor =
        typeof code === 'bigint'
          ? ({ type: 'ulong', value: code } as const)
          : ({ type: 'symbol', value: code } as const);
      const policy = { type: 'described', value: { descriptor, value: { type: 'list', value: [] } } } as const;
      const dynamicNodeProperties = [[{ type: 'symbol', value: 'lifetime-policy' }, policy]] as const;
      const { peer, reply } = await receiver(engine, {
        source: source(undefined, { dynamic: true, dynamicNodeProperties }),
      });
      await using _ = peer;
      expect(reply.source?.dynamicNodeProperties).toMatchObject([
        [{ value: 'lifetime-policy' }, { value: { descriptor: { value: 0x2bn } } }],
      ]);
    },
  );

  test('3.5.3 is made for a source, and gone with its link', async () => {
    await using engine = await amqpBroker();
    const { peer, reply } = await receiver(engine, { source: source(undefined, { dynamic: true }) });
    const address = addressOf(reply.source as Composite<'source'>);
    peer.grant(1);
    await send(engine, address);
    await peer.expect('transfer');
    peer.send(0, 'detach', { handle: 0, closed: true });
    await peer.expect('detach');
    expect(Array.from(engine.broker.queues('temporary'))).toEqual([]);
    await peer[Symbol.asyncDispose]();
  });

  test.each([
    ['its session ends', (peer: RawPeer) => peer.send(0, 'end', {})],
    ['its connection breaks', (peer: RawPeer) => void peer.socket.destroy()],
  ])('is gone when %s', async (_, act) => {
    await using engine = await amqpBroker();
    const { peer } = await receiver(engine, { source: source(undefined, { dynamic: true }) });
    expect(Array.from(engine.broker.queues('temporary'))).toHaveLength(1);
    act(peer);
    await until(() => Array.from(engine.broker.queues('temporary')).length === 0);
    await peer[Symbol.asyncDispose]();
  });

  test('that is gone rejects what is sent to it through the anonymous terminus', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    peer.attachSender({ target: terminus('target', undefined) });
    await peer.expect('attach');
    await peer.expect('flow');
    // Properties: to is temp-queue://x.
    peer.deliver(0, hex(`00 53 73 c0 13 03 40 40 a1 0e ${Buffer.from('temp-queue://x').toString('hex')}`));
    const { state } = await peer.expect('disposition');
    // Which of many it was is in the error, as the Anonymous Terminus has it (2.2.2).
    const info = [
      [
        { type: 'symbol', value: 'delivery-tag' },
        { type: 'binary', value: hex('00') },
      ],
    ];
    expect(state).toMatchObject({ kind: 'rejected', error: { condition: 'amqp:not-found', info } });
    peer.deliver(7, hex(`00 53 73 c0 13 03 40 40 a1 0e ${Buffer.from('temp-queue://x').toString('hex')}`), {
      settled: true,
    });
    info[0]![1] = { type: 'binary', value: hex('07') };
    expect((await peer.expect('detach')).error).toMatchObject({ condition: 'amqp:not-found', info });
  });
});

describe('browsing', () => {
  const browser = { source: source('orders', { distributionMode: 'copy' }), sndSettleMode: 1 } as const;

  test('3.5.3 distribution-mode copy shows messages, and leaves them', async () => {
    await using engine = await amqpBroker();
    await send(engine, 'orders', 3);
    const { peer, reply } = await receiver(engine, browser);
    expect(reply.source?.distributionMode).toBe('copy');
    // As a JMS browser asks: much credit, and a drain.
    peer.grant(1000);
    for (let i = 0; i < 3; i++) expect((await peer.expect('transfer')).settled).toBe(true);
    peer.grant(1000, { drain: true });
    expect(await peer.expect('flow')).toMatchObject({ linkCredit: 0, drain: true, deliveryCount: 1000 });
    // What came later is not shown.
    await send(engine, 'orders');
    peer.grant(1000, { deliveryCount: 1000, drain: true });
    expect(await peer.expect('flow')).toMatchObject({ linkCredit: 0, deliveryCount: 2000 });
    expect(queue(engine, 'orders')).toMatchObject({ readyCount: 4 });
    await peer[Symbol.asyncDispose]();
  });

  test('keeps to its credit', async () => {
    await using engine = await amqpBroker();
    await send(engine, 'orders', 3);
    const { peer } = await receiver(engine, browser);
    peer.grant(2);
    await peer.expect('transfer');
    await peer.expect('transfer');
    peer.grant(0, { deliveryCount: 2, echo: true });
    await peer.expect('flow');
    peer.grant(5, { deliveryCount: 2, drain: true });
    await peer.expect('transfer');
    await peer.expect('flow');
    await peer[Symbol.asyncDispose]();
  });

  test('outcomes of what it shows have no effect', async () => {
    await using engine = await amqpBroker();
    await send(engine, 'orders');
    const { peer } = await receiver(engine, { ...browser, sndSettleMode: 0, rcvSettleMode: 1 });
    peer.grant(1);
    await peer.expect('transfer');
    peer.send(0, 'disposition', { role: true, first: 0, settled: false, state: accepted });
    expect(await peer.expect('disposition')).toMatchObject({ role: false, settled: true });
    expect([queue(engine, 'orders').readyCount, queue(engine, 'orders').inFlightCount]).toEqual([1, 0]);
    await peer[Symbol.asyncDispose]();
  });

  test('outcomes in a transaction have none either, on whoever has the message', async () => {
    await using engine = await amqpBroker();
    await send(engine, 'orders');
    const holder = await receiver(engine, {});
    holder.peer.grant(1);
    await holder.peer.expect('transfer');
    const { peer } = await receiver(engine, { ...browser, sndSettleMode: 0 });
    peer.attachSender({ name: 'c', handle: 1, target: { kind: 'coordinator', capabilities: [] } });
    await peer.expect('attach');
    await peer.expect('flow');
    peer.grant(1);
    await peer.expect('transfer');
    // Declares, and discharges the first transaction of the connection.
    peer.deliver(0, hex('00 53 77 00 53 31 45'), { handle: 1 });
    const txnId = ((await peer.expect('disposition')).state as Composite<'declared'>).txnId;
    const state = { kind: 'transactionalState', txnId, outcome: { kind: 'released' } } as const;
    peer.send(0, 'disposition', { role: true, first: 0, settled: true, state });
    peer.deliver(1, hex(`00 53 77 00 53 32 c0 08 02 a0 04 ${txnId.toString('hex')} 42`), { handle: 1 });
    expect((await peer.expect('disposition')).state).toEqual(accepted);
    expect([queue(engine, 'orders').readyCount, queue(engine, 'orders').inFlightCount]).toEqual([0, 1]);
    for (const one of [holder.peer, peer]) await one[Symbol.asyncDispose]();
  });

  test('does not show what its connection has settled before', async () => {
    await using engine = await amqpBroker();
    await send(engine, 'orders', 2);
    const { peer } = await receiver(engine, {});
    peer.grant(2);
    await peer.expect('transfer');
    await peer.expect('transfer');
    engine.store.hold();
    peer.send(0, 'disposition', { role: true, first: 0, settled: true, state: accepted });
    peer.attachReceiver({ ...browser, name: 'browser', handle: 1 });
    await until(() => engine.broker.delivered === 1);
    engine.store.resume();
    await peer.expect('attach');
    peer.grant(10, { handle: 1 });
    expect((await peer.expect('transfer')).handle).toBe(1);
    peer.grant(9, { handle: 1, deliveryCount: 1, drain: true });
    expect(await peer.expect('flow')).toMatchObject({ deliveryCount: 10 });
    await peer[Symbol.asyncDispose]();
  });

  test('an empty queue is over at once', async () => {
    await using engine = await amqpBroker();
    const { peer } = await receiver(engine, browser);
    peer.grant(1, { drain: true });
    expect(await peer.expect('flow')).toMatchObject({ linkCredit: 0, deliveryCount: 1 });
    await peer[Symbol.asyncDispose]();
  });
});

describe('several destinations', () => {
  test.each([
    ['queues by name', 'a,queue://b', ['a', 'b']],
    ['queues by filter, those to come too', 'in.>', ['in.a', 'in.b.c']],
    ['a queue and a topic', 'a,topic://t.*', ['a', 'topic://t.x']],
  ])('%s feed one link with one credit', async (_, address, sent) => {
    await using engine = await amqpBroker();
    const { peer } = await receiver(engine, { source: source(address) });
    peer.grant(2);
    for (const one of sent) await send(engine, one, 2);
    await peer.expect('transfer');
    await peer.expect('transfer');
    peer.grant(0, { deliveryCount: 2, echo: true });
    expect(await peer.expect('flow')).toMatchObject({ available: 2, linkCredit: 0 });
    await peer[Symbol.asyncDispose]();
  });

  test('each get a message of their own from one that is sent to all', async () => {
    await using engine = await amqpBroker();
    const { peer } = await receiver(engine, { source: source('topic://t') });
    peer.grant(1);
    await send(engine, 'a,topic://t,b');
    await peer.expect('transfer');
    expect([queue(engine, 'a').readyCount, queue(engine, 'b').readyCount]).toEqual([1, 1]);
    await peer[Symbol.asyncDispose]();
  });
});

describe('options of a destination', () => {
  test('consumer.exclusive keeps the others waiting', async () => {
    await using engine = await amqpBroker();
    const first = await receiver(engine, { source: source('queue://orders?consumer.exclusive=true') });
    const second = await receiver(engine, { source: source('orders') });
    second.peer.grant(10);
    first.peer.grant(10);
    await send(engine, 'orders', 3);
    for (let i = 0; i < 3; i++) await first.peer.expect('transfer');
    second.peer.grant(10, { echo: true });
    expect(await second.peer.expect('flow')).toMatchObject({ linkCredit: 10, deliveryCount: 0 });
    for (const { peer } of [first, second]) await peer[Symbol.asyncDispose]();
  });

  test('consumer.priority puts one before the others', async () => {
    await using engine = await amqpBroker();
    const low = await receiver(engine, { source: source('orders') });
    const high = await receiver(engine, { source: source('orders?consumer.priority=7') });
    low.peer.grant(10);
    high.peer.grant(2, { echo: true });
    await high.peer.expect('flow');
    await send(engine, 'orders', 3);
    await high.peer.expect('transfer');
    await high.peer.expect('transfer');
    await low.peer.expect('transfer');
    for (const { peer } of [low, high]) await peer[Symbol.asyncDispose]();
  });

  test('consumer.selector counts where the link has no filter', async () => {
    await using engine = await amqpBroker();
    const { peer } = await receiver(engine, { source: source('orders?consumer.selector=a%3D1') });
    peer.grant(1);
    await send(engine, 'orders');
    peer.grant(1, { drain: true });
    expect(await peer.expect('flow')).toMatchObject({ deliveryCount: 1, linkCredit: 0 });
    await peer[Symbol.asyncDispose]();
  });

  test('consumer.maximumPendingMessageLimit bounds what waits for a slow receiver', async () => {
    await using engine = await amqpBroker();
    const { peer } = await receiver(engine, { source: source('topic://orders?consumer.maximumPendingMessageLimit=2') });
    await send(engine, 'topic://orders', 5);
    const [waiting] = engine.broker.queues('subscription');
    expect(waiting).toMatchObject({ readyCount: 2, discarded: 3 });
    await peer[Symbol.asyncDispose]();
  });

  test.each(['topic://orders?consumer.maximumPendingMessageLimit=x', 'orders?consumer.maximumPendingMessageLimit=2'])(
    'a limit that is none, or not of a topic, is refused: %s',
    async (address) => {
      await using engine = await amqpBroker();
      const { peer, reply } = await receiver(engine, { source: source(address) });
      expect(reply.source).toBeUndefined();
      const condition = address.startsWith('topic') ? 'amqp:invalid-field' : 'amqp:not-implemented';
      expect((await peer.expect('detach')).error?.condition).toBe(condition);
      await peer[Symbol.asyncDispose]();
    },
  );

  test.each(['prefetchSize=1', 'dispatchAsync=true', 'retroactive=true', 'noLocal=true'])(
    'consumer.%s is taken',
    async (option) => {
      await using engine = await amqpBroker();
      const { peer, reply } = await receiver(engine, { source: source(`topic://orders?consumer.${option}`) });
      expect(reply.source?.address).toEqual({ type: 'string', value: `topic://orders?consumer.${option}` });
      await peer[Symbol.asyncDispose]();
    },
  );
});

test('no-local on a queue is not in place, and not said to be', async () => {
  await using engine = await amqpBroker();
  const descriptor = { type: 'ulong', value: 0x468c00000003n } as const;
  const described = { type: 'described', value: { descriptor, value: { type: 'list', value: [] } } } as const;
  const filter = [[{ type: 'symbol', value: 'no-local' }, described]] as const;
  const { peer, reply } = await receiver(engine, { source: source('orders', { filter }) });
  expect(reply.source?.filter).toBeUndefined();
  await peer[Symbol.asyncDispose]();
});

test("a drain ends where what is there is another link's", async () => {
  await using engine = await amqpBroker();
  const owner = await receiver(engine, { source: source('orders?consumer.exclusive=true') });
  await send(engine, 'orders', 2);
  const { peer } = await receiver(engine, {});
  peer.grant(5, { drain: true });
  expect(await peer.expect('flow')).toMatchObject({ linkCredit: 0, deliveryCount: 5 });
  for (const one of [owner.peer, peer]) await one[Symbol.asyncDispose]();
});

test('a drain of a topic gives what has come, and no more', async () => {
  await using engine = await amqpBroker();
  const { peer } = await receiver(engine, { source: source('topic://t') });
  await send(engine, 'topic://t', 20);
  peer.grant(30, { drain: true });
  for (let i = 0; i < 20; i++) await peer.expect('transfer');
  expect(await peer.expect('flow')).toMatchObject({ linkCredit: 0, deliveryCount: 30 });
  await peer[Symbol.asyncDispose]();
});

function addressOf({ address }: Composite<'source'> | Composite<'target'>): string {
  if (address?.type !== 'string') throw new Error('a node without an address');
  return address.value;
}
