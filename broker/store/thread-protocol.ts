// What the engine's thread and the store's thread say to each other. Requests are answered in order; writes that wait
// together are one transaction, and have one response.

import type { ErrorCode } from '../core/errors.ts';
import type { Expired, Holder, Pulse, StoreStats } from '../core/store.ts';
import type { Journal } from './database.ts';

export interface ThreadOptions {
  readonly directory: string;
  readonly journal: Journal;
  readonly maxBytes: number | undefined;
}

/** Each request's arguments and result. */
export interface Calls {
  tryLock: { args: []; result: boolean };
  observe: { args: []; result: Pulse | undefined };
  activate: { args: [holder: Holder]; result: { readonly epoch: number; readonly nextId: number } };
  /** The result is whether there is room for more. */
  write: { args: [program: Float64Array, bytes: ArrayBuffer, nextId: number]; result: boolean };
  hasRoom: { args: []; result: boolean };
  readQueues: { args: []; result: readonly QueueRow[] };
  readPage: { args: [queueId: number, after: number, entries: number, bytes: number]; result: readonly EntryRow[] };
  readEntries: { args: [queueId: number, seqs: readonly number[]]; result: readonly EntryRow[] };
  readDelayed: {
    args: [queueId: number, before: number, entries: number, bytes: number];
    result: readonly DelayedRow[];
  };
  readNextDue: { args: [queueId: number]; result: number | undefined };
  readExpired: { args: [now: number, limit: number, after: Expired | undefined]; result: readonly Expired[] };
  readRecords: { args: [type: string]; result: readonly { readonly key: string; readonly value: Uint8Array }[] };
  readRecord: { args: [type: string, key: string]; result: Uint8Array | undefined };
  readRecordPage: {
    args: [type: string, from: string, limit: number];
    result: readonly { readonly key: string; readonly value: Uint8Array }[];
  };
  readCounters: { args: [prefix: string]; result: readonly { readonly name: string; readonly value: number }[] };
  readStreams: {
    args: [];
    result: {
      readonly streams: readonly StreamRow[];
      readonly shards: readonly ShardRow[];
      readonly nextShardKey: number;
    };
  };
  readSegments: { args: [shard: number, position: number, records: number, bytes: number]; result: SegmentRows };
  findSegment: {
    args: [shard: number, since: number];
    result: { readonly position: number; readonly last_at: number } | undefined;
  };
  readCheckpoints: {
    args: [consumer: string];
    result: readonly { readonly shard: number; readonly position: number }[];
  };
  stats: { args: []; result: StoreStats };
  close: { args: []; result: undefined };
}

export type CallName = keyof Calls;

export type WriteRequest = Request & { readonly call: 'write' };

export type Request = {
  [Name in CallName]: { readonly id: number; readonly call: Name; readonly args: Calls[Name]['args'] };
}[CallName];

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** The store is no longer this engine's to write. */
  readonly lost: boolean;
}

/** To the request of that id, and to those before it that have no answer yet. */
export type Response =
  | { readonly id: number; readonly result: Calls[CallName]['result'] }
  | { readonly id: number; readonly failure: Failure };

export interface EntryRow {
  readonly queue: number;
  readonly seq: number;
  readonly message: number;
  readonly refs: number;
  readonly data: Uint8Array;
  readonly spilled: number;
  readonly attempts: number | null;
  readonly first_at: number | null;
  readonly until: number | null;
  readonly token: number | null;
  readonly reason: string | null;
  readonly origin: string | null;
  readonly died_at: number | null;
}

export interface DelayedRow extends EntryRow {
  readonly due_at: number;
}

export interface QueueRow {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  readonly created_at: number;
  readonly attributes: string;
  readonly entries: number;
  readonly delayed: number;
  readonly leased: number;
  readonly next_due_at: number | null;
}

export interface StreamRow {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  readonly created_at: number;
  readonly retention_ms: number;
  readonly next_shard: number;
  readonly attributes: string;
}

export interface ShardRow {
  readonly id: number;
  readonly stream: number;
  readonly number: number;
  readonly first_hash: string;
  readonly last_hash: string;
  readonly parent: number | null;
  readonly adjacent_parent: number | null;
  readonly opened_at: number;
  readonly closed_at: number | null;
  readonly first_position: number;
  readonly next_position: number;
  readonly oldest_at: number | null;
  readonly newest_at: number | null;
}

/** Segments one behind the other, and where each ends. The memory is handed over. */
export interface SegmentRows {
  readonly runs: readonly { readonly position: number; readonly records: number; readonly length: number }[];
  readonly bytes: ArrayBuffer;
}
