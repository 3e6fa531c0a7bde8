// Reads one shard of a stream far away: its iterator, got anew when it has expired, and the pace that the API asks for.

import type { _Record as KinesisRecord } from '@aws-sdk/client-kinesis';
import type { Clock, Timer } from '../../../util/clock.ts';
import { BackOff, throttledRange } from '../../back-off.ts';
import { RemoteTrouble } from '../../remote.ts';
import type { Position } from './checkpoints.ts';
import type { AwsRemote } from './remote.ts';
import type { StreamReference } from './stream.ts';
import { isExpiredIterator } from './trouble.ts';

export interface ListedShard {
  readonly id: string;
  readonly parents: readonly string[];
}

export interface ShardReaderOptions {
  readonly address: string;
  readonly remote: AwsRemote;
  readonly clock: Clock;
  readonly stream: StreamReference;
  readonly shard: ListedShard;
  /** It may be read again. */
  readonly onMore: () => void;
}

export interface Batch {
  readonly records: readonly KinesisRecord[];
  /** The shard has ended behind them. */
  readonly isLast: boolean;
}

/** Five reads a second are what a shard takes, of all its readers together (Kinesis quotas). */
const paceMs = 200;
const idleMs = 1000;

export class ShardReader {
  /** There was nothing to be read the last time. */
  isDry = false;
  readonly #options: ShardReaderOptions;
  readonly #backOff = new BackOff(throttledRange);
  #position: Position = { at: 'oldest' };
  /** The first iterator is for what comes from now on. */
  #isLatest = false;
  #iterator: string | undefined;
  #isReading = false;
  #rest: Timer | undefined;
  #closed = false;

  constructor(options: ShardReaderOptions) {
    this.#options = options;
  }

  get id(): string {
    return this.#options.shard.id;
  }

  get parents(): readonly string[] {
    return this.#options.shard.parents;
  }

  get isOver(): boolean {
    return this.#position.at === 'end';
  }

  get isReady(): boolean {
    return !this.isOver && !this.#isReading && this.#rest === undefined && !this.#closed;
  }

  /** Goes on from there. */
  place(position: Position, isLatest = false): void {
    this.#position = position;
    this.#isLatest = isLatest;
    this.#iterator = undefined;
    this.isDry = false;
  }

  /** @throws RemoteTrouble. */
  async read(limit: number, signal: AbortSignal): Promise<Batch> {
    this.#isReading = true;
    let restMs = paceMs;
    try {
      const batch = await this.#readOn(limit, signal);
      this.#backOff.succeeded();
      if (batch.records.length === 0) restMs = this.isDry ? idleMs : paceMs;
      return batch;
    } catch (error) {
      if (!(error instanceof RemoteTrouble) || error.kind !== 'throttled') throw error;
      // Others read it, too.
      restMs = paceMs + this.#backOff.failed();
      return { records: [], isLast: false };
    } finally {
      this.#isReading = false;
      if (!this.#closed) {
        this.#rest = this.#options.clock.after(restMs, () => {
          this.#rest = undefined;
          this.#options.onMore();
        });
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#rest?.cancel();
  }

  async #readOn(limit: number, signal: AbortSignal): Promise<Batch> {
    const { remote, address } = this.#options;
    const { GetRecordsCommand } = await import('@aws-sdk/client-kinesis');
    const client = await remote.kinesis();
    const ShardIterator = (this.#iterator ??= await this.#iterate(signal));
    if (ShardIterator === undefined) return { records: [], isLast: true };
    const command = new GetRecordsCommand({ ShardIterator, Limit: limit });
    try {
      const answer = await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
      const { Records: records = [], NextShardIterator, MillisBehindLatest } = answer;
      this.#iterator = NextShardIterator;
      this.isDry = records.length === 0 && MillisBehindLatest === 0;
      const sequence = records.at(-1)?.SequenceNumber;
      if (sequence !== undefined) this.#position = { at: 'after', sequence };
      return { records, isLast: NextShardIterator === undefined };
    } catch (error) {
      if (!isExpiredIterator(error)) throw error;
      this.#iterator = undefined;
      return { records: [], isLast: false };
    }
  }

  async #iterate(signal: AbortSignal): Promise<string | undefined> {
    const { remote, address, stream } = this.#options;
    const { GetShardIteratorCommand } = await import('@aws-sdk/client-kinesis');
    const client = await remote.kinesis();
    const command = new GetShardIteratorCommand({ ...stream, ShardId: this.id, ...this.#start() });
    const answer = await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
    this.#isLatest = false;
    return answer.ShardIterator;
  }

  #start() {
    const position = this.#position;
    if (this.#isLatest) return { ShardIteratorType: 'LATEST' } as const;
    switch (position.at) {
      case 'after':
        return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: position.sequence } as const;
      case 'time':
        return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(position.ms) } as const;
      default:
        return { ShardIteratorType: 'TRIM_HORIZON' } as const;
    }
  }
}

/** All that still have records. @throws RemoteTrouble. */
export async function listShards(
  remote: AwsRemote,
  address: string,
  stream: StreamReference,
  signal: AbortSignal,
): Promise<readonly ListedShard[]> {
  const { ListShardsCommand } = await import('@aws-sdk/client-kinesis');
  const client = await remote.kinesis();
  const listed: ListedShard[] = [];
  let NextToken: string | undefined;
  do {
    const command = new ListShardsCommand(NextToken === undefined ? stream : { NextToken });
    const page = await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
    for (const { ShardId: id, ParentShardId, AdjacentParentShardId } of page.Shards ?? []) {
      const parents = [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined);
      if (id !== undefined) listed.push({ id, parents });
    }
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return listed;
}
