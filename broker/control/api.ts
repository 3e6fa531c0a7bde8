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

export interface PeekRequest {
  readonly destination: string;
  /** Position after which to look; absent: from the head. */
  readonly after?: number;
  /** 1 to 100. */
  readonly limit?: number;
}

/** A body, or data, as far as a person reads it. */
export interface PeekedBody {
  readonly bodyBytes: number;
  /** Base64 of the first 64 KiB; of scheduled messages, of what a line shows. */
  readonly bodyBase64: string;
  readonly bodyIsText: boolean;
}

/** Delayed messages come after all others, the first due first, and at most a page of them. */
export interface PeekedMessage extends PeekedBody {
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
  /** Of SNS. */
  readonly subject?: string;
  /** What FIFO queues and topics of AWS ask for. Without the second, the message is like no other. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

/** A subscription to a topic of SNS. */
export interface TopicSubscription {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly confirmed: boolean;
  readonly raw: boolean;
  readonly filter?: { readonly policy: string; readonly scope: string };
}

export interface TopicDetail {
  readonly arn: string;
  readonly displayName?: string;
  /** By protocol and endpoint, 1000 at most. */
  readonly subscriptions: readonly TopicSubscription[];
}

export interface ShardRow {
  readonly number: number;
  readonly id: string;
  readonly open: boolean;
  /** Hash keys, both ends included; decimal numbers of up to 39 digits. */
  readonly firstHash: string;
  readonly lastHash: string;
  /** Of all hash keys, from 0 to 1. */
  readonly share: number;
  readonly parents: readonly string[];
  /** Positions: of the oldest record that is kept, and of the next one that comes. */
  readonly first: number;
  readonly next: number;
  readonly startingSequenceNumber: string;
  readonly endingSequenceNumber?: string;
  /** Of the newest record, milliseconds since the epoch. */
  readonly newestAt?: number;
}

export interface StreamDetail {
  readonly arn: string;
  readonly status: string;
  readonly mode: string;
  readonly encrypted: boolean;
  /** Names of those that are registered. */
  readonly consumers: readonly string[];
  /** Those of which records are kept, closed ones too; 1000 at most. */
  readonly shards: readonly ShardRow[];
}

export interface SubscriptionDetail {
  readonly durable: boolean;
  readonly shared: boolean;
  /** Someone receives from it. */
  readonly active: boolean;
  readonly filters: readonly string[];
  readonly selector?: string;
  readonly noLocal: boolean;
}

export interface PeekShardRequest {
  readonly destination: string;
  readonly shard: number;
  /** Position before which to look; absent: the newest. */
  readonly before?: number;
  /** 1 to 100. */
  readonly limit?: number;
}

export interface PeekedRecord extends PeekedBody {
  readonly position: number;
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  /** When it came, milliseconds since the epoch. */
  readonly at: number;
}

export interface PeekShardResponse {
  /** The newest first. */
  readonly records: readonly PeekedRecord[];
  /** Where older ones are found; absent: there are none. */
  readonly before?: number;
}

export interface PutRecordRequest {
  readonly destination: string;
  readonly partitionKey: string;
  /** Decides on the shard instead of the partition key: a decimal number of 128 bits. */
  readonly hashKey?: string;
  readonly body: string;
  readonly encoding: 'text' | 'base64';
}

/** A message that waits for its time. */
export interface ScheduledRow extends PeekedBody {
  /** What cancelling takes. */
  readonly key: string;
  readonly id: string;
  readonly to: string;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  readonly cron?: string;
  /** It is sent again: so often after the next time, without end where -1, this long after each. */
  readonly repeat?: number;
  readonly periodMs?: number;
}

export type MailKind = 'email' | 'email-json' | 'sms' | 'application';

export interface MailboxRequest {
  readonly kind?: MailKind;
  /** Position before which to look, the newest first; absent: from the newest. */
  readonly before?: number;
  /** Position after which to look, in order; not with `before`. */
  readonly after?: number;
  /** 1 to 100. */
  readonly limit?: number;
  /** How much of each body is wanted, 65,536 characters at most, which it is if nothing is said. */
  readonly bodyCharacters?: number;
}

/** What SNS would have sent by mail, as a text message, or to a mobile device. */
export interface MailRow {
  /** Grows: later ones have a greater one. */
  readonly position: number;
  /** MessageId: the same for all recipients. */
  readonly id: string;
  readonly kind: MailKind;
  /** Address, phone number, or ARN of an endpoint. */
  readonly to: string;
  readonly subject?: string;
  /** As far as it was wanted. */
  readonly body: string;
  readonly bodyBytes: number;
  /** Absent: it was published without one. */
  readonly topicArn?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Visited, it confirms the subscription that is asked about. */
  readonly confirmationUrl?: string;
  /** Of what goes out by the SMTP relay, too. */
  readonly relay?: MailRelay;
}

export interface MailRelay {
  /** `failed`: it is not tried again. */
  readonly state: 'waiting' | 'sent' | 'failed';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly attempts: number;
  /** What the relay said last, or what was wrong with it. */
  readonly reason?: string;
  /** When it is tried again. */
  readonly nextAt?: number;
}

export interface MailboxResponse {
  readonly mails: readonly MailRow[];
  /** What to ask for as `before`, or `after`, to go on; absent: these were all. */
  readonly next?: number;
}

/** What became of the routes when the configuration was read again, by their names. */
export interface Reloaded {
  readonly started: readonly string[];
  readonly ended: readonly string[];
  readonly kept: readonly string[];
  /** Keys of the configuration that changed, and wait for a restart. */
  readonly waiting: readonly string[];
}

/** What went beyond a quota of AWS, or would have been refused for it. */
export interface QuotaExcess {
  /** As docs/aws.md names it. */
  readonly quota: string;
  /** Its ARN, or `account/region`; `other` for what came when there were too many to tell apart. */
  readonly resource: string;
  /** Since the store was made. */
  readonly count: number;
}

export type CloudService = 'sqs' | 'sns' | 'kinesis';

/** A queue, topic or stream, with CloudWatch's metrics of it: counts since the engine started, and how things are now. */
export interface CloudMetricsRow {
  readonly arn: string;
  /** By CloudWatch's names; of a distribution, with `.Sum`, `.Minimum` and `.Maximum` behind it. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface CloudMetrics {
  /** By ARN; 1000 at most. */
  readonly rows: readonly CloudMetricsRow[];
  /** What to ask for next; absent: these were all. */
  readonly after?: string;
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
