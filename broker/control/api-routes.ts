// The control API's routes: how they stand, what their crossings cost, and what they would do with a message.

export type RouteState = 'running' | 'paused' | 'draining' | 'failed';

/** What crossings of one route did to one field. */
export interface LossRow {
  readonly field: string;
  readonly outcome: 'renamed' | 'packed' | 'changed' | 'truncated' | 'dropped' | 'refused';
  readonly reason: string;
  readonly count: number;
}

export interface RouteRow {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly state: RouteState;
  readonly error?: string;
  readonly transferred: number;
  readonly deadLettered: number;
  readonly losses: readonly LossRow[];
  /** Absent: it moves what it takes. `shadow`: it copies; `dry-run`: it only counts what would cross, and what would not. */
  readonly mode?: 'shadow' | 'dry-run';
  /** Copies that wait, and that were dropped because too many did. */
  readonly behind?: number;
  readonly droppedCopies?: number;
  /** Of a shadow whose target's receivers are seen. */
  readonly compared?: ComparedCounts;
}

/**
 * What became of the messages that either side's receivers were done with. `late`, `reordered` and `different` ones are among those
 * that arrived.
 */
export interface ComparedCounts {
  readonly left: number;
  readonly right: number;
  readonly arrived: number;
  readonly missing: number;
  readonly extra: number;
  readonly late: number;
  readonly reordered: number;
  readonly different: number;
  readonly unknown: number;
  /** Ended as they stood, because too many waited for their other half. */
  readonly endedEarly: number;
  /** Dead letters and expired ones of either side. */
  readonly leftFailed: number;
  readonly rightFailed: number;
  /** Without what they are compared by. */
  readonly unkeyed: number;
}

/** One of the first three in a state. */
export interface ComparedExample {
  readonly state: 'missing' | 'extra' | 'late' | 'reordered' | 'different' | 'unknown';
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of late ones. */
  readonly byMs?: number;
  /** The first, with values cut, and those of secrets hidden. */
  readonly difference?: { readonly field: string; readonly left: string; readonly right: string };
}

/** What is known of a shadow, or of a dry run. */
export interface RouteComparison {
  readonly name: string;
  readonly mode: 'shadow' | 'dry-run';
  readonly from: string;
  readonly to: string;
  /** Of a dry run: what would have been. */
  readonly sent: number;
  readonly refused: number;
  readonly behind: number;
  readonly dropped: number;
  /** Absent: it is not seen what is received on the other side. */
  readonly compared?: {
    readonly left: string;
    readonly right: string;
    /** By what a message is known on the other side. */
    readonly by: string;
    readonly lateMs: number;
    readonly windowMs: number;
    readonly counts: ComparedCounts;
    /** For their other half. */
    readonly waiting: { readonly left: number; readonly right: number };
    readonly examples: readonly ComparedExample[];
  };
}

/** What became of one field of the messages of a route, however well or badly. */
export interface LedgerRow {
  readonly field: string;
  readonly outcome: LossRow['outcome'] | 'kept' | 'moved';
  readonly reason: string;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Of what did not arrive as it was: at most three values, cut, and those of secrets hidden. */
  readonly examples: readonly string[];
}

export interface ReplayRequest {
  readonly name: string;
  /** The route's dead letters, or the records of its stream from a time on (ISO 8601). */
  readonly from: string;
}

/** A message as people write it; what is absent has its default. */
export interface PreviewMessage {
  readonly body: string;
  readonly encoding?: 'text' | 'base64';
  readonly bodyType?: 'text' | 'bytes' | 'value';
  /** By the names of core/message.ts: id, to, correlationId, replyTo, type, groupId, priority, ... */
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly properties?: readonly {
    readonly name: string;
    readonly type: string;
    readonly value: string | number | boolean | null;
  }[];
}

export interface PreviewedField {
  readonly field: string;
  readonly outcome: LedgerRow['outcome'];
  readonly reason: string;
  readonly before: string;
}

/** What a route would do with a message. */
export interface Preview {
  readonly route: string;
  readonly to: string;
  /** Absent: it crosses. `passed over`: the route's condition does not choose it. */
  readonly refusal?: string;
  /** Group or partition key. */
  readonly key?: string;
  readonly fields: readonly PreviewedField[];
  /** As the target gets it; absent if it does not cross. */
  readonly after?: {
    readonly body: string;
    readonly attributes: readonly { readonly name: string; readonly type: string; readonly value: string }[];
  };
}

/** What became of the routes when the configuration was read again, by their names. */
export interface Reloaded {
  readonly started: readonly string[];
  readonly ended: readonly string[];
  readonly kept: readonly string[];
  /** Keys of the configuration that changed, and wait for a restart. */
  readonly waiting: readonly string[];
}
