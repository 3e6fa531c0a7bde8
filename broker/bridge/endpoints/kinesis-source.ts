// A stream as the source of a route: all shards, each in order, parents before children. How far it was read is stored by the
// transaction that writes what was read, so that nothing is read twice or left out. One page of records is under way at a
// time of each shard: a checkpoint says that everything before it was written.

import type { Broker } from '../../core/broker.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Change } from '../../core/store.ts';
import type { Stream } from '../../core/stream.ts';
import type { Shard } from '../../core/stream-shard.ts';
import type { StreamRecord } from '../../core/stream-records.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { Clock } from '../../util/clock.ts';
import { forEachDeadLetter } from '../dead-letters.ts';
import { messageOfEvent } from '../mapping/cloud-event.ts';
import { partitionKeyOf } from '../mapping/group.ts';
import type { Notes } from '../mapping.ts';
import type { Source, Taken } from '../source.ts';
import { retryMs } from '../writer.ts';
import { TakenEntry } from './queue-source.ts';
import { messageOfRecord, ShardPage } from './shard-page.ts';

export type StreamStart = 'oldest' | 'latest' | number;

export interface KinesisSourceOptions {
  readonly address: string;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly route: string;
  readonly start: StreamStart;
  /** Undefined while there is no such stream. */
  readonly find: () => Stream | undefined;
}

/** Records that are under way together. */
const pageRecords = 500;
const pageBytes = 4 * 1024 * 1024;

type Page = ShardPage<Shard, number>;

export function kinesisSource(options: KinesisSourceOptions): Source {
  return new KinesisSource(options);
}

class KinesisSource implements Source {
  readonly address: string;
  readonly #options: KinesisSourceOptions;
  readonly #consumer: string;
  #deliver: (taken: Taken) => void = () => undefined;
  #onObstacle: (obstacle: string) => void = () => undefined;
  #stream: Stream | undefined;
  /** Where each shard is to be read next, by its key: what is before was written, and is so in the store. */
  readonly #positions = new Map<number, number>();
  /** What is under way; nothing more is read before that has come to its end. */
  readonly #pages = new Set<Page>();
  /** Pages with records that are settled by a transaction that is not yet complete. */
  readonly #touched = new Set<Page>();
  #credit = 0;
  #isReading = false;
  /** Ends the wait for more. */
  #waiting: AbortController | undefined;
  #closed = false;

  constructor(options: KinesisSourceOptions) {
    this.#options = options;
    this.address = options.address;
    this.#consumer = `route:${options.route}`;
  }

  get obstacle(): string | undefined {
    const stream = this.#options.find();
    return stream === undefined || stream.isDropped ? `${this.address} does not exist` : undefined;
  }

