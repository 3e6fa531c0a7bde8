// The rows of the live feed, from a real broker.

import { describe, expect, it } from 'vitest';
import { destinationRows } from '../../broker/control/destinations.ts';
import { subscriptions } from '../../broker/core/namespaces.ts';
import { testBroker } from '../support/broker.ts';
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
    const rows = new Map(Array.from(destinationRows(broker), (row) => [row.id, row]));
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

  it('follow deliveries, settlements and dead letters', async () => {
    await using test = await testBroker();
    const { broker } = test;
    for (let i = 0; i < 3; i += 1) await broker.publish({ kind: 'queue', name: 'orders' }, message());
    const [first, second] = await broker.queue('orders').pull({ max: 2, leaseMs: 60_000, waitMs: 0 });
    const row = () => [...destinationRows(broker)].find(({ id }) => id === 'mq:orders');
    expect(row()).toMatchObject({ ready: 1, inFlight: 2 });
    await broker.settle(first!.entry);
    await broker.deadLetter(second!.entry, 'poison');
    expect(row()).toMatchObject({ ready: 1, inFlight: 0, dead: 1, enqueued: 3 });
  });
});
