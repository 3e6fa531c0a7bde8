// AMQP 1.0: senders of durable messages, unsettled, with transfer frames made beforehand; receivers that accept each
// delivery. What is rare is read and written with the engine's own tables, what is frequent by its place in the frame.

import { readComposite } from '../../broker/protocols/amqp/codec/composite.ts';
import type { Draft, Performative } from '../../broker/protocols/amqp/codec/composite.ts';
import { FrameReader } from '../../broker/protocols/amqp/codec/frame-reader.ts';
import { FrameWriter } from '../../broker/protocols/amqp/codec/frame-writer.ts';
import { Reader } from '../../broker/protocols/amqp/codec/reader.ts';
import type { Socket } from 'node:net';
import { FrameRing } from './frame-ring.ts';
import type { LoadOptions } from './orders.ts';
import { PacedSender } from './paced-sender.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import type { SendingConnection } from './sender.ts';
import { connected } from './socket.ts';

const saslHeader = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1');
const amqpHeader = Buffer.from('AMQP\x00\x01\x00\x00', 'latin1');

const transferCode = 0x14;
const dispositionCode = 0x15;

/** So much that no window is ever in the way. */
const sessionWindow = 0x7fff_ffff;
const credit = 1000;

export async function amqpSender(options: LoadOptions): Promise<Sender> {
  const sender = new Sender(options.window);
  for (let i = 0; i < options.connections; i++) {
    const address = options.destinations[i % options.destinations.length]!;
    sender.add(await SendingLink.open(options, address, `sender-${i}`, sender));
  }
  return sender;
}

/** On a timetable. */
export async function pacedAmqpSender(options: LoadOptions): Promise<PacedSender> {
  const sender = new PacedSender((stamps) => link.sendStamped(stamps));
  const acknowledged = (_: SendingConnection, count: number): void => sender.acknowledged(count);
  const link = await SendingLink.open(options, options.destinations[0]!, 'paced-sender', { acknowledged });
  return sender;
}

export async function amqpReceiver({ port, connections, destinations }: LoadOptions): Promise<Receiver> {
  const receiver = new Receiver();
  for (let i = 0; i < connections; i++) {
    await openReceivingLink(port, destinations[i % destinations.length]!, `receiver-${i}`, receiver);
  }
  return receiver;
}

class SendingLink implements SendingConnection {
  readonly #peer: Peer;
  readonly #sender: Pick<Sender, 'acknowledged'>;
  readonly #ring: FrameRing;
  readonly #deliveryIdAt: number;
  readonly #bodyAt: number;
  #credit = 0;
  #sent = 0;
  #heldBack = 0;
  #acknowledged = 0;

  private constructor(peer: Peer, sender: Pick<Sender, 'acknowledged'>, { window, bodyBytes }: LoadOptions) {
    this.#peer = peer;
    this.#sender = sender;
    const frames = Array.from({ length: window }, () => transferFrame(bodyBytes));
    this.#ring = new FrameRing(frames.map(({ frame }) => frame));
    this.#deliveryIdAt = frames[0]!.deliveryIdAt;
    this.#bodyAt = frames[0]!.frame.length - bodyBytes;
  }

