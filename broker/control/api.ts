// The control API: what the console, the desktop shell and scripts may ask of the engine. Types only; nothing here
// runs. One HTTP method per entry: POST /api/<method> with a JSON body; the live feed is a WebSocket at /api/live.
// Every request carries the console's token: `Authorization: Bearer TOKEN`, or for the WebSocket the
// subprotocol `bearer.TOKEN` beside `causeway.live`.

export type Role = 'active' | 'standby';

/** One destination of either world. Counts are of messages unless the name says otherwise. */
export interface DestinationRow {
  /** Made of its names: the same for a destination that is made anew, and on another engine of the pair. */
  readonly id: string;
  readonly world: 'mq' | 'aws';
  readonly kind: 'queue' | 'topic' | 'subscription';
  readonly name: string;
  /** `account/region` for AWS resources. */
  readonly scope?: string;
  readonly ready: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Moved to a dead-letter queue since the engine started. */
  readonly dead: number;
  readonly expired: number;
  /** Consumers and waiting receives; of a topic, its subscriptions. */
  readonly consumers: number;
  /** Total since the engine started; rates are differences between two batches. */
  readonly enqueued: number;
  readonly dequeued: number;
}

export interface ClientRow {
  readonly id: string;
  readonly protocol: 'amqp' | 'mqtt' | 'stomp' | 'aws';
  readonly clientId?: string;
  readonly user?: string;
  readonly address: string;
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
}

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

/** The whole engine at one moment. Sent once at connection, then as changes. */
export interface Overview {
  readonly version: string;
  readonly role: Role;
  readonly epoch: number;
  readonly startedAt: number;
  readonly dataDirectory: string;
  readonly listeners: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  readonly memory: {
    readonly residentBytes: number;
    readonly messageBytes: number;
    readonly messageLimitBytes: number;
  };
  readonly store: { readonly bytes: number; readonly commits: number; readonly lastCommitMs: number };
  readonly totals: { readonly received: number; readonly delivered: number; readonly bridged: number };
}

/**
 * Sent 4 times a second while something changed, never more, and every 2 seconds when nothing did, so that a longer
 * silence means that the engine is away. Rows that did not change are left out; removals come first. A page that reads too slowly is sent
 * the newest state when it has read the last batch, never a backlog.
 */
export interface LiveBatch {
  readonly at: number;
  readonly overview: Overview;
  readonly destinations: readonly DestinationRow[];
  readonly removedDestinations: readonly string[];
  readonly clients: readonly ClientRow[];
  readonly removedClients: readonly string[];
  readonly routes: readonly RouteRow[];
  readonly removedRoutes: readonly string[];
  /** True in the first batch of a connection: what the page holds is to be replaced. */
  readonly snapshot: boolean;
}

/** The totals at one moment; rates are differences between two of them. */
export interface TotalsSample {
  readonly at: number;
  readonly received: number;
  readonly delivered: number;
  readonly bridged: number;
}

/** What a page that has just opened draws: a sample a second, oldest first, of the last five minutes at most. */
export interface History {
  readonly samples: readonly TotalsSample[];
}

export interface PeekRequest {
  readonly destination: string;
  /** Position after which to look; absent: from the head. */
  readonly after?: number;
  /** 1 to 100. */
  readonly limit?: number;
}

/** Delayed messages come after all others, the first due first, and at most a page of them. */
export interface PeekedMessage {
  readonly position: number;
  readonly id: string;
  readonly state: 'ready' | 'delayed' | 'in-flight';
  readonly attempts: number;
  readonly timestamp: number;
  readonly expiresAt?: number;
  /** When a delayed message is ready. */
  readonly dueAt?: number;
  readonly durable: boolean;
  readonly priority: number;
  readonly contentType?: string;
  /** Headers of the message itself have type `header`, application properties their own; values are as text. */
  readonly headers: readonly { readonly name: string; readonly type: string; readonly value: string }[];
  readonly bodyBytes: number;
  /** Base64 of the first 64 KiB. */
  readonly bodyBase64: string;
  readonly bodyIsText: boolean;
  readonly dead?: { readonly reason: string; readonly origin: string; readonly at: number };
}

export interface PeekResponse {
  readonly messages: readonly PeekedMessage[];
  /** Where to go on; absent at the end. */
  readonly next?: number;
}

export interface SendRequest {
  /** A destination's id, or the address `queue://NAME` or `topic://NAME` of a broker destination. */
  readonly destination: string;
  readonly body: string;
  readonly encoding: 'text' | 'base64';
  readonly contentType?: string;
  readonly durable?: boolean;
  readonly properties?: Readonly<Record<string, string>>;
}

/** Removes everything, in flight and delayed messages too. */
export interface PurgeRequest {
  readonly destination: string;
}

/** Every method: its request and its answer. */
export interface Methods {
  overview: { request: Record<string, never>; response: Overview };
  history: { request: Record<string, never>; response: History };
  peek: { request: PeekRequest; response: PeekResponse };
  send: { request: SendRequest; response: { readonly id: string } };
  purge: { request: PurgeRequest; response: { readonly removed: number } };
  pauseRoute: { request: { readonly name: string }; response: RouteRow };
  resumeRoute: { request: { readonly name: string }; response: RouteRow };
  listRoutes: { request: Record<string, never>; response: { readonly routes: readonly RouteRow[] } };
  /** Takes what is there, then pauses. */
  drainRoute: { request: { readonly name: string }; response: RouteRow };
  replayRoute: { request: ReplayRequest; response: { readonly replayed?: number } };
  routeLedger: {
    request: { readonly name: string; readonly format?: 'json' | 'csv' };
    response: { readonly rows: readonly LedgerRow[] } | { readonly csv: string };
  };
  previewRoute: { request: { readonly name: string; readonly message: PreviewMessage }; response: Preview };
  disconnectClient: { request: { readonly id: string }; response: Record<string, never> };
}

export type MethodName = keyof Methods;

export interface ApiError {
  readonly error: { readonly code: string; readonly message: string };
}

/** What GET /health answers, without a token: for load balancers, CI and the desktop shell. */
export interface Health {
  readonly status: 'ok';
  readonly role: Role;
  readonly version: string;
}
