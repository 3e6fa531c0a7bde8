// That the sentences of docs/compatibility.md about what differs from ActiveMQ are true.

import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RawClient } from '../protocols/stomp/raw-client.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { differences, plainly } from './differences.ts';
import { AmqpEnd } from './ends/amqp.ts';
import { StompEnd } from './ends/stomp.ts';

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

let port: (listener: string) => number;

beforeAll(async () => {
  const { path } = stack.use(await temporaryDirectory());
  const engine = stack.use(new EngineProcess({ dataDirectory: path, set: ['deadLetter.maxRedeliveries=1'] }));
  const { listeners } = await engine.seen('ready');
  port = (listener) => listeners[listener]!.port;
});

const amqp = (): Promise<AmqpEnd> => AmqpEnd.connect(port('amqp'));

/** Bodies of the next messages. */
async function bodies(end: AmqpEnd, address: string, count: number): Promise<(string | undefined)[]> {
  const { inbox, close } = await end.receive(address, { credit: count });
  const seen: (string | undefined)[] = [];
  for (let i = 0; i < count; i++) {
    const { view, delivery } = await inbox.next(`message ${i + 1} from ${address}`);
    delivery.accept();
    seen.push(view['body']);
  }
  await close();
  return seen;
}

async function failOnce(queue: string): Promise<void> {
  await using end = await amqp();
  const { inbox } = await end.receive(queue, { credit: 1 });
  (await inbox.next('the message')).delivery.modified({ delivery_failed: true });
}

