// Routes on a broker in memory.

import { describe, expect, it } from 'vitest';
import { brokerQueueSource, topicSource } from '../../broker/bridge/endpoints/broker.ts';
import { sqsTarget } from '../../broker/bridge/endpoints/sqs.ts';
import { noRules } from '../../broker/bridge/mapping.ts';
import type { MappingRules } from '../../broker/bridge/mapping.ts';
import { Route } from '../../broker/bridge/route.ts';
import type { RouteOptions } from '../../broker/bridge/route-options.ts';
import { BrokerError } from '../../broker/core/errors.ts';
import type { Queue } from '../../broker/core/queue.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import { testBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';
import { message } from '../support/messages.ts';
import { sqsEnd } from './ends.ts';

interface Bridged extends TestBroker {
  readonly route: Route;
  readonly makeRoute: () => Route;
  readonly target: Queue;
}

interface BridgedOptions extends Partial<RouteOptions> {
  readonly from?: string;
  readonly withoutTarget?: boolean;
  readonly rules?: MappingRules;
}

const namespace = 'aws/000000000000/us-east-1';

async function bridged({ from = 'queue://source', withoutTarget, rules = noRules, ...options }: BridgedOptions = {}) {
  const test = await testBroker();
  const { broker } = test;
  if (withoutTarget !== true) broker.declare({ namespace, name: 'target' });
  const makeRoute = (): Route =>
    new Route(
      {
        name: 'r',
        source: from.startsWith('topic:')
          ? topicSource({ broker, clock: systemClock, address: from, route: 'r' })
          : brokerQueueSource({ broker, clock: systemClock, address: from }),
        target: sqsTarget({
          address: 'sqs://target',
          clock: systemClock,
          account: '000000000000',
          rules,
          find: () => sqsEnd(broker, namespace, 'target'),
        }),
        onLoss: 'drop-field',
        deadLetter: () => broker.queue('ActiveMQ.DLQ'),
        ...options,
      },
      { broker, clock: systemClock, log: silent },
    );
  const route = makeRoute();
  await route.start();
  const made: Bridged = {
    ...test,
    route,
    makeRoute,
    get target() {
      return broker.find(namespace, 'target')!;
    },
    [Symbol.asyncDispose]: async () => {
      route.close();
      await test[Symbol.asyncDispose]();
    },
  };
  return made;
}

const toSource = { kind: 'queue', name: 'source' } as const;

