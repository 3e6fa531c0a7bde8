// A consumer of Kinesis as its Client Library is one, written with the SDK: workers take leases of shards, steal where one
// has too many, keep checkpoints, read parents to their end before their children, and take over from a worker that died.

import {
  CreateStreamCommand,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  MergeShardsCommand,
  ProvisionedThroughputExceededException,
  PutRecordsCommand,
  SplitShardCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import type { KinesisClient, Shard } from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.ts';
import { isOwn, target } from '../target.ts';

interface Lease {
  readonly shard: Shard;
  owner: string | undefined;
  /** When its owner was last alive. */
  renewedAt: number;
  checkpoint: string;
}

/** After that long without a sign of its owner, a lease is anybody's. */
const leaseMs = isOwn ? 1000 : 10_000;
const atStart = 'TRIM_HORIZON';
const atEnd = 'SHARD_END';

/** What is in DynamoDB otherwise. */
class LeaseTable {
  readonly #leases = new Map<string, Lease>();

  get all(): readonly Lease[] {
    return [...this.#leases.values()];
  }

  add(shards: readonly Shard[]): void {
    for (const shard of shards) {
      const id = shard.ShardId!;
      if (!this.#leases.has(id)) this.#leases.set(id, { shard, owner: undefined, renewedAt: 0, checkpoint: atStart });
    }
  }

  take(lease: Lease, owner: string): void {
    lease.owner = owner;
    lease.renewedAt = performance.now();
  }

  /** Parents that are still listed, all read to their end. */
  isReady({ shard }: Lease): boolean {
    return [shard.ParentShardId, shard.AdjacentParentShardId].every((id) => {
      const parent = id === undefined ? undefined : this.#leases.get(id);
      return parent === undefined || parent.checkpoint === atEnd;
    });
  }
}

class Worker {
  readonly #name: string;
  readonly #kinesis: KinesisClient;
  readonly #stream: string;
  readonly #table: LeaseTable;
  readonly #onRecord: (key: string, n: number, shard: string) => void;
  readonly #iterators = new Map<Lease, string>();
  isAlive = true;

  constructor(
    name: string,
    given: {
      readonly kinesis: KinesisClient;
      readonly stream: string;
      readonly table: LeaseTable;
      readonly onRecord: (key: string, n: number, shard: string) => void;
    },
  ) {
    this.#name = name;
    this.#kinesis = given.kinesis;
    this.#stream = given.stream;
    this.#table = given.table;
    this.#onRecord = given.onRecord;
  }

  async run(): Promise<void> {
    while (this.isAlive) {
      await this.#syncShards();
      this.#takeLeases();
      for (const lease of this.#table.all) {
        if (lease.owner !== this.#name) this.#iterators.delete(lease);
        else if (lease.checkpoint !== atEnd) await this.#read(lease);
      }
      await new Promise((resolve) => setTimeout(resolve, isOwn ? 20 : 250));
    }
  }

  async #syncShards(): Promise<void> {
    let NextToken: string | undefined;
    do {
      const place = NextToken === undefined ? { StreamName: this.#stream } : { NextToken };
      const page = await this.#kinesis.send(new ListShardsCommand({ ...place, MaxResults: 2 }));
      this.#table.add(page.Shards ?? []);
      ({ NextToken } = page);
    } while (NextToken !== undefined);
  }

  #takeLeases(): void {
    const now = performance.now();
    const open = this.#table.all.filter((lease) => lease.checkpoint !== atEnd && this.#table.isReady(lease));
    const held = open.filter(({ owner, renewedAt }) => owner !== undefined && now - renewedAt < leaseMs);
    const owners = new Set([this.#name, ...held.map(({ owner = '' }) => owner)]);
    const share = Math.ceil(open.length / owners.size);
    let mine = held.filter(({ owner }) => owner === this.#name).length;
    for (const lease of open) {
      if (mine >= share) return;
      const tooMany = held.filter(({ owner }) => owner === lease.owner).length > share;
      if (held.includes(lease) && (lease.owner === this.#name || !tooMany)) continue;
      this.#table.take(lease, this.#name);
      mine++;
    }
  }

  async #read(lease: Lease): Promise<void> {
    lease.renewedAt = performance.now();
    const ShardId = lease.shard.ShardId!;
    try {
      const ShardIterator = this.#iterators.get(lease) ?? (await this.#iteratorAt(lease.checkpoint, ShardId));
      const { Records = [], NextShardIterator } = await this.#kinesis.send(
        new GetRecordsCommand({ ShardIterator, Limit: 7 }),
      );
      // It died, or was robbed, in between: another has the records from the checkpoint on.
      if (!this.isAlive || lease.owner !== this.#name) return;
      for (const { PartitionKey = '', Data = new Uint8Array() } of Records) {
        this.#onRecord(PartitionKey, Number(Buffer.from(Data).toString()), ShardId);
      }
      lease.checkpoint = NextShardIterator == null ? atEnd : (Records.at(-1)?.SequenceNumber ?? lease.checkpoint);
      if (NextShardIterator != null) this.#iterators.set(lease, NextShardIterator);
    } catch (error) {
      // What is too fast for a shard is asked again.
      if (error instanceof ProvisionedThroughputExceededException) return;
      if (!(error instanceof ExpiredIteratorException)) throw error;
      this.#iterators.delete(lease);
    }
  }

  async #iteratorAt(checkpoint: string, ShardId: string): Promise<string> {
    const place =
      checkpoint === atStart
        ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
        : ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: checkpoint } as const);
    const answer = await this.#kinesis.send(
      new GetShardIteratorCommand({ StreamName: this.#stream, ShardId, ...place }),
    );
    return answer.ShardIterator!;
  }
}

it('reads every record once, in the order of its key, through splits, a merge, and the death of a worker', async () => {
  await using aws = await target();
  const { kinesis } = aws;
  const StreamName = aws.name('s');
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 3 }));
  const active = async (): Promise<unknown> =>
    waitUntilStreamExists({ client: kinesis, maxWaitTime: 120 }, { StreamName });
  await active();
  const keys = Array.from({ length: 12 }, (_, index) => `key${index}`);
  const put = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n++) {
      const Records = keys.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from(String(n)) }));
      expect((await kinesis.send(new PutRecordsCommand({ StreamName, Records }))).FailedRecordCount).toBe(0);
    }
  };
  const seen = new Map<string, number[]>(keys.map((key) => [key, []]));
  const shards = new Set<string>();
  const readers = new Set<string>();
  const table = new LeaseTable();
  const worker = (name: string): { readonly done: Promise<void>; kill(): void } => {
    const onRecord = (key: string, n: number, shard: string): void => {
      seen.get(key)!.push(n);
      shards.add(shard);
      readers.add(name);
    };
    const made = new Worker(name, { kinesis, stream: StreamName, table, onRecord });
    return { done: made.run(), kill: () => void (made.isAlive = false) };
  };
  const count = (): number => [...seen.values()].flat().length;
  const first = worker('first');
  await put(0, 10);
  await waitUntil(() => count() === 120, 60_000);
  const second = worker('second');
  const split = { ShardToSplit: 'shardId-000000000000', NewStartingHashKey: String(2n ** 125n) };
  await kinesis.send(new SplitShardCommand({ StreamName, ...split }));
  await active();
  await put(10, 20);
  await waitUntil(() => count() === 240 && readers.size === 2, 60_000);
  first.kill();
  await first.done;
  const merge = { ShardToMerge: 'shardId-000000000001', AdjacentShardToMerge: 'shardId-000000000002' };
  await kinesis.send(new MergeShardsCommand({ StreamName, ...merge }));
  await active();
  await put(20, 30);
  await waitUntil(() => count() === 360, 60_000);
  second.kill();
  await second.done;
  const numbers = Array.from({ length: 30 }, (_, n) => n);
  for (const key of keys) expect(seen.get(key)).toEqual(numbers);
  expect(shards.has('shardId-000000000005')).toBe(true);
  expect(table.all).toHaveLength(6);
}, 200_000);
