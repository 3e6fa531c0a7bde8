// With Debian's mosquitto_pub and mosquitto_sub.

import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { debian } from '../../support/debian.ts';
import { mqttServer } from './mqtt-server.ts';
import type { MqttServer } from './mqtt-server.ts';

const pub = debian('mosquitto-clients', 'mosquitto_pub');
const sub = debian('mosquitto-clients', 'mosquitto_sub');

const timeout = 20_000;

async function publish(server: MqttServer, ...args: string[]): Promise<void> {
  await promisify(execFile)(pub.path, ['-p', String(server.port), ...args], { timeout });
}

function subscribe(server: MqttServer, ...args: string[]) {
  const child: ChildProcess = spawn(sub.path, ['-p', String(server.port), ...args], { timeout });
  // Its output may come after its end.
  const closed = once(child, 'close');
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    child,
    output: () => output,
    /** Until it has got as many messages as it was asked for. */
    lines: async () => {
      await closed;
      return output.trimEnd().split('\n');
    },
  };
}

describe.skipIf(!pub.present || !sub.present)('mosquitto clients', () => {
  it.each(['0', '1', '2'])('publish and subscribe at QoS %s', async (qos) => {
    await using server = await mqttServer();
    const subscriber = subscribe(server, '-t', 'a/+', '-q', qos, '-C', '3', '-F', '%t %q %r %p');
    await expect.poll(() => server.broker.topics.subscriptionCount, { timeout }).toBe(1);
    for (const text of ['one', 'two', 'thrée']) await publish(server, '-t', 'a/b', '-q', qos, '-m', text);
    expect(await subscriber.lines()).toEqual(['one', 'two', 'thrée'].map((text) => `a/b ${qos} 0 ${text}`));
  });

  it('speak MQTT 3.1', async () => {
    await using server = await mqttServer();
    const subscriber = subscribe(server, '-V', '31', '-t', 'a', '-q', '1', '-C', '1');
    await expect.poll(() => server.broker.topics.subscriptionCount, { timeout }).toBe(1);
    await publish(server, '-V', '31', '-t', 'a', '-q', '1', '-m', 'x');
    expect(await subscriber.lines()).toEqual(['x']);
  });

  it('speak MQTT 5, with properties', async () => {
    await using server = await mqttServer();
    const five = ['-V', 'mqttv5', '-q', '2', '-t', 'a/b'];
    const format = '%t %q %C %R %D %E %S %P %p';
    const identifier = ['-D', 'subscribe', 'subscription-identifier', '42'];
    const subscriber = subscribe(server, ...five, ...identifier, '-C', '1', '-F', format);
    await expect.poll(() => server.broker.topics.subscriptionCount, { timeout }).toBe(1);
    const properties = [
      ['content-type', 'text/plain'],
      ['response-topic', 'r'],
      ['correlation-data', 'c'],
      ['message-expiry-interval', '60'],
    ].flatMap(([name, value]) => ['-D', 'publish', name!, value!]);
    await publish(server, ...five, ...properties, '-D', 'publish', 'user-property', 'k', 'v', '-m', 'x');
    expect(await subscriber.lines()).toEqual(['a/b 2 text/plain r c 60 42 k:v x']);
  });

  it('keep a session of MQTT 5 for a time', async () => {
    await using server = await mqttServer();
    const session = ['-V', 'mqttv5', '-i', 'durable', '-c', '-x', '60', '-q', '1', '-t', 'a'];
    await subscribe(server, ...session, '-E').lines();
    await publish(server, '-V', 'mqttv5', '-t', 'a', '-q', '1', '-m', 'waiting');
    expect(await subscribe(server, ...session, '-C', '1').lines()).toEqual(['waiting']);
  });

  it.each(['311', 'mqttv5'])('share a subscription in version %s', async (version) => {
    await using server = await mqttServer();
    const args = ['-V', version, '-q', '1', '-t', '$share/g/a', '-C', '5'];
    const subscribers = [subscribe(server, ...args), subscribe(server, ...args)];
    await expect.poll(() => server.context.clients.size, { timeout }).toBe(2);
    await expect.poll(() => server.broker.topics.subscriptionCount, { timeout }).toBe(1);
    // Both have a place in the group before there is anything to share.
    await expect.poll(() => server.broker.find('subscription', 'mqtt-share:g/a')?.consumerCount, { timeout }).toBe(2);
    const texts = Array.from({ length: 10 }, (_, i) => String(i));
    for (const text of texts) await publish(server, '-V', version, '-t', 'a', '-q', '1', '-m', text);
    const all = (await Promise.all(subscribers.map((one) => one.lines()))).flat();
    expect(all.toSorted()).toEqual(texts);
  });

  it('read $SYS', async () => {
    await using server = await mqttServer({ options: { statisticsMs: 10_000 } });
    const lines = await subscribe(server, '-t', '$SYS/broker/uptime', '-C', '1', '-F', '%r %p').lines();
    expect(lines).toEqual([expect.stringMatching(/^1 \d+ seconds$/)]);
  });

  it('get retained messages', async () => {
    await using server = await mqttServer();
    await publish(server, '-t', 'a', '-r', '-q', '1', '-m', 'kept');
    expect(await subscribe(server, '-t', '#', '-C', '1', '-F', '%r %p').lines()).toEqual(['1 kept']);
  });

  it('come back to a durable session', async () => {
    await using server = await mqttServer();
    const session = ['-i', 'durable', '-c', '-q', '2', '-t', 'a'];
    const first = subscribe(server, ...session, '-E');
    await first.lines();
    await publish(server, '-t', 'a', '-q', '2', '-m', 'waiting');
    expect(await subscribe(server, ...session, '-C', '1').lines()).toEqual(['waiting']);
  });

  it('publish a file of a megabyte', async () => {
    await using server = await mqttServer();
    const subscriber = subscribe(server, '-t', 'a', '-C', '1', '-F', '%l');
    await expect.poll(() => server.broker.topics.subscriptionCount, { timeout }).toBe(1);
    await publish(server, '-t', 'a', '-q', '1', '-f', process.execPath.replace(/node$/, '../package.json'));
    expect(Number(await subscriber.lines().then(([line]) => line))).toBeGreaterThan(10);
  });

  it('leave a will when they are killed', async () => {
    await using server = await mqttServer();
    const watching = subscribe(server, '-t', 'will', '-C', '1', '-F', '%p');
    await expect.poll(() => server.broker.topics.subscriptionCount, { timeout }).toBe(1);
    const dying = subscribe(server, '-t', 'x', '--will-topic', 'will', '--will-payload', 'gone', '--will-qos', '1');
    await expect.poll(() => server.broker.topics.subscriptionCount, { timeout }).toBe(2);
    dying.child.kill('SIGKILL');
    expect(await watching.lines()).toEqual(['gone']);
  });
});
