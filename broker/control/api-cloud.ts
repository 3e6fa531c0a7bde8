// The control API's AWS side: topics and streams, what was sent to people, quotas and metrics.

import type { PeekedBody } from './api-messages.ts';

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