  get isEmpty(): boolean {
    if (this.#pages.size > 0) return false;
    const shards = this.#stream?.shards ?? [];
    return shards.every((shard) => this.#positionOf(shard) >= shard.nextPosition);
  }

  isFedBy(): boolean {
    return false;
  }

  async start(deliver: (taken: Taken) => void, onObstacle: (obstacle: string) => void): Promise<void> {
    this.#deliver = deliver;
    this.#onObstacle = onObstacle;
    await this.#open();
  }

  setCredit(credit: number): void {
    this.#credit = credit;
    this.#giveAll();
    this.#read();
  }

  read(message: Message, notes: Notes): Message {
    return readRecord(message, notes);
  }

  beforeCommit(transaction: Transaction): void {
    for (const page of this.#touched) {
      const position = page.checkpoint(transaction, () => this.#settled(page));
      // What was read of a stream that is no more says nothing of the one that is there now.
      if (position !== undefined && this.#pages.has(page)) transaction.change(this.#checkpoint(page.shard, position));
    }
    this.#touched.clear();
  }

  async rewind(to: number): Promise<void> {
    const stream = this.#options.find();
    if (stream === undefined) return;
    // What is under way is written as it would have been.
    while (this.#letGo()) {
      this.#waiting?.abort();
      await new Promise<void>((resolve) => (this.#options.clock.after(10, resolve), undefined));
    }
    this.#isReading = true;
    try {
      await this.#place(stream, to);
    } finally {
      this.#isReading = false;
    }
  }

  revive(queue: Queue, reason: string): Promise<number> {
    return forEachDeadLetter(queue, reason, (entry, message) => {
      this.#deliver(new TakenEntry(entry, message, this.#options, true));
    });
  }

  close(): void {
    this.#closed = true;
    this.#waiting?.abort();
  }

  async #open(): Promise<void> {
    const stream = this.#options.find();
    if (stream === undefined || stream === this.#stream) return;
    const { store } = this.#options.broker;
    this.#positions.clear();
    this.#pages.clear();
    const known = await store.readCheckpoints(this.#consumer);
    const isNew = !stream.shards.some(({ definition: { key } }) => known.has(key));
    for (const [shardKey, position] of known) this.#positions.set(shardKey, position);
    if (isNew) await this.#place(stream, this.#options.start);
    this.#stream = stream;
  }

  /** Begins somewhere, and keeps where that is: the oldest record of today may be another one tomorrow. */
  async #place(stream: Stream, start: StreamStart): Promise<void> {
    const places = await Promise.all(
      stream.shards.map(async (shard) => ({ shard, position: await locate(stream, shard, start) })),
    );
    await this.#options.broker.store.write(places.map(({ shard, position }) => this.#checkpoint(shard, position)));
    for (const { shard, position } of places) this.#positions.set(shard.definition.key, position);
  }

  /** Shards that came after the start are read from their first record. */
  #positionOf(shard: Shard): number {
    return this.#positions.get(shard.definition.key) ?? 0;
  }

  #read(): void {
    if (this.#isReading || this.#pages.size > 0 || this.#closed || this.#credit <= 0) return;
    this.#isReading = true;
    const reading = this.#readPage().finally(() => {
      this.#isReading = false;
    });
    this.#options.broker.background(
      reading.then((found) => {
        if (found) return;
        // Something came, or something changed, since it was looked for.
        this.#read();
      }),
      `read ${this.address}`,
    );
  }

  /** Gives a page of records; false: there are none, and now there may be. */
  async #readPage(): Promise<boolean> {
    await this.#open();
    const stream = this.#stream;
    if (stream === undefined || stream.isDropped) {
      this.#onObstacle(`${this.address} does not exist`);
      return true;
    }
    const shards = this.#readable(stream);
    const pages: Page[] = [];
    let isFurther = false;
    let records = Math.min(this.#credit, pageRecords);
    let bytes = pageBytes;
    for (const shard of shards) {
      if (records <= 0 || bytes <= 0) break;
      const position = this.#positionOf(shard);
      const read = await stream.read(shard, position, { records, bytes });
      if (read.records.length > 0) pages.push(this.#page(stream, shard, read.records, read.next));
      else if (read.next > position) {
        // Records that are too old were passed over.
        this.#positions.set(shard.definition.key, read.next);
        isFurther = true;
      }
      records -= read.records.length;
      for (const { data, partitionKey } of read.records) bytes -= data.length + partitionKey.length;
    }
    if (this.#closed || this.#credit <= 0) return true;
    if (pages.length === 0) {
      if (!isFurther) await this.#wait(shards);
      return this.#closed || this.#credit <= 0;
    }
    for (const page of pages) this.#pages.add(page);
    this.#giveAll();
    return true;
  }

  #page(stream: Stream, shard: Shard, records: readonly StreamRecord[], next: number): Page {
    const { address, clock } = this.#options;
    return new ShardPage({
      address,
      clock,
      shard,
      messages: records.map((record) => messageOf(record, stream, shard)),
      identityOf: ({ id }) => id,
      positionAfter: (count) => (count === records.length ? next : records[count - 1]!.position + 1),
      onTouched: (page) => void this.#touched.add(page),
    });
  }

  /** All at once, whatever the credit is by then: what one transaction writes, its checkpoints cover. */
  #giveAll(): void {
    if (this.#credit <= 0) return;
    for (const page of this.#pages) {
      for (const taken of page.waiting()) {
        this.#credit--;
        this.#deliver(taken);
      }
    }
  }

  /** Neither at their end, nor behind parents that are not. */
  #readable(stream: Stream): readonly Shard[] {
    const isDone = (number: number | undefined): boolean => {
      const shard = number === undefined ? undefined : stream.shard(number);
      return shard === undefined || shard.isAtEnd(this.#positionOf(shard));
    };
    return stream.shards.filter((shard) => {
      const { parent, adjacentParent } = shard.definition;
      return !shard.isAtEnd(this.#positionOf(shard)) && isDone(parent) && isDone(adjacentParent);
    });
  }

  async #wait(shards: readonly Shard[]): Promise<void> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    await Promise.race(shards.map((shard) => shard.waitFor(this.#positionOf(shard), waiting.signal)));
    // The others need not be waited for any more.
    waiting.abort();
  }

  #checkpoint(shard: Shard, position: number): Change {
    return { kind: 'checkpoint', consumer: this.#consumer, shardKey: shard.definition.key, position };
  }

  #settled(page: Page): void {
    if (!page.isOver || !this.#pages.has(page)) return;
    const end = (): void => {
      if (!this.#pages.delete(page)) return;
      this.#positions.set(page.shard.definition.key, page.end);
      this.#read();
    };
    // A transaction that was quicker than one before it could not say that all is settled.
    if (page.isStored) end();
    else {
      const { broker, clock } = this.#options;
      const stored = broker.store.write([this.#checkpoint(page.shard, page.end)]).then(end, (error: unknown) => {
        clock.after(retryMs, () => this.#settled(page));
        throw error;
      });
      broker.background(stored, `keep how far ${this.address} was read`);
    }
  }

  /** What was given back is read anew. True: there is more, which somebody has. */
  #letGo(): boolean {
    if (this.#closed) return false;
    for (const page of this.#pages) if (page.isAtRest) this.#pages.delete(page);
    return this.#pages.size > 0 || this.#isReading;
  }
}

function messageOf({ position, at, partitionKey, data }: StreamRecord, stream: Stream, shard: Shard): Message {
  return messageOfRecord({
    id: `${stream.id}/${shard.number}/${position}`,
    stream: stream.name,
    data,
    partitionKey,
    at,
  });
}

async function locate(stream: Stream, shard: Shard, start: StreamStart): Promise<number> {
  if (start === 'latest') return shard.nextPosition;
  return stream.locate(shard, start === 'oldest' ? { at: 'oldest' } : { at: 'time', ms: start });
}

/** A record that a route wrote as an event is what that was made of; the key is the group of what has none of its own. */
export function readRecord(message: Message, notes: Notes): Message {
  const event = messageOfEvent(message.body, message);
  if (event === undefined) return message;
  const { groupId: partitionKey = '' } = message;
  if (event.groupId === undefined) return { ...event, groupId: partitionKey };
  if (partitionKeyOf(event.groupId) !== partitionKey) {
    notes.note('partitionKey', 'dropped', 'its sender gave it a group of its own', partitionKey);
  }
  return event;
}
