// The C library of Eclipse Paho, by the programs that Debian ships with it.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { debian } from '../../support/debian.ts';
import { mqttServer } from './mqtt-server.ts';

const packageName = 'paho.mqtt.c-examples';
const timeout = 20_000;

/** Each with the synchronous library and with the asynchronous one. */
const pairs = [
  { kind: 'synchronous', pub: debian(packageName, 'paho_cs_pub'), sub: debian(packageName, 'paho_cs_sub') },
  { kind: 'asynchronous', pub: debian(packageName, 'paho_c_pub'), sub: debian(packageName, 'paho_c_sub') },
] as const;

describe.each(pairs)('Paho in C, $kind', ({ pub, sub }) => {
  it.skipIf(!pub.present || !sub.present).each([
    ['311', '0'],
    ['311', '1'],
    ['311', '2'],
    ['5', '0'],
    ['5', '1'],
    ['5', '2'],
  ])(
    'publishes and subscribes in version %s at QoS %s',
    async (version, qos) => {
      await using server = await mqttServer();
      const common = ['-h', '127.0.0.1', '-p', String(server.port), '-V', version, '-q', qos];
      const subscriber = spawn(sub.path, ['-t', 'paho/#', '-i', 'paho-sub', ...common], { timeout });
      let output = '';
      subscriber.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      await expect.poll(() => server.broker.topics.subscriptionCount, { timeout }).toBe(1);
      for (const text of ['one', 'two', 'thrée']) {
        await promisify(execFile)(pub.path, ['-t', 'paho/c', '-m', text, '-i', 'paho-pub', ...common], { timeout });
      }
      await expect.poll(() => output, { timeout }).toContain('thrée');
      subscriber.kill();
      await once(subscriber, 'close');
      expect(output.match(/one|two|thrée/g)).toEqual(['one', 'two', 'thrée']);
    },
    timeout * 2,
  );
});
