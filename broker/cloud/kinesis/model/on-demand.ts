// Streams on demand have twice the shards that what is written to them takes (Developer Guide, "On-demand mode"): a minute that
// would fill more than half of them doubles them. They are not merged again. AWS takes up to fifteen minutes for it.

import type { Clock } from '../../../util/clock.ts';
import type { Log } from '../../../util/log.ts';
import { quotas } from '../../quota-table.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import { onDemandLimit } from './limits.ts';
import type { StreamDirectory } from './stream-directory.ts';

interface Minute {
  began: number;
  bytes: number;
  records: number;
}

const minuteMs = 60_000;
const bytesPerShard = quotas['kinesis-put-bytes'].value;
const recordsPerShard = quotas['kinesis-put-records'].value;

export interface OnDemandOptions {
  readonly streams: StreamDirectory;
  readonly clock: Clock;
  readonly log: Log;
}

export class OnDemand {
  readonly #options: OnDemandOptions;
  readonly #minutes = new WeakMap<KinesisStream, Minute>();

  constructor(options: OnDemandOptions) {
    this.#options = options;
  }

  /** A record is to be written, whether its shard takes it or not. */
  note(stream: KinesisStream, bytes: number): void {
    if (stream.settings.mode !== 'ON_DEMAND') return;
    const now = this.#options.clock.monotonic();
    let minute = this.#minutes.get(stream);
    if (minute === undefined) this.#minutes.set(stream, (minute = { began: now, bytes: 0, records: 0 }));
    const seconds = (now - minute.began) / 1000;
    if (seconds * 1000 >= minuteMs) {
      const shardsFilled = Math.max(minute.bytes / bytesPerShard, minute.records / recordsPerShard) / seconds;
      Object.assign(minute, { began: now, bytes: 0, records: 0 });
      if (2 * shardsFilled > stream.openShardCount) this.#double(stream);
    }
    minute.bytes += bytes;
    minute.records++;
  }

  #double(stream: KinesisStream): void {
    const { streams, log } = this.#options;
    const target = Math.min(2 * stream.openShardCount, onDemandLimit(stream.location.region));
    if (target <= stream.openShardCount || stream.status !== 'ACTIVE') return;
    streams.begin(stream, 'UPDATING', { kind: 'scale', target }).catch((error: unknown) => {
      log.error({ err: error, stream: stream.arn }, 'make shards of a stream on demand');
    });
  }
}
