// What goes out on one socket. Packets of one turn of the event loop are encoded together, into memory of exactly their
// length, and leave in one write; large payloads are not copied. Fields are valid already: it writes what it is given.

import type { Duplex } from 'node:stream';
import { packetType } from './codec/fixed-header.ts';
import { publishQosShift } from './codec/publish.ts';
import type { Qos } from './codec/qos.ts';

export interface OutgoingPublish {
  topic: Buffer;
  readonly payload: Buffer;
  qos: Qos;
  dup: boolean;
  readonly retain: boolean;
  /** Not written where the QoS is 0. */
  id: number;
  /** Of MQTT 5, with their length; undefined: MQTT 3.1.1, which has none. */
  properties: Buffer | undefined;
}

/** First bytes of the packets that are a packet identifier and nothing else. */
export const shortPacket = {
  puback: packetType.puback << 4,
  pubrec: packetType.pubrec << 4,
  pubrel: (packetType.pubrel << 4) | 2, // [MQTT-3.6.1-1]
  pubcomp: packetType.pubcomp << 4,
} as const;

const shortBytes = 4;
/** A payload from this size on is written from where it is. */
const largePayload = 16 * 1024;
/** What the remaining length can say (2.2.3). */
const maxRemainingLength = 268_435_455;

export class PacketWriter {
  readonly #socket: Duplex;
  readonly #onFirst: () => void;
  /** Short packets as their first byte and identifier in one number; others as they are, or encoded. */
  #pending: (number | Buffer | OutgoingPublish)[] = [];
  #pendingBytes = 0;
  /** Payloads that will not be copied. */
  #largeBytes = 0;
  readonly #onFlush: (packets: number, bytes: number) => void;

  /**
   * `onFirst` is called when there is something to flush where there was nothing before; `onFlush` tells how much left.
   */
  constructor(socket: Duplex, onFirst: () => void, onFlush: (packets: number, bytes: number) => void) {
    this.#socket = socket;
    this.#onFirst = onFirst;
    this.#onFlush = onFlush;
  }

  /** Bytes that the system has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength + this.#pendingBytes;
  }

  /** The caller has asked `publishSize`. */
  publish(packet: OutgoingPublish): void {
    const { payload } = packet;
    if (payload.length >= largePayload) this.#largeBytes += payload.length;
    const length = remainingLength(packet);
    this.#add(packet, 1 + lengthOfLength(length) + length);
  }

  /** `firstByte`: of `shortPacket`. */
  short(firstByte: number, id: number): void {
    this.#add((firstByte << 16) | id, shortBytes);
  }

  packet(encoded: Buffer): void {
    this.#add(encoded, encoded.length);
  }

  /** `onSent` is called when the system has taken all that was written until now; not if the socket fails first. */
  flush(onSent?: () => void): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#onFlush(pending.length, this.#pendingBytes);
    const encoding = new Encoding(this.#pendingBytes - this.#largeBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#largeBytes = 0;
    if (!this.#socket.writable) return;
    for (const packet of pending) {
      if (typeof packet === 'number') encoding.short(packet);
      else if (Buffer.isBuffer(packet)) encoding.bytes(packet);
      else encoding.publish(packet);
    }
    this.#write(encoding.finish(), onSent);
  }

  #add(packet: number | Buffer | OutgoingPublish, bytes: number): void {
    this.#pending.push(packet);
    this.#pendingBytes += bytes;
    if (this.#pending.length === 1) this.#onFirst();
  }

  #write(parts: readonly Buffer[], onSent: (() => void) | undefined): void {
    const socket = this.#socket;
    if (parts.length > 1) socket.cork();
    const last = parts.length - 1;
    for (const [i, part] of parts.entries()) {
      if (i === last && onSent !== undefined) socket.write(part, (error) => error ?? onSent());
      else socket.write(part);
    }
    if (parts.length > 1) socket.uncork();
  }
}

/** Bytes of the whole packet, at a QoS above 0; Infinity: MQTT cannot carry it at all. */
export function publishSize(topic: Buffer, propertyBytes: number, payload: Buffer): number {
  const length = 2 + topic.length + 2 + propertyBytes + payload.length;
  return length > maxRemainingLength ? Infinity : 1 + lengthOfLength(length) + length;
}

function remainingLength({ topic, payload, qos, properties }: OutgoingPublish): number {
  return 2 + topic.length + (qos === 0 ? 0 : 2) + (properties === undefined ? 0 : properties.length) + payload.length;
}

function lengthOfLength(length: number): number {
  if (length < 128) return 1;
  if (length < 16_384) return 2;
  return length < 2_097_152 ? 3 : 4;
}

class Encoding {
  readonly #bytes: Buffer;
  #at = 0;
  /** Where the part that is not cut off yet begins. */
  #start = 0;
  readonly #parts: Buffer[] = [];

  constructor(length: number) {
    this.#bytes = Buffer.allocUnsafe(length);
  }

  short(packet: number): void {
    const bytes = this.#bytes;
    const at = this.#at;
    bytes[at] = packet >> 16;
    bytes[at + 1] = 2;
    bytes[at + 2] = (packet >> 8) & 0xff;
    bytes[at + 3] = packet & 0xff;
    this.#at = at + shortBytes;
  }

  bytes(encoded: Buffer): void {
    this.#bytes.set(encoded, this.#at);
    this.#at += encoded.length;
  }

  publish(packet: OutgoingPublish): void {
    const { topic, payload, qos, id, properties } = packet;
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = (packetType.publish << 4) | (packet.dup ? 8 : 0) | (qos << publishQosShift) | (packet.retain ? 1 : 0);
    let rest = remainingLength(packet);
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>= 7;
    }
    bytes[at++] = rest;
    bytes[at++] = topic.length >> 8;
    bytes[at++] = topic.length & 0xff;
    bytes.set(topic, at);
    at += topic.length;
    if (qos !== 0) {
      bytes[at++] = id >> 8;
      bytes[at++] = id & 0xff;
    }
    if (properties !== undefined) {
      bytes.set(properties, at);
      at += properties.length;
    }
    if (payload.length >= largePayload) {
      this.#at = at;
      this.#cut();
      this.#parts.push(payload);
      return;
    }
    bytes.set(payload, at);
    this.#at = at + payload.length;
  }

  finish(): readonly Buffer[] {
    this.#cut();
    return this.#parts;
  }

  #cut(): void {
    if (this.#at > this.#start) this.#parts.push(this.#bytes.subarray(this.#start, this.#at));
    this.#start = this.#at;
  }
}
