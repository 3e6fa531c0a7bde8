// ActiveMQ Classic of Debian as the other broker, over STOMP and MQTT 3.1.1: Debian's package has no AMQP.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activemq, isActivemqThere } from '../../../bench/systems/activemq.ts';
import type { System } from '../../../bench/systems/system.ts';
import { debianBesides } from '../../support/debian.ts';
import { keepsForSubscriber, thereAndBack } from './far-ends.ts';

const isThere = debianBesides('activemq', isActivemqThere);

describe.skipIf(!isThere)('ActiveMQ', () => {
  let system: System;
  beforeAll(async () => {
    system = await activemq.start();
  }, 60_000);
  afterAll(() => system[Symbol.asyncDispose]());

  const far = (type: 'stomp' | 'mqtt') => ({ type, port: system.ports[type]! });

  it('has queues over STOMP, whose messages come back with their headers', async () => {
    const [first] = await thereAndBack(far('stomp'), 'queue://orders', 'queue://orders', {
      correlationId: 'c',
      replyTo: 'queue://answers',
      priority: 7,
      type: 't',
      properties: [{ name: 'colour', type: 'string', value: 'red: "α"\n' }],
    });
    expect(first).toMatchObject({
      bodyType: 'text',
      correlationId: 'c',
      replyTo: 'queue://answers',
      priority: 7,
      type: 't',
      properties: [{ name: 'colour', type: 'string', value: 'red: "α"\n' }],
    });
  });

  it('keeps subscriptions to topics over STOMP', async () => {
    await keepsForSubscriber(far('stomp'), 'topic://prices.a', 'topic://prices.>');
  });

  it('keeps subscriptions to topics over MQTT 3.1.1', async () => {
    await keepsForSubscriber(far('mqtt'), 'topic://telemetry.a', 'topic://telemetry.>');
  });
});
