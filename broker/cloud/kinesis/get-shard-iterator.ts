// GetShardIterator: a place in a shard to read from, good for five minutes.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure, timestamp } from '../shape.ts';
import { parseArn } from './model/arn.ts';
import { dryRunSucceeded, resourceNotFound } from './model/errors.ts';
import { formatIterator } from './model/iterator.ts';
import type { Kinesis } from './model/kinesis.ts';
import { resolveStart } from './model/positions.ts';
import { dryRun, iteratorType, sequenceNumber, shardId, streamMembers } from './model/shapes.ts';
import { shardIdOf } from './model/shard-id.ts';
import { parseShardName } from './model/shard-names.ts';

const input = structure({
  ShardId: required(shardId),
  ShardIteratorType: required(iteratorType),
  StartingSequenceNumber: sequenceNumber,
  ...streamMembers,
  Timestamp: timestamp(),
  DryRun: dryRun,
});
const output = structure({ ShardIterator: string() });

export function getShardIterator({ streams, clock }: Kinesis): Operation {
  return operation('GetShardIterator', input, output, async (given, call) => {
    const { StreamName, StreamARN, StreamId, DryRun: isDry = false, ShardIteratorType: type } = given;
    const names = { StreamName, StreamARN, StreamId };
    const number = parseShardName(given.ShardId, names, call);
    const stream = streams.lookUp(names, call);
    const shard = stream?.isReadable === true ? stream.core.shard(number) : undefined;
    if (stream === undefined || shard === undefined) {
      const name = StreamName ?? parseArn(StreamARN ?? '')?.stream ?? '';
      throw resourceNotFound(
        `Shard ${shardIdOf(number)} in stream ${name} under account ${call.account} does not exist`,
      );
    }
    const start = { type, sequenceNumber: given.StartingSequenceNumber, timestamp: given.Timestamp };
    const now = clock.now();
    const position = await resolveStart(stream, shard, start, { operation: 'GetShardIterator', now });
    if (isDry) throw dryRunSucceeded();
    return { ShardIterator: formatIterator({ stream, shard, position }, now) };
  });
}
