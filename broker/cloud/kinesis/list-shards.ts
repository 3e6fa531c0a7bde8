// ListShards: the shards of a stream, all or those that were open at a time, by number.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure, timestamp } from '../shape.ts';
import type { Value } from '../shape.ts';
import { invalidArgument } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import type { KinesisStream } from './model/kinesis-stream.ts';
import { limits } from './model/limits.ts';
import { formatNextToken, parseNextToken } from './model/paging.ts';
import { showShard } from './model/reading.ts';
import { nextToken, pageLimit, shardId, shards, streamArn, streamId, streamName } from './model/shapes.ts';
import { parseShardId } from './model/shard-id.ts';
import type { Shard } from '../../core/stream-shard.ts';

const shardFilter = structure({
  Type: required(
    string({
      oneOf: ['AFTER_SHARD_ID', 'AT_TRIM_HORIZON', 'FROM_TRIM_HORIZON', 'AT_LATEST', 'AT_TIMESTAMP', 'FROM_TIMESTAMP'],
    }),
  ),
  ShardId: shardId,
  Timestamp: timestamp(),
});
type Filter = Value<typeof shardFilter>;

const input = structure({
  ExclusiveStartShardId: shardId,
  MaxResults: pageLimit,
  NextToken: nextToken,
  StreamCreationTimestamp: timestamp(),
  ShardFilter: shardFilter,
  StreamName: streamName,
  StreamARN: streamArn,
  StreamId: streamId,
});
const output = structure({ Shards: shards, NextToken: string() });

export function listShards({ streams, clock }: Kinesis): Operation {
  return operation('ListShards', input, output, async (given, call) => {
    const { NextToken: token, MaxResults: limit = limits.listedShards, StreamCreationTimestamp: createdAt } = given;
    const { StreamName, StreamARN, StreamId, ExclusiveStartShardId: start } = given;
    checkNames(given);
    const place = token === undefined ? undefined : parseNextToken(token, 'shards ', clock);
    const filter = place === undefined ? given.ShardFilter : parseFilter(place.filter);
    if (filter !== undefined) checkFilter(filter);
    const names =
      place === undefined ? { StreamName, StreamARN, StreamId } : { StreamARN: place.list.slice('shards '.length) };
    const stream = streams.named(names, call);
    if (createdAt !== undefined) checkCreation(stream, createdAt);
    const after = place?.after ?? start;
    const from = after === undefined ? -1 : (parseShardId(after) ?? -1);
    const left = select(stream, filter).filter(({ number }) => number > from);
    const shown = left.slice(0, limit);
    const last = left.length > limit ? shown.at(-1) : undefined;
    const next = last && {
      list: `shards ${stream.arn}`,
      after: String(last.number),
      filter: JSON.stringify(filter ?? null),
    };
    return { Shards: shown.map(showShard), NextToken: next && formatNextToken(next, clock) };
  });
}

function checkNames({
  NextToken: token,
  StreamName: name,
  StreamARN: arn,
  StreamId: id,
  ...others
}: Value<typeof input>): void {
  const named = name ?? arn ?? id;
  if (token === undefined && named === undefined) {
    throw invalidArgument('Either NextToken or StreamName should be provided.');
  }
  if (token === undefined) return;
  if (named !== undefined) throw invalidArgument('NextToken and StreamName cannot be provided together.');
  if (others.ExclusiveStartShardId !== undefined) {
    throw invalidArgument('NextToken and ExclusiveStartShardId cannot be provided together.');
  }
  if (others.StreamCreationTimestamp !== undefined) {
    throw invalidArgument('NextToken and StreamCreationTimestamp cannot be provided together.');
  }
  if (others.ShardFilter !== undefined) throw invalidArgument('NextToken and ShardFilter cannot be provided together.');
}

function checkFilter({ Type: type, ShardId: id, Timestamp: at }: Filter): void {
  if (type === 'AFTER_SHARD_ID' && id === undefined) {
    throw invalidArgument('ShardId must be provided when ShardFilter Type is AFTER_SHARD_ID.');
  }
  if ((type === 'AT_TIMESTAMP' || type === 'FROM_TIMESTAMP') && at === undefined) {
    throw invalidArgument(`Timestamp must be provided when ShardFilter Type is ${type}.`);
  }
}

function checkCreation({ name, core, location }: KinesisStream, createdAt: number): void {
  if (Math.floor(createdAt / 1000) === Math.floor(core.definition.createdAt / 1000)) return;
  throw invalidArgument(
    `StreamCreationTimestamp does not match the one of stream ${name} under account ${location.account}.`,
  );
}

function select(stream: KinesisStream, filter: Filter | undefined): readonly Shard[] {
  const { shards: all, core } = stream;
  const openAt = (ms: number): readonly Shard[] =>
    all.filter(
      ({ definition: { openedAt, closedAt } }) => openedAt <= ms && (closedAt === undefined || closedAt >= ms),
    );
  const horizon = Math.max(core.keptSince, core.definition.createdAt);
  switch (filter?.Type) {
    case 'AFTER_SHARD_ID':
      return all.filter(({ number }) => number > (parseShardId(filter.ShardId ?? '') ?? -1));
    case 'AT_LATEST':
      return all.filter(({ isOpen }) => isOpen);
    case 'AT_TRIM_HORIZON':
      return openAt(horizon);
    case 'AT_TIMESTAMP':
      return openAt(Math.max(horizon, filter.Timestamp ?? 0));
    case 'FROM_TIMESTAMP':
      return all.filter(({ isOpen, definition }) => isOpen || definition.closedAt! >= (filter.Timestamp ?? 0));
    default:
      return all;
  }
}

function parseFilter(text: string): Filter | undefined {
  const value: unknown = JSON.parse(text);
  // oxlint-disable-next-line typescript/consistent-type-assertions -- only formatNextToken writes it
  return value === null ? undefined : (value as Filter);
}
