// A stream of Kinesis far away as a source: all shards, each in order, parents before children, by GetRecords. A page of each
// shard is under way at a time; how far it was written is stored within the route's transactions.

import type { _Record as KinesisRecord } from '@aws-sdk/client-kinesis';
import type { Broker } from '../../../core/broker.ts';
import type { Message } from '../../../core/message.ts';
import type { Queue } from '../../../core/queue.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import { forEachDeadLetter } from '../../dead-letters.ts';
import type { Notes } from '../../mapping.ts';
import { RemoteTrouble } from '../../remote.ts';
import type { Source, Taken } from '../../source.ts';
import { retryMs } from '../../writer.ts';
import { readRecord } from '../kinesis-source.ts';
import type { StreamStart } from '../kinesis-source.ts';
import { TakenEntry } from '../queue-source.ts';
import { messageOfRecord, ShardPage } from '../shard-page.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Position } from './checkpoints.ts';
import { Patience } from './patience.ts';
import type { AwsRemote } from './remote.ts';
import { listShards, ShardReader } from './shard-reader.ts';
import type { Batch } from './shard-reader.ts';
import { streamOf } from './stream.ts';

export interface AwsKinesisSourceOptions {
  readonly address: string;
  /** Of the stream there. */
  readonly name: string;
  readonly route: string;
  readonly start: StreamStart;
  readonly remote: AwsRemote;
  readonly broker: Broker;
  readonly clock: Clock;
}

/** A shard is asked for no more at once, and for no fewer unless fewer are wanted. */
const mostRecords = 1000;
const fewRecords = 50;
/** Shards come without anybody saying so. */
const lookMs = 60_000;
/** By the shard's id. */
type Page = ShardPage<string, Position>;

/** How often it is looked whether nothing is under way any more. */
const lookAgainMs = 10;

export class AwsKinesisSource implements Source {
  readonly address: string;
  obstacle: string | undefined;
  readonly #options: AwsKinesisSourceOptions;
  readonly #end = new AbortController();
  readonly #patience = new Patience();
  #deliver: (taken: Taken) => void = () => undefined;
  #onObstacle: (obstacle: string) => void = () => undefined;
  #checkpoints: Checkpoints | undefined;
  /** What tells the stream from others of its name. */
  #madeAt = '';
  #readers = new Map<string, ShardReader>();
  readonly #pages = new Map<ShardReader, Page>();
  /** Pages with records that are settled by a transaction that is not yet complete. */
  readonly #touched = new Set<Page>();
  #credit = 0;
  /** Records that reads under way may bring. */
  #asked = 0;
  #isOpen = false;
  #isOpening = false;
  #isRewinding = false;
  #rest: Timer | undefined;
  #look: Timer | undefined;

  constructor(options: AwsKinesisSourceOptions) {
    this.#options = options;
    this.address = options.address;
  }

