// The rows of the live feed, from a real broker.

import { describe, expect, it } from 'vitest';
import { destinationRows } from '../../broker/control/destination-rows.ts';
import { subscriptions } from '../../broker/core/namespaces.ts';
import { testBroker } from '../support/broker.ts';
import { noCloud } from './no-cloud.ts';
import { message } from '../support/messages.ts';

describe('destination rows', () => {
  it('show both worlds, subscriptions and topics, each under an id made of its names', async () => {
    await using test = await testBroker();
    const { broker } = test;
    const subscription = broker.declare({ namespace: subscriptions, name: 'dashboard' });
    broker.topics.subscribe({ filter: 'telemetry.>', queue: subscription });
    broker.declare({ namespace: 'aws/000000000000/us-east-1', name: 'orders' });
    broker.declare({ namespace: 'sns-log', name: 'what SNS keeps for itself is not shown' });
    await broker.publish({ kind: 'queue', name: 'orders' }, message());
    await broker.publish({ kind: 'topic', name: 'telemetry.press' }, message());
    const rows = new Map(Array.from(destinationRows({ broker, cloud: noCloud }), (row) => [row.id, row]));
    expect([...rows.keys()].sort()).toEqual([
      'aws/000000000000/us-east-1:orders',
      'mq:orders',
      'subscription:dashboard',
      'topic:telemetry.press',
    ]);
    expect(rows.get('mq:orders')).toEqual({
      id: 'mq:orders',
      world: 'mq',
      kind: 'queue',
      name: 'orders',
      ready: 1,
      inFlight: 0,
      delayed: 0,
      dead: 0,
      expired: 0,
      consumers: 0,
      enqueued: 1,
      dequeued: 0,
    });
    expect(rows.get('aws/000000000000/us-east-1:orders')).toMatchObject({
      world: 'aws',
      kind: 'queue',
      scope: '000000000000/us-east-1',
    });
    expect(rows.get('subscription:dashboard')).toMatchObject({ world: 'mq', kind: 'subscription', ready: 1 });
    expect(rows.get('topic:telemetry.press')).toMatchObject({ kind: 'topic', enqueued: 1, consumers: 1, ready: 0 });
  });

  it('name subscriptions as people do, and tell temporary queues from others', async () => {
    await using test = await testBroker();
    const { broker } = test;
    const terms = { deliver: () => undefined, label: 'link:7', onDeleted: () => undefined };
    const from = [{ kind: 'topic', name: 'prices.>' }] as const;
    const publisher = { clientId: 'office' };
    const owner = { clientId: undefined };
    const { name } = broker.temporary.create('temp-queue', owner);
    broker.subscribe({ ...terms, from, publisher, subscription: { name: 's', durable: true, shared: false } });
    broker.subscribe({ ...terms, from, publisher, subscription: { name: 's', durable: false, shared: true } });
    broker.subscribe({ ...terms, from, publisher });
    broker.declare({ namespace: subscriptions, name: 'mqtt:press-7' });
    broker.declare({
      namespace: subscriptions,
      name: 'mqtt-share:g/a/+',
      attributes: { share: 'g/a/+', topic: 'a.*' },
    });
    broker.declare({ namespace: 'aws/000000000000/us-east-1', name: 'orders.fifo' });
    const delayed = { delayMs: 3_600_000 };
    await broker.publish({ kind: 'topic', name: 'prices.a' }, message(), delayed);
    const rows = [...destinationRows({ broker, cloud: noCloud })];
    const said = rows.map(({ kind, variant, name: called, clientId, topics }) =>
      [kind, variant, called, clientId, topics].map((part) => part ?? '-').join(' | '),
    );
    expect(said.sort()).toEqual(
      [
        `queue | temporary | ${name} | - | -`,
        'queue | fifo | orders.fifo | - | -',
        'subscription | durable | s | office | prices.>',
        'subscription | shared | s | office | prices.>',
        'subscription | - | prices.> | - | -',
        'subscription | session | press-7 | press-7 | -',
        'subscription | shared | g | - | a.*',
      ].sort(),
    );
  });

  it('follow deliveries, settlements and dead letters', async () => {
    await using test = await testBroker();
    const { broker } = test;
    for (let i = 0; i < 3; i += 1) await broker.publish({ kind: 'queue', name: 'orders' }, message());
    const [first, second] = await broker.queue('orders').pull({ max: 2, leaseMs: 60_000, waitMs: 0 });
    const row = () => [...destinationRows({ broker, cloud: noCloud })].find(({ id }) => id === 'mq:orders');
    expect(row()).toMatchObject({ ready: 1, inFlight: 2 });
    await broker.settle(first!.entry);
    await broker.deadLetter(second!.entry, 'poison');
    expect(row()).toMatchObject({ ready: 1, inFlight: 0, dead: 1, enqueued: 3 });
  });
});
