// Receipt handles: which entry of which queue, and which of its receives. They name a position in the store, not
// anything in memory, and so outlive a restart of the engine.

import { crc32 } from 'node:zlib';

export interface ReceiptHandle {
  readonly queueId: number;
  readonly seq: number;
  /** How often the entry had been received with this receive. */
  readonly attempts: number;
  /** Milliseconds since the epoch: a visibility timeout can be extended to 12 hours from then. */
  readonly receivedAt: number;
}

const version = 1;
const bytes = 33;
const checksumAt = bytes - 4;

export function formatReceiptHandle({ queueId, seq, attempts, receivedAt }: ReceiptHandle): string {
  const handle = Buffer.alloc(bytes);
  handle.writeUInt8(version, 0);
  writeNumber(handle, queueId, 1);
  writeNumber(handle, seq, 9);
  handle.writeUInt32BE(attempts, 17);
  writeNumber(handle, receivedAt, 21);
  handle.writeUInt32BE(crc32(handle.subarray(0, checksumAt)), checksumAt);
  return handle.toString('base64');
}

/** Undefined for what was never a handle. */
export function parseReceiptHandle(text: string): ReceiptHandle | undefined {
  // 33 bytes are 44 characters of base64, none of them padding.
  if (text.length !== 44) return undefined;
  const handle = Buffer.from(text, 'base64');
  if (handle.length !== bytes || handle.readUInt8(0) !== version) return undefined;
  if (handle.readUInt32BE(checksumAt) !== crc32(handle.subarray(0, checksumAt))) return undefined;
  return {
    queueId: readNumber(handle, 1),
    seq: readNumber(handle, 9),
    attempts: handle.readUInt32BE(17),
    receivedAt: readNumber(handle, 21),
  };
}

/** Whole numbers up to 2^53, in eight bytes, without going through bigint. */
function writeNumber(into: Buffer, value: number, at: number): void {
  into.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  into.writeUInt32BE(value % 2 ** 32, at + 4);
}

function readNumber(from: Buffer, at: number): number {
  return from.readUInt32BE(at) * 2 ** 32 + from.readUInt32BE(at + 4);
}
