// The contract of durable storage. One engine writes at a time; every write carries its epoch and is refused once
// another engine has raised it. Implemented by store/sqlite-store.ts and, for tests, store/memory-store.ts.

import type { BrokerError } from './errors.ts';
import type { Message } from './message.ts';
import type { StreamChange, StreamStore } from './stream-store.ts';

/** What has happened to an entry so far, where anything has. */
export interface Delivery {
  /** Deliveries that failed (broker queues), or receives (SQS). */
  readonly attempts: number;
  /** Milliseconds since the epoch of the first receive. */
  readonly firstAt?: number | undefined;
  /** Leased until then (milliseconds since the epoch); absent: not leased by a deadline. */
  readonly until?: number | undefined;
  /** What the owner of the lease knows it by (an MQTT packet identifier). */
  readonly token?: number | undefined;
  /** Why and whence it came to a dead-letter queue. */
  readonly dead?: Death | undefined;
}

export interface Death {
  readonly reason: string;
  /** Address of the queue it died in. */
  readonly origin: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Where an entry is: `spilled` entries overflowed from memory, are never synced, and vanish with the process. */
export type Residence = 'memory' | 'durable' | 'spilled';

/** Enough of an entry to change it in the store. */
export interface EntryKey {
  readonly queueId: number;
  readonly seq: number;
  readonly messageId: number;
  /** True when no other entry shares the message. */
  readonly sole: boolean;
  readonly residence: Residence;
}

export interface StoredEntry {
  readonly seq: number;
  readonly messageId: number;
  readonly sole: boolean;
  readonly residence: 'durable' | 'spilled';
  readonly message: Message;
  readonly delivery?: Delivery | undefined;
}

export interface DelayedEntry extends StoredEntry {
  /** Milliseconds since the epoch at which it becomes ready. */
  readonly dueAt: number;
}

/** An entry whose message expires, where it is in the order of that. */
export interface Expired {
  readonly expiresAt: number;
  readonly queueId: number;
  readonly seq: number;
}

export interface QueueDefinition {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** What its dialect keeps with it, as JSON. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface StoredQueue extends QueueDefinition {
  /** Entries, leased ones included, delayed ones not. */
  readonly entries: number;
  readonly delayed: number;
  /** Entries whose stored lease had not ended when the store was opened. */
  readonly leased: number;
  /** When the first delayed entry is due. */
  readonly nextDueAt?: number | undefined;
}

export type Change =
  /** One message into any number of queues, stored once. */
  | {
      readonly kind: 'put';
      readonly messageId: number;
      readonly message: Message;
      readonly entries: readonly {
        readonly queueId: number;
        readonly seq: number;
        readonly dueAt?: number | undefined;
      }[];
      readonly residence: 'durable' | 'spilled';
    }
  | { readonly kind: 'settle'; readonly entry: EntryKey; readonly delivered: boolean }
  | { readonly kind: 'deliver'; readonly entry: EntryKey; readonly delivery: Delivery }
  /** Into another queue, with its message; the delivery is replaced. */
  | {
      readonly kind: 'move';
      readonly entry: EntryKey;
      readonly toQueueId: number;
      readonly toSeq: number;
      readonly delivery: Delivery;
    }
  /** A delayed entry becomes ready, at the end of its queue. */
  | {
      readonly kind: 'due';
      readonly entry: EntryKey;
      readonly dueAt: number;
      readonly toSeq: number;
      /** Where it is not the same queue. */
      readonly toQueueId?: number;
    }
  /** Creates the queue, or replaces its attributes. */
  | { readonly kind: 'queue'; readonly queue: QueueDefinition }
  /** Forgets all entries up to `upToSeq`, in time that does not depend on how many there are. */
  | { readonly kind: 'purge'; readonly queueId: number; readonly upToSeq: number }
  | { readonly kind: 'drop-queue'; readonly queueId: number }
  /** State of a dialect, of a route, or a resource: `undefined` removes it. */
  | { readonly kind: 'record'; readonly type: string; readonly key: string; readonly value: Uint8Array | undefined }
  /** Adds to a counter that is kept with the store. */
  | { readonly kind: 'count'; readonly counter: string; readonly by: number }
  | StreamChange;

export interface PageLimit {
  readonly entries: number;
  /** The page ends after the entry that reaches this many bytes of messages. */
  readonly bytes: number;
}

export interface Store extends StreamStore {
  /** The epoch under which this engine writes; grows with every start and takeover. */
  readonly epoch: number;
  /** Bytes of changes handed over and not yet committed: what producers are held back by. */
  readonly pendingBytes: number;

