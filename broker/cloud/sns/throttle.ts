// How often an account may call, how much it may publish, and how many topics, subscriptions and filter policies it may have
// (General Reference, "Amazon SNS endpoints and quotas").

import { textAt } from '../auth/authorization.ts';
import type { Input } from '../auth/authorization.ts';
import { callRates } from '../quota-table.ts';
import type { Quotas } from '../quotas.ts';
import type { Call, Throttle } from '../service.ts';
import { topicArn } from './model/arn.ts';
import { mustConfirm } from './model/endpoints.ts';
import { refusal, throttled } from './model/errors.ts';
import type { Sns } from './model/sns.ts';
import type { Topic } from './model/topic.ts';
import { valueOf } from './model/topic-attributes.ts';

type Here = Pick<Sns, 'topics' | 'subscriptions'>;

export function snsThrottle(quotas: Quotas, sns: Here): Throttle {
  const rates = callRates('sns');
  return (operation, input, call) => {
    const resource = `${call.account}/${call.region}`;
    const rate = rates.get(operation);
    if (rate !== undefined && !quotas.take(rate.name, resource)) throw throttled();
    switch (operation) {
      case 'Publish':
        checkPublish(quotas, sns, resource, input, [input]);
        break;
      case 'PublishBatch':
        checkPublish(quotas, sns, resource, input, entriesOf(input));
        break;
      case 'CreateTopic':
        checkTopics(quotas, sns, resource, input, call);
        break;
      case 'Subscribe':
        checkSubscriptions(quotas, sns, resource, input, call);
        break;
      case 'SetSubscriptionAttributes': {
        const { topic, record } = sns.subscriptions.find(textAt(input, 'SubscriptionArn') ?? '') ?? {};
        const isMore =
          textAt(input, 'AttributeName') === 'FilterPolicy' && record?.attributes['FilterPolicy'] === undefined;
        if (isMore && topic !== undefined) checkFilterPolicies(quotas, sns, resource, topic, call);
      }
    }
  };
}

function checkPublish(
  quotas: Quotas,
  { topics }: Here,
  resource: string,
  input: Input,
  messages: readonly Input[],
): void {
  if (!quotas.take('sns-publish', resource, messages.length)) throw throttled();
  const topic = topics.find(textAt(input, 'TopicArn') ?? textAt(input, 'TargetArn') ?? '');
  if (topic?.fifo === true && !takesInOrder(quotas, topic, messages)) throw throttled();
}

function takesInOrder(quotas: Quotas, { arn, told }: Topic, messages: readonly Input[]): boolean {
  let isTaken = true;
  if (valueOf(told, 'FifoThroughputScope') === 'MessageGroup') {
    for (const message of messages) {
      const group = textAt(message, 'MessageGroupId') ?? '';
      isTaken = quotas.take('sns-fifo-group-messages', `${arn}/${group}`, 1, arn) && isTaken;
    }
    return isTaken;
  }
  const bytes = messages.reduce((sum, message) => sum + Buffer.byteLength(textAt(message, 'Message') ?? ''), 0);
  isTaken = quotas.take('sns-fifo-topic-messages', arn, messages.length);
  return quotas.take('sns-fifo-topic-bytes', arn, bytes) && isTaken;
}

/** What is there already is found again, however many there are. */
function checkTopics(quotas: Quotas, { topics }: Here, resource: string, input: Input, call: Call): void {
  const name = textAt(input, 'Name') ?? '';
  if (topics.find(topicArn(call, name)) !== undefined) return;
  const fifo = name.endsWith('.fifo');
  let many = 1;
  for (const { location, fifo: isFifo } of topics) if (isHere(location, call) && isFifo === fifo) many++;
  if (quotas.permits(fifo ? 'sns-fifo-topics' : 'sns-topics', resource, many)) return;
  throw refusal('TopicLimitExceeded', 'The maximum number of topics has been reached.');
}

function checkSubscriptions(quotas: Quotas, sns: Here, resource: string, input: Input, call: Call): void {
  const topic = sns.topics.find(textAt(input, 'TopicArn') ?? '');
  if (topic === undefined) return;
  const protocol = textAt(input, 'Protocol');
  const endpoint = textAt(input, 'Endpoint');
  for (const other of topic.subscriptions.values()) {
    if (other.protocol === protocol && other.endpoint === endpoint) return;
  }
  const quota = topic.fifo ? 'sns-fifo-subscriptions' : 'sns-subscriptions';
  if (!quotas.permits(quota, topic.arn, topic.subscriptions.size + 1)) {
    throw refusal('SubscriptionLimitExceeded', 'The maximum number of subscriptions has been reached.');
  }
  if (mustConfirm(protocol ?? '', endpoint ?? '', call.account)) checkPending(quotas, sns, resource, call);
  const attributes: unknown = input['Attributes'];
  if (attributes instanceof Map && attributes.has('FilterPolicy')) {
    checkFilterPolicies(quotas, sns, resource, topic, call);
  }
}

function checkPending(quotas: Quotas, { topics }: Here, resource: string, call: Call): void {
  let many = 1;
  for (const { location, subscriptions } of topics) {
    if (!isHere(location, call)) continue;
    for (const { record } of subscriptions.values()) if (record.pending) many++;
  }
  if (quotas.permits('sns-pending', resource, many)) return;
  throw refusal('SubscriptionLimitExceeded', 'The maximum number of pending subscriptions has been reached.');
}

function checkFilterPolicies(quotas: Quotas, { topics }: Here, resource: string, topic: Topic, call: Call): void {
  const many = policiesOf(topic) + 1;
  let all = 1;
  for (const other of topics) if (isHere(other.location, call)) all += policiesOf(other);
  const isPermitted = quotas.permits('sns-filter-policies-topic', topic.arn, many);
  if (quotas.permits('sns-filter-policies', resource, all) && isPermitted) return;
  throw refusal('FilterPolicyLimitExceeded', 'The maximum number of filter policies has been reached.');
}

function policiesOf({ subscriptions }: Topic): number {
  let many = 0;
  for (const { filter } of subscriptions.values()) if (filter !== undefined) many++;
  return many;
}

function isHere(location: Call | Topic['location'], { account, region }: Call): boolean {
  return location.account === account && location.region === region;
}

function entriesOf(input: Input): readonly Input[] {
  const entries: unknown = input['PublishBatchRequestEntries'];
  return Array.isArray(entries) ? entries.filter(isInput) : [];
}

function isInput(value: unknown): value is Input {
  return typeof value === 'object' && value !== null;
}
