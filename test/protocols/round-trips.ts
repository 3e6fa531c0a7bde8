// A message there and back with each of the clients that tests use, whatever carries the bytes. Each resolves with the text
// that came back, and rejects with the client's own error.

import { Client as StompJs } from '@stomp/stompjs';
import { connectAsync } from 'mqtt';
import type { IClientOptions } from 'mqtt';
import { once } from 'node:events';
import rhea from 'rhea';
import type { Connection, ConnectionOptions } from 'rhea';
import stompit from 'stompit';
import type { Client as StompitClient, ConnectOptions } from 'stompit';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';

const text = 'Grüße';

export async function overMqtt(url: string, options: IClientOptions = {}): Promise<string> {
  const client = await connectAsync(url, { reconnectPeriod: 0, connectTimeout: 5000, ...options }, false);
  try {
    const received = new Promise<string>((resolve) => {
      client.once('message', (_topic, payload) => resolve(payload.toString()));
    });
    await client.subscribeAsync('round/trip', { qos: 1 });
    await client.publishAsync('round/trip', text, { qos: 1 });
    return await received;
  } finally {
    await client.endAsync(true);
  }
}

async function overRhea(connection: Connection): Promise<string> {
  connection.on('disconnected', () => undefined);
  await new Promise<void>((resolve, reject) => {
    connection.once('connection_open', () => resolve());
    const fail = (context: { readonly error?: unknown }): void => reject(new Error(String(context.error)));
    connection.once('disconnected', fail);
    connection.once('connection_error', fail);
  });
  try {
    const receiver = connection.open_receiver('round.trip');
    const received = once(receiver, 'message');
    const sender = connection.open_sender('round.trip');
    sender.once('sendable', () => sender.send({ body: text }));
    const [{ message }] = (await received) as [{ readonly message: { readonly body: unknown } }];
    return String(message.body);
  } finally {
    connection.close();
    await once(connection, 'connection_close');
  }
}

export function overAmqp(options: ConnectionOptions): Promise<string> {
  return overRhea(rhea.create_container().connect({ host: '127.0.0.1', reconnect: false, ...options }));
}

/** `options`: of the WebSocket. */
export function overAmqpWebSocket(url: string, subprotocol: string, options: ClientOptions = {}): Promise<string> {
  const container = rhea.create_container();
  const connect = container.websocket_connect(WebSocket);
  const details = connect(url, [subprotocol], options) as object;
  return overRhea(container.connect({ connection_details: details, reconnect: false } as never));
}

export async function overStompJs(url: string, body = text, versions?: string[]): Promise<string> {
  const client = new StompJs({
    webSocketFactory: () => new WebSocket(url, versions ?? ['v12.stomp', 'v11.stomp', 'v10.stomp']) as never,
    reconnectDelay: 0,
    connectionTimeout: 5000,
  });
  await new Promise<void>((resolve, reject) => {
    client.onConnect = () => resolve();
    client.onStompError = (frame) => reject(new Error(frame.headers['message']));
    client.onWebSocketError = (event: { readonly message?: string }) => reject(new Error(event.message));
    client.activate();
  });
  try {
    const received = new Promise<string>((resolve) => {
      client.subscribe('/queue/round.trip', (message) => resolve(message.body));
    });
    client.publish({ destination: '/queue/round.trip', body });
    return await received;
  } finally {
    await client.deactivate();
  }
}

export async function overStompit(options: ConnectOptions): Promise<string> {
  const client = await new Promise<StompitClient>((resolve, reject) => {
    stompit.connect(options, (error, connected) => (error === null ? resolve(connected) : reject(error)));
  });
  try {
    const received = new Promise<string>((resolve, reject) => {
      client.subscribe({ destination: '/queue/round.trip', ack: 'auto' }, (failed, message) => {
        if (failed !== null) return reject(failed);
        message.readString('utf8', (error, body) => (error === null ? resolve(body ?? '') : reject(error)));
      });
    });
    client.send({ destination: '/queue/round.trip' }).end(text);
    return await received;
  } finally {
    await new Promise<void>((resolve) => client.disconnect(() => resolve()));
  }
}
