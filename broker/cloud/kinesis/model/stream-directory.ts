// The directory of Kinesis' streams: finds them by any of their names, makes them, and takes them through their states.

import type { Stream } from '../../../core/stream.ts';
import type { Streams } from '../../../core/streams.ts';
import { evenRanges } from '../../../core/hash-keys.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import type { Log } from '../../../util/log.ts';
import type { Call } from '../../service.ts';
import { namespaceOf, parseArn } from './arn.ts';
import type { Location } from './arn.ts';
import { invalidArgument, resourceInUse, streamNotFound } from './errors.ts';
import { KinesisStream } from './kinesis-stream.ts';
import { merge, scale, split } from './resharding.ts';
import { toAttributes } from './settings.ts';
import type { Pending, Settings, Status } from './settings.ts';

/** How a request names a stream. */
export interface StreamNames {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
  readonly StreamId?: string | undefined;
}

export interface DirectoryOptions {
  readonly streams: Streams;
  readonly clock: Clock;
  readonly log: Log;
  /** How long streams show that they are being made, changed or deleted. */
  readonly stateDelayMs: number;
}

const locationPattern = /^aws\/(\d{12})\/(.+)$/;

export class StreamDirectory {
  readonly stateDelayMs: number;
  readonly #streams: Streams;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #known = new WeakMap<Stream, KinesisStream>();
  readonly #timers = new Set<Timer>();

  constructor({ streams, clock, log, stateDelayMs }: DirectoryOptions) {
    this.#streams = streams;
    this.#clock = clock;
    this.#log = log;
    this.stateDelayMs = stateDelayMs;
  }

  /** Goes on with what streams were in the middle of when the engine ended. */
  start(): void {
    for (const stream of this.all()) {
      const { transition } = stream.settings;
      if (transition !== undefined) this.#finishAt(stream, transition.until);
    }
  }

  /** Idempotent. */
  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Of every account and region. */
  *all(): Generator<KinesisStream> {
    for (const core of this.#streams.list()) {
      const [, account, region] = locationPattern.exec(core.namespace) ?? [];
      if (account === undefined || region === undefined) continue;
      yield this.#known.get(core) ?? this.#view(core, { account, region });
    }
  }

  find(location: Location, name: string): KinesisStream | undefined {
    const core = this.#streams.find(namespaceOf(location), name);
    return core === undefined ? undefined : this.#view(core, location);
  }

  /** By name. */
  list(location: Location): readonly KinesisStream[] {
    return this.#streams.list(namespaceOf(location)).map((core) => this.#view(core, location));
  }

  /** @throws AwsError ResourceNotFoundException, InvalidArgumentException for names of different streams. */
  named({ StreamName: name, StreamARN: arn, StreamId: id }: StreamNames, call: Call): KinesisStream {
    const stream = this.lookUp({ StreamName: name, StreamARN: arn, StreamId: id }, call);
    if (stream !== undefined) return stream;
    throw streamNotFound(name ?? (arn === undefined ? undefined : parseArn(arn)?.stream) ?? id ?? '', call.account);
  }

  /** @throws AwsError ResourceNotFoundException as well while it is being made or deleted. */
  writable(names: StreamNames, call: Call): KinesisStream {
    const stream = this.named(names, call);
    if (!stream.isReadable) throw streamNotFound(stream.name, call.account);
    return stream;
  }

  /** @throws AwsError InvalidArgumentException for names of different streams. */
  lookUp({ StreamName: name, StreamARN: arn, StreamId: id }: StreamNames, call: Call): KinesisStream | undefined {
    const parsed = arn === undefined ? undefined : parseArn(arn);
    if (parsed !== undefined && name !== undefined && parsed.stream !== name) {
      throw invalidArgument('StreamARN and StreamName must name the same stream.');
    }
    const named = parsed?.stream ?? name;
    if (named === undefined) return this.list(call).find((stream) => stream.id === id);
    const stream = this.find(parsed ?? call, named);
    return id === undefined || stream?.id === id ? stream : undefined;
  }

  /** @throws AwsError ResourceInUseException; BrokerError as Store.write does. */
  async create(location: Location, name: string, shards: number, settings: Settings): Promise<KinesisStream> {
    if (this.find(location, name) !== undefined) {
      throw resourceInUse(`Stream ${name} under account ${location.account} already exists.`);
    }
    const until = this.#clock.now() + this.stateDelayMs;
    const transition = { status: 'CREATING', until, pending: { kind: 'settle' } } as const;
    const core = await this.#streams.create(
      {
        namespace: namespaceOf(location),
        name,
        retentionMs: 24 * 3_600_000,
        attributes: toAttributes(this.stateDelayMs === 0 ? settings : { ...settings, transition }),
      },
      evenRanges(shards).map((range) => ({ range })),
    );
    const stream = this.#view(core, location);
    if (this.stateDelayMs > 0) this.#finishAt(stream, until);
    return stream;
  }

  /** Shows the status for as long as is asked for, then does what is pending; at once, if nothing is asked for. */
  async begin(stream: KinesisStream, status: Status, pending: Pending): Promise<void> {
    if (this.stateDelayMs === 0) {
      await this.#perform(stream, pending);
      return;
    }
    const until = this.#clock.now() + this.stateDelayMs;
    await stream.change({ transition: { status, until, pending } });
    this.#finishAt(stream, until);
  }

  #view(core: Stream, location: Location): KinesisStream {
    let stream = this.#known.get(core);
    if (stream === undefined) this.#known.set(core, (stream = new KinesisStream(core, location)));
    return stream;
  }

  #finishAt(stream: KinesisStream, until: number): void {
    const timer = this.#clock.after(Math.max(0, until - this.#clock.now()), () => {
      this.#timers.delete(timer);
      this.#finish(stream, until).catch((error: unknown) => {
        this.#log.error({ err: error, stream: stream.arn }, 'finish a change of a stream');
      });
    });
    this.#timers.add(timer);
  }

  async #finish(stream: KinesisStream, until: number): Promise<void> {
    const { transition } = stream.settings;
    // Deleted meanwhile, or another change has taken its place.
    if (transition?.until !== until || stream.core.isDropped) return;
    await this.#perform(stream, transition.pending);
    if (transition.pending.kind !== 'delete') await stream.change({ transition: undefined });
  }

  async #perform(stream: KinesisStream, pending: Pending): Promise<void> {
    const { core } = stream;
    switch (pending.kind) {
      case 'settle':
        return;
      case 'delete':
        await this.#streams.drop(core);
        return;
      case 'split':
        await split(core, core.shard(pending.shard)!, BigInt(pending.at));
        return;
      case 'merge':
        await merge(core, core.shard(pending.shards[0])!, core.shard(pending.shards[1])!);
        return;
      case 'scale':
        await scale(core, pending.target);
    }
  }
}