  static async open(
    options: LoadOptions,
    address: string,
    name: string,
    sender: Pick<Sender, 'acknowledged'>,
  ): Promise<SendingLink> {
    const peer = await Peer.open(options.port, name);
    const link = new SendingLink(peer, sender, options);
    const target = { ...terminus(address), kind: 'target' } as never;
    const source = { ...terminus(name), kind: 'source' } as never;
    peer.onChunk = () => link.#report();
    const granted = Promise.withResolvers<void>();
    peer.onPerformative = (performative) => {
      if (performative.kind !== 'flow' || performative.linkCredit === undefined) return;
      link.#credit = (performative.deliveryCount ?? 0) + performative.linkCredit - link.#sent;
      if (link.#credit > 0) granted.resolve();
      link.#sendHeldBack();
    };
    // disposition: role, first, last, settled, state. All are accepted: another outcome ends the load.
    peer.onDisposition = (first, last, outcome) => {
      if (outcome !== 0x24) throw new Error(`outcome 0x${outcome.toString(16)}`);
      link.#acknowledged += last - first + 1;
    };
    peer.send('attach', { name, handle: 0, role: false, source, target, initialDeliveryCount: 0 });
    await granted.promise;
    return link;
  }

  send(count: number): void {
    this.#heldBack += count;
    this.#sendHeldBack();
  }

  /** Messages that begin so. */
  sendStamped(stamps: readonly string[]): void {
    for (const [ahead, stamped] of stamps.entries()) {
      this.#ring.at(this.#heldBack + ahead).write(stamped, this.#bodyAt, 'latin1');
    }
    this.send(stamps.length);
  }

  #sendHeldBack(): void {
    const count = Math.min(this.#heldBack, this.#credit);
    if (count <= 0) return;
    for (let ahead = 0; ahead < count; ahead++) {
      this.#ring.at(ahead).writeUInt32BE(this.#sent + ahead, this.#deliveryIdAt);
    }
    this.#ring.write(this.#peer.socket, count);
    this.#sent += count;
    this.#credit -= count;
    this.#heldBack -= count;
  }

  #report(): void {
    const count = this.#acknowledged;
    this.#acknowledged = 0;
    if (count > 0) this.#sender.acknowledged(this, count);
  }
}

async function openReceivingLink(port: number, address: string, name: string, receiver: Receiver): Promise<void> {
  const peer = await Peer.open(port, name);
  const source = { ...terminus(address), kind: 'source' } as never;
  const target = { ...terminus(name), kind: 'target' } as never;
  peer.send('attach', { name, handle: 0, role: true, source, target });
  await peer.expect('attach');
  let received = 0;
  let granted = 0;
  const grant = (): void => {
    granted = received + credit;
    peer.write('flow', {
      nextIncomingId: received,
      incomingWindow: sessionWindow,
      nextOutgoingId: 0,
      outgoingWindow: sessionWindow,
      handle: 0,
      deliveryCount: received,
      linkCredit: credit,
    });
  };
  let ofChunk = 0;
  peer.onTransfer = (deliveryId) => {
    ofChunk++;
    peer.writeAccepted(deliveryId);
  };
  peer.onChunk = () => {
    received += ofChunk;
    receiver.received(ofChunk);
    ofChunk = 0;
    if (granted - received < credit / 2) grant();
    peer.flush();
  };
  grant();
  peer.flush();
}

