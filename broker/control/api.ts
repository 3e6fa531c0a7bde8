// The control API: what the console, the desktop shell and scripts may ask of the engine. Types only; nothing here
// runs. One HTTP method per entry: POST /api/<method> with a JSON body; the live feed is a WebSocket at /api/live.
// Every request carries the console's token: `Authorization: Bearer TOKEN`, or for the WebSocket the
// subprotocol `bearer.TOKEN` beside `causeway.live`.

import type {
  CloudMetrics,
  CloudService,
  MailboxRequest,
  MailboxResponse,
  PeekShardRequest,
  PeekShardResponse,
  PutRecordRequest,
  QuotaExcess,
  StreamDetail,
  TopicDetail,
} from './api-cloud.ts';
import type { PeekRequest, PeekResponse, ScheduledRow, SendRequest, SubscriptionDetail } from './api-messages.ts';
import type {
  LedgerRow,
  Preview,
  PreviewMessage,
  Reloaded,
  ReplayRequest,
  RouteComparison,
  RouteRow,
} from './api-routes.ts';

export type Role = 'active' | 'standby';

/** One destination of either world. Counts are of messages unless the name says otherwise. */
export interface DestinationRow {
  /** Made of its names: the same for a destination that is made anew, and on another engine of the pair. */
  readonly id: string;
  readonly world: 'mq' | 'aws';
  readonly kind: 'queue' | 'topic' | 'subscription' | 'stream';
  /**
   * Which of its kind, where that is not the usual one. Queues: `fifo` in AWS, `temporary` ones end with their connection;
   * topics: `fifo`; subscriptions: `durable`, `shared`, both, or all that an MQTT client with a `session` subscribed to.
   */
  readonly variant?: 'fifo' | 'temporary' | 'durable' | 'shared' | 'durable shared' | 'session';
  /** As people know it: of a subscription its own name, or else the topics that it is to. */
  readonly name: string;
  /** `account/region` for AWS resources. */
  readonly scope?: string;
  /** Of a subscription: the client that it belongs to. */
  readonly clientId?: string;
  /** Of a subscription with a name: the topics that it is to. */
  readonly topics?: string;
  /** Of a stream: shards that are open. */
  readonly shards?: number;
  /** Of a stream: how long records are kept. */
  readonly retentionMs?: number;
  /** Of a stream: keys and data, since the engine started. */
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  readonly ready: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Moved to a dead-letter queue since the engine started. */
  readonly dead: number;
  readonly expired: number;
  /** Consumers and waiting receives; of a topic, its subscriptions; of a stream, those that are registered with it. */
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

export interface ListenerRow {
  readonly host: string;
  readonly port: number;
  /** Clients without credentials are let in; to the AWS endpoint, those with any. */
  readonly anonymous: boolean;
}

/** The whole engine at one moment. Sent once at connection, then as changes. */
export interface Overview {
  readonly version: string;
  readonly role: Role;
  readonly epoch: number;
  readonly startedAt: number;
  readonly dataDirectory: string;
  readonly listeners: Readonly<Record<string, ListenerRow>>;
  /** Users that are known; absent: nobody is asked who they are. */
  readonly users?: number;
  /** Messages that wait for their time: delayed, repeated, or by cron. */
  readonly scheduled: number;
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

/** Every method: its request and its answer. */
export interface Methods {
  overview: { request: Record<string, never>; response: Overview };
  history: { request: Record<string, never>; response: History };
  peek: { request: PeekRequest; response: PeekResponse };
  send: { request: SendRequest; response: { readonly id: string } };
  /** Removes everything, in flight and delayed messages too. */
  purge: { request: { readonly destination: string }; response: { readonly removed: number } };
  pauseRoute: { request: { readonly name: string }; response: RouteRow };
  resumeRoute: { request: { readonly name: string }; response: RouteRow };
  describeTopic: { request: { readonly destination: string }; response: TopicDetail };
  describeStream: { request: { readonly destination: string }; response: StreamDetail };
  describeSubscription: { request: { readonly destination: string }; response: SubscriptionDetail };
  /** Ends a durable subscription, with the messages that wait for it. */
  unsubscribe: { request: { readonly destination: string }; response: Record<string, never> };
  peekShard: { request: PeekShardRequest; response: PeekShardResponse };
  putRecord: {
    request: PutRecordRequest;
    response: { readonly shardId: string; readonly sequenceNumber: string };
  };
  /** The first due, 1000 at most. */
  scheduled: { request: Record<string, never>; response: { readonly messages: readonly ScheduledRow[] } };
  cancelScheduled: { request: { readonly key: string }; response: Record<string, never> };
  listRoutes: { request: Record<string, never>; response: { readonly routes: readonly RouteRow[] } };
  /** Takes what is there, then pauses. */
  drainRoute: { request: { readonly name: string }; response: RouteRow };
  replayRoute: { request: ReplayRequest; response: { readonly replayed?: number } };
  routeLedger: {
    request: { readonly name: string; readonly format?: 'json' | 'csv' };
    response: { readonly rows: readonly LedgerRow[] } | { readonly csv: string };
  };
  /** Of a shadow or a dry run; of other routes it is refused. */
  compareRoute: {
    request: { readonly name: string; readonly format?: 'json' | 'csv' };
    response: RouteComparison | { readonly csv: string };
  };
  previewRoute: { request: { readonly name: string; readonly message: PreviewMessage }; response: Preview };
  cloudQuotas: { request: Record<string, never>; response: { readonly excesses: readonly QuotaExcess[] } };
  cloudMetrics: { request: { readonly service: CloudService; readonly after?: string }; response: CloudMetrics };
  /** The latest thousand are kept. */
  mailbox: { request: MailboxRequest; response: MailboxResponse };
  clearMailbox: { request: Record<string, never>; response: { readonly removed: number } };
  /** Reads the configuration, users and certificates again; what is wrong with it is said, and changes nothing. */
  reload: { request: Record<string, never>; response: Reloaded };
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
