// The commands that the overview offers, run as they are copied, against the engine.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Overview } from '../../broker/control/api.ts';
import type { PeekResponse } from '../../broker/control/api-messages.ts';
import { describeListener } from '../../renderer/views/overview/listener-commands.ts';
import { openssl, TestAuthority } from '../support/certificates.ts';
import { debian } from '../support/debian.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import type { ReadyEvent } from '../support/engine-process.ts';

const mosquitto = debian('mosquitto-clients', 'mosquitto_pub');
const aws = debian('awscli', 'aws');

/** In place of netcat: what comes in goes to the address, what the address answers goes out. */
const netcat = `
nc() {
  node -e "const socket=require('net').connect(process.argv[2],process.argv[1]);process.stdin.pipe(socket,{end:false});socket.pipe(process.stdout)" "$@"
}
`;

describe('the commands of the overview', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let engine: EngineProcess;
  let origin: string;
  let token: string;
  let listeners: ReadyEvent['listeners'];

  beforeAll(async () => {
    directory = await temporaryDirectory();
    const more = [];
    if (openssl.present) {
      const { certificate, key } = await (await TestAuthority.make(directory.path)).server();
      const secure = ['amqps', 'mqtts', 'stomps', 'wss'].map((name) => `listeners.${name}=0`);
      more.push(`tls={ certificate: '${certificate}', key: '${key}' }`, ...secure);
    }
    const set = ['cloud.queues=[{ name: orders }]', 'listeners.ws=0', 'listeners.any=0', ...more];
    engine = new EngineProcess({ dataDirectory: join(directory.path, 'data'), set });
    const ready = await engine.seen('ready');
    ({ listeners } = ready);
    const url = new URL(ready.consoleUrl);
    ({ origin } = url);
    token = url.searchParams.get('token') ?? '';
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  async function run(listener: string): Promise<string> {
    const { command = '' } = describeListener(listener, listeners[listener]!, 'localhost');
    const { stdout } = await promisify(execFile)('bash', ['-c', `${netcat}${command}`], { timeout: 20_000 });
    return stdout;
  }

  async function call(method: string, request: object): Promise<unknown> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${origin}/api/${method}`, { method: 'POST', headers, body: JSON.stringify(request) });
    return response.json();
  }

  async function bodies(destination: string): Promise<string[]> {
    const { messages } = (await call('peek', { destination })) as PeekResponse;
    return messages.map(({ bodyBase64 }) => Buffer.from(bodyBase64, 'base64').toString());
  }

  async function received(): Promise<number> {
    const { totals } = (await call('overview', {})) as Overview;
    return totals.received;
  }

  it('send over AMQP and STOMP', async () => {
    await run('amqp');
    expect(await bodies('mq:orders')).toEqual(['hello']);
    expect(await run('stomp')).toContain('receipt-id:1');
    expect(await bodies('mq:orders')).toEqual(['hello', 'hello']);
  });

  it.skipIf(!mosquitto.present).each(['mqtt', 'any'])('publish over MQTT at the listener %s', async (listener) => {
    const before = await received();
    await run(listener);
    expect(await received()).toBe(before + 1);
  });

  it('publish over WebSocket', async () => {
    const before = await received();
    await run('ws');
    expect(await received()).toBe(before + 1);
  });

  it.skipIf(!openssl.present).each(['amqps', 'mqtts', 'stomps', 'wss'])(
    'send over TLS at the listener %s',
    async (listener) => {
      const before = await received();
      await run(listener);
      expect(await received()).toBe(before + 1);
    },
  );

  it.skipIf(!aws.present)('list the queues of SQS', async () => {
    expect(await run('cloud')).toContain('/000000000000/orders');
  });
});
