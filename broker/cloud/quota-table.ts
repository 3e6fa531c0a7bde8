// Quotas of SQS, SNS and Kinesis Data Streams: what AWS allows an account of us-east-1 that never asked for more, and what
// becomes of each here. docs/aws.md shows the table. Nothing is decided here: quotas.ts counts, the services refuse.

/** Where a value was read, and when. `memory`: on no page that could be read then; it is what AWS said in earlier years. */
const sources = {
  'sqs-messages': 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html',
  'sqs-queues': 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html',
  'sqs-policies': 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html',
  'sqs-model': 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/',
  'sns-model': 'https://docs.aws.amazon.com/sns/latest/api/',
  'sns-features': 'https://aws.amazon.com/sns/features/',
  'sns-fifo': 'https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_sns.FifoThroughputScope.html',
  'sns-filters': 'https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html',
  'sns-policies': 'https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html',
  'sns-quotas': 'https://docs.aws.amazon.com/general/latest/gr/sns.html',
  'kinesis-limits': 'https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html',
  'kinesis-model': 'https://docs.aws.amazon.com/kinesis/latest/APIReference/',
  'kinesis-consumers': 'https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html',
} as const;

export const sourceDate = '2026-11';

export type Scope =
  | 'account' // in a region
  | 'queue'
  | 'message group'
  | 'topic'
  | 'stream'
  | 'shard'
  | 'consumer and shard'
  | 'resource'
  | 'request'
  | 'message';

export interface QuotaFact {
  readonly service: 'sqs' | 'sns' | 'kinesis';
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly scope: Scope;
  /**
   * `always`: refused whatever `cloud.quotas` says. `shard`: refused unless it says `off`, or `observe`. `quotas`: as it says.
   * `counted`: refused never, counted unless it says `off`, or nothing.
   */
  readonly applied: 'always' | 'shard' | 'quotas' | 'counted';
  readonly source: Source;
  /** The page could be read, and says so. */
  readonly verified: boolean;
  /** Of a rate of calls: those that it is about. */
  readonly operations?: readonly string[];
  /** Values of other regions than us-east-1, where they differ; '' is every region that is not named. */
  readonly regions?: Readonly<Record<string, number>>;
}

type Source = keyof typeof sources;

/** A question mark before the source: the page could not be read this month. */
function fact(
  given: Source | `?${Source}`,
  applied: QuotaFact['applied'],
  value: number,
  unit: string,
  scope: Scope,
  what: string,
  operations?: readonly string[],
): QuotaFact {
  const source = sourceNamed(given);
  const service = source.startsWith('sqs') ? 'sqs' : source.startsWith('sns') ? 'sns' : 'kinesis';
  const verified = !given.startsWith('?');
  return { service, what, value, unit, scope, applied, source, verified, ...(operations && { operations }) };
}

/** How often an operation may be called. */
function calls(source: Source | `?${Source}`, operation: string, value: number, scope: Scope): QuotaFact {
  return fact(source, 'quotas', value, 'calls/s', scope, `\`${operation}\``, [operation]);
}

/** As the quotas of messages of SQS list them; what could not be read of them this year is what AWS said before. */
const highThroughputs = {
  'us-west-2': 70_000,
  'eu-west-1': 70_000,
  'us-east-2': 19_000,
  'eu-central-1': 19_000,
  'ap-south-1': 9000,
  'ap-southeast-1': 9000,
  'ap-southeast-2': 9000,
  'ap-northeast-1': 9000,
  'eu-west-2': 4500,
  'sa-east-1': 4500,
  '': 2400,
};

