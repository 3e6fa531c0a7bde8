// What SNS keeps in the store, as records of JSON: nobody else writes them, so that they are read as they were written.

/** Types of records, and what their keys are. */
export const recordTypes = {
  /** By ARN. */
  topic: 'sns-topic',
  /** By ARN. */
  subscription: 'sns-subscription',
  /** By ARN. */
  application: 'sns-application',
  /** By ARN. */
  endpoint: 'sns-endpoint',
  /** By account and region. */
  sms: 'sns-sms',
  /** By topic, and a digest of the scope and the identifier. */
  deduplication: 'sns-deduplication',
  signer: 'sns-signer',
} as const;

export interface TopicRecord {
  /** What it was told, each as it is kept. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly fifo: boolean;
  readonly createdAt: number;
  /** Subscriptions that were deleted. */
  readonly deleted: number;
}

export interface SubscriptionRecord {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** Account of who subscribed. */
  readonly owner: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /** Awaits confirmation with this token. */
  readonly pending: boolean;
  readonly token: string;
  /** The confirmation was a signed request. */
  readonly authenticated: boolean;
  /** Only a signed request ends it. */
  readonly authenticateOnUnsubscribe: boolean;
  /** When its topic was deleted, or it was itself: until it is forgotten, it can be looked at, or be confirmed anew. */
  readonly orphanedAt?: number;
  readonly unsubscribedAt?: number;
  readonly replay?: ReplayRecord;
}

export interface ReplayRecord {
  readonly status: 'Pending' | 'In progress' | 'Completed' | 'Failed';
  /** Position in the archive behind which it goes on. */
  readonly after: number;
  /** Position behind which messages are not replayed, but late: they were published since the replay began. */
  readonly until: number;
  readonly from: number;
  readonly to: number | undefined;
}

export interface ApplicationRecord {
  readonly platform: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface EndpointRecord {
  readonly applicationArn: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SmsRecord {
  readonly attributes: Readonly<Record<string, string>>;
  readonly optedOut: readonly string[];
  readonly sandbox: Readonly<Record<string, { readonly status: 'Pending' | 'Verified'; readonly password: string }>>;
}

export interface DeduplicationRecord {
  readonly messageId: string;
  readonly sequenceNumber: string;
  readonly expiresAt: number;
}

export interface SignerRecord {
  readonly key: string;
  readonly certificate: string;
}

export function encode(record: object): Buffer {
  return Buffer.from(JSON.stringify(record));
}

// eslint-disable-next-line typescript/no-unnecessary-type-parameters -- the reader says what was written
export function decode<T>(bytes: Buffer): T {
  return JSON.parse(bytes.toString()) as T;
}
