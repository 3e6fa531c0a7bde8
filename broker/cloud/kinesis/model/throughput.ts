// What a shard takes and gives in a second. Source: developer guide, "Quotas and limits", November 2026.

import type { Shard } from '../../../core/stream-shard.ts';
import type { Quotas, Rate } from '../../quotas.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { shardIdOf } from './shard-id.ts';

const mebibyte = 1024 * 1024;

const rates = {
  putBytes: { name: 'kinesis-put-bytes', perSecond: mebibyte },
  putRecords: { name: 'kinesis-put-records', perSecond: 1000 },
  /** A call that reads 10 MiB leaves nothing for five seconds. */
  getBytes: { name: 'kinesis-get-bytes', perSecond: 2 * mebibyte },
  getCalls: { name: 'kinesis-get-calls', perSecond: 5 },
} as const satisfies Record<string, Rate>;

/** Whether the shard takes another record. */
export function takesRecord(quotas: Quotas, stream: KinesisStream, shard: Shard, bytes: number): boolean {
  return quotas.take(nameOf(stream, shard), [
    [rates.putBytes, bytes],
    [rates.putRecords, 1],
  ]);
}

/** Whether the shard may be read from once more. */
export function takesRead(quotas: Quotas, stream: KinesisStream, shard: Shard): boolean {
  return quotas.take(nameOf(stream, shard), [
    [rates.getCalls, 1],
    [rates.getBytes, 0],
  ]);
}

/** What was read counts against the reads that follow. */
export function noteRead(quotas: Quotas, stream: KinesisStream, shard: Shard, bytes: number): void {
  quotas.charge(nameOf(stream, shard), rates.getBytes, bytes);
}

/** As AWS words it, of a request and of an entry alike. */
export function rateExceeded({ name, location }: KinesisStream, shard: Shard): string {
  return `Rate exceeded for shard ${shardIdOf(shard.number)} in stream ${name} under account ${location.account}.`;
}

function nameOf(stream: KinesisStream, shard: Shard): string {
  return `${stream.arn}/${shardIdOf(shard.number)}`;
}
