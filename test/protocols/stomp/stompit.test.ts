// With stompit, as its users write: callbacks, streams, and a channel that reconnects.

import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { stompServer } from './stomp-server.ts';

interface Frame extends NodeJS.WritableStream {}

interface Message extends NodeJS.ReadableStream {
  readonly headers: Readonly<Record<string, string>>;
}

type Done<Result> = (error: Error | null, result: Result) => void;

interface Client {
  send(headers: object, options?: { onReceipt?: () => void; onError?: (error: Error) => void }): Frame;
  subscribe(headers: object, onMessage: Done<Message>): { unsubscribe(options?: object): void };
  ack(message: Message, headers?: object, sendOptions?: object, done?: () => void): void;
  nack(message: Message, headers?: object, sendOptions?: object, done?: () => void): void;
  begin(): { send(headers: object): Frame; commit(options: { onReceipt: () => void }): void };
  disconnect(done: (error: Error | null) => void): void;
  destroy(): void;
  on(event: 'error', listener: (error: Error) => void): void;
}

// It has no types.
const stompit = createRequire(import.meta.url)('stompit') as {
  connect(options: object, done: Done<Client>): void;
};

function connected(port: number, heartBeat = '0,0'): Promise<Client> {
  const options = { host: '127.0.0.1', port, connectHeaders: { host: '/', 'heart-beat': heartBeat } };
  return new Promise((resolve, reject) => {
    stompit.connect(options, (error, client) => (error ? reject(error) : resolve(client)));
  });
}

function send(client: Client, headers: object, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.send(headers, { onReceipt: resolve, onError: reject }).end(body);
  });
}

function messages(client: Client, headers: object) {
  const waiting: ((message: Message) => void)[] = [];
  const come: Message[] = [];
  const subscription = client.subscribe(headers, (error, message) => {
    if (error) return;
    const take = waiting.shift();
    if (take === undefined) come.push(message);
    else take(message);
  });
  const next = (): Promise<Message> => {
    const message = come.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  };
  return { subscription, next };
}

it('stompit sends with receipts, receives streams, acknowledges and refuses', async () => {
  await using server = await stompServer();
  const client = await connected(server.port);
  await send(client, { destination: '/queue/a', persistent: 'true', 'content-type': 'text/plain', n: 'a:b' }, 'one €');
  await send(client, { destination: '/queue/a' }, 'x'.repeat(300_000));
  const { next } = messages(client, { destination: '/queue/a', ack: 'client-individual' });
  const one = await next();
  expect(one.headers).toMatchObject({ destination: '/queue/a', n: 'a:b', persistent: 'true' });
  expect(await text(one)).toBe('one €');
  client.ack(one);
  const two = await next();
  expect(await text(two)).toHaveLength(300_000);
  client.nack(two);
  await new Promise((resolve) => {
    client.disconnect(resolve);
  });
  expect(server.broker.queue('a').readyCount).toBe(0);
  expect(server.broker.queue('ActiveMQ.DLQ').readyCount).toBe(1);
});

it('stompit sends in a transaction', async () => {
  await using server = await stompServer();
  const client = await connected(server.port, '1000,1000');
  const transaction = client.begin();
  transaction.send({ destination: '/queue/a', persistent: 'true' }).end('one');
  transaction.send({ destination: '/queue/a', persistent: 'true' }).end('two');
  await new Promise<void>((resolve) => {
    transaction.commit({ onReceipt: resolve });
  });
  expect(server.broker.queue('a').readyCount).toBe(2);
  client.destroy();
});

it('stompit tells its user what the server refuses', async () => {
  await using server = await stompServer();
  const client = await connected(server.port);
  const error = new Promise<Error>((resolve) => {
    client.on('error', resolve);
  });
  client.send({ destination: '/nowhere' }).end('x');
  expect((await error).message).toContain('does not begin with /queue/, /topic/');
});
