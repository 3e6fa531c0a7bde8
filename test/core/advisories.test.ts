import { expect, it } from 'vitest';
import type { Broker } from '../../broker/core/broker.ts';
import type { Destination } from '../../broker/core/address.ts';
import { Clients } from '../../broker/core/clients.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import { subscribe } from './subscriber.ts';

const q: Destination = { kind: 'queue', name: 'q' };

/** What is told on the topics within a filter: the rest of the topic, and the facts. */
function watch(broker: Broker, filter: string): unknown[] {
  const told: unknown[] = [];
  subscribe(
    broker,
    { kind: 'topic', name: `ActiveMQ.Advisory.${filter}` },
    {
      deliver: (_, { to, body, type }) => {
        expect(type).toBe('Advisory');
        const facts: unknown = JSON.parse(body.toString());
        told.push([to.slice('topic://ActiveMQ.Advisory.'.length), facts]);
      },
    },
  );
  return told;
}

it('tell of consumers and destinations that come and go', async () => {
  await using test = await testBroker();
  const told = watch(test.broker, '>');
  const { subscriber } = subscribe(test.broker, q, { publisher: { clientId: 'c' } });
  subscriber.close();
  await test.broker.delete(test.broker.queue('q'));
  await test.broker.publish({ kind: 'topic', name: 't' }, message());
  const destination = 'queue://q';
  await expect
    .poll(() => told)
    .toEqual([
      ['Queue', { event: 'added', destination }],
      ['Consumer.Queue.q', { event: 'added', destination, clientId: 'c', consumerCount: 1 }],
      ['Consumer.Queue.q', { event: 'removed', destination, clientId: 'c', consumerCount: 0 }],
      ['Queue', { event: 'removed', destination }],
      ['Topic', { event: 'added', destination: 'topic://t' }],
    ]);
});

it('tell of dead letters, expiries, full queues and slow subscribers', async () => {
  await using test = await testBroker({
    policies: [
      { kind: 'queue', filter: 'q', maxMessages: 2 },
      { kind: 'topic', filter: 't', pendingLimit: 1 },
    ],
  });
  const told = watch(test.broker, '*.*.*');
  await test.broker.publish(q, message({ id: 'bad' }));
  await test.broker.publish(q, message({ id: 'old', expiresAt: Date.now() - 1 }));
  expect(test.broker.heldBack(q)).toBeDefined();
  const got = subscribe(test.broker, q);
  await test.broker.deadLetter(got.entries[0]!, 'poison');
  subscribe(test.broker, { kind: 'topic', name: 't' }, { credit: 0 });
  for (let i = 0; i < 2; i++) await test.broker.publish({ kind: 'topic', name: 't' }, message());
  const facts = () =>
    told
      .map((one) => JSON.stringify(one))
      .filter((text) => !text.includes('"event"'))
      .sort();
  await expect
    .poll(facts)
    .toEqual([
      '["Expired.Queue.q",{"destination":"queue://q","messageId":"old"}]',
      '["FULL.Queue.q",{"destination":"queue://q"}]',
      '["MessageDLQd.Queue.q",{"destination":"queue://q","messageId":"old","reason":"expired"}]',
      '["MessageDLQd.Queue.q",{"destination":"queue://q","reason":"poison"}]',
      '["SlowConsumer.Topic.t",{"destination":"topic://t","discarded":1}]',
    ]);
});

it('tell of connections', async () => {
  await using test = await testBroker();
  const told = watch(test.broker, 'Connection');
  const clients = new Clients(() => 0);
  clients.onChange = (client, isThere) => test.broker.advisories.connection(client, isThere);
  const facts = { protocol: 'mqtt', address: '127.0.0.1:5', clientId: 'c', user: 'u' } as const;
  const client = clients.add({ ...facts, messagesIn: 0, messagesOut: 0, disconnect: () => undefined });
  clients.remove(client);
  clients.remove(client);
  await expect
    .poll(() => told)
    .toEqual([
      ['Connection', { event: 'started', id: '1', ...facts }],
      ['Connection', { event: 'stopped', id: '1', ...facts }],
    ]);
});

it('are not for those who subscribe to everything', async () => {
  await using test = await testBroker();
  const all = [
    { kind: 'topic', name: '>' },
    { kind: 'topic', name: '*.*.>' },
  ] as const;
  const got = subscribe(test.broker, all);
  subscribe(test.broker, q).subscriber.close();
  await test.broker.publish({ kind: 'topic', name: 't' }, message({ text: 'x' }));
  expect(got.bodies).toEqual(['x']);
});

it('are not made for nobody', async () => {
  await using test = await testBroker();
  subscribe(test.broker, q).subscriber.close();
  expect(test.broker.router.totals.size).toBe(0);
});
