// A store in memory that an engine can crash on: from then on its writes go nowhere, and what was not committed is lost,
// while another engine goes on with what was.

import type { BrokerError } from '../../../broker/core/errors.ts';
import type { Change, Store } from '../../../broker/core/store.ts';
import { MemoryStore } from '../../../broker/store/memory-store.ts';

type Reading = Pick<
  Store,
  | 'readQueues'
  | 'readPage'
  | 'readEntries'
  | 'readDelayed'
  | 'readNextDue'
  | 'readExpired'
  | 'readRecords'
  | 'readRecord'
  | 'readRecordPage'
  | 'readCounters'
  | 'readStreams'
  | 'readSegments'
  | 'findSegment'
  | 'readCheckpoints'
  | 'stats'
>;

interface Held {
  readonly changes: readonly Change[];
  readonly resolve: (write: Promise<void>) => void;
}

export class CrashStore implements Store {
  readonly epoch: number;
  readonly #memory: MemoryStore;
  #held: Held[] | undefined;
  #crashed = false;

  readonly readQueues: Reading['readQueues'];
  readonly readPage: Reading['readPage'];
  readonly readEntries: Reading['readEntries'];
  readonly readDelayed: Reading['readDelayed'];
  readonly readNextDue: Reading['readNextDue'];
  readonly readExpired: Reading['readExpired'];
  readonly readRecords: Reading['readRecords'];
  readonly readRecord: Reading['readRecord'];
  readonly readRecordPage: Reading['readRecordPage'];
  readonly readCounters: Reading['readCounters'];
  readonly readStreams: Reading['readStreams'];
  readonly readSegments: Reading['readSegments'];
  readonly findSegment: Reading['findSegment'];
  readonly readCheckpoints: Reading['readCheckpoints'];
  readonly stats: Reading['stats'];

  constructor(memory = new MemoryStore(), epoch = 1) {
    this.#memory = memory;
    this.epoch = epoch;
    this.readQueues = () => memory.readQueues();
    this.readPage = (...args) => memory.readPage(...args);
    this.readEntries = (...args) => memory.readEntries(...args);
    this.readDelayed = (...args) => memory.readDelayed(...args);
    this.readNextDue = (...args) => memory.readNextDue(...args);
    this.readExpired = (...args) => memory.readExpired(...args);
    this.readRecords = (...args) => memory.readRecords(...args);
    this.readRecord = (...args) => memory.readRecord(...args);
    this.readRecordPage = (...args) => memory.readRecordPage(...args);
    this.readCounters = (...args) => memory.readCounters(...args);
    this.readStreams = () => memory.readStreams();
    this.readSegments = (...args) => memory.readSegments(...args);
    this.findSegment = (...args) => memory.findSegment(...args);
    this.readCheckpoints = (...args) => memory.readCheckpoints(...args);
    this.stats = () => memory.stats();
  }

  get pendingBytes(): number {
    return this.#memory.pendingBytes;
  }

  nextId(): number {
    return this.#memory.nextId();
  }

  write(changes: readonly Change[]): Promise<void> {
    if (this.#crashed) return new Promise(() => {});
    const held = this.#held;
    if (held === undefined) return this.#memory.write(changes);
    return new Promise((resolve) => {
      held.push({ changes, resolve });
    });
  }

  /** Holds back all commits until `resume`. */
  hold(): void {
    this.#held ??= [];
  }

  /** Commits that are held back. */
  get heldCount(): number {
    return this.#held?.length ?? 0;
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { changes, resolve } of held) resolve(this.write(changes));
  }

  /** Lets through the commit that has waited longest. */
  resumeFirst(): void {
    const first = this.#held?.shift();
    first?.resolve(this.#memory.write(first.changes));
  }

  fail(error: BrokerError | undefined): void {
    this.#memory.fail(error);
  }

  crash(): void {
    this.#crashed = true;
    this.#held = undefined;
  }

  /** What the next engine opens. */
  restarted(): CrashStore {
    return new CrashStore(this.#memory, this.epoch + 1);
  }

  /** The memory stays, for the next engine. */
  async close(): Promise<void> {}
}
