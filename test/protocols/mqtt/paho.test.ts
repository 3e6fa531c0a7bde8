// With Debian's python3-paho-mqtt, by the script beside this file.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { debianPython } from '../../support/debian.ts';
import { mqttServer } from './mqtt-server.ts';

const python = debianPython('python3-paho-mqtt', 'paho.mqtt.client');
const script = fileURLToPath(new URL('paho-client.py', import.meta.url));
const script5 = fileURLToPath(new URL('paho5-client.py', import.meta.url));

describe.skipIf(!python.present)('paho', () => {
  it.each(['3.1', '3.1.1'])('plays its part in version %s', async (version) => {
    await using server = await mqttServer();
    const { stdout } = await promisify(execFile)(python.path, [script, String(server.port), version], {
      timeout: 25_000,
    });
    const at = (topic: string, granted: number) =>
      [0, 1, 2].map((qos) => [topic, `${topic[0]}${qos}`, Math.min(qos, granted), 0]);
    expect(JSON.parse(stdout)).toEqual({
      session: [0, 0],
      granted: [2, 1, 0],
      received: [...at('a/x', 2), ...at('b', 1), ...at('c', 0)],
      // MQTT 3.1 does not tell.
      present: [version === '3.1' ? 0 : 1, 0],
      once: true,
      ordered1: true,
      ordered2: true,
      retained: [['r/1', 'retained', 1, 1]],
      will: [['will', 'gone', 1, 0]],
    });
  });

  it('plays its part in version 5', async () => {
    await using server = await mqttServer();
    const { stdout } = await promisify(execFile)(python.path, [script5, String(server.port)], { timeout: 25_000 });
    expect(JSON.parse(stdout)).toEqual({
      assigned: true,
      session: [0, 0],
      granted: [[2], [1], [1]],
      message: ['a/x', 'hello', 2, 0],
      properties: [
        'text/plain',
        'answers',
        '00ff',
        1,
        60,
        [
          ['k', '1'],
          ['j', '2'],
          ['k', '3'],
        ],
        [1, 2],
      ],
      shared: ['1'],
      local: [1],
      handled: [[1], [1]],
      retained: [['retained', 1]],
      present: [1, 0],
      offline: true,
      will: ['gone'],
      taken: 0x8e,
    });
  });
});
