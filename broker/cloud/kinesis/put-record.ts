// PutRecord: one record into the shard that its key belongs to.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { dryRunSucceeded, invalidArgument, throughputExceeded } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { outgoing, requireSize, shapesBySize, sizeOf } from './model/outgoing.ts';
import { parseSequence, secondsOf, sequenceOf } from './model/sequence-number.ts';
import { dryRun, encryptionType, sequenceNumber, streamMembers } from './model/shapes.ts';
import { shardIdOf } from './model/shard-id.ts';
import { rateExceeded } from './model/throughput.ts';
import type { KinesisStream } from './model/kinesis-stream.ts';
import { markOf } from './model/marks.ts';

const { shape: input, shapeFor } = shapesBySize((members) =>
  structure({ SequenceNumberForOrdering: sequenceNumber, ...members, ...streamMembers, DryRun: dryRun }),
);
const output = structure({
  ShardId: required(string()),
  SequenceNumber: required(string()),
  EncryptionType: encryptionType,
});

export function putRecord(kinesis: Kinesis): Operation {
  const { streams, throughput, clock } = kinesis;
  const made = operation('PutRecord', input, output, async (given, call) => {
    const { SequenceNumberForOrdering: minimum, DryRun: isDry = false, Data, PartitionKey, ExplicitHashKey } = given;
    const { StreamName, StreamARN, StreamId } = given;
    const stream = streams.writable({ StreamName, StreamARN, StreamId }, call);
    requireSize(given, stream.settings.maxRecordKiB, 'data');
    const record = outgoing({ Data, PartitionKey, ExplicitHashKey });
    if (minimum !== undefined) checkMinimum(minimum, stream, clock.now());
    if (isDry) throw dryRunSucceeded();
    const to = stream.core.shardFor(record);
    if (!throughput.takesRecord(stream, to, sizeOf(record))) throw throughputExceeded(rateExceeded(stream, to));
    const { encryptionType: encrypted } = stream;
    const [appended] = await stream.core.append([record], markOf(encrypted));
    const { shard, position, at } = appended!;
    stream.notePut(1, sizeOf(record));
    call.client.messagesIn++;
    return {
      ShardId: shardIdOf(shard.number),
      SequenceNumber: sequenceOf(shard, position, at),
      EncryptionType: encrypted,
    };
  });
  return { ...made, shapeFor: (given, call) => shapeFor(streams, given, call) };
}

/** Numbers of a shard grow in any case: the number only has to be one that may have been before. */
function checkMinimum(minimum: string, { name, location }: KinesisStream, now: number): void {
  const parsed = parseSequence(minimum);
  if (parsed !== undefined && (parsed.version !== 2 || secondsOf(minimum) * 1000 <= now)) return;
  throw invalidArgument(
    `ExclusiveMinimumSequenceNumber ${minimum} used in PutRecord on stream ${name} under account ${location.account} is ` +
      'invalid.',
  );
}
