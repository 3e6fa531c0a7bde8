// Changes on their way to the store's thread: a program of statement numbers and arguments, and one run of bytes that
// they point into. Both are handed over, not copied.

import { BrokerError } from '../core/errors.ts';
import type { Change, EntryKey } from '../core/store.ts';
import { ByteWriter } from '../core/byte-writer.ts';
import { writeMessage } from '../core/message-codec.ts';
import { mainNumbers, otherNumbers, streamNumbers, tempNumbers } from './statements.ts';
import { Appends } from './stream-batch.ts';

export interface Sealed {
  readonly program: Float64Array<ArrayBuffer>;
  readonly bytes: ArrayBuffer;
}

const forgetsAll = Number.MAX_SAFE_INTEGER;

export class Batch {
  #program: Float64Array<ArrayBuffer>;
  #length = 0;
  readonly #bytes: ByteWriter;
  /** Counters that many units add to are written once. */
  readonly #counts = new Map<string, number>();
  readonly #appends = new Appends();

  /** Sizes are of the batch before: most batches are like it. */
  constructor(programLength: number, byteLength: number) {
    this.#program = new Float64Array(programLength);
    this.#bytes = new ByteWriter(byteLength);
  }

  get byteLength(): number {
    return this.#bytes.length + this.#appends.byteLength + this.#length * 8;
  }

  get programLength(): number {
    return this.#length;
  }

  /** All of the changes, or, if one cannot be written, none. */
  add(changes: readonly Change[]): void {
    const length = this.#length;
    const bytes = this.#bytes.length;
    try {
      for (const change of changes) if (change.kind !== 'count' && change.kind !== 'append') this.#add(change);
    } catch (error) {
      this.#length = length;
      this.#bytes.truncate(bytes);
      throw error;
    }
    for (const change of changes) {
      if (change.kind === 'append') this.#appends.add(change);
      if (change.kind !== 'count') continue;
      this.#counts.set(change.counter, (this.#counts.get(change.counter) ?? 0) + change.by);
    }
  }

  /** The batch is not used after. */
  seal(): Sealed {
    for (const [counter, by] of this.#counts) {
      this.#begin(otherNumbers.count);
      this.#text(counter);
      this.#numbers(by);
    }
    for (const { shardKey, position, records, lastAt, bytes, parts } of this.#appends.segments) {
      this.#begin(streamNumbers.putSegment);
      this.#numbers(shardKey, position, records, lastAt, this.#bytes.length, bytes);
      for (const part of parts) this.#bytes.raw(part);
    }
    return { program: this.#program.subarray(0, this.#length), bytes: this.#bytes.take() };
  }

  #add(change: Exclude<Change, { kind: 'count' | 'append' }>): void {
    switch (change.kind) {
      case 'put':
        return this.#put(change);
      case 'settle':
        return this.#settle(change.entry, change.delivered);
      case 'deliver': {
        const { entry, delivery } = change;
        this.#begin(numbersOf(entry).putDelivery);
        this.#numbers(entry.queueId, entry.seq, delivery.attempts);
        this.#optional(delivery.firstAt);
        this.#optional(delivery.until);
        this.#optional(delivery.token);
        this.#text(delivery.dead?.reason);
        this.#text(delivery.dead?.origin);
        this.#optional(delivery.dead?.at);
        return;
      }
      case 'move': {
        const { entry, toQueueId, toSeq, delivery } = change;
        const numbers = numbersOf(entry);
        this.#run(numbers.moveEntry, toQueueId, toSeq, entry.queueId, entry.seq);
        this.#run(numbers.deleteEntry, entry.queueId, entry.seq);
        this.#run(numbers.deleteDelivery, entry.queueId, entry.seq);
        this.#add({ kind: 'deliver', entry: { ...keyOf(entry), queueId: toQueueId, seq: toSeq }, delivery });
        return;
      }
      case 'due': {
        const { entry, dueAt, toSeq, toQueueId = entry.queueId } = change;
        const numbers = numbersOf(entry);
        this.#run(numbers.readyDelayed, toQueueId, toSeq, entry.queueId, dueAt, entry.seq);
        this.#run(numbers.deleteDelayed, entry.queueId, dueAt, entry.seq);
        return;
      }
      case 'queue': {
        const { id, namespace, name, createdAt, attributes } = change.queue;
        this.#begin(otherNumbers.putQueue);
        this.#numbers(id);
        this.#text(namespace);
        this.#text(name);
        this.#numbers(createdAt);
        this.#text(JSON.stringify(attributes));
        return;
      }
      case 'purge':
        this.#run(otherNumbers.purgeQueue, change.queueId, change.upToSeq);
        this.#run(otherNumbers.putGarbage, change.queueId, change.upToSeq);
        return;
      case 'drop-queue':
        this.#run(otherNumbers.dropQueue, change.queueId);
        this.#run(otherNumbers.putGarbage, change.queueId, forgetsAll);
        return;
      case 'record':
        this.#begin(change.value === undefined ? otherNumbers.deleteRecord : otherNumbers.putRecord);
        this.#text(change.type);
        this.#text(change.key);
        if (change.value !== undefined) this.#raw(change.value);
        return;
      case 'stream': {
        const { id, namespace, name, createdAt, retentionMs, nextShard, attributes } = change.stream;
        this.#begin(streamNumbers.putStream);
        this.#numbers(id);
        this.#text(namespace);
        this.#text(name);
        this.#numbers(createdAt, retentionMs, nextShard);
        this.#text(JSON.stringify(attributes));
        return;
      }
      case 'drop-stream':
        this.#run(streamNumbers.dropSegmentsOfStream, change.streamId);
        this.#run(streamNumbers.dropCheckpointsOfStream, change.streamId);
        this.#run(streamNumbers.dropShards, change.streamId);
        this.#run(streamNumbers.dropStream, change.streamId);
        return;
      case 'shard': {
        const { key, streamId, number, range, parent, adjacentParent, openedAt, closedAt } = change.shard;
        this.#begin(streamNumbers.putShard);
        this.#numbers(key, streamId, number);
        this.#text(hashText(range.first));
        this.#text(hashText(range.last));
        this.#optional(parent);
        this.#optional(adjacentParent);
        this.#numbers(openedAt);
        this.#optional(closedAt);
        return;
      }
      case 'drop-shard':
        this.#run(streamNumbers.dropSegmentsOfShard, change.shardKey);
        this.#run(streamNumbers.dropCheckpointsOfShard, change.shardKey);
        this.#run(streamNumbers.dropShard, change.shardKey);
        return;
      case 'trim':
        this.#run(streamNumbers.trimShard, change.shardKey, change.before);
        this.#run(streamNumbers.dropSegments, change.shardKey, change.before);
        return;
      case 'checkpoint':
        this.#begin(change.position === undefined ? streamNumbers.deleteCheckpoint : streamNumbers.putCheckpoint);
        this.#text(change.consumer);
        this.#numbers(change.shardKey);
        if (change.position !== undefined) this.#numbers(change.position);
    }
  }