export const quotas = {
  // ---- SQS
  'sqs-fifo-calls': fact(
    'sqs-messages',
    'quotas',
    300,
    'calls/s',
    'queue',
    'each action on a FIFO queue, a batch as one call',
  ),
  'sqs-fifo-group-calls': fact(
    'sqs-messages',
    'quotas',
    300,
    'calls/s',
    'message group',
    'sending to a FIFO queue in high throughput mode, a batch as one call of each of its groups',
  ),
  'sqs-fifo-high-calls': {
    ...fact(
      'sqs-messages',
      'quotas',
      70_000,
      'calls/s',
      'queue',
      'each action on a FIFO queue in high throughput mode',
    ),
    regions: highThroughputs,
  },
  'sqs-tagging': fact('sqs-queues', 'quotas', 30, 'calls/s', 'account', '`TagQueue` and `UntagQueue` together', [
    'TagQueue',
    'UntagQueue',
  ]),
  'sqs-in-flight': fact(
    'sqs-queues',
    'always',
    120_000,
    'messages',
    'queue',
    'messages in flight of a standard queue (`OverLimit`, unless who receives waits)',
  ),
  'sqs-fifo-in-flight': fact(
    'sqs-model',
    'always',
    120_000,
    'messages',
    'queue',
    'messages in flight of a FIFO queue (then nothing is received)',
  ),
  'sqs-message-size': fact('sqs-messages', 'always', 1_048_576, 'bytes', 'message', 'a message with its attributes'),
  'sqs-batch-size': fact('sqs-messages', 'always', 1_048_576, 'bytes', 'request', 'all messages of a batch'),
  'sqs-batch-entries': fact('sqs-messages', 'always', 10, 'entries', 'request', 'entries of a batch'),
  'sqs-attributes': fact('sqs-messages', 'always', 10, 'attributes', 'message', 'attributes of a message'),
  'sqs-batch-id': fact('sqs-messages', 'always', 80, 'characters', 'message', '`Id` of an entry of a batch'),
  'sqs-group-id': fact('sqs-messages', 'always', 128, 'characters', 'message', '`MessageGroupId`'),
  'sqs-queue-name': fact('sqs-queues', 'always', 80, 'characters', 'queue', 'name of a queue, with `.fifo`'),
  'sqs-listed-queues': fact('sqs-queues', 'always', 1000, 'queues', 'request', '`ListQueues`'),
  'sqs-wait': fact('sqs-queues', 'always', 20, 'seconds', 'request', 'long polling'),
  'sqs-delay': fact('sqs-queues', 'always', 900, 'seconds', 'message', 'delay'),
  'sqs-visibility': fact(
    'sqs-model',
    'always',
    43_200,
    'seconds',
    'message',
    'visibility timeout, with all its extensions',
  ),
  'sqs-retention': fact('sqs-messages', 'always', 1_209_600, 'seconds', 'queue', 'retention'),
  'sqs-tags': fact('sqs-queues', 'always', 50, 'tags', 'queue', 'tags'),
  'sqs-tag-key': fact('sqs-queues', 'always', 128, 'characters', 'queue', 'key of a tag'),
  'sqs-tag-value': fact('sqs-queues', 'always', 256, 'characters', 'queue', 'value of a tag'),
  'sqs-policy-size': fact('?sqs-policies', 'always', 8192, 'bytes', 'queue', 'a policy'),
  'sqs-policy-statements': fact('?sqs-policies', 'always', 20, 'statements', 'queue', 'statements of a policy'),
  'sqs-policy-principals': fact('?sqs-policies', 'always', 50, 'principals', 'queue', 'principals of a policy'),
  'sqs-policy-actions': fact('sqs-model', 'always', 7, 'actions', 'queue', 'actions of a statement'),
  'sqs-move-tasks': fact('sqs-model', 'always', 1, 'tasks', 'queue', 'move tasks that run'),
  'sqs-move-rate': fact(
    'sqs-model',
    'always',
    500,
    'messages/s',
    'queue',
    '`MaxNumberOfMessagesPerSecond` of a move task',
  ),

  // ---- SNS
  'sns-publish': fact(
    '?sns-quotas',
    'quotas',
    30_000,
    'messages/s',
    'account',
    '`Publish` and `PublishBatch`, by messages',
  ),
  'sns-fifo-topic-messages': fact(
    'sns-fifo',
    'quotas',
    3000,
    'messages/s',
    'topic',
    'messages of a FIFO topic with `FifoThroughputScope` `Topic`, or none',
  ),
  'sns-fifo-topic-bytes': fact('sns-fifo', 'quotas', 20_971_520, 'bytes/s', 'topic', 'bytes of the same'),
  'sns-fifo-group-messages': fact(
    '?sns-quotas',
    'quotas',
    300,
    'messages/s',
    'message group',
    'messages of a group of a FIFO topic',
  ),
  'sns-subscribe': calls('sns-model', 'Subscribe', 100, 'account'),
  'sns-unsubscribe': calls('sns-model', 'Unsubscribe', 100, 'account'),
  'sns-list-topics': calls('sns-model', 'ListTopics', 30, 'account'),
  'sns-list-subscriptions': calls('sns-model', 'ListSubscriptions', 30, 'account'),
  'sns-list-subscriptions-by-topic': calls('sns-model', 'ListSubscriptionsByTopic', 30, 'account'),
  'sns-list-platform-applications': calls('sns-model', 'ListPlatformApplications', 15, 'account'),
  'sns-list-endpoints': calls('sns-model', 'ListEndpointsByPlatformApplication', 30, 'account'),
  'sns-tagging': fact('sns-model', 'quotas', 10, 'calls/s', 'account', '`TagResource` and `UntagResource` together', [
    'TagResource',
    'UntagResource',
  ]),
  'sns-check-opted-out': calls('?sns-quotas', 'CheckIfPhoneNumberIsOptedOut', 50, 'account'),
  'sns-list-opted-out': calls('?sns-quotas', 'ListPhoneNumbersOptedOut', 10, 'account'),
  'sns-opt-in': calls('?sns-quotas', 'OptInPhoneNumber', 20, 'account'),
  'sns-get-sms-attributes': calls('?sns-quotas', 'GetSMSAttributes', 20, 'account'),
  'sns-set-sms-attributes': calls('?sns-quotas', 'SetSMSAttributes', 1, 'account'),
  'sns-topics': fact('sns-features', 'quotas', 100_000, 'topics', 'account', 'standard topics'),
  'sns-fifo-topics': fact('sns-features', 'quotas', 1000, 'topics', 'account', 'FIFO topics'),
  'sns-subscriptions': fact(
    'sns-features',
    'quotas',
    12_500_000,
    'subscriptions',
    'topic',
    'subscriptions of a standard topic',
  ),
  'sns-fifo-subscriptions': fact(
    'sns-features',
    'quotas',
    100,
    'subscriptions',
    'topic',
    'subscriptions of a FIFO topic',
  ),
  'sns-pending': fact(
    '?sns-quotas',
    'quotas',
    5000,
    'subscriptions',
    'account',
    'subscriptions that await confirmation',
  ),
  'sns-filter-policies-topic': fact('sns-filters', 'quotas', 200, 'policies', 'topic', 'filter policies of a topic'),
  'sns-filter-policies': fact('sns-filters', 'quotas', 10_000, 'policies', 'account', 'filter policies'),
  'sns-filter-keys': fact('sns-filters', 'always', 5, 'keys', 'resource', 'keys of a filter policy'),
  'sns-filter-combinations': fact(
    'sns-filters',
    'always',
    150,
    'combinations',
    'resource',
    'combinations of values of a filter policy',
  ),
  'sns-filter-size': fact('sns-filters', 'always', 262_144, 'bytes', 'resource', 'a filter policy'),
  'sns-message-size': fact(
    'sns-model',
    'always',
    262_144,
    'bytes',
    'request',
    'a message with its attributes, and a batch; up to 1 MiB by `MaximumMessageSize`',
  ),
  'sns-batch-entries': fact('sns-model', 'always', 10, 'entries', 'request', 'entries of a batch'),
  'sns-tags': fact('sns-model', 'always', 50, 'tags', 'topic', 'tags of a topic'),
  'sns-archive': fact('sns-model', 'always', 365, 'days', 'topic', '`MessageRetentionPeriod` of an archive'),
  'sns-sandbox-numbers': fact('?sns-quotas', 'always', 10, 'numbers', 'account', 'phone numbers of the SMS sandbox'),
  'sns-policy-size': fact('sns-policies', 'always', 30_720, 'bytes', 'topic', 'a policy'),
  'sns-policy-statements': fact('sns-policies', 'always', 100, 'statements', 'topic', 'statements of a policy'),
  'sns-policy-principals': fact('sns-policies', 'always', 200, 'principals', 'topic', 'principals of a policy'),
  'sns-email-rate': fact('?sns-quotas', 'counted', 10, 'messages/s', 'topic', 'mails of a topic'),
  'sns-sms-rate': fact(
    '?sns-quotas',
    'counted',
    20,
    'messages/s',
    'account',
    'text messages, promotional and transactional ones apart',
  ),

  // ---- Kinesis Data Streams
  'kinesis-put-bytes': fact('kinesis-limits', 'shard', 1_048_576, 'bytes/s', 'shard', 'written, keys and data'),
  'kinesis-put-records': fact('kinesis-limits', 'shard', 1000, 'records/s', 'shard', 'written'),
  'kinesis-get-bytes': fact(
    'kinesis-limits',
    'shard',
    2_097_152,
    'bytes/s',
    'shard',
    'read by `GetRecords`; a call that reads 10 MiB leaves nothing for five seconds',
  ),
  'kinesis-get-calls': fact('kinesis-model', 'shard', 5, 'calls/s', 'shard', '`GetRecords`'),
  'kinesis-subscription-bytes': fact(
    'kinesis-consumers',
    'shard',
    2_097_152,
    'bytes/s',
    'consumer and shard',
    'read by a subscription, which is slowed down',
  ),
  'kinesis-get-shard-iterator': calls('kinesis-model', 'GetShardIterator', 5, 'shard'),
  'kinesis-subscribe-to-shard': fact(
    'kinesis-model',
    'always',
    1,
    'calls/s',
    'consumer and shard',
    '`SubscribeToShard` (one in five seconds is taken, else `ResourceInUseException`)',
  ),
  'kinesis-list-shards': calls('kinesis-model', 'ListShards', 1000, 'stream'),
  'kinesis-describe-stream-consumer': calls('kinesis-model', 'DescribeStreamConsumer', 20, 'stream'),
  'kinesis-deregister-stream-consumer': calls('kinesis-model', 'DeregisterStreamConsumer', 5, 'stream'),
  'kinesis-list-stream-consumers': calls('kinesis-model', 'ListStreamConsumers', 5, 'stream'),
  'kinesis-register-stream-consumer': calls('kinesis-model', 'RegisterStreamConsumer', 5, 'account'),
  'kinesis-create-stream': calls('kinesis-model', 'CreateStream', 5, 'account'),
  'kinesis-delete-stream': calls('kinesis-model', 'DeleteStream', 5, 'account'),
  'kinesis-list-streams': calls('kinesis-model', 'ListStreams', 5, 'account'),
  'kinesis-describe-stream': calls('kinesis-model', 'DescribeStream', 10, 'account'),
  'kinesis-describe-stream-summary': calls('kinesis-model', 'DescribeStreamSummary', 20, 'account'),
  'kinesis-describe-limits': calls('kinesis-model', 'DescribeLimits', 1, 'account'),
  'kinesis-describe-account-settings': calls('kinesis-model', 'DescribeAccountSettings', 5, 'account'),
  'kinesis-update-account-settings': calls('kinesis-model', 'UpdateAccountSettings', 5, 'account'),
  'kinesis-split-shard': calls('kinesis-model', 'SplitShard', 5, 'account'),
  'kinesis-merge-shards': calls('kinesis-model', 'MergeShards', 5, 'account'),
  'kinesis-update-shard-count': calls('kinesis-model', 'UpdateShardCount', 10, 'account'),
  'kinesis-update-warm-throughput': calls('kinesis-model', 'UpdateStreamWarmThroughput', 5, 'account'),
  'kinesis-update-stream-mode': calls('?kinesis-limits', 'UpdateStreamMode', 5, 'account'),
  'kinesis-increase-retention': calls('?kinesis-limits', 'IncreaseStreamRetentionPeriod', 5, 'account'),
  'kinesis-decrease-retention': calls('?kinesis-limits', 'DecreaseStreamRetentionPeriod', 5, 'account'),
  'kinesis-enable-monitoring': calls('?kinesis-limits', 'EnableEnhancedMonitoring', 5, 'account'),
  'kinesis-disable-monitoring': calls('?kinesis-limits', 'DisableEnhancedMonitoring', 5, 'account'),
  'kinesis-put-resource-policy': calls('?kinesis-limits', 'PutResourcePolicy', 5, 'account'),
  'kinesis-get-resource-policy': calls('?kinesis-limits', 'GetResourcePolicy', 5, 'account'),
  'kinesis-delete-resource-policy': calls('?kinesis-limits', 'DeleteResourcePolicy', 5, 'account'),
  'kinesis-add-tags': calls('kinesis-model', 'AddTagsToStream', 5, 'account'),
  'kinesis-remove-tags': calls('kinesis-model', 'RemoveTagsFromStream', 5, 'account'),
  'kinesis-list-tags': calls('kinesis-model', 'ListTagsForStream', 5, 'account'),
  'kinesis-shards': fact(
    'kinesis-limits',
    'always',
    20_000,
    'shards',
    'account',
    'open shards of provisioned streams (20,000 in us-east-1, us-west-2 and eu-west-1, else 1,000)',
  ),
  'kinesis-on-demand-streams': fact('kinesis-limits', 'always', 50, 'streams', 'account', 'streams on demand'),
  'kinesis-creating': fact('kinesis-model', 'always', 5, 'streams', 'account', 'streams that are `CREATING`'),
  'kinesis-stream-shards': fact('kinesis-model', 'always', 10_000, 'shards', 'stream', '`UpdateShardCount`'),
  'kinesis-warm-throughput': fact('kinesis-limits', 'always', 10_240, 'MiB/s', 'stream', '`WarmThroughputMiBps`'),
  'kinesis-mode-changes': fact('kinesis-model', 'always', 2, 'calls', 'stream', '`UpdateStreamMode` in 24 hours'),
  'kinesis-new-keys': fact('kinesis-model', 'always', 25, 'calls', 'stream', '`StartStreamEncryption` in 24 hours'),
  'kinesis-key-removals': fact('kinesis-model', 'always', 25, 'calls', 'stream', '`StopStreamEncryption` in 24 hours'),
  'kinesis-consumers-creating': fact(
    'kinesis-model',
    'always',
    5,
    'consumers',
    'stream',
    'consumers that are `CREATING`',
  ),
  'kinesis-consumers': fact(
    'kinesis-model',
    'always',
    20,
    'consumers',
    'stream',
    'consumers (50 with the commitment of the account)',
  ),
  'kinesis-scalings': fact('kinesis-model', 'always', 10, 'calls', 'stream', '`UpdateShardCount` in 24 hours'),
  'kinesis-record-size': fact(
    'kinesis-limits',
    'always',
    1_048_576,
    'bytes',
    'message',
    'a record; up to 10 MiB by `MaxRecordSizeInKiB`',
  ),
  'kinesis-put-records-size': fact(
    'kinesis-limits',
    'always',
    10_485_760,
    'bytes',
    'request',
    '`PutRecords`, keys and data',
  ),
  'kinesis-put-records-count': fact('kinesis-model', 'always', 500, 'records', 'request', '`PutRecords`'),
  'kinesis-get-records-size': fact('kinesis-limits', 'always', 10_485_760, 'bytes', 'request', '`GetRecords`'),
  'kinesis-retention': fact('kinesis-limits', 'always', 8760, 'hours', 'stream', 'retention'),
  'kinesis-tags': fact('kinesis-model', 'always', 50, 'tags', 'resource', 'tags'),
} satisfies Record<string, QuotaFact>;

