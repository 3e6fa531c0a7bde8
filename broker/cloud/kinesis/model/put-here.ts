// PutRecord without the wire: for parts of the engine that put records on behalf of a person. The same rules hold.

import { BrokerError } from '../../../core/errors.ts';
import type { KeyedRecord } from '../../../core/stream.ts';
import type { Transaction } from '../../../core/transaction.ts';
import { AwsError } from '../../errors.ts';
import { throughputExceeded } from './errors.ts';
import type { Kinesis } from './kinesis.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { markOf } from './marks.ts';
import { outgoing, requireSize, sizeOf } from './outgoing.ts';
import type { GivenRecord } from './outgoing.ts';
import { sequenceOf } from './sequence-number.ts';
import { shardIdOf } from './shard-id.ts';
import { rateExceeded } from './throughput.ts';

export interface PutHere {
  readonly shardId: string;
  readonly sequenceNumber: string;
}

/**
 * Resolves once the record is stored.
 * @throws BrokerError `invalid`, in the words of PutRecord; `not-found` while the stream is being made or deleted.
 */
export async function putHere({ throughput }: Kinesis, stream: KinesisStream, given: GivenRecord): Promise<PutHere> {
  if (!stream.isReadable) throw new BrokerError('not-found', `stream "${stream.name}" is ${stream.status}`);
  const record = recordOf(stream, given);
  const to = stream.core.shardFor(record);
  if (!throughput.takesRecord(stream, to, sizeOf(record))) {
    throw new BrokerError('limit', throughputExceeded(rateExceeded(stream, to)).message);
  }
  const [appended] = await stream.core.append([record], markOf(stream.encryptionType));
  if (appended === undefined) throw new BrokerError('store-failed', 'the record was not stored');
  stream.notePut(1, sizeOf(record));
  const { shard, position, at } = appended;
  return { shardId: shardIdOf(shard.number), sequenceNumber: sequenceOf(shard, position, at) };
}

/** As `putHere`, of a record within the rules, without a look at the rates, and within a transaction (Stream.appendWithin). */
export function putWithin(transaction: Transaction, stream: KinesisStream, record: KeyedRecord): void {
  stream.core.appendWithin(transaction, [record], markOf(stream.encryptionType));
  transaction.afterCommit(() => stream.notePut(1, sizeOf(record)));
}

function recordOf({ settings }: KinesisStream, given: GivenRecord): KeyedRecord {
  try {
    requireSize(given, settings.maxRecordKiB, 'data');
    return outgoing(given);
  } catch (error) {
    if (error instanceof AwsError) throw new BrokerError('invalid', error.message, { cause: error });
    throw error;
  }
}
