// A stream as Kinesis shows it: a stream of the core with its settings.

import type { Stream } from '../../../core/stream.ts';
import type { Shard } from '../../../core/stream-shard.ts';
import type { Location } from './arn.ts';
import { streamArnOf } from './arn.ts';
import { resourceInUse, validationFailed } from './errors.ts';
import { nothingCounted } from './metrics.ts';
import { fromAttributes, toAttributes } from './settings.ts';
import type { ConsumerSettings, Settings, Status } from './settings.ts';

export class KinesisStream {
  readonly core: Stream;
  readonly location: Location;
  readonly metrics = nothingCounted();

  constructor(core: Stream, location: Location) {
    this.core = core;
    this.location = location;
  }

  get name(): string {
    return this.core.name;
  }

  get arn(): string {
    return streamArnOf(this.location, this.name);
  }

  /** Twenty characters and three, as AWS makes them. */
  get id(): string {
    const { id, definition } = this.core;
    return `${id.toString(36).padStart(20, '0').slice(-20)}-${(definition.createdAt % 46_656).toString(36).padStart(3, '0')}`;
  }

  get settings(): Settings {
    return fromAttributes(this.core.definition.attributes);
  }

  get status(): Status | 'ACTIVE' {
    return this.settings.transition?.status ?? 'ACTIVE';
  }

  /** Counts what was put. */
  notePut(records: number, bytes: number): void {
    this.metrics.IncomingRecords += records;
    this.metrics.IncomingBytes += bytes;
  }

  /** While it is being made or deleted nothing of it can be read or written. */
  get isReadable(): boolean {
    return this.status === 'ACTIVE' || this.status === 'UPDATING';
  }

  /** It is being made, or was deleted before it was. */
  get isUnseen(): boolean {
    const { status, pending } = this.settings.transition ?? {};
    return status === 'CREATING' || (pending?.kind === 'delete' && pending.unseen);
  }

  /** Shards that are shown: none while it is being made. */
  get shards(): readonly Shard[] {
    const since = this.core.keptSince;
    if (this.isUnseen) return [];
    return this.core.shards.filter(({ definition: { closedAt } }) => closedAt === undefined || closedAt >= since);
  }

  get openShardCount(): number {
    return this.isUnseen ? 0 : this.core.openShards.length;
  }

  get retentionHours(): number {
    return this.core.definition.retentionMs / 3_600_000;
  }

  /** Undefined where records are not encrypted: then nothing is said about it. */
  get encryptionType(): 'KMS' | undefined {
    return this.settings.keyId === undefined ? undefined : 'KMS';
  }

  /** Those that are there at a time. */
  consumers(now: number): readonly ConsumerSettings[] {
    return this.settings.consumers.filter(({ goneAt }) => goneAt === undefined || goneAt > now);
  }

  consumerArn({ name, createdAt }: ConsumerSettings): string {
    return `${this.arn}/consumer/${name}:${Math.floor(createdAt / 1000)}`;
  }

  /** @throws AwsError ResourceInUseException unless the stream is ACTIVE. */
  requireActive(): void {
    if (this.status === 'ACTIVE') return;
    throw resourceInUse(
      `Stream ${this.name} under account ${this.location.account} not ACTIVE, instead in state ${this.status}`,
    );
  }

  /** @throws AwsError ValidationException for streams on demand, which see to their shards themselves. */
  requireProvisioned(): void {
    if (this.settings.mode === 'PROVISIONED') return;
    throw validationFailed(
      `Request is invalid. Stream ${this.name} under account ${this.location.account} is in On-Demand mode.`,
    );
  }

  /** Resolves once it is stored. */
  async change(settings: Partial<Settings>, retentionMs = this.core.definition.retentionMs): Promise<void> {
    await this.core.update({ retentionMs, attributes: toAttributes({ ...this.settings, ...settings }) });
  }
}

export function statusOf({ activeAt, goneAt }: ConsumerSettings, now: number): 'CREATING' | 'ACTIVE' | 'DELETING' {
  if (goneAt !== undefined) return 'DELETING';
  return now < activeAt ? 'CREATING' : 'ACTIVE';
}
