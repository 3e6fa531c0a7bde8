// GetRecords: what follows an iterator, and the next one.

import { operation } from '../service.ts';
import type { Call, Operation } from '../service.ts';
import { integer, required, string, structure } from '../shape.ts';
import type { Value } from '../shape.ts';
import { dryRunSucceeded, throughputExceeded } from './model/errors.ts';
import { formatIterator, parseIterator } from './model/iterator.ts';
import type { Kinesis } from './model/kinesis.ts';
import { limits } from './model/limits.ts';
import { childrenAtEnd, millisBehind, showRecords } from './model/reading.ts';
import { readRateExceeded } from './model/throughput.ts';
import { childShards, dryRun, pageLimit, records, streamArn, streamId } from './model/shapes.ts';

const input = structure({
  Limit: pageLimit,
  ShardIterator: required(string({ min: 1, max: 512 })),
  StreamARN: streamArn,
  StreamId: streamId,
  DryRun: dryRun,
});
const output = structure({
  Records: required(records),
  NextShardIterator: string(),
  MillisBehindLatest: integer(),
  ChildShards: childShards,
});

export function getRecords(kinesis: Kinesis): Operation {
  const { clock, throughput, streams } = kinesis;
  const act = async (given: Value<typeof input>, call: Call): Promise<Value<typeof output>> => {
    const { Limit: limit = limits.readRecords, StreamARN: arn, StreamId: id, DryRun: isDry = false } = given;
    const { stream, shard, position } = parseIterator(kinesis, given.ShardIterator, call);
    if (arn !== undefined || id !== undefined) {
      streams.named({ StreamName: stream.name, StreamARN: arn, StreamId: id }, call);
    }
    if (isDry) throw dryRunSucceeded();
    if (!throughput.takesRead(stream, shard)) throw throughputExceeded(readRateExceeded(stream, shard));
    const page = await stream.core.read(shard, position, { records: limit, bytes: limits.readBytes });
    throughput.noteRead(stream, shard, page.bytes);
    const now = clock.now();
    // The end is told by an answer of its own.
    const children = page.records.length > 0 ? undefined : childrenAtEnd(stream, shard, page.next);
    const { metrics } = stream;
    const behind = millisBehind(shard, page, now);
    metrics['GetRecords.Records'] += page.records.length;
    metrics['GetRecords.Bytes'] += page.bytes;
    metrics['GetRecords.IteratorAgeMilliseconds'] = behind;
    call.client.messagesOut += page.records.length;
    return {
      Records: showRecords(shard, page),
      NextShardIterator:
        children === undefined ? formatIterator({ stream, shard, position: page.next }, now) : undefined,
      MillisBehindLatest: behind,
      ChildShards: children,
    };
  };
  return operation('GetRecords', input, output, act, { isBulky: true });
}
