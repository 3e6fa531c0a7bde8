// With @stomp/stompjs, over TCP: its socket is given a stream of bytes instead of WebSocket messages.

import { Client, StompSocketState, Versions } from '@stomp/stompjs';
import type { IFrame, IMessage, IStompSocket, StompConfig } from '@stomp/stompjs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';

function tcpSocket(port: number): IStompSocket {
  const socket = connect({ port, host: '127.0.0.1' });
  const adapter: IStompSocket = {
    url: `tcp://127.0.0.1:${port}`,
    onclose: undefined,
    onerror: undefined,
    onmessage: undefined,
    onopen: undefined,
    readyState: StompSocketState.CONNECTING,
    binaryType: 'arraybuffer',
    send: (data) => void socket.write(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer)),
    close: () => void socket.end(),
    terminate: () => void socket.destroy(),
  };
  socket.on('connect', () => {
    Object.assign(adapter, { readyState: StompSocketState.OPEN });
    adapter.onopen?.({});
  });
  socket.on('data', (chunk) => {
    adapter.onmessage?.({ data: chunk.buffer.slice(chunk.byteOffset, chunk.byteOffset + chunk.length) });
  });
  socket.on('error', (error) => adapter.onerror?.(error));
  socket.on('close', () => {
    Object.assign(adapter, { readyState: StompSocketState.CLOSED });
    adapter.onclose?.({ code: 1000, reason: '', wasClean: true });
  });
  return adapter;
}

async function connected(port: number, config: StompConfig = {}) {
  const client = new Client({ webSocketFactory: () => tcpSocket(port), reconnectDelay: 0 });
  client.configure(config);
  await new Promise<void>((resolve, reject) => {
    client.onConnect = () => resolve();
    client.onStompError = (frame) => reject(new Error(frame.headers['message']));
    client.activate();
  });
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.deactivate({ force: true }) });
}

function receipt(client: Client, act: (headers: Record<string, string>) => void): Promise<IFrame> {
  const id = `r-${Math.random()}`;
  return new Promise((resolve) => {
    client.watchForReceipt(id, resolve);
    act({ receipt: id });
  });
}

class Inbox {
  readonly #messages: IMessage[] = [];
  #waiting: ((message: IMessage) => void) | undefined;