describe('a route', () => {
  it('moves each message once, in order, as its target takes it', async () => {
    await using test = await bridged();
    for (let i = 0; i < 50; i++) await test.broker.publish(toSource, message({ text: String(i), id: `ID:${i}` }));
    await expect.poll(() => test.target.readyCount).toBe(50);
    const found = await test.target.browse(0, 100);
    expect(found.map(({ message: { body } }) => body.toString())).toEqual(
      Array.from({ length: 50 }, (_, i) => String(i)),
    );
    expect(found[7]?.message.properties).toMatchObject([
      { name: 'message-id', type: 'string', value: 'ID:7' },
      { name: 'timestamp', type: 'decimal' },
    ]);
    expect(test.broker.queue('source').readyCount).toBe(0);
    await expect.poll(() => test.broker.queue('source').inFlightCount).toBe(0);
    expect(test.route.transferred).toBe(50);
  });

  it('takes what is published to a topic filter, from when it was started', async () => {
    await using test = await bridged({ from: 'topic://telemetry.>' });
    await test.broker.publish(
      { kind: 'topic', name: 'telemetry.a.b' },
      message({ text: 'in', to: 'topic://telemetry.a.b' }),
    );
    await test.broker.publish({ kind: 'topic', name: 'other' }, message({ text: 'out' }));
    await expect.poll(() => test.target.readyCount).toBe(1);
    const [found] = await test.target.browse(0, 10);
    expect(found?.message.properties).toContainEqual({
      name: 'destination',
      type: 'string',
      value: 'topic://telemetry.a.b',
    });
  });

  it('counts what is lost, and keeps counting after a restart', async () => {
    await using test = await bridged({ rules: { ...noRules, overflow: 'drop' } });
    await test.broker.publish(
      toSource,
      message({ text: 'x', properties: [{ name: 'a b', type: 'string', value: 'x' }] }),
    );
    await expect.poll(() => test.route.transferred).toBe(1);
    test.route.close();
    const again = test.makeRoute();
    await again.start();
    await test.broker.publish(
      toSource,
      message({ text: 'y', properties: [{ name: 'a b', type: 'string', value: 'x' }] }),
    );
    await expect.poll(() => again.transferred).toBe(2);
    expect(again.losses()).toEqual([
      { field: 'a b', outcome: 'dropped', reason: 'the name is not one that SQS takes', count: 2 },
    ]);
    again.close();
  });

  it('dead-letters what the target does not take, with the reason', async () => {
    await using test = await bridged();
    await test.broker.publish(toSource, message({ text: '' }));
    const dlq = test.broker.queue('ActiveMQ.DLQ');
    await expect.poll(() => dlq.readyCount).toBe(1);
    const [dead] = await dlq.browse(0, 1);
    expect(dead?.entry.dead).toMatchObject({
      origin: 'queue://source',
      reason: 'route r: body: SQS takes no empty message',
    });
    expect(test.route.deadLettered).toBe(1);
    expect(test.target.readyCount).toBe(0);
  });

  it('dead-letters a message that would lose a field, if that is its rule', async () => {
    await using test = await bridged({ onLoss: 'dead-letter', rules: { ...noRules, overflow: 'drop' } });
    await test.broker.publish(
      toSource,
      message({ text: 'x', properties: [{ name: 'a b', type: 'string', value: 'x' }] }),
    );
    await test.broker.publish(
      toSource,
      message({ text: 'y', properties: [{ name: 'f', type: 'boolean', value: true }] }),
    );
    await expect.poll(() => test.target.readyCount).toBe(1);
    const [dead] = await test.broker.queue('ActiveMQ.DLQ').browse(0, 1);
    expect(dead?.entry.dead?.reason).toBe('route r: a b: the name is not one that SQS takes');
  });

  it('from the dead-letter queue keeps there what its target refuses, and says so', async () => {
    await using test = await bridged({ from: 'queue://ActiveMQ.DLQ' });
    const dlq = test.broker.queue('ActiveMQ.DLQ');
    await test.broker.publish({ kind: 'queue', name: 'ActiveMQ.DLQ' }, message({ text: '' }));
    await expect.poll(() => test.route.error).toBe('a dead letter does not cross: body: SQS takes no empty message');
    expect([dlq.readyCount, test.route.deadLettered]).toEqual([1, 0]);
  });

  it('takes nothing while it is paused, and goes on when it is resumed', async () => {
    await using test = await bridged();
    test.route.pause();
    await test.broker.publish(toSource, message({ text: 'x' }));
    expect(test.route.state).toBe('paused');
    expect(test.broker.queue('source').readyCount).toBe(1);
    test.route.resume();
    await expect.poll(() => test.target.readyCount).toBe(1);
    expect(test.route.state).toBe('running');
  });

  it('waits, with the reason, while its target is not there, and the source keeps the backlog', async () => {
    await using test = await bridged({ withoutTarget: true });
    await test.broker.publish(toSource, message({ text: 'x' }));
    expect([test.route.state, test.route.error]).toEqual(['failed', 'sqs://target does not exist']);
    expect(test.broker.queue('source').readyCount).toBe(1);
    test.broker.declare({ namespace: 'aws/000000000000/us-east-1', name: 'target' });
    await expect.poll(() => test.target.readyCount).toBe(1);
    expect(test.route.state).toBe('running');
  });

  it('keeps a message in its source when the commit fails, and moves it once it succeeds', async () => {
    await using test = await bridged();
    test.route.pause();
    await test.broker.publish(toSource, message({ text: 'x' }));
    test.store.fail(new BrokerError('store-full', 'disk full'));
    test.route.resume();
    await expect.poll(() => test.route.error).toBe('disk full');
    expect([test.broker.queue('source').readyCount, test.target.readyCount]).toEqual([1, 0]);
    test.store.fail(undefined);
    await expect.poll(() => test.target.readyCount).toBe(1);
    expect(test.broker.queue('source').readyCount).toBe(0);
    expect(test.route.transferred).toBe(1);
  });
});
