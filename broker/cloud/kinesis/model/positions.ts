// Where in a shard to begin, as GetShardIterator and SubscribeToShard are asked for it.

import type { Shard } from '../../../core/stream-shard.ts';
import { internalFailure, invalidArgument } from './errors.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { createdMs, parseSequence, positionOf } from './sequence-number.ts';
import { shardIdOf } from './shard-id.ts';

export interface Start {
  readonly type: string;
  readonly sequenceNumber: string | undefined;
  /** Milliseconds since the epoch. */
  readonly timestamp: number | undefined;
}

/** @throws AwsError InvalidArgumentException for a start that is none; InternalFailure where AWS has it. */
export async function resolveStart(
  stream: KinesisStream,
  shard: Shard,
  { type, sequenceNumber, timestamp }: Start,
  { operation, now }: { readonly operation: string; readonly now: number },
): Promise<number> {
  const { core } = stream;
  switch (type) {
    case 'TRIM_HORIZON':
    case 'LATEST':
      if (sequenceNumber !== undefined) throw startRefused(type, 'also a');
      return core.locate(shard, { at: type === 'LATEST' ? 'next' : 'oldest' });
    case 'AT_TIMESTAMP':
      if (timestamp === undefined) throw timestampMissing();
      if (timestamp > now) throw timestampInFuture(timestamp, now);
      return core.locate(shard, { at: 'time', ms: timestamp });
    default:
      if (sequenceNumber === undefined) throw startRefused(type, 'no');
      return positionAt(stream, shard, type, sequenceNumber, operation);
  }
}

function positionAt(stream: KinesisStream, shard: Shard, type: string, text: string, operation: string): number {
  const given = `StartingSequenceNumber ${text} used in ${operation} on shard ${shardIdOf(shard.number)} in stream`;
  const where = `${stream.name} under account ${stream.location.account}`;
  const sequence = parseSequence(text);
  if (sequence === undefined) throw invalidArgument(`${given} ${where} is invalid.`);
  if (sequence.shard !== shard.number) {
    throw invalidArgument(
      `Invalid StartingSequenceNumber. It encodes ${shardIdOf(sequence.shard)}, while it was used in a call to a shard ` +
        `with ${shardIdOf(shard.number)}`,
    );
  }
  if (sequence.version !== 2 || sequence.createdSeconds !== Math.floor(createdMs(shard) / 1000)) {
    if (sequence.version === 0) throw internalFailure();
    throw invalidArgument(`${given} ${where} is invalid because it did not come from this stream.`);
  }
  const position = positionOf(sequence);
  const isRecord = sequence.counter > 0n;
  return type === 'AFTER_SEQUENCE_NUMBER' && isRecord ? position + 1 : position;
}

function startRefused(type: string, which: string): Error {
  return invalidArgument(
    'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or ' +
      `(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ${type} and ${which} ` +
      'StartingSequenceNumber.',
  );
}

function timestampMissing(): Error {
  return invalidArgument(
    'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.',
  );
}

function timestampInFuture(timestamp: number, now: number): Error {
  return invalidArgument(
    'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. ' +
      `timestampInMillis: ${timestamp}, currentTimestampInMillis: ${now}`,
  );
}