  readonly take = (message: IMessage): void => {
    if (this.#waiting === undefined) this.#messages.push(message);
    else this.#waiting(message);
    this.#waiting = undefined;
  };

  next(): Promise<IMessage> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}

describe.each(['1.2', '1.1', '1.0'])('@stomp/stompjs in version %s', (version) => {
  const stompVersions = new Versions([version]);
  // The client escapes in 1.2 only.
  const header = version === '1.2' ? 'a:b\nc' : 'ä b';

  it('connects, sends with receipts, receives, acknowledges and refuses', async () => {
    await using server = await stompServer();
    await using client = await connected(server.port, { stompVersions });
    expect(client.connectedVersion).toBe(version);
    await receipt(client, (headers) =>
      client.publish({ destination: '/queue/a', headers: { ...headers, persistent: 'true', header }, body: 'one €' }),
    );
    await receipt(client, (headers) =>
      client.publish({ destination: '/queue/a', headers, binaryBody: new Uint8Array([0, 255, 10]) }),
    );
    const inbox = new Inbox();
    const subscription = client.subscribe('/queue/a', inbox.take, { ack: 'client-individual' });
    const one = await inbox.next();
    expect([one.body, one.headers['header'], one.headers['persistent']]).toEqual(['one €', header, 'true']);
    const two = await inbox.next();
    expect([...two.binaryBody]).toEqual([0, 255, 10]);
    one.ack();
    if (version === '1.0') two.ack();
    else two.nack();
    await receipt(client, (headers) => subscription.unsubscribe(headers));
    expect(server.broker.queue('a').readyCount).toBe(0);
    expect(server.broker.queue('ActiveMQ.DLQ').readyCount).toBe(version === '1.0' ? 0 : 1);
  });

  it('works in transactions', async () => {
    await using server = await stompServer();
    await using client = await connected(server.port, { stompVersions });
    const inbox = new Inbox();
    client.subscribe('/queue/a', inbox.take);
    const aborted = client.begin();
    client.publish({ destination: '/queue/a', headers: { transaction: aborted.id }, body: 'aborted' });
    aborted.abort();
    const kept = client.begin();
    client.publish({ destination: '/queue/a', headers: { transaction: kept.id }, body: 'kept' });
    client.publish({ destination: '/queue/a', body: 'plain' });
    expect((await inbox.next()).body).toBe('plain');
    kept.commit();
    expect((await inbox.next()).body).toBe('kept');
  });
});

it('@stomp/stompjs exchanges heart-beats', async () => {
  await using server = await stompServer();
  const beats: string[] = [];
  const done = Promise.withResolvers<void>();
  await using client = await connected(server.port, {
    heartbeatIncoming: 200,
    heartbeatOutgoing: 200,
    logRawCommunication: false,
    debug: (line) => {
      if (/PONG|PING/i.test(line)) beats.push(line);
      if (beats.filter((beat) => /PONG/i.test(beat)).length === 4) done.resolve();
    },
  });
  await done.promise;
  expect(client.connected).toBe(true);
  expect(server.context.clients.size).toBe(1);
});

it('@stomp/stompjs learns by onStompError what was wrong, and is disconnected', async () => {
  await using server = await stompServer();
  await using client = await connected(server.port);
  const error = new Promise<IFrame>((resolve) => {
    client.onStompError = resolve;
  });
  const closed = new Promise<unknown>((resolve) => {
    client.onWebSocketClose = resolve;
  });
  client.subscribe('/queue/a', () => {}, { selector: 'a =' });
  expect((await error).headers['message']).toBe('selector: expected a value, not the end, at 4');
  await closed;
});

it('@stomp/stompjs disconnects in order', async () => {
  await using server = await stompServer();
  await using client = await connected(server.port);
  client.publish({ destination: '/queue/a', headers: { persistent: 'true' }, body: 'last' });
  await client.deactivate();
  await using raw = await RawClient.connected(server.port);
  raw.send('SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  expect((await raw.frame()).body.toString()).toBe('last');
});

it.each(['/queue/a', '/topic/a'])('@stomp/stompjs gets what it selects from %s', async (destination) => {
  await using server = await stompServer();
  await using client = await connected(server.port);
  const got: string[] = [];
  const selector = "size > 5 AND colour LIKE 'r%'";
  const subscribed = new Promise<void>((resolve) => client.watchForReceipt('s', () => resolve()));
  client.subscribe(destination, ({ body }) => got.push(body), { selector, receipt: 's' });
  await subscribed;
  for (const [size, colour] of [
    ['10', 'red'],
    ['10', 'blue'],
    ['2', 'red'],
    ['6', 'rose'],
  ] as const) {
    client.publish({ destination, body: `${size} ${colour}`, headers: { size, colour } });
  }
  await expect.poll(() => got).toEqual(['10 red', '6 rose']);
});

it('@stomp/stompjs asks and is answered through a temporary queue', async () => {
  await using server = await stompServer();
  await using requester = await connected(server.port);
  await using responder = await connected(server.port);
  const requests = new Inbox();
  responder.subscribe('/queue/requests', requests.take);
  const answers = new Inbox();
  requester.subscribe('/temp-queue/answers', answers.take);
  requester.publish({ destination: '/queue/requests', headers: { 'reply-to': '/temp-queue/answers' }, body: '?' });
  const request = await requests.next();
  responder.publish({ destination: request.headers['reply-to']!, body: `${request.body}!` });
  expect((await answers.next()).body).toBe('?!');
});

it('@stomp/stompjs comes back to a durable subscription', async () => {
  await using server = await stompServer();
  const config = { connectHeaders: { 'client-id': 'till' } };
  const headers = { id: 'd', 'activemq.subscriptionName': 's', ack: 'client' };
  {
    await using client = await connected(server.port, config);
    const subscribed = new Promise<IFrame>((resolve) => client.watchForReceipt('made', resolve));
    client.subscribe('/topic/a', () => {}, { ...headers, receipt: 'made' });
    await subscribed;
    await client.deactivate();
  }
  await using other = await connected(server.port);
  await receipt(other, (more) =>
    other.publish({ destination: '/topic/a', headers: { ...more, persistent: 'true' }, body: 'meanwhile' }),
  );
  await using client = await connected(server.port, config);
  const inbox = new Inbox();
  const subscription = client.subscribe('/topic/a', inbox.take, headers);
  const message = await inbox.next();
  expect(message.body).toBe('meanwhile');
  message.ack();
  subscription.unsubscribe();
  await receipt(client, (more) => client.unsubscribe('d', { ...more, 'activemq.subscriptionName': 's' }));
  expect(server.broker.subscriptions.find('till', 's')).toBeUndefined();
});

it('@stomp/stompjs browses a queue to its end', async () => {
  await using server = await stompServer();
  await using client = await connected(server.port);
  for (const body of ['one', 'two']) client.publish({ destination: '/queue/a', body });
  const inbox = new Inbox();
  client.subscribe('/queue/a', inbox.take, { browser: 'true' });
  const seen = [await inbox.next(), await inbox.next(), await inbox.next()];
  expect(seen.map(({ body, headers }) => headers['browser'] ?? body)).toEqual(['one', 'two', 'end']);
  expect(server.broker.queue('a').readyCount).toBe(2);
});