class Peer {
  readonly socket: Socket;
  onPerformative: (performative: Performative) => void = () => undefined;
  onTransfer: (deliveryId: number) => void = () => undefined;
  onDisposition: (first: number, last: number, outcome: number) => void = () => undefined;
  /** After everything of one chunk was handed on. */
  onChunk: () => void = () => undefined;
  readonly #writer = new FrameWriter(64 * 1024);
  readonly #reader: FrameReader;
  #expected: { readonly kind: string; readonly resolve: () => void } | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#reader = new FrameReader(
      {
        header: () => this.#came('header'),
        frame: (type, _channel, body) => {
          if (type === 0) this.#frame(body);
          else this.#sasl(body);
        },
      },
      1 << 24,
    );
    socket.on('data', (chunk) => {
      this.#reader.push(chunk);
      this.onChunk();
    });
  }

  static async open(port: number, containerId: string): Promise<Peer> {
    const peer = new Peer(await connected(port));
    peer.socket.write(saslHeader);
    await peer.expect('header');
    peer.#writer.sasl('saslInit', { mechanism: 'ANONYMOUS' });
    peer.flush();
    await peer.expect('saslOutcome');
    peer.#reader.expectsHeader = true;
    peer.socket.write(amqpHeader);
    await peer.expect('header');
    peer.send('open', { containerId, hostname: '127.0.0.1', maxFrameSize: 65_536 });
    await peer.expect('open');
    peer.send('begin', { nextOutgoingId: 0, incomingWindow: sessionWindow, outgoingWindow: sessionWindow });
    await peer.expect('begin');
    return peer;
  }

  /** Resolves when a frame of this kind comes; one at a time. */
  expect(kind: string): Promise<void> {
    return new Promise((resolve) => (this.#expected = { kind, resolve }));
  }

  write<K extends Performative['kind']>(kind: K, draft: Draft<K>): void {
    this.#writer.frame(0, kind, draft);
  }

  send<K extends Performative['kind']>(kind: K, draft: Draft<K>): void {
    this.write(kind, draft);
    this.flush();
  }

  writeAccepted(deliveryId: number): void {
    acceptedFrame.writeUInt32BE(deliveryId, acceptedIdAt);
    this.#writer.header(acceptedFrame);
  }

  flush(): void {
    if (this.#writer.length > 0) this.socket.write(this.#writer.takeCopy());
  }

  #came(kind: string): void {
    if (this.#expected?.kind !== kind) return;
    this.#expected.resolve();
    this.#expected = undefined;
  }

  #sasl(body: Buffer): void {
    const { kind } = readComposite(new Reader(body), ['saslMechanisms', 'saslOutcome']);
    this.#came(kind);
  }

  #frame(body: Buffer): void {
    // A frame without a body says only that the peer is there.
    if (body.length === 0) return;
    const code = body[2];
    if (code === transferCode) {
      // handle, delivery-id
      uint.at = listStart(body);
      readUint(body);
      this.onTransfer(readUint(body) ?? NaN);
      return;
    }
    if (code === dispositionCode) {
      // role, first, last, settled, state
      uint.at = listStart(body) + 1;
      const first = readUint(body)!;
      const last = readUint(body) ?? first;
      const state = body.indexOf(describedState, uint.at);
      this.onDisposition(first, last, state < 0 ? 0 : body[state + 2]!);
      return;
    }
    const performative = readComposite(new Reader(body), ['open', 'begin', 'attach', 'flow', 'detach', 'end', 'close']);
    if (performative.kind === 'detach' || performative.kind === 'end' || performative.kind === 'close') {
      throw new Error(JSON.stringify(performative));
    }
    this.#came(performative.kind);
    this.onPerformative(performative);
  }
}

const describedState = Buffer.of(0x00, 0x53);

/** Where the fields of a performative begin, after its descriptor and the head of its list. */
function listStart(body: Buffer): number {
  return body[3] === 0xd0 ? 12 : 6;
}

const uint = { at: 0 };

/** The uint at the cursor, which it moves on; undefined for null. */
function readUint(body: Buffer): number | undefined {
  switch (body[uint.at++]) {
    case 0x40:
      return undefined;
    case 0x43:
      return 0;
    case 0x52:
      return body[uint.at++];
    case 0x70:
      uint.at += 4;
      return body.readUInt32BE(uint.at - 4);
    default:
      throw new Error(`no uint: ${body.toString('hex')}`);
  }
}

function terminus(address: string): object {
  return {
    address: { type: 'string', value: address },
    durable: 0,
    expiryPolicy: 'session-end',
    timeout: 0,
    dynamic: false,
  };
}

/** A number that takes four octets, and stands nowhere else in a frame. */
const marker = 0x7a7b_7c7d;

function transferFrame(bodyBytes: number): { readonly frame: Buffer; readonly deliveryIdAt: number } {
  const header = Buffer.of(0x00, 0x53, 0x70, 0xc0, 0x02, 0x01, 0x41);
  const data = Buffer.concat([Buffer.of(0x00, 0x53, 0x75, 0xb0, 0, 0, 0, 0), Buffer.alloc(bodyBytes, 'x')]);
  data.writeUInt32BE(bodyBytes, 4);
  const writer = new FrameWriter(bodyBytes + 100);
  writer.transfer(
    0,
    { handle: 0, deliveryId: marker, deliveryTag: Buffer.from('tag0'), messageFormat: 0, settled: false },
    [header, data],
  );
  const frame = writer.takeCopy();
  return { frame, deliveryIdAt: placeOf(marker, frame) };
}

const acceptedFrame = acceptedTemplate();
const acceptedIdAt = placeOf(marker, acceptedFrame);

function acceptedTemplate(): Buffer {
  const writer = new FrameWriter(64);
  writer.frame(0, 'disposition', { role: true, first: marker, settled: true, state: { kind: 'accepted' } });
  return writer.takeCopy();
}

function placeOf(number: number, frame: Buffer): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return frame.indexOf(bytes);
}
