// All streams by name, over one store: takes over those that it holds, makes and drops them, and has what is too old
// dropped from time to time.

import type { Clock, Timer } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import { BrokerError } from './errors.ts';
import type { Store } from './store.ts';
import type { StreamDefinition } from './stream-store.ts';
import { newShard, Stream } from './stream.ts';
import type { ShardPlan, StreamContext } from './stream.ts';
import { Shard } from './stream-shard.ts';
import { Tails } from './stream-tail.ts';

export interface StreamsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes of the newest records that are held for those who read at the end. */
  readonly tailBytes?: number;
}

const defaultTailBytes = 32 * 1024 * 1024;
const trimEveryMs = 60_000;

export class Streams {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #context: StreamContext;
  readonly #streams = new Map<string, Map<string, Stream>>();
  #nextShardKey = 1;
  #timer: Timer | undefined;
  #trimming: Promise<void> = Promise.resolve();

  constructor({ store, clock, log, tailBytes = defaultTailBytes }: StreamsOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#context = { store, clock, tails: new Tails(tailBytes), nextShardKey: () => this.#nextShardKey++ };
  }

  /** Takes over the streams that the store holds; costs by the number of shards, not by what they hold. */
  async start(): Promise<void> {
    const { streams, nextShardKey } = await this.#store.readStreams();
    this.#nextShardKey = nextShardKey;
    for (const { shards, ...definition } of streams) {
      const made = shards.map(({ firstPosition, nextPosition, oldestAt, newestAt, ...shard }) => {
        const one = new Shard(shard, this.#context.tails.of(), firstPosition, nextPosition);
        one.oldestAt = oldestAt;
        one.lastAt = newestAt ?? 0;
        return one;
      });
      this.#add(new Stream(definition, made, this.#context));
    }
    this.#schedule();
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#trimming;
    this.#context.tails.clear();
  }

  find(namespace: string, name: string): Stream | undefined {
    return this.#streams.get(namespace)?.get(name);
  }

  /** Of a namespace, by name; of all, without one. */
  list(namespace?: string): readonly Stream[] {
    const maps = namespace === undefined ? [...this.#streams.values()] : [this.#streams.get(namespace)];
    const found = maps.flatMap((byName) => [...(byName?.values() ?? [])]);
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Makes a stream. It is there at once, so that its name is taken; appends to it wait for the store.
   * @throws BrokerError `exists`; as Store.write does: it is gone again.
   */
  async create(
    given: Pick<StreamDefinition, 'namespace' | 'name' | 'attributes' | 'retentionMs'>,
    plans: readonly ShardPlan[],
  ): Promise<Stream> {
    if (this.find(given.namespace, given.name) !== undefined) throw new BrokerError('exists', 'the stream exists');
    const now = this.#clock.now();
    const definition = { ...given, id: this.#store.nextId(), createdAt: now, nextShard: plans.length };
    const shards = plans.map((plan, number) => {
      const shard = newShard(definition.id, this.#context.nextShardKey(), number, plan, now);
      return new Shard(shard, this.#context.tails.of(), 0, 0);
    });
    const stream = new Stream(definition, shards, this.#context);
    this.#add(stream);
    try {
      await this.#store.write([
        { kind: 'stream', stream: definition },
        ...shards.map((shard) => ({ kind: 'shard', shard: shard.definition }) as const),
      ]);
    } catch (error) {
      this.#remove(stream);
      throw error;
    }
    return stream;
  }

  /** @throws BrokerError as Store.write does: the stream is still there. */
  async drop(stream: Stream): Promise<void> {
    // Nothing may come after it into the store.
    stream.isDropped = true;
    try {
      await this.#store.write([{ kind: 'drop-stream', streamId: stream.id }]);
    } catch (error) {
      stream.isDropped = false;
      throw error;
    }
    this.#remove(stream);
    stream.end();
  }

  /** Drops what is older than the retention of its stream. */
  async trim(): Promise<void> {
    for (const stream of this.list()) await stream.trim();
  }

  #schedule(): void {
    this.#timer = this.#clock.after(trimEveryMs, () => {
      this.#trimming = this.trim().catch((error: unknown) => {
        this.#log.warn({ err: error }, 'drop old records of streams');
      });
      this.#schedule();
    });
  }

  #add(stream: Stream): void {
    let byName = this.#streams.get(stream.namespace);
    if (byName === undefined) this.#streams.set(stream.namespace, (byName = new Map<string, Stream>()));
    byName.set(stream.name, stream);
  }

  #remove(stream: Stream): void {
    const byName = this.#streams.get(stream.namespace);
    if (byName?.get(stream.name) === stream) byName.delete(stream.name);
  }
}