  #put({ messageId, message, entries, residence }: Change & { kind: 'put' }): void {
    const numbers = residence === 'durable' ? mainNumbers : tempNumbers;
    this.#begin(numbers.putMessage);
    this.#numbers(messageId, entries.length);
    const start = this.#bytes.length;
    writeMessage(this.#bytes, message);
    this.#numbers(start, this.#bytes.length - start);
    for (const { queueId, seq, dueAt } of entries) {
      if (dueAt === undefined) {
        this.#begin(numbers.putEntry);
        this.#numbers(queueId, seq, messageId);
      } else {
        this.#begin(numbers.putDelayed);
        this.#numbers(queueId, dueAt, seq, messageId);
      }
      this.#optional(message.expiresAt);
    }
  }

  #settle(entry: EntryKey, delivered: boolean): void {
    const numbers = numbersOf(entry);
    this.#run(numbers.deleteEntry, entry.queueId, entry.seq);
    if (entry.sole) this.#run(numbers.deleteMessage, entry.messageId);
    else {
      this.#run(numbers.releaseMessage, entry.messageId);
      this.#run(numbers.deleteReleased, entry.messageId);
    }
    if (delivered) this.#run(numbers.deleteDelivery, entry.queueId, entry.seq);
  }

  #run(statement: number, ...args: readonly number[]): void {
    this.#begin(statement);
    for (const value of args) this.#number(value);
  }

  #begin(statement: number): void {
    this.#number(statement);
  }

  #numbers(...values: readonly number[]): void {
    for (const value of values) this.#number(value);
  }

  #optional(value: number | undefined): void {
    this.#number(value ?? NaN);
  }

  #text(value: string | undefined): void {
    if (value === undefined) {
      this.#numbers(NaN, NaN);
      return;
    }
    this.#raw(Buffer.from(value, 'utf8'));
  }

  #raw(value: Uint8Array): void {
    this.#numbers(this.#bytes.length, value.length);
    this.#bytes.raw(value);
  }

  #number(value: number): void {
    if (this.#length === this.#program.length) {
      const grown = new Float64Array(Math.max(64, this.#program.length * 2));
      grown.set(this.#program);
      this.#program = grown;
    }
    this.#program[this.#length++] = value;
  }
}

function numbersOf({ residence }: EntryKey): typeof mainNumbers {
  if (residence === 'memory') throw new BrokerError('invalid', 'the entry is not in the store');
  return residence === 'durable' ? mainNumbers : tempNumbers;
}

function keyOf({ queueId, seq, messageId, sole, residence }: EntryKey): EntryKey {
  return { queueId, seq, messageId, sole, residence };
}

/** 128 bits, in an order that text has too. */
function hashText(hashKey: bigint): string {
  return hashKey.toString(16).padStart(32, '0');
}
