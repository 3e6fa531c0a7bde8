// Records on their way to the store's thread. What one commit appends to a shard becomes one segment, up to a size at
// which a reader of a few records would read too much of others.

import type { StreamChange } from '../core/stream-store.ts';

type Append = StreamChange & { kind: 'append' };

export interface Segment {
  readonly shardKey: number;
  readonly position: number;
  records: number;
  lastAt: number;
  bytes: number;
  readonly parts: Buffer[];
}

const segmentBytes = 256 * 1024;

export class Appends {
  /** The segment of each shard that still takes records, and those that do not, in order of their positions. */
  readonly #open = new Map<number, Segment>();
  readonly #all: Segment[] = [];
  #bytes = 0;

  get byteLength(): number {
    return this.#bytes;
  }

  get segments(): readonly Segment[] {
    return this.#all;
  }

  add({ shardKey, position, records, at, bytes }: Append): void {
    this.#bytes += bytes.length;
    const open = this.#open.get(shardKey);
    if (open !== undefined && open.bytes < segmentBytes && open.position + open.records === position) {
      open.records += records;
      open.lastAt = at;
      open.bytes += bytes.length;
      open.parts.push(bytes);
      return;
    }
    const segment = { shardKey, position, records, lastAt: at, bytes: bytes.length, parts: [bytes] };
    this.#open.set(shardKey, segment);
    this.#all.push(segment);
  }
}
