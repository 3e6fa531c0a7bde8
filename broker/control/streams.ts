// A stream as the console shows it: its shards with their ranges and positions, and the newest records of one of them,
// which are looked at and not counted as read.

import { lastHash } from '../core/hash-keys.ts';
import type { Shard } from '../core/stream-shard.ts';
import type { StreamRecord } from '../core/stream-records.ts';
import { BrokerError } from '../core/errors.ts';
import type { PeekedRecord, PeekShardRequest, PeekShardResponse, ShardRow, StreamDetail } from './api-cloud.ts';
import type { ConsoleStream } from './console-engine.ts';
import { describeBody } from './peek.ts';

const defaultLimit = 50;
const shardsShown = 1000;
/** What is read at once; records are cut to what is shown before more is. */
const readBytes = 4 * 1024 * 1024;

export function describeStream(stream: ConsoleStream): StreamDetail {
  const { arn, status, mode, isEncrypted, consumers, shards } = stream;
  return {
    arn,
    status,
    mode,
    encrypted: isEncrypted,
    consumers,
    shards: shards.slice(0, shardsShown).map((shard) => describeShard(stream, shard)),
  };
}

/** @throws BrokerError `not-found`. */
export async function peekShard(
  stream: ConsoleStream,
  { shard: number, before, limit = defaultLimit }: Omit<PeekShardRequest, 'destination'>,
): Promise<PeekShardResponse> {
  const shard = stream.shards.find((candidate) => candidate.number === number);
  if (shard === undefined) throw new BrokerError('not-found', `no shard ${number} in stream "${stream.name}"`);
  const end = Math.min(before ?? shard.nextPosition, shard.nextPosition);
  const start = Math.max(shard.firstPosition, end - limit);
  const records: PeekedRecord[] = [];
  for (let next = start; next < end;) {
    const page = await stream.core.peek(shard, next, { records: end - next, bytes: readBytes });
    for (const record of page.records) records.push(describeRecord(stream, shard, record));
    if (page.next <= next) break;
    next = page.next;
  }
  // Those before that are too old are still counted until they are dropped, but are not there any more.
  const hasOlder = start > shard.firstPosition && records.length === end - start;
  return { records: records.reverse(), ...(hasOlder ? { before: start } : {}) };
}

function describeShard(stream: ConsoleStream, shard: Shard): ShardRow {
  const { number, range, isOpen, firstPosition, nextPosition, lastAt, definition } = shard;
  const { first, last } = range;
  const [startingSequenceNumber, endingSequenceNumber] = stream.sequenceRange(shard);
  return {
    number,
    id: stream.shardId(number),
    open: isOpen,
    firstHash: String(first),
    lastHash: String(last),
    share: Number(((last - first + 1n) * 1_000_000n) / (lastHash + 1n)) / 1_000_000,
    parents: [definition.parent, definition.adjacentParent]
      .filter((parent) => parent !== undefined)
      .map((parent) => stream.shardId(parent)),
    first: firstPosition,
    next: nextPosition,
    startingSequenceNumber,
    ...(endingSequenceNumber === undefined ? {} : { endingSequenceNumber }),
    ...(lastAt === 0 ? {} : { newestAt: lastAt }),
  };
}

function describeRecord(
  stream: ConsoleStream,
  shard: Shard,
  { position, at, partitionKey, data }: StreamRecord,
): PeekedRecord {
  const sequenceNumber = stream.sequenceNumber(shard, position, at);
  return { position, at, partitionKey, sequenceNumber, ...describeBody(data) };
}
