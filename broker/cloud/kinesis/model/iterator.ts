// Shard iterators: where in which shard reading goes on, for five minutes.

import type { Call } from '../../service.ts';
import type { Shard } from '../../../core/stream-shard.ts';
import { expiredIterator, invalidArgument, resourceNotFound } from './errors.ts';
import type { Kinesis } from './kinesis.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { limits } from './limits.ts';
import { shardIdOf } from './shard-id.ts';
import { open, seal } from './tokens.ts';

export interface Place {
  readonly stream: KinesisStream;
  readonly shard: Shard;
  readonly position: number;
}

export function formatIterator({ stream, shard, position }: Place, now: number): string {
  const { account, region } = stream.location;
  return seal({ t: now, a: account, r: region, s: stream.name, i: stream.core.id, n: shard.number, p: position });
}

/**
 * Where an iterator points.
 * @throws AwsError InvalidArgumentException, ExpiredIteratorException; ResourceNotFoundException: what it pointed to is gone.
 */
export function parseIterator({ streams, clock }: Kinesis, text: string, { account }: Call): Place {
  // AWS takes it with quotes, as it stands in JSON.
  const { t, a, r, s, i, n, p } = open(text.replace(/^"(.*)"$/, '$1')) ?? {};
  if (typeof t !== 'number' || typeof a !== 'string' || typeof r !== 'string' || typeof s !== 'string') throw invalid();
  if (typeof i !== 'number' || typeof n !== 'number' || typeof p !== 'number') throw invalid();
  const now = clock.now();
  if (now - t > limits.iteratorMs) throw expiredIterator(t, now, limits.iteratorMs);
  const stream = streams.find({ account: a, region: r }, s);
  const shard = stream?.core.shard(n);
  if (stream === undefined || shard === undefined || stream.core.id !== i || !stream.isReadable) {
    throw resourceNotFound(`Shard ${shardIdOf(n)} in stream ${s} under account ${account} does not exist`);
  }
  return { stream, shard, position: p };
}

function invalid(): Error {
  return invalidArgument('Invalid ShardIterator.');
}