const tests: Readonly<Record<keyof typeof differences | keyof typeof plainly, () => Promise<void>>> = {
  limit: async () => {
    await using end = await amqp();
    await end.send('limited', { body: 'hello', durable: true });
    await failOnce('limited');
    await failOnce('limited');
    expect(await bodies(end, 'ActiveMQ.DLQ', 1)).toEqual(['value "hello"']);
  },

  connection: async () => {
    await using end = await amqp();
    await end.send('dropped', { body: 'hello', durable: true });
    for (let i = 0; i < 5; i++) {
      await using receiver = await amqp();
      const { inbox } = await receiver.receive('dropped', { credit: 1 });
      await inbox.next('the message');
      receiver.drop();
    }
    const { inbox } = await end.receive('dropped');
    const { view, delivery } = await inbox.next('the message once more');
    delivery.accept();
    expect(view).not.toHaveProperty('first-acquirer');
    expect(view).toMatchObject({ 'delivery-count': '1' });
  },

  nonPersistent: async () => {
    await using end = await amqp();
    await end.send('fleeting', { body: 'expired', absolute_expiry_time: new Date(1) });
    await end.send('fleeting', { body: 'rejected' });
    const { inbox } = await end.receive('fleeting', { credit: 1 });
    (await inbox.next('what has not expired')).delivery.reject();
    expect(await bodies(end, 'ActiveMQ.DLQ', 1)).toEqual(['value "rejected"']);
  },

  prefetch: async () => {
    await using end = await StompEnd.connect(port('stomp'));
    const { inbox } = await end.receive('/topic/prices', { ack: 'client-individual' });
    for (let i = 0; i < 1001; i++) end.client.send({ destination: '/topic/prices' }).end(String(i));
    await end.send('/topic/prices', { body: 'last' });
    for (let i = 0; i < 999; i++) await inbox.next(`message ${i}`);
    const { message, view } = await inbox.next('message 999');
    expect(view['body']).toBe('"999"');
    await end.send('/topic/nobody', { body: '' });
    expect(inbox.size, 'messages beyond the window').toBe(0);
    await end.ack(message);
    expect((await inbox.next('message 1000')).view['body']).toBe('"1000"');
  },

  stompErrors: async () => {
    await using client = await RawClient.connected(port('stomp'), '1.1');
    client.send('SEND\ndestination:/queue/ended\npersistent:true\nreceipt:1\n\n\0UNSUBSCRIBE\nid:none\n\n\0');
    const frames = await client.frames(2);
    expect(frames.map(({ command }) => command)).toEqual(['RECEIPT', 'ERROR']);
    await client.closed;
  },

  stompNames: async () => {
    await using client = await RawClient.connected(port('stomp'));
    client.send('SEND\ndestination:/exchange/orders\n\n\0');
    expect((await client.frame()).headers.get('message')).toContain('does not begin with /queue/');
  },

  stompNack: async () => {
    await using end = await StompEnd.connect(port('stomp'));
    for (const body of ['one', 'two']) await end.send('/queue/refused', { body });
    const { inbox } = await end.receive('/queue/refused', { ack: 'client' });
    await inbox.next('the first');
    await end.nack((await inbox.next('the second')).message);
    const dead = await end.receive('/queue/ActiveMQ.DLQ', {});
    const bodiesSeen = [await dead.inbox.next('one'), await dead.inbox.next('two')].map(({ view }) => view['body']);
    expect(bodiesSeen).toEqual(['"one"', '"two"']);
    await dead.close();
  },

  stompClientId: async () => {
    await using one = await RawClient.connected(port('stomp'), '1.2', 'client-id:till\n');
    await using two = await RawClient.connected(port('stomp'), '1.2', 'client-id:till\n');
    const subscribe = 'SUBSCRIBE\nid:1\ndestination:/topic/prices\nactivemq.subscriptionName:s\nreceipt:r\n\n\0';
    one.send(subscribe);
    expect((await one.frame()).command).toBe('RECEIPT');
    two.send(subscribe);
    expect((await two.frame()).headers.get('message')).toContain('is in use');
  },

  stompUnsubscribe: async () => {
    await using client = await RawClient.connected(port('stomp'), '1.2', 'client-id:other till\n');
    client.send('SUBSCRIBE\nid:1\ndestination:/topic/prices\nactivemq.subscriptionName:s\nreceipt:1\n\n\0');
    client.send('UNSUBSCRIBE\nid:1\nactivemq.subscriptionName:s\nreceipt:2\n\n\0');
    const receipts = (await client.frames(2)).map(({ headers }) => headers.get('receipt-id'));
    expect(receipts).toEqual(['1', '2']);
  },

  advisories: async () => {
    await using end = await amqp();
    const { inbox: all } = await end.receive('topic://>');
    const { inbox: advisories } = await end.receive('topic://ActiveMQ.Advisory.Queue');
    await end.send('new-queue', { body: 'hello' });
    await end.send('topic://prices', { body: 'mine' });
    const { view } = await advisories.next('an advisory');
    expect(view['body']).toMatch(/^value "\{.*new-queue.*\}"$/);
    expect((await all.next('what is no advisory')).view['body']).toBe('value "mine"');
  },

  sasl: async () => {
    const header = Buffer.from('AMQP\0\u0001\0\0');
    const socket = connect(port('amqp'), '127.0.0.1');
    socket.write(header);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.subarray(0, 8)).toEqual(header);
    socket.destroy();
  },

  amqp091: async () => {
    const socket = connect(port('amqp'), '127.0.0.1');
    socket.write(Buffer.from('AMQP\0\0\u0009\u0001'));
    const answer = await buffer(socket);
    expect(answer.subarray(0, 4).toString()).toBe('AMQP');
    expect(answer.subarray(5)).toEqual(Buffer.from([1, 0, 0]));
  },
};

it.each(Object.entries({ ...differences, ...plainly }))('%s: %s', async (name) => {
  await tests[name as keyof typeof tests]();
});

it('a priority changes nothing where no policy says so, as in ActiveMQ', async () => {
  await using end = await amqp();
  for (const priority of [1, 9, 5]) await end.send('ranked', { body: String(priority), priority });
  expect(await bodies(end, 'ranked', 3)).toEqual(['value "1"', 'value "9"', 'value "5"']);
});
