// What Kinesis keeps with a stream, beside its shards and its retention: one value, replaced as a whole, stored as JSON.

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';
export type Status = 'CREATING' | 'UPDATING' | 'DELETING';

/** What is to be done once a state has been shown for long enough. */
export type Pending =
  | { readonly kind: 'settle' }
  /** `unseen`: it was never there for anybody. */
  | { readonly kind: 'delete'; readonly unseen: boolean }
  | { readonly kind: 'split'; readonly shard: number; readonly at: string }
  | { readonly kind: 'merge'; readonly shards: readonly [number, number] }
  | { readonly kind: 'scale'; readonly target: number };

export interface Transition {
  readonly status: Status;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly pending: Pending;
}

export interface ConsumerSettings {
  readonly name: string;
  readonly createdAt: number;
  /** Shown as CREATING until then. */
  readonly activeAt: number;
  /** Shown as DELETING until then, and gone after. */
  readonly goneAt?: number | undefined;
  readonly tags: Tags;
  readonly policy?: string | undefined;
}

export type Tags = readonly (readonly [key: string, value: string])[];

export interface Settings {
  readonly mode: StreamMode;
  readonly transition?: Transition | undefined;
  /** Of the KMS key; undefined: records are not encrypted. */
  readonly keyId?: string | undefined;
  readonly metrics: readonly string[];
  readonly tags: Tags;
  readonly policy?: string | undefined;
  readonly consumers: readonly ConsumerSettings[];
  readonly maxRecordKiB: number;
  readonly warmMiBps?: number | undefined;
  readonly distribution: 'AUTO' | 'USER_PARTITION_KEY';
  /** When UpdateShardCount and UpdateStreamMode were called in the last day. */
  readonly scaledAt: readonly number[];
  readonly modeChangedAt: readonly number[];
  /** When encryption was started and stopped in the last day. */
  readonly keySetAt?: readonly number[];
  readonly keyRemovedAt?: readonly number[];
}

export function fromAttributes({ kinesis }: Readonly<Record<string, unknown>>): Settings {
  // oxlint-disable-next-line typescript/consistent-type-assertions -- only toAttributes writes them
  return kinesis as Settings;
}

export function toAttributes(settings: Settings): Readonly<Record<string, unknown>> {
  return { kinesis: settings };
}
