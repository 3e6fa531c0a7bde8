// Records as bytes: one run holds records that follow each other in a shard. Runs can be put one behind the other, so a
// store may join them without knowing what is in them.
//
// A record: length of its data (u32), length of its key (u16), mark (u16), time (f64), key, data; little-endian.

import { BrokerError } from './errors.ts';

/** A record as it was appended. */
export interface StreamRecord {
  /** Grows within its shard. */
  readonly position: number;
  /** Milliseconds since the epoch of the append; never less than that of the record before. */
  readonly at: number;
  readonly partitionKey: string;
  readonly data: Buffer;
  /** What its dialect notes with it: a number of 16 bits. */
  readonly mark: number;
}

export type NewRecord = Pick<StreamRecord, 'partitionKey' | 'data'>;

const headerBytes = 16;
const longestKey = 0xffff;

/** @throws BrokerError `too-large` for a key of more than 64 KiB. */
export function encodeRecords(records: readonly NewRecord[], at: number, mark: number): Buffer {
  let bytes = 0;
  for (const { partitionKey, data } of records) {
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    bytes += headerBytes + partitionKey.length * 3 + data.length;
  }
  const run = Buffer.allocUnsafeSlow(bytes);
  let offset = 0;
  for (const { partitionKey, data } of records) {
    const keyBytes = run.write(partitionKey, offset + headerBytes, 'utf8');
    if (keyBytes > longestKey) throw new BrokerError('too-large', 'a partition key takes at most 64 KiB');
    run.writeUInt32LE(data.length, offset);
    run.writeUInt16LE(keyBytes, offset + 4);
    run.writeUInt16LE(mark, offset + 6);
    run.writeDoubleLE(at, offset + 8);
    offset += headerBytes + keyBytes;
    run.set(data, offset);
    offset += data.length;
  }
  return run.subarray(0, offset);
}

/** Goes through a run, record by record, without making anything of those that are passed over. */
export class RecordCursor {
  position: number;
  readonly #run: Buffer;
  #offset = 0;

  /** `position`: of the first record of the run. */
  constructor(run: Buffer, position: number) {
    this.#run = run;
    this.position = position;
  }

  get hasRecord(): boolean {
    return this.#offset < this.#run.length;
  }

  get at(): number {
    return this.#run.readDoubleLE(this.#offset + 8);
  }

  /** Of key and data. */
  get size(): number {
    return this.#dataBytes + this.#keyBytes;
  }

  /** A view of the run: its data is not copied. */
  record(): StreamRecord {
    const start = this.#offset + headerBytes;
    const middle = start + this.#keyBytes;
    return {
      position: this.position,
      at: this.at,
      partitionKey: this.#run.toString('utf8', start, middle),
      data: this.#run.subarray(middle, middle + this.#dataBytes),
      mark: this.#run.readUInt16LE(this.#offset + 6),
    };
  }

  next(): void {
    this.#offset += headerBytes + this.size;
    this.position++;
  }

  get #dataBytes(): number {
    return this.#run.readUInt32LE(this.#offset);
  }

  get #keyBytes(): number {
    return this.#run.readUInt16LE(this.#offset + 4);
  }
}
