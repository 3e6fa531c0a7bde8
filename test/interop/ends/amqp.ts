// AMQP 1.0 by rhea. Messages are looked at as their bytes are, with rhea's own reader: its decoded messages do not tell
// an int from a long.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import rhea from 'rhea';
import type { Connection, Delivery, EventContext, Message, Receiver } from 'rhea';
import { octets } from '../view.ts';
import type { View } from '../view.ts';
import { Inbox } from './inbox.ts';

/** As rhea takes it. */
export type AmqpMessage = Readonly<Record<string, unknown>>;

export interface AmqpReceived {
  readonly view: View;
  readonly delivery: Delivery;
}

export interface AmqpSubscription {
  readonly inbox: Inbox<AmqpReceived>;
  readonly receiver: Receiver;
  close(): Promise<void>;
}

interface Typed {
  readonly type: { readonly name: string };
  readonly value: unknown;
  readonly descriptor?: Typed;
}

/** rhea's types leave it out. */
const { Reader } = rhea.types as unknown as {
  readonly Reader: new (bytes: Buffer) => { remaining(): number; read(): Typed };
};

const headerFields = ['durable', 'priority', 'ttl', 'first-acquirer', 'delivery-count'];
const propertiesFields = [
  'message-id',
  'user-id',
  'to',
  'subject',
  'reply-to',
  'correlation-id',
  'content-type',
  'content-encoding',
  'absolute-expiry-time',
  'creation-time',
  'group-id',
  'group-sequence',
  'reply-to-group-id',
];

/** Sections that are maps, by descriptor, and what their keys have in front. */
const mapSections: ReadonlyMap<number, string> = new Map([
  [0x71, 'delivery annotation '],
  [0x72, 'message annotation '],
  [0x74, 'property '],
  [0x78, 'footer '],
]);

const bodySections: ReadonlyMap<number, string> = new Map([
  [0x75, 'data'],
  [0x76, 'sequence'],
  [0x77, 'value'],
]);

/** The message's bytes, kept beside what rhea makes of them. */
const bytesOf = new WeakMap<object, Buffer>();
const { decode } = rhea.message;
rhea.message.decode = (bytes) => {
  const message = decode(bytes);
  bytesOf.set(message, bytes);
  return message;
};

export class AmqpEnd implements AsyncDisposable {
  readonly #connection: Connection;
  #isDropped = false;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async connect(port: number): Promise<AmqpEnd> {
    const connection = rhea.create_container().connect({ host: '127.0.0.1', port, reconnect: false });
    await once(connection, 'connection_open');
    connection.on('disconnected', () => {});
    return new AmqpEnd(connection);
  }

  /** Resolves once the engine has accepted it. */
  async send(address: string, message: AmqpMessage): Promise<void> {
    const sender = this.#connection.open_sender({ target: { address } });
    await once(sender, 'sendable');
    sender.send(message as unknown as Message);
    const refused = once(sender, 'rejected').then(([event]: EventContext[]): never => {
      throw new Error(`the message is refused: ${JSON.stringify(event?.delivery?.remote_state)}`);
    });
    await Promise.race([once(sender, 'accepted'), refused]);
    sender.close();
    await once(sender, 'sender_close');
  }

  async receive(address: string, options: { readonly credit?: number } = {}): Promise<AmqpSubscription> {
    const inbox = new Inbox<AmqpReceived>();
    const receiver = this.#connection.open_receiver({ source: { address }, autoaccept: false, credit_window: 0 });
    receiver.on('message', ({ message, delivery }: EventContext) => {
      inbox.put({ view: amqpView(bytesOf.get(message!)!), delivery: delivery! });
    });
    await once(receiver, 'receiver_open');
    receiver.add_credit(options.credit ?? 1000);
    return {
      inbox,
      receiver,
      close: async () => {
        receiver.close();
        await once(receiver, 'receiver_close');
      },
    };
  }

  /** As a client that dies: without a word. */
  drop(): void {
    this.#isDropped = true;
    (this.#connection as unknown as { readonly socket: Socket }).socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDropped) return;
    this.#connection.close();
    await once(this.#connection, 'connection_close');
  }
}

/** What a message that is sent says of itself. */
export function amqpViewOfSent(message: AmqpMessage): View {
  return amqpView(rhea.message.encode(message));
}

function amqpView(bytes: Buffer): View {
  const places: Record<string, string> = {};
  const reader = new Reader(bytes);
  while (reader.remaining() > 0) {
    const section = reader.read();
    const code = Number(section.descriptor?.value);
    if (code === 0x70) readFields(section, headerFields, places);
    else if (code === 0x73) readFields(section, propertiesFields, places);
    else if (mapSections.has(code)) readMap(section, mapSections.get(code)!, places);
    else {
      const body = `${bodySections.get(code)} ${bodyText(code, section)}`;
      places['body'] = places['body'] === undefined ? body : `${places['body']}, ${body}`;
    }
  }
  return places;
}

function readFields({ value }: Typed, names: readonly string[], places: Record<string, string>): void {
  for (const [i, field] of (value as Typed[]).entries()) {
    const name = names[i]!;
    // Of these the specification leaves the type to the sender.
    const isAny = name === 'message-id' || name === 'correlation-id';
    if (field.value !== null) places[name] = isAny ? typedText(field) : plainText(field);
  }
}

function readMap({ value }: Typed, prefix: string, places: Record<string, string>): void {
  for (const [key, item] of pairs(value as Typed[])) places[prefix + plainText(key)] = typedText(item);
}

function bodyText(code: number, section: Typed): string {
  return code === 0x75 ? octets(section.value as Buffer) : typedText(section);
}

/** `int 7`; text without its type, in quotes. */
function typedText(value: Typed): string {
  const type = typeName(value);
  if (type === 'string') return JSON.stringify(value.value);
  return type === 'null' ? type : `${type} ${plainText(value)}`;
}

function plainText({ type: { name }, value }: Typed): string {
  if (name.startsWith('Map')) {
    const items = pairs(value as Typed[]).map(([key, item]) => `${typedText(key)}: ${typedText(item)}`);
    return `{${items.join(', ')}}`;
  }
  if (Array.isArray(value)) return `[${(value as Typed[]).map(typedText).join(', ')}]`;
  if (value instanceof Date) return String(value.getTime());
  if (name.startsWith('Char')) return JSON.stringify(String.fromCodePoint(Number(value)));
  if (!(value instanceof Uint8Array)) return String(value);
  if (name.startsWith('Vbin')) return octets(value);
  const digits = Buffer.from(value).toString('hex');
  return name === 'Uuid' ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : `0x${digits}`;
}

const typeNames: Readonly<Record<string, string>> = {
  true: 'boolean',
  false: 'boolean',
  vbin: 'binary',
  str: 'string',
  sym: 'symbol',
  charutf: 'char',
};

function typeName({ type: { name } }: Typed): string {
  // One type has encodings of several widths: SmallUlong, Ulong0, Str8, Str32.
  const type = name.toLowerCase().replace(/^small/, '');
  if (type.startsWith('decimal')) return type;
  const plain = type.replace(/\d+$/, '');
  return typeNames[plain] ?? plain;
}

function pairs(items: readonly Typed[]): [Typed, Typed][] {
  return items.flatMap((key, i) => (i % 2 === 0 ? [[key, items[i + 1]!] as [Typed, Typed]] : []));
}
