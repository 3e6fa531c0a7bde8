// STOMP 1.2 by stompit.

import { buffer } from 'node:stream/consumers';
import stompit from 'stompit';
import type { Client, Message } from 'stompit';
import { octets } from '../view.ts';
import type { View } from '../view.ts';
import { Inbox } from './inbox.ts';

export interface StompMessage {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface StompReceived {
  readonly view: View;
  readonly message: Message;
}

export interface StompSubscription {
  readonly inbox: Inbox<StompReceived>;
  close(): Promise<void>;
}

/** They say how this one delivery is acknowledged, and nothing of the message. */
const frameHeaders: ReadonlySet<string> = new Set(['subscription', 'ack']);

export class StompEnd implements AsyncDisposable {
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
    // An ERROR frame ends the connection: whoever waits for something then waits in vain, and says so.
    client.on('error', () => {});
  }

  static async connect(port: number): Promise<StompEnd> {
    const { promise, resolve, reject } = Promise.withResolvers<Client>();
    stompit.connect({ host: '127.0.0.1', port }, (error, client) => (error ? reject(error) : resolve(client)));
    return new StompEnd(await promise);
  }

  /** Resolves once the engine has it. */
  async send(destination: string, { headers, body }: StompMessage): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.client.once('error', reject);
    this.client.send({ destination, ...headers }, { onReceipt: resolve }).end(body);
    await promise;
    this.client.off('error', reject);
  }

  async receive(destination: string, headers: Readonly<Record<string, string>> = {}): Promise<StompSubscription> {
    const inbox = new Inbox<StompReceived>();
    const onMessage = async (message: Message): Promise<void> => {
      inbox.put({ view: stompView(message.headers, await buffer(message)), message });
    };
    const subscription = this.client.subscribe({ destination, ...headers }, (error, message) => {
      if (error === null) void onMessage(message);
    });
    await this.#settled();
    return {
      inbox,
      close: async () => {
        subscription.unsubscribe();
        await this.#settled();
      },
    };
  }

  ack(message: Message): Promise<void> {
    this.client.ack(message);
    return this.#settled();
  }

  nack(message: Message): Promise<void> {
    this.client.nack(message);
    return this.#settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.client.disconnect(() => resolve());
    await promise;
  }

  /** Frames are worked on in order: what was sent before this one is done when its receipt is there. */
  #settled(): Promise<void> {
    return this.send('/topic/nobody', { body: '' });
  }
}

export function stompViewOfSent({ headers = {}, body }: StompMessage): View {
  return stompView(headers, Buffer.from(body));
}

/** stompit makes a number of content-length. */
function stompView(headers: Readonly<Record<string, string | number>>, body: Buffer): View {
  const places: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (!frameHeaders.has(name)) places[name] = String(value);
  return { ...places, body: octets(body) };
}
