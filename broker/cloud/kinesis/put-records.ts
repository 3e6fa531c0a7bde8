// PutRecords: up to 500 records, stored together.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, list, required, string, structure } from '../shape.ts';
import { dryRunSucceeded, invalidArgument } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { limits } from './model/limits.ts';
import { encryptedMark, plainMark } from './model/marks.ts';
import { outgoing, shapesBySize } from './model/outgoing.ts';
import type { GivenRecord } from './model/outgoing.ts';
import { sequenceOf } from './model/sequence-number.ts';
import { dryRun, encryptionType, streamMembers } from './model/shapes.ts';
import { shardIdOf } from './model/shard-id.ts';

/** As AWS shows an entry: the name of a class and a hash. */
const shownAs = 'com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310';

const { shape: input, shapeFor } = shapesBySize((members) =>
  structure({
    Records: required(list(structure(members), { min: 1, max: limits.putRecords, shownAs })),
    ...streamMembers,
    DryRun: dryRun,
  }),
);
const output = structure({
  FailedRecordCount: integer(),
  Records: required(
    list(structure({ SequenceNumber: string(), ShardId: string(), ErrorCode: string(), ErrorMessage: string() })),
  ),
  EncryptionType: encryptionType,
});

export function putRecords({ streams }: Kinesis): Operation {
  const made = operation('PutRecords', input, output, async (given, call) => {
    const { Records: records, DryRun: isDry = false, StreamName, StreamARN, StreamId } = given;
    const stream = streams.writable({ StreamName, StreamARN, StreamId }, call);
    checkSize(records);
    const all = records.map(outgoing);
    if (isDry) throw dryRunSucceeded();
    const { encryptionType: encrypted } = stream;
    const appended = await stream.core.append(all, encrypted === undefined ? plainMark : encryptedMark);
    call.client.messagesIn += appended.length;
    return {
      FailedRecordCount: 0,
      Records: appended.map(({ shard, position, at }) => ({
        SequenceNumber: sequenceOf(shard, position, at),
        ShardId: shardIdOf(shard.number),
      })),
      EncryptionType: encrypted,
    };
  });
  return { ...made, shapeFor: (given, call) => shapeFor(streams, given, call) };
}

function checkSize(records: readonly GivenRecord[]): void {
  let bytes = 0;
  for (const { Data: data, PartitionKey: key = '' } of records) bytes += data.length + Buffer.byteLength(key);
  if (bytes > limits.putBytes) {
    throw invalidArgument(`Records size exceeds ${limits.putBytes / limits.mebibyte} MB limit`);
  }
}
