// RabbitMQ of Debian as the other broker: AMQP 1.0, MQTT 3.1.1 and STOMP by its plugins. It starts once for all of them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rabbitmq, rabbitmqProgram } from '../../../bench/systems/rabbitmq.ts';
import type { System } from '../../../bench/systems/system.ts';
import type { RemoteBroker } from '../../../broker/config-remotes.ts';
import { debianBesides } from '../../support/debian.ts';
import { keepsForSubscriber, thereAndBack } from './far-ends.ts';
import type { Far } from './far-ends.ts';
import { near } from './near.ts';

const isThere = debianBesides('rabbitmq-server', rabbitmqProgram !== undefined);
const guest = { username: 'guest', password: 'guest', virtualHost: '/' };

describe.skipIf(!isThere)('RabbitMQ', () => {
  let system: System;
  beforeAll(async () => {
    system = await rabbitmq.start();
  }, 60_000);
  afterAll(() => system[Symbol.asyncDispose]());

  const far = (type: RemoteBroker['type'], broker: Partial<RemoteBroker> = guest): Far => ({
    type,
    port: system.ports[type]!,
    broker,
  });

  it('has queues over AMQP, whose messages come back with all of their fields', async () => {
    const properties = [
      { name: 'n', type: 'int', value: 7 },
      { name: 'b', type: 'binary', value: Buffer.from([0, 255]) },
    ] as const;
    const [first] = await thereAndBack(far('amqp'), 'queue://amqp.queue', 'queue://amqp.queue', {
      correlationId: 'c',
      replyTo: 'queue://r',
      type: 't',
      groupSequence: 3,
      properties,
    });
    expect(first).toMatchObject({
      correlationId: 'c',
      replyTo: 'queue://r',
      type: 't',
      groupSequence: 3,
      durable: true,
      properties,
    });
  });

  it('has topics to send to over AMQP, and says that it keeps no subscriptions there', async () => {
    await using back = await near('topic://amqp.topic.>@far', 'queue://out', far('amqp'));
    await using there = await near('queue://in', 'topic://amqp.topic.a@far', far('amqp'));
    await expect.poll(() => back.route.error).toContain('it keeps no subscriptions over AMQP 1.0');
    await expect.poll(() => there.route.state).toBe('running');
  });

  it('has queues over STOMP, with properties as text', async () => {
    const [first] = await thereAndBack(far('stomp'), 'queue://stomp.queue', 'queue://stomp.queue', {
      correlationId: 'c',
      properties: [{ name: 'n', type: 'int', value: 7 }],
    });
    expect(first).toMatchObject({ correlationId: 'c', properties: [{ name: 'n', type: 'string', value: '7' }] });
  });

  it('keeps subscriptions to topics over STOMP', async () => {
    await keepsForSubscriber(far('stomp'), 'topic://stomp.topic.a', 'topic://stomp.topic.>');
  });

  it('keeps subscriptions to topics over MQTT 3.1.1', async () => {
    await keepsForSubscriber(far('mqtt'), 'topic://mqtt.topic.a', 'topic://mqtt.topic.>');
  });

  it.each(['amqp', 'stomp', 'mqtt'] as const)('refuses a wrong password over %s, which is a state', async (type) => {
    const wrong = far(type, { ...guest, password: 'wrong' });
    const place = type === 'mqtt' ? 'topic' : 'queue';
    await using there = await near('queue://in', `${place}://x@far`, wrong);
    await using back = await near(`${place}://x@far`, 'queue://out', wrong);
    const refused = /^far \(127\.0\.0\.1:\d+\): it does not let the engine in: the user is unknown, .*password wrong/;
    await expect.poll(() => there.route.error).toMatch(refused);
    await expect.poll(() => back.route.error).toMatch(refused);
  });

  it('wants its virtual host over STOMP, and is told so', async () => {
    await using there = await near('queue://in', 'queue://x@far', far('stomp', { ...guest, virtualHost: 'elsewhere' }));
    await expect.poll(() => there.route.error).toContain('name its virtual host in virtualHost');
  });
});
