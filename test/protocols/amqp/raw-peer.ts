// The other end of a connection, frame by frame, without any rule of its own: what breaks the rules can be sent, and what
// comes back is seen as it is. Encodes and decodes with the tables that test/protocols/amqp/codec holds to the octet.

import { connect, type Socket } from 'node:net';
import {
  readComposite,
  type Composite,
  type Draft,
  type Performative,
  type SaslFrame,
} from '../../../broker/protocols/amqp/codec/composite.ts';
import { FrameReader, saslFrame } from '../../../broker/protocols/amqp/codec/frame-reader.ts';
import { FrameWriter } from '../../../broker/protocols/amqp/codec/frame-writer.ts';
import { Reader } from '../../../broker/protocols/amqp/codec/reader.ts';
import { tables, type CompositeKind } from '../../../broker/protocols/amqp/codec/tables.ts';

/** What is no performative: a protocol header, or a frame without a body. */
interface Bare<K> {
  readonly kind: K;
  readonly octets: string;
}

export interface Received {
  readonly channel: number;
  readonly performative: Performative | SaslFrame | Bare<'header'> | Bare<'heartbeat'>;
  readonly payload: Buffer;
}

export const headers = { amqp: '414d515000010000', sasl: '414d515003010000' } as const;

const kinds = Object.keys(tables) as CompositeKind[];

