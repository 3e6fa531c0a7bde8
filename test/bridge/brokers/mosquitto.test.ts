// mosquitto of Debian as the other broker, over MQTT 5.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mosquitto } from '../../../bench/systems/mosquitto.ts';
import type { System } from '../../../bench/systems/system.ts';
import { debian } from '../../support/debian.ts';
import { keepsForSubscriber, thereAndBack } from './far-ends.ts';

const program = debian('mosquitto', 'mosquitto');

describe.skipIf(!program.present)('mosquitto', () => {
  let system: System;
  beforeAll(async () => {
    system = await mosquitto.start();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const far = () => ({ type: 'mqtt', port: system.ports.mqtt! }) as const;

  it('has topics, with the properties of MQTT 5', async () => {
    const [first] = await thereAndBack(far(), 'topic://room.1.temperature', 'topic://room.*.temperature', {
      correlationId: 'c',
      contentType: 'text/plain',
      replyTo: 'topic://answers.here',
      properties: [
        { name: 'n', type: 'int', value: 7 },
        { name: 'a', type: 'string', value: '1' },
        { name: 'a', type: 'string', value: '2' },
      ],
    });
    expect(first).toMatchObject({
      bodyType: 'text',
      correlationId: 'c',
      contentType: 'text/plain',
      replyTo: 'topic://answers.here',
      properties: [
        { name: 'n', type: 'string', value: '7' },
        { name: 'a', type: 'string', value: '1' },
        { name: 'a', type: 'string', value: '2' },
      ],
    });
  });

  it('keeps subscriptions', async () => {
    await keepsForSubscriber(far(), 'topic://kept.a', 'topic://kept.>');
  });
});
