// Settings of an account in a region: the minimum throughput billing commitment (On-demand Advantage).

import type { Store } from '../../../core/store.ts';
import type { Clock } from '../../../util/clock.ts';
import { namespaceOf } from './arn.ts';
import type { Location } from './arn.ts';
import { limits } from './limits.ts';

interface Stored {
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
}

export interface Commitment extends Partial<Stored> {
  readonly status: 'ENABLED' | 'DISABLED' | 'ENABLED_UNTIL_EARLIEST_ALLOWED_END';
  readonly earliestEnd?: number;
}

const recordType = 'kinesis-commitment';

export class Accounts {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #commitments = new Map<string, Stored>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    for (const { key, value } of await this.#store.readRecords(recordType)) {
      // oxlint-disable-next-line typescript/consistent-type-assertions -- only #keep writes them
      this.#commitments.set(key, JSON.parse(value.toString()) as Stored);
    }
  }

  commitment(location: Location): Commitment {
    const stored = this.#commitments.get(namespaceOf(location));
    if (stored === undefined) return { status: 'DISABLED' };
    const earliestEnd = stored.startedAt + limits.dayMs;
    if (stored.endedAt === undefined) return { status: 'ENABLED', startedAt: stored.startedAt, earliestEnd };
    if (stored.endedAt <= this.#clock.now()) return { status: 'DISABLED', ...stored };
    return { status: 'ENABLED_UNTIL_EARLIEST_ALLOWED_END', ...stored, earliestEnd };
  }

  isCommitted(location: Location): boolean {
    return this.commitment(location).status !== 'DISABLED';
  }

  async commit(location: Location): Promise<void> {
    const { status, startedAt } = this.commitment(location);
    if (status === 'ENABLED') return;
    await this.#keep(location, { startedAt: status === 'DISABLED' ? this.#clock.now() : startedAt! });
  }

  /** It lasts for a day at least. */
  async release(location: Location): Promise<void> {
    const { status, startedAt, earliestEnd } = this.commitment(location);
    if (status !== 'ENABLED') return;
    await this.#keep(location, { startedAt: startedAt!, endedAt: Math.max(this.#clock.now(), earliestEnd!) });
  }

  async #keep(location: Location, commitment: Stored): Promise<void> {
    const key = namespaceOf(location);
    await this.#store.write([
      { kind: 'record', type: recordType, key, value: Buffer.from(JSON.stringify(commitment)) },
    ]);
    this.#commitments.set(key, commitment);
  }
}