export class RawPeer implements AsyncDisposable {
  readonly socket: Socket;
  readonly #writer = new FrameWriter(1024);
  readonly #reader: FrameReader;
  readonly #received: Received[] = [];
  #onReceived: (() => void) | undefined;
  #closed = false;

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#reader = new FrameReader(
      {
        header: (octets) => this.#add({ kind: 'header', octets: octets.toString('hex') }, 0, Buffer.alloc(0)),
        frame: (type, channel, body) => this.#onFrame(type, channel, body),
      },
      1 << 24,
    );
    this.socket.on('data', (chunk) => this.#reader.push(chunk));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.#closed = true;
      this.#onReceived?.();
    });
  }

  /** A peer that has exchanged protocol headers. */
  static async handshake(port: number): Promise<RawPeer> {
    const peer = new RawPeer(port);
    peer.header(headers.amqp);
    await peer.expect('header');
    return peer;
  }

  /** A peer that has opened its connection, and one session on channel 0. */
  static async open(port: number, open: Partial<Draft<'open'>> = {}): Promise<RawPeer> {
    const peer = await RawPeer.handshake(port);
    peer.send(0, 'open', { containerId: 'raw', ...open });
    peer.send(0, 'begin', { nextOutgoingId: 0, incomingWindow: 1000, outgoingWindow: 1000 });
    await peer.expect('open');
    await peer.expect('begin');
    return peer;
  }

  /** As `open`, with a link on which it sends to queue `orders`, handle 0. */
  static async sender(port: number, attach: Partial<Draft<'attach'>> = {}): Promise<RawPeer> {
    const peer = await RawPeer.open(port);
    peer.attachSender(attach);
    await peer.expect('attach');
    await peer.expect('flow');
    return peer;
  }

  header(digits: string): void {
    this.socket.write(Buffer.from(digits, 'hex'));
    // The frame reader takes a header where one is due: first, and after the SASL layer.
    if (digits === headers.amqp) this.#reader.expectsHeader = true;
  }

  octets(octets: Buffer): void {
    this.socket.write(octets);
  }

  send<K extends Performative['kind']>(channel: number, kind: K, draft: Draft<K>): void {
    this.#writer.frame(channel, kind, draft);
    this.socket.write(this.#writer.takeCopy());
  }

  sasl<K extends SaslFrame['kind']>(kind: K, draft: Draft<K>): void {
    this.#writer.sasl(kind, draft);
    this.socket.write(this.#writer.takeCopy());
  }

  transfer(draft: Partial<Draft<'transfer'>>, payload: Buffer): void {
    this.transferOn(0, draft, payload);
  }

  transferOn(channel: number, draft: Partial<Draft<'transfer'>>, payload: Buffer): void {
    this.#writer.transfer(channel, { handle: 0, ...draft }, [payload]);
    this.socket.write(this.#writer.takeCopy());
  }

  /** A delivery in one transfer, its tag its number. */
  deliver(deliveryId: number, payload: Buffer, draft: Partial<Draft<'transfer'>> = {}): void {
    this.transfer({ deliveryId, deliveryTag: Buffer.of(deliveryId & 0xff), messageFormat: 0, ...draft }, payload);
  }

  attachSender(attach: Partial<Draft<'attach'>> = {}): void {
    this.send(0, 'attach', {
      name: 'sender',
      handle: 0,
      role: false,
      source: terminus('source', 'here'),
      target: terminus('target', 'orders'),
      initialDeliveryCount: 0,
      ...attach,
    });
  }

  attachReceiver(attach: Partial<Draft<'attach'>> = {}): void {
    this.send(0, 'attach', {
      name: 'receiver',
      handle: 0,
      role: true,
      source: terminus('source', 'orders'),
      target: terminus('target', 'here'),
      ...attach,
    });
  }

  grant(linkCredit: number, flow: Partial<Draft<'flow'>> = {}): void {
    this.send(0, 'flow', {
      nextIncomingId: 0,
      incomingWindow: 1000,
      nextOutgoingId: 0,
      outgoingWindow: 1000,
      handle: 0,
      deliveryCount: 0,
      linkCredit,
      ...flow,
    });
  }

  /** What came next; undefined when the connection closed instead. */
  async next(): Promise<Received | undefined> {
    while (this.#received.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => (this.#onReceived = resolve));
    }
    return this.#received.shift();
  }

  /** The next frame, which must be of this kind. */
  async expect<K extends Received['performative']['kind']>(
    kind: K,
  ): Promise<Extract<Received['performative'], { kind: K }> & { readonly channel: number; readonly payload: Buffer }> {
    const received = await this.next();
    if (received?.performative.kind !== kind) {
      throw new Error(
        `expected ${kind}, got ${received === undefined ? 'the end' : JSON.stringify(received.performative)}`,
      );
    }
    const { performative, channel, payload } = received;
    return { ...(performative as Extract<Received['performative'], { kind: K }>), channel, payload };
  }

  /** With which error the connection was closed, by a frame and then, as we end our side, by the socket. */
  async closed(): Promise<Composite<'error'> | undefined> {
    const { error } = await this.expect('close');
    await this.over();
    return error;
  }

  /** Ends our side, after which nothing more may come. */
  async over(): Promise<void> {
    this.socket.end();
    const further = await this.next();
    if (further !== undefined) throw new Error(`after the end came ${JSON.stringify(further.performative)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    while (!this.#closed) await this.next();
  }

  #onFrame(type: number, channel: number, body: Buffer): void {
    if (body.length === 0) return this.#add({ kind: 'heartbeat', octets: '' }, channel, body);
    const reader = new Reader(body);
    const performative = readComposite(reader, kinds) as Performative | SaslFrame;
    if (type === saslFrame && performative.kind === 'saslOutcome' && performative.code === 0) {
      this.#reader.expectsHeader = true;
    }
    this.#add(performative, channel, body.subarray(reader.position));
  }

  #add(performative: Received['performative'], channel: number, payload: Buffer): void {
    this.#received.push({ channel, performative, payload });
    this.#onReceived?.();
  }
}

const absent = {
  durable: 0,
  expiryPolicy: 'session-end',
  timeout: 0,
  dynamic: false,
  dynamicNodeProperties: undefined,
  capabilities: undefined,
} as const;

export function terminus(kind: 'source', address: string | undefined): Composite<'source'>;
export function terminus(kind: 'target', address: string | undefined): Composite<'target'>;
export function terminus(
  kind: 'source' | 'target',
  text: string | undefined,
): Composite<'source'> | Composite<'target'> {
  const address = text === undefined ? undefined : ({ type: 'string', value: text } as const);
  if (kind === 'target') return { kind, ...absent, address };
  const filters = { distributionMode: undefined, filter: undefined, defaultOutcome: undefined, outcomes: undefined };
  return { kind, ...absent, ...filters, address };
}