  get isEmpty(): boolean {
    const readers = [...this.#readers.values()];
    return this.#isOpen && this.#pages.size === 0 && readers.every((reader) => reader.isDry || reader.isOver);
  }

  isFedBy(): boolean {
    return false;
  }

  start(deliver: (taken: Taken) => void, onObstacle: (obstacle: string) => void): Promise<void> {
    this.#deliver = deliver;
    this.#onObstacle = onObstacle;
    this.#open();
    return Promise.resolve();
  }

  setCredit(credit: number): void {
    this.#credit = credit;
    for (const page of this.#pages.values()) this.#give(page);
    this.#pump();
  }

  read(message: Message, notes: Notes): Message {
    return readRecord(message, notes);
  }

  beforeCommit(transaction: Transaction): void {
    for (const page of this.#touched) {
      const position = page.checkpoint(transaction, () => this.#settled(page));
      // What was read of a stream that is no more says nothing of the one that is there now.
      const isOfToday = [...this.#pages.values()].includes(page);
      if (position !== undefined && isOfToday) this.#checkpoints?.add(transaction, page.shard, position);
    }
    this.#touched.clear();
  }

  async rewind(to: number): Promise<void> {
    this.#isRewinding = true;
    try {
      // What is under way is written as it would have been.
      while (this.#letGo()) await this.#wait(lookAgainMs);
      await this.#checkpoints?.write(new Map([...this.#readers.keys()].map((id) => [id, { at: 'time', ms: to }])));
      for (const reader of this.#readers.values()) reader.place({ at: 'time', ms: to });
    } finally {
      this.#isRewinding = false;
    }
  }

  revive(queue: Queue, reason: string): Promise<number> {
    return forEachDeadLetter(queue, reason, (entry, message) => {
      this.#deliver(new TakenEntry(entry, message, this.#options, true));
    });
  }

  close(): void {
    this.#end.abort();
    this.#rest?.cancel();
    this.#look?.cancel();
    for (const reader of this.#readers.values()) reader.close();
  }

  #open(): void {
    if (this.#isOpening || this.#end.signal.aborted) return;
    this.#isOpening = true;
    const opening = this.#list().then(
      () => {
        this.#isOpen = true;
        this.obstacle = undefined;
      },
      (error: unknown) => this.#troubled(error),
    );
    this.#background(
      opening.finally(() => {
        this.#isOpening = false;
        this.#pump();
      }),
    );
  }

  /** Finds the shards, and where each is to be read on. */
  async #list(): Promise<void> {
    const { remote, name, broker, route, clock, start } = this.#options;
    const { signal } = this.#end;
    const { stream, summary } = await streamOf(remote, this.address, name, signal);
    const shards = await listShards(remote, this.address, stream, signal);
    const madeAt = String(summary?.StreamCreationTimestamp?.getTime() ?? '');
    const checkpoints = new Checkpoints(broker.store, [route, remote.name, name, madeAt]);
    let positions = await checkpoints.read();
    const isNew = positions === undefined;
    if (positions === undefined) {
      // Kept at once: the latest record of today is not that of tomorrow.
      const at =
        start === 'oldest'
          ? ({ at: start } as const)
          : ({ at: 'time', ms: start === 'latest' ? clock.now() : start } as const);
      positions = new Map(shards.map(({ id }) => [id, at]));
      await checkpoints.write(positions);
    }
    const readers = new Map<string, ShardReader>();
    for (const shard of shards) {
      const known = madeAt === this.#madeAt ? this.#readers.get(shard.id) : undefined;
      const reader = known ?? new ShardReader({ ...this.#options, stream, shard, onMore: () => this.#pump() });
      if (known === undefined) reader.place(positions.get(shard.id) ?? { at: 'oldest' }, isNew && start === 'latest');
      readers.set(shard.id, reader);
    }
    for (const [id, reader] of this.#readers) {
      if (readers.get(id) === reader) continue;
      reader.close();
      this.#pages.delete(reader);
    }
    this.#checkpoints = checkpoints;
    this.#madeAt = madeAt;
    this.#readers = readers;
    this.#look?.cancel();
    this.#look = clock.after(lookMs, () => this.#open());
  }

  #pump(): void {
    const isBusy = this.#isOpening || this.#isRewinding || this.#rest !== undefined;
    if (!this.#isOpen || isBusy || this.#end.signal.aborted) return;
    const readable = [...this.#readers.values()].filter((reader) => this.#isReadable(reader));
    for (const reader of readable) {
      const wanted = this.#credit - this.#asked;
      if (wanted <= 0) return;
      const limit = Math.min(wanted, mostRecords, Math.max(fewRecords, Math.ceil(this.#credit / readable.length)));
      this.#asked += limit;
      this.#background(this.#read(reader, limit));
      // Its turn comes again after the others'.
      this.#readers.delete(reader.id);
      this.#readers.set(reader.id, reader);
    }
  }

  /** It has not ended, its parents have, and nothing of it is under way. */
  #isReadable(reader: ShardReader): boolean {
    if (!reader.isReady || this.#pages.has(reader)) return false;
    return reader.parents.every((id) => this.#readers.get(id)?.isOver ?? true);
  }

  async #read(reader: ShardReader, limit: number): Promise<void> {
    let batch: Batch | undefined;
    try {
      batch = await reader.read(limit, this.#end.signal);
      this.#patience.succeeded();
    } catch (error) {
      this.#troubled(error);
    } finally {
      this.#asked -= limit;
    }
    if (batch !== undefined && !this.#end.signal.aborted) await this.#take(reader, batch);
    this.#pump();
  }

  async #take(reader: ShardReader, { records, isLast }: Batch): Promise<void> {
    if (records.length > 0) {
      const { address, name: stream, clock } = this.#options;
      const page: Page = new ShardPage({
        address,
        clock,
        shard: reader.id,
        messages: records.map((record) => messageOf(record, stream, reader.id)),
        identityOf: ({ id }) => `kinesis/${id}`,
        positionAfter: (count): Position => {
          if (isLast && count === records.length) return { at: 'end' };
          return { at: 'after', sequence: records[count - 1]?.SequenceNumber ?? '' };
        },
        onTouched: (touched) => void this.#touched.add(touched),
      });
      this.#pages.set(reader, page);
      this.#give(page);
    } else if (isLast) {
      await this.#checkpoints?.write(new Map([[reader.id, { at: 'end' }]]));
      this.#ended(reader);
    }
  }

  #give(page: Page): void {
    if (this.#credit <= 0) return;
    for (const taken of page.waiting()) {
      this.#deliver(taken);
      if (--this.#credit <= 0) return;
    }
  }

  #settled(page: Page): void {
    const reader = this.#readers.get(page.shard);
    if (!page.isOver || reader === undefined || this.#pages.get(reader) !== page) return;
    const end = (): void => {
      if (!this.#pages.delete(reader)) return;
      if (page.end.at === 'end') this.#ended(reader);
      this.#pump();
    };
    // A transaction that was quicker than one before it could not say that all is settled.
    if (page.isStored || this.#checkpoints === undefined) end();
    else {
      const stored = this.#checkpoints.write(new Map([[page.shard, page.end]])).then(end, (error: unknown) => {
        this.#options.clock.after(retryMs, () => this.#settled(page));
        throw error;
      });
      this.#background(stored);
    }
  }

  /** Its children may be new. */
  #ended(reader: ShardReader): void {
    reader.place({ at: 'end' });
    this.#open();
  }

  /** What was given back is read anew. True: there is more, which somebody has. */
  #letGo(): boolean {
    if (this.#end.signal.aborted) return false;
    for (const [reader, page] of this.#pages) if (page.isAtRest) this.#pages.delete(reader);
    return this.#pages.size > 0 || this.#asked > 0 || this.#isOpening;
  }

  #troubled(error: unknown): void {
    if (this.#end.signal.aborted || this.#rest !== undefined) return;
    const trouble = error instanceof RemoteTrouble ? error : new RemoteTrouble('not-allowed', String(error));
    const { restMs, isTrouble } = this.#patience.failed(trouble);
    if (isTrouble) this.#isOpen = false;
    this.#rest = this.#options.clock.after(restMs, () => {
      this.#rest = undefined;
      if (this.#isOpen) this.#pump();
      else this.#open();
    });
    if (isTrouble) {
      this.obstacle = trouble.message;
      this.#onObstacle(trouble.message);
    }
    // Whatever else it is, it is a bug.
    if (trouble !== error) throw error;
  }

  #background(work: Promise<void>): void {
    this.#options.broker.background(work, `read ${this.address}`);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => (this.#options.clock.after(ms, resolve), undefined));
  }
}

function messageOf(record: KinesisRecord, stream: string, shard: string): Message {
  const {
    Data: data = new Uint8Array(),
    PartitionKey: partitionKey,
    SequenceNumber,
    ApproximateArrivalTimestamp,
  } = record;
  const at = ApproximateArrivalTimestamp?.getTime() ?? 0;
  return messageOfRecord({ id: `${stream}/${shard}/${SequenceNumber}`, stream, data, partitionKey, at });
}
