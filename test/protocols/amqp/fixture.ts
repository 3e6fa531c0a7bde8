// A broker that speaks AMQP on a free port, and rhea as its client.

import { once } from 'node:events';
import rhea from 'rhea';
import type { Connection, EventContext, Message, Receiver, ReceiverOptions, Sender, SenderOptions } from 'rhea';
import type { Queue } from '../../../broker/core/queue.ts';
import { AmqpDialect } from '../../../broker/protocols/amqp/dialect.ts';
import { serve, testBroker, type TestBroker } from '../../support/broker.ts';

export interface AmqpBroker extends TestBroker {
  readonly port: number;
  readonly dialect: AmqpDialect;
}

export async function amqpBroker(options: Parameters<typeof testBroker>[0] = {}): Promise<AmqpBroker> {
  const test = await testBroker(options);
  const dialect = new AmqpDialect(test.context);
  const served = await serve(dialect);
  return {
    ...test,
    dialect,
    port: served.port,
    [Symbol.asyncDispose]: async () => {
      await served[Symbol.asyncDispose]();
      await test[Symbol.asyncDispose]();
    },
  };
}

/** An open connection of rhea, which ends with the test. */
export async function connect(port: number, options: object = {}): Promise<Client> {
  const connection = rhea.create_container().connect({ host: '127.0.0.1', port, reconnect: false, ...options });
  connection.on('disconnected', () => undefined);
  const [context] = await first<EventContext>(connection, ['connection_open', 'disconnected', 'connection_error']);
  if (!connection.is_open()) throw new Error(`not connected: ${String(context.error)}`);
  return new Client(connection);
}

export class Client implements AsyncDisposable {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** A sender that has credit, if it is to get any. */
  async sender(options: SenderOptions | string): Promise<Sender> {
    const sender = this.connection.open_sender(options);
    await new Promise<void>((resolve, reject) => {
      sender.once('sendable', () => resolve());
      sender.once('sender_error', () => reject(refused(sender)));
    });
    return sender;
  }

  /** A receiver that grants credit by hand and settles by hand, and keeps what it gets. */
  async receiver(options: ReceiverOptions | string, credit = 0): Promise<Inbox> {
    const given = typeof options === 'string' ? { source: options } : options;
    const receiver = this.connection.open_receiver({ credit_window: 0, autoaccept: false, ...given });
    const inbox = new Inbox(receiver);
    await new Promise<void>((resolve, reject) => {
      // A refusal is an attach without a source, and then a detach with the reason (part 2, section 2.6.3).
      receiver.once('receiver_open', () => {
        if ((receiver as unknown as Remote).remote.attach.source.value !== null) resolve();
      });
      receiver.once('receiver_error', () => reject(refused(receiver)));
    });
    if (credit > 0) receiver.add_credit(credit);
    return inbox;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.connection.is_open()) return;
    this.connection.close();
    await first(this.connection, ['connection_close', 'disconnected', 'connection_error']);
  }
}

/** What rhea knows of the peer's end of a link. */
export interface Remote {
  readonly remote: {
    readonly attach: { readonly source: { readonly value: unknown } };
    readonly detach: { readonly closed: boolean };
  };
}

/** Credit that a link has, which rhea's types leave out. */
export function creditOf(link: Sender | Receiver): number {
  return (link as unknown as { readonly credit: number }).credit;
}

/** What a receiver got, in order. */
export class Inbox {
  readonly receiver: Receiver;
  readonly #arrived: EventContext[] = [];
  #onArrival: (() => void) | undefined;

  constructor(receiver: Receiver) {
    this.receiver = receiver;
    receiver.on('message', (context: EventContext) => {
      this.#arrived.push(context);
      this.#onArrival?.();
    });
  }

  get waiting(): number {
    return this.#arrived.length;
  }

  async next(): Promise<EventContext & { readonly message: Message }> {
    if (this.#arrived.length === 0) await new Promise<void>((resolve) => (this.#onArrival = resolve));
    return this.#arrived.shift() as EventContext & { readonly message: Message };
  }

  async accept(): Promise<Message> {
    const { delivery, message } = await this.next();
    delivery?.accept();
    return message;
  }
}

/** Sends, and resolves with the name of what became of it. */
export async function send(
  sender: Sender,
  message: Message | Buffer,
  tag?: Buffer,
): Promise<EventContext & { readonly outcome: string }> {
  const names = ['accepted', 'rejected', 'released', 'modified'];
  const [context, name] = await first<EventContext>(sender, names, () =>
    Buffer.isBuffer(message) ? sender.send(message, tag, 0) : sender.send(message),
  );
  return Object.assign(context, { outcome: name });
}

/** The first of several events. */
export async function first<T = unknown>(
  emitter: { on: Function; removeListener: Function },
  names: readonly string[],
  begin: () => unknown = () => undefined,
): Promise<[T, string]> {
  const stop = new AbortController();
  const waits = names.map(async (name) => {
    const [context] = (await once(emitter as never, name, { signal: stop.signal })) as [T];
    return [context, name] as [T, string];
  });
  for (const wait of waits) wait.catch(() => undefined);
  begin();
  try {
    return await Promise.race(waits);
  } finally {
    stop.abort();
  }
}

function refused(link: Sender | Receiver): Error {
  return Object.assign(new Error('the link was refused'), { condition: conditionOf(link) });
}

export function conditionOf(endpoint: { readonly error?: unknown }): string | undefined {
  return (endpoint.error as { readonly condition?: string } | undefined)?.condition;
}

/** Resolves when `holds`: looked at whenever the event loop has done something. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

export function queue({ broker }: TestBroker, name: string): Queue {
  return broker.queue(name);
}
