// A stream as the source of a route: all shards, each in order, parents before children. How far it was read is stored by the
// transaction that writes what was read, so that nothing is read twice or left out. One page of records is under way at a
// time: a checkpoint says that everything before it was written.

import { isUtf8 } from 'node:buffer';
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
import { TakenEntry } from './queue-source.ts';

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

interface Page {
  /** Where each shard that it has records of is to be read next, by its key. */
  readonly next: Map<number, number>;
  /** Records that are not settled for good. */
  left: number;
  /** Records that a transaction settles once it is committed: where a route writes far away, there are several. */
  readonly settling: Map<Transaction, number>;
}

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
  #page: Page | undefined;
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
    if (this.#page !== undefined) return false;
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
    if (credit > 0) this.#read();
  }

  read(message: Message, notes: Notes): Message {
    return readRecord(message, notes);
  }

  beforeCommit(transaction: Transaction): void {
    const page = this.#page;
    // Dead letters that are tried again are of no page.
    const count = page?.settling.get(transaction);
    if (page === undefined || count === undefined) return;
    const isLast = count === page.left;
    if (isLast) for (const change of this.#checkpoints(page)) transaction.change(change);
    transaction.afterFailure(() => page.settling.delete(transaction));
    transaction.afterCommit(() => {
      page.settling.delete(transaction);
      page.left -= count;
      if (isLast) this.#passPage(page);
      else if (page.left === 0) this.#storePage(page);
    });
  }

  async rewind(to: number): Promise<void> {
    const stream = this.#options.find();
    if (stream === undefined) return;
    // What is under way is written as it would have been.
    while (this.#page !== undefined || this.#isReading) {
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
    await this.#options.broker.store.write(
      places.map(({ shard, position }) => ({
        kind: 'checkpoint',
        consumer: this.#consumer,
        shardKey: shard.definition.key,
        position,
      })),
    );
    for (const { shard, position } of places) this.#positions.set(shard.definition.key, position);
  }

  /** Shards that came after the start are read from their first record. */
  #positionOf(shard: Shard): number {
    return this.#positions.get(shard.definition.key) ?? 0;
  }

  #read(): void {
    if (this.#isReading || this.#page !== undefined || this.#closed || this.#credit <= 0) return;
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
    const next = new Map<number, number>();
    const found: { readonly shard: Shard; readonly record: StreamRecord }[] = [];
    let bytes = pageBytes;
    for (const shard of shards) {
      const records = Math.min(this.#credit, pageRecords) - found.length;
      if (records <= 0 || bytes <= 0) break;
      const position = this.#positionOf(shard);
      const page = await stream.read(shard, position, { records, bytes });
      if (page.next > position) next.set(shard.definition.key, page.next);
      for (const record of page.records) {
        found.push({ shard, record });
        bytes -= record.data.length + record.partitionKey.length;
      }
    }
    if (this.#closed || this.#credit <= 0) return true;
    if (found.length === 0) {
      // Records that are too old were passed over.
      for (const [shardKey, position] of next) this.#positions.set(shardKey, position);
      if (next.size === 0) await this.#wait(shards);
      return this.#closed || this.#credit <= 0;
    }
    const page: Page = { next, left: found.length, settling: new Map() };
    this.#page = page;
    this.#credit -= found.length;
    const of = { ...this.#options, page, giveBack: (): void => this.#endPage(page) };
    for (const { shard, record } of found) this.#deliver(new TakenRecord(stream, shard, record, of));
    return true;
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

  #checkpoints({ next }: Page): Change[] {
    return Array.from(next, ([shardKey, position]) => ({
      kind: 'checkpoint',
      consumer: this.#consumer,
      shardKey,
      position,
    }));
  }

  /** A transaction that was quicker than one before it could not say that all is settled. */
  #storePage(page: Page): void {
    const { broker } = this.#options;
    const stored = broker.store.write(this.#checkpoints(page)).then(() => this.#passPage(page));
    broker.background(stored, `keep how far ${this.address} was read`);
  }

  #passPage(page: Page): void {
    if (this.#page !== page) return;
    for (const [shardKey, position] of page.next) this.#positions.set(shardKey, position);
    this.#endPage(page);
  }

  #endPage(page: Page): void {
    if (this.#page !== page) return;
    this.#page = undefined;
    this.#read();
  }
}

async function locate(stream: Stream, shard: Shard, start: StreamStart): Promise<number> {
  if (start === 'latest') return shard.nextPosition;
  return stream.locate(shard, start === 'oldest' ? { at: 'oldest' } : { at: 'time', ms: start });
}

interface OfPage extends Pick<KinesisSourceOptions, 'address' | 'clock'> {
  readonly page: Page;
  giveBack(): void;
}

class TakenRecord implements Taken {
  readonly message: Message;
  readonly death = undefined;
  readonly isHeld = true;
  readonly #of: OfPage;

  constructor(stream: Stream, shard: Shard, { position, at, partitionKey, data }: StreamRecord, of: OfPage) {
    this.message = {
      id: `${stream.id}/${shard.number}/${position}`,
      to: `queue://${stream.name}`,
      body: data,
      bodyType: isUtf8(data) ? 'text' : 'bytes',
      durable: true,
      priority: 4,
      timestamp: at,
      groupId: partitionKey,
      properties: [],
    };
    this.#of = of;
  }

  identity(): string {
    return this.message.id;
  }

  /** The checkpoint does it. */
  settle(transaction: Transaction): void {
    const { settling } = this.#of.page;
    settling.set(transaction, (settling.get(transaction) ?? 0) + 1);
  }

  bury(transaction: Transaction, queue: Queue, reason: string): void {
    const { address, clock } = this.#of;
    this.settle(transaction);
    transaction.put([queue], this.message, { dead: { reason, origin: address, at: clock.now() } });
  }

  release(): void {
    this.#of.giveBack();
  }
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
