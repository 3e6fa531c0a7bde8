// What the console is told of the engine by whoever puts it together (engine.ts): the core as it is, and, of the
// layers that control does not know, as much as it shows.

import type { Broker } from '../core/broker.ts';
import type { Clients } from '../core/clients.ts';
import type { Queue } from '../core/queue.ts';
import type { Shard } from '../core/stream-shard.ts';
import type { Stream } from '../core/stream.ts';
import type { Overview } from './api.ts';
import type {
  CloudMetricsRow,
  CloudService,
  MailboxRequest,
  MailKind,
  MailRelay,
  QuotaExcess,
  TopicSubscription,
} from './api-cloud.ts';
import type {
  LedgerRow,
  LossRow,
  Preview,
  PreviewMessage,
  Reloaded,
  RouteComparison,
  RouteState,
} from './api-routes.ts';

export interface ConsoleEngine {
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly dataDirectory: string;
  readonly broker: Broker;
  readonly clients: Clients;
  /** Those that run now: they come and go with the configuration. */
  readonly routes: readonly ConsoleRoute[];
  readonly cloud: ConsoleCloud;
  /** Those that are open now. */
  listeners(): Overview['listeners'];
  /** How many are known; undefined: nobody is asked who they are. */
  users(): number | undefined;
  /** @throws BrokerError `invalid` for a message that is none, `not-found` for another route. */
  previewRoute(name: string, message: PreviewMessage): Preview;
  /** Reads the configuration again. @throws BrokerError `invalid`: nothing has changed then. */
  reload(): Promise<Reloaded>;
}

/** The AWS world, beside its queues, which are the core's. */
export interface ConsoleCloud {
  /** A queue that the engine made for itself, with a name that nobody gave. */
  isInternal(queue: Queue): boolean;
  /**
   * Sends a message to a queue by the rules of its API; resolves with its identifier once it is stored.
   * @throws BrokerError `invalid`, in the API's words.
   */
  send(queue: Queue, message: CloudMessage): Promise<string>;
  topics(): Iterable<ConsoleTopic>;
  topic(arn: string): ConsoleTopic | undefined;
  streams(): Iterable<ConsoleStream>;
  stream(arn: string): ConsoleStream | undefined;
  metrics(service: CloudService): Iterable<CloudMetricsRow>;
  excesses(): Promise<readonly QuotaExcess[]>;
  /** Whole bodies. `next`: the position to go on from; undefined: these were all. */
  mailbox(page: MailboxPage): Promise<{ readonly mails: readonly CloudMail[]; readonly next: number | undefined }>;
  /** Resolves with how many mails there were. */
  clearMailbox(): Promise<number>;
}

export interface MailboxPage extends Omit<MailboxRequest, 'bodyCharacters'> {
  readonly limit: number;
}

export interface CloudMail {
  readonly position: number;
  readonly id: string;
  readonly kind: MailKind;
  readonly to: string;
  readonly subject: string | undefined;
  readonly body: string;
  readonly topicArn: string | undefined;
  readonly at: number;
  readonly confirmationUrl?: string | undefined;
  readonly relay?: MailRelay;
}

/** A topic of SNS. */
export interface ConsoleTopic {
  readonly arn: string;
  readonly name: string;
  /** `account/region`. */
  readonly scope: string;
  readonly isFifo: boolean;
  readonly displayName: string | undefined;
  /** Since the engine started. */
  readonly published: number;
  readonly subscriptionCount: number;
  subscriptions(): readonly TopicSubscription[];
  /** As ConsoleCloud.send. */
  publish(message: CloudMessage): Promise<string>;
}

/** A stream of Kinesis. */
export interface ConsoleStream {
  readonly arn: string;
  readonly name: string;
  /** `account/region`. */
  readonly scope: string;
  readonly core: Stream;
  readonly status: string;
  readonly mode: string;
  readonly isEncrypted: boolean;
  /** Names of those that are registered. */
  readonly consumers: readonly string[];
  /** Of which records are kept. */
  readonly shards: readonly Shard[];
  shardId(number: number): string;
  sequenceNumber(shard: Shard, position: number, at: number): string;
  /** Of the shard; the last is undefined while it is open. */
  sequenceRange(shard: Shard): readonly [first: string, last: string | undefined];
  /**
   * Resolves once the record is stored.
   * @throws BrokerError `invalid`, in the words of PutRecord.
   */
  put(record: CloudRecord): Promise<{ readonly shardId: string; readonly sequenceNumber: string }>;
}

export interface CloudRecord {
  readonly data: Buffer;
  readonly partitionKey: string;
  readonly hashKey: string | undefined;
}

export interface CloudMessage {
  readonly body: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Of SNS. */
  readonly subject: string | undefined;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
}

export interface ConsoleRoute {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly state: RouteState;
  readonly error: string | undefined;
  /** Since the route was made. */
  readonly transferred: number;
  readonly deadLettered: number;
  /** Undefined: it moves. */
  readonly shadow: ConsoleShadow | undefined;
  losses(): readonly LossRow[];
  ledger(): readonly LedgerRow[];
  pause(): void;
  resume(): void;
  drain(): void;
  /** @throws BrokerError `unsupported` where the source is no stream. */
  rewind(to: number): Promise<void>;
  /** Resolves with the number of dead letters that are tried again. */
  retryDead(): Promise<number>;
}

/** What a route is that copies without consuming. */
export interface ConsoleShadow {
  readonly mode: 'shadow' | 'dry-run';
  /** Copies that wait, and that were dropped. */
  readonly behind: number;
  readonly dropped: number;
  /** Undefined: nothing is compared. */
  report(): RouteComparison['compared'] | undefined;
}
