// The attributes of a subscription (API Reference, SetSubscriptionAttributes): which there are, which values they take.

import { parseArn } from '../../sqs/model/arn.ts';
import { checkSubscriptionPolicy } from './delivery-policy.ts';
import { InvalidAttribute } from './errors.ts';
import { compileFilter } from './filter-policy.ts';
import type { FilterScope } from './filter-policy.ts';
import { JsonSyntaxError, JsonTokens } from './json-tokens.ts';
import { readReplayPolicy } from './replay-policy.ts';

/** What is to be known of a subscription to judge its attributes. */
export interface Subscribed {
  readonly protocol: string;
  readonly endpoint: string;
  readonly fifoTopic: boolean;
  readonly archived: boolean;
}

const defaults: Readonly<Record<string, string>> = {
  RawMessageDelivery: 'false',
  FilterPolicyScope: 'MessageAttributes',
};
const names: ReadonlySet<string> = new Set([
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'ReplayPolicy',
  'SubscriptionRoleArn',
]);
const rawProtocols: ReadonlySet<string> = new Set(['sqs', 'http', 'https', 'firehose']);

export type Attributes = Readonly<Record<string, string>>;

export function isKnown(name: string): boolean {
  return names.has(name);
}

/**
 * What the subscription was told, after it was told `given`.
 * @throws InvalidAttribute; AwsError for numbers in filters that AWS itself fails on.
 */
export function apply(told: Attributes, given: ReadonlyMap<string, string>, subscribed: Subscribed): Attributes {
  const result = new Map(Object.entries(told));
  for (const [name, value] of given) {
    const kept = check(name, value, subscribed);
    if (kept === undefined) result.delete(name);
    else result.set(name, kept);
  }
  const attributes = Object.fromEntries(result);
  const policy = attributes['FilterPolicy'];
  // The one is judged by the other.
  if (policy !== undefined && (given.has('FilterPolicy') || given.has('FilterPolicyScope'))) {
    compileFilter(policy, scopeOf(attributes));
  }
  return attributes;
}

/** Whether a subscription that is there is what `given`, applied to a new one, would be. */
export function agrees(told: Attributes, given: ReadonlyMap<string, string>, applied: Attributes): boolean {
  return [...given.keys()].every((name) => (told[name] ?? defaults[name]) === (applied[name] ?? defaults[name]));
}

export function scopeOf(attributes: Attributes): FilterScope {
  return attributes['FilterPolicyScope'] === 'MessageBody' ? 'MessageBody' : 'MessageAttributes';
}

/** The ARN of the queue for what cannot be delivered. */
export function deadLetterTarget(policy: string): string | undefined {
  const value: unknown = JSON.parse(policy);
  const target: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'deadLetterTargetArn') : undefined;
  return typeof target === 'string' ? target : undefined;
}

/** The value as it is kept; undefined unsets it. */
function check(name: string, value: string, subscribed: Subscribed): string | undefined {
  switch (name) {
    case 'RawMessageDelivery':
      return checkRaw(value, subscribed);
    case 'FilterPolicyScope':
      if (value !== 'MessageBody' && value !== 'MessageAttributes') {
        throw new InvalidAttribute(
          `FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
        );
      }
      return value;
    case 'FilterPolicy':
      // How policies are taken away.
      return value === '' || value === '{}' ? undefined : value;
    case 'RedrivePolicy':
      return checkRedrive(value, subscribed);
    case 'DeliveryPolicy':
      return value === '' ? undefined : checkSubscriptionPolicy(value);
    case 'ReplayPolicy':
      return checkReplay(value, subscribed);
    case 'SubscriptionRoleArn':
      if (!/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(value)) {
        throw new InvalidAttribute('SubscriptionRoleArn: Invalid value. Must be the ARN of a role.');
      }
      return value;
    default:
      throw new InvalidAttribute(`Unknown attribute ${name}`);
  }
}

function checkRaw(value: string, { protocol }: Subscribed): string {
  const text = value.toLowerCase();
  if (text !== 'true' && text !== 'false') {
    throw new InvalidAttribute(`RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
  }
  if (text === 'true' && !rawProtocols.has(protocol)) {
    throw new InvalidAttribute(
      `RawMessageDelivery: Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  }
  return text;
}

function checkRedrive(value: string, { endpoint, fifoTopic }: Subscribed): string | undefined {
  if (value === '' || value === '{}') return undefined;
  checkJson('RedrivePolicy', value);
  const target = deadLetterTarget(value);
  const arn = target === undefined ? undefined : parseArn(target);
  if (arn?.service !== 'sqs') throw new InvalidAttribute('RedrivePolicy: deadLetterTargetArn is an invalid arn');
  if (fifoTopic && endpoint.endsWith('.fifo') && !arn.resource.endsWith('.fifo')) {
    throw new InvalidAttribute('RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.');
  }
  return value;
}

function checkReplay(value: string, { fifoTopic, archived }: Subscribed): string | undefined {
  if (value === '' || value === '{}') return undefined;
  checkJson('ReplayPolicy', value);
  if (!fifoTopic || !archived) {
    throw new InvalidAttribute('ReplayPolicy: can only be set for subscriptions of FIFO topics with an archive policy');
  }
  readReplayPolicy(value);
  return value;
}

function checkJson(name: string, text: string): void {
  try {
    const tokens = new JsonTokens(text);
    while (tokens.next() !== 'end');
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new InvalidAttribute(`${name}: failed to parse JSON. ${error.message}`);
  }
}
