// What a shard takes and gives in a second, and a consumer of it is given.

import type { Shard } from '../../../core/stream-shard.ts';
import type { Meter, Quotas } from '../../quotas.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import type { OnDemand } from './on-demand.ts';
import { shardIdOf } from './shard-id.ts';

/** Shards of one engine; there is a meter for each that was written to, or read. */
export class Throughput {
  readonly #quotas: Quotas;
  readonly #onDemand: OnDemand;
  readonly #puts = new WeakMap<Shard, Meter>();
  readonly #reads = new WeakMap<Shard, { readonly calls: Meter; readonly bytes: Meter }>();

  constructor(quotas: Quotas, onDemand: OnDemand) {
    this.#quotas = quotas;
    this.#onDemand = onDemand;
  }

  get isOff(): boolean {
    return this.#quotas.mode === 'off';
  }

  /** Whether the shard takes another record. */
  takesRecord(stream: KinesisStream, shard: Shard, bytes: number): boolean {
    if (this.isOff) return true;
    this.#onDemand.note(stream, bytes);
    let meter = this.#puts.get(shard);
    if (meter === undefined) {
      meter = this.#quotas.meter(nameOf(stream, shard), ['kinesis-put-bytes', 'kinesis-put-records']);
      this.#puts.set(shard, meter);
    }
    if (meter.take(bytes, 1)) return true;
    stream.metrics.WriteProvisionedThroughputExceeded++;
    return false;
  }

  /** Whether the shard may be read from once more. */
  takesRead(stream: KinesisStream, shard: Shard): boolean {
    if (this.isOff) return true;
    const { calls, bytes } = this.#readsOf(stream, shard);
    if (calls.take(1) && bytes.take(0)) return true;
    stream.metrics.ReadProvisionedThroughputExceeded++;
    return false;
  }

  /** What was read counts against the reads that follow. */
  noteRead(stream: KinesisStream, shard: Shard, bytes: number): void {
    if (!this.isOff) this.#readsOf(stream, shard).bytes.charge(bytes);
  }

  /** Of one subscription. Undefined: it is not limited. */
  subscription(consumerArn: string, shard: Shard): Pace | undefined {
    if (this.isOff) return undefined;
    const meter = this.#quotas.meter(`${consumerArn}/${shardIdOf(shard.number)}`, ['kinesis-subscription-bytes']);
    return { enforced: this.#quotas.mode === 'enforce', meter };
  }

  #readsOf(stream: KinesisStream, shard: Shard): { readonly calls: Meter; readonly bytes: Meter } {
    let meters = this.#reads.get(shard);
    if (meters === undefined) {
      const name = nameOf(stream, shard);
      meters = {
        calls: this.#quotas.meter(name, ['kinesis-get-calls']),
        bytes: this.#quotas.meter(name, ['kinesis-get-bytes']),
      };
      this.#reads.set(shard, meters);
    }
    return meters;
  }
}

/** How fast a subscription is given records. Where it is not enforced, what would have had to wait is counted. */
export interface Pace {
  readonly enforced: boolean;
  readonly meter: Meter;
}

/** As AWS words it of what is put, of a request and of an entry alike. */
export function rateExceeded({ name, location }: KinesisStream, shard: Shard): string {
  return `Rate exceeded for shard ${shardIdOf(shard.number)} in stream ${name} under account ${location.account}.`;
}

/** As AWS words it of reads, since 2023 at the latest. */
export function readRateExceeded({ name, location }: KinesisStream, shard: Shard): string {
  return `Rate exceeded for Shard - ${location.account}/${name}/${shardIdOf(shard.number)}`;
}

function nameOf(stream: KinesisStream, shard: Shard): string {
  return `${stream.arn}/${shardIdOf(shard.number)}`;
}