export type QuotaName = keyof typeof quotas;

export function sourceOf({ source }: QuotaFact): string {
  return sources[source];
}

/** What is allowed in a region. */
export function valueIn(name: QuotaName, region: string): number {
  const { value, regions }: QuotaFact = quotas[name];
  if (regions === undefined || region === 'us-east-1') return value;
  return regions[region] ?? regions[''] ?? value;
}

export interface CallRate {
  readonly name: QuotaName;
  readonly scope: Scope;
}

/** Of the operations that are counted by calls alone. */
export function callRates(service: QuotaFact['service']): ReadonlyMap<string, CallRate> {
  const found = new Map<string, CallRate>();
  for (const name of Object.keys(quotas)) {
    if (!isQuota(name)) continue;
    const { service: of, applied, scope, operations = [] }: QuotaFact = quotas[name];
    if (of !== service || applied !== 'quotas') continue;
    for (const operation of operations) found.set(operation, { name, scope });
  }
  return found;
}

function sourceNamed(given: string): Source {
  const name = given.replace('?', '');
  if (!isSource(name)) throw new TypeError(`no source "${name}"`);
  return name;
}

function isSource(name: string): name is Source {
  return Object.hasOwn(sources, name);
}

function isQuota(name: string): name is QuotaName {
  return Object.hasOwn(quotas, name);
}