  /** A number never given before in the life of the store: for messages, queues and positions. */
  nextId(): number;

  /**
   * Takes the changes as one unit into the next group commit. Resolves once they are synced; changes of two calls
   * become durable in the order of the calls.
   * @throws BrokerError `store-full`, `store-failed`, `fenced` or `closed`: nothing of the unit is in the store.
   */
  write(changes: readonly Change[]): Promise<void>;

  /** All queues that were not dropped. */
  readQueues(): Promise<readonly StoredQueue[]>;
  /** Ready entries of the queue after position `after`, in order. */
  readPage(queueId: number, after: number, limit: PageLimit): Promise<readonly StoredEntry[]>;
  /** The entries at these positions; those that are gone are left out. */
  readEntries(queueId: number, seqs: readonly number[]): Promise<readonly StoredEntry[]>;
  /** Delayed entries, by the time they are due; `before`: only those due by then. */
  readDelayed(queueId: number, before: number, limit: PageLimit): Promise<readonly DelayedEntry[]>;
  /** When the first delayed entry of the queue is due. */
  readNextDue(queueId: number): Promise<number | undefined>;
  /** Ready entries of any queue whose message expired by `now`, in the order of that, from behind `after` on; at most `limit`. */
  readExpired(now: number, limit: number, after?: Expired): Promise<readonly Expired[]>;
  readRecords(type: string): Promise<readonly { readonly key: string; readonly value: Buffer }[]>;
  readRecord(type: string, key: string): Promise<Buffer | undefined>;
  /** At most `limit` records whose key is `from` or comes after it, in the order of their keys' bytes in UTF-8. */
  readRecordPage(
    type: string,
    from: string,
    limit: number,
  ): Promise<readonly { readonly key: string; readonly value: Buffer }[]>;
  /** Counters whose name begins with `prefix`. */
  readCounters(prefix: string): Promise<ReadonlyMap<string, number>>;
  stats(): Promise<StoreStats>;

  /** Commits what is pending, then lets go of the store. Idempotent. */
  close(): Promise<void>;
}

export interface StoreStats {
  /** Size of the database and its journal. */
  readonly bytes: number;
  /** Of it, what is not free to be written over. */
  readonly usedBytes: number;
  /** What overflowed from memory. */
  readonly spilledBytes: number;
  readonly commits: number;
  readonly lastCommitMs: number;
}

/** The engine that holds a shared store, for people and for those who may have to end it. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** When the system says the process began: tells it from a later process with the same number. */
  readonly processStart?: string | undefined;
}

/** What a standby sees of the active engine. */
export interface Pulse {
  /** Changes with every transaction. */
  readonly sign: string;
  /** Undefined: not known, or nobody. */
  readonly holder: Holder | undefined;
}

/** A store that several engines may open, and one may write. */
export interface SharedStore {
  /** Takes the lock that its holder's process keeps for as long as it lives. False: another holds it. */
  tryLock(): Promise<boolean>;
  /** Undefined: the store was never written. */
  observe(): Promise<Pulse | undefined>;
  /**
   * Raises the epoch: from now on this engine writes, and no other.
   * @throws BrokerError `limit` when another process is in the middle of a write; `store-failed` as opening does.
   */
  activate(holder: Holder): Promise<Store>;
  /** Resolves, with the reason, once the store is not this engine's any more. */
  readonly lost: Promise<BrokerError>;
  close(): Promise<void>;
}
