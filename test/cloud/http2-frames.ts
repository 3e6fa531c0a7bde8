// HTTP/2 as frames (RFC 9113, section 6): what no client would send is written out by the test.

import { connect } from 'node:net';
import type { Socket } from 'node:net';

export const frameTypes = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
};
export const flags = { none: 0, endStream: 1, endHeaders: 4 };

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function frame(type: number, flag: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flag, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header in the clear (RFC 7541, section 6.2.2: literal without indexing). */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0), text(name), text(value)]);
}

/** The headers of a request for Kinesis. */
export function kinesisHeaders(action: string, more: readonly Buffer[] = []): Buffer {
  return Buffer.concat([
    literal(':method', 'POST'),
    literal(':path', '/'),
    literal(':scheme', 'http'),
    literal(':authority', 'localhost'),
    literal('content-type', 'application/x-amz-json-1.1'),
    literal('x-amz-target', `Kinesis_20131202.${action}`),
    ...more,
  ]);
}

export interface Http2Peer extends Disposable {
  readonly socket: Socket;
  /** Undefined: it was closed without one. */
  readonly goneAway: Promise<number | undefined>;
  /** How many frames of the type have come. */
  count(type: number): number;
  /** Writes while the other side reads; false: it is closed. */
  write(bytes: Buffer): Promise<boolean>;
}

/** A connection on which the preface and empty settings were sent. */
export async function http2Peer(port: number): Promise<Http2Peer> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const counts = new Map<number, number>();
  let errorCode: number | undefined;
  let unread: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= 9) {
      const end = 9 + unread.readUIntBE(0, 3);
      if (unread.length < end) return;
      const type = unread.readUInt8(3);
      counts.set(type, (counts.get(type) ?? 0) + 1);
      if (type === frameTypes.goAway) errorCode = unread.readUInt32BE(13);
      unread = unread.subarray(end);
    }
  });
  socket.on('error', () => undefined);
  const goneAway = new Promise<number | undefined>((resolve) => {
    socket.once('close', () => resolve(errorCode));
  });
  socket.write(Buffer.concat([preface, frame(frameTypes.settings, flags.none, 0)]));
  return {
    socket,
    goneAway,
    count: (type) => counts.get(type) ?? 0,
    write: (bytes) =>
      new Promise((resolve) => {
        if (socket.destroyed) resolve(false);
        else socket.write(bytes, (error) => resolve(error == null));
      }),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** A string with its length (RFC 7541, section 5.2), without Huffman coding. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(bytes.length), bytes]);
}

/** RFC 7541, section 5.1, with a prefix of seven bits. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const bytes = [127];
  let left = value - 127;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}
