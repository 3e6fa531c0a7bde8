// The attributes of a queue (API Reference, SetQueueAttributes and GetQueueAttributes): which there are, which values
// they take, what they are by default. Encryption settings and the access policy are kept and given back; nothing here
// encrypts, and no policy is evaluated.

import { checkPolicy } from './access-policy.ts';
import { invalidAttributeName, invalidAttributeValue, unknownAttribute } from './errors.ts';
import { limits } from './limits.ts';
import {
  formatRedriveAllowPolicy,
  formatRedrivePolicy,
  parseRedriveAllowPolicy,
  parseRedrivePolicy,
} from './redrive-policy.ts';

interface Attribute {
  /** What a queue has that was never told otherwise; absent: it has none. */
  readonly byDefault?: string;
  /** The value as it is kept, or the error. An empty value unsets attributes that have no default. */
  readonly check: (value: string) => string;
}

/** Those that can be set, in the order in which AWS lists them. */
const settable: Readonly<Record<string, Attribute>> = {
  VisibilityTimeout: whole('VisibilityTimeout', 30, 0, limits.visibilitySeconds),
  MaximumMessageSize: whole('MaximumMessageSize', limits.messageBytes, 1024, limits.messageBytes),
  MessageRetentionPeriod: whole('MessageRetentionPeriod', 345_600, 60, 1_209_600),
  DelaySeconds: whole('DelaySeconds', 0, 0, limits.delaySeconds),
  ReceiveMessageWaitTimeSeconds: whole('ReceiveMessageWaitTimeSeconds', 0, 0, limits.waitSeconds),
  Policy: { check: checkPolicy },
  RedrivePolicy: { check: (value) => formatRedrivePolicy(parseRedrivePolicy(value)) },
  RedriveAllowPolicy: { check: (value) => formatRedriveAllowPolicy(parseRedriveAllowPolicy(value)) },
  KmsMasterKeyId: { check: (value) => value },
  KmsDataKeyReusePeriodSeconds: { check: (value) => checkWhole('KmsDataKeyReusePeriodSeconds', value, 60, 86_400) },
  SqsManagedSseEnabled: { byDefault: 'true', check: (value) => checkBoolean('SqsManagedSseEnabled', value) },
};

/** Those that FIFO queues have besides. */
const fifoSettable: Readonly<Record<string, Attribute>> = {
  FifoQueue: { byDefault: 'true', check: checkFifo },
  ContentBasedDeduplication: {
    byDefault: 'false',
    check: (value) => checkBoolean('ContentBasedDeduplication', value),
  },
  DeduplicationScope: {
    byDefault: 'queue',
    check: (value) => checkOneOf('DeduplicationScope', value, ['queue', 'messageGroup']),
  },
  FifoThroughputLimit: {
    byDefault: 'perQueue',
    check: (value) => checkOneOf('FifoThroughputLimit', value, ['perQueue', 'perMessageGroupId']),
  },
};

const ofFifo: Readonly<Record<string, Attribute>> = { ...settable, ...fifoSettable };

export type Kind = 'standard' | 'fifo';

function attributesOf(kind: Kind): Readonly<Record<string, Attribute>> {
  return kind === 'fifo' ? ofFifo : settable;
}

/** Those that the service alone sets. */
const computed = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
] as const;

export type ComputedAttribute = (typeof computed)[number];

const readable: ReadonlySet<string> = new Set(['All', ...Object.keys(ofFifo), ...computed]);

/** What a queue was told, by name, each as it is kept. */
export type Told = ReadonlyMap<string, string>;

/** @throws AwsError InvalidAttributeName for a name that no queue has. */
export function checkReadable(names: Iterable<string>): void {
  for (const name of names) if (!readable.has(name)) throw unknownAttribute(name);
}

/**
 * The values as they are kept; an attribute that the request unsets has the value undefined.
 * @throws AwsError InvalidAttributeName or InvalidAttributeValue.
 */
export function checkSettable(kind: Kind, given: ReadonlyMap<string, string>): ReadonlyMap<string, string | undefined> {
  const checked = new Map<string, string | undefined>();
  const attributes = attributesOf(kind);
  for (const [name, value] of given) {
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (attribute === undefined) throw notSettable(name);
    checked.set(name, value === '' && attribute.byDefault === undefined ? undefined : attribute.check(value));
  }
  if (checked.get('SqsManagedSseEnabled') === 'true' && checked.get('KmsMasterKeyId') !== undefined) {
    throw invalidAttributeName(
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    );
  }
  return checked;
}

/** What the queue was told, after it was told `changes`. @throws AwsError InvalidAttributeValue for what does not go together. */
export function apply(told: Told, changes: ReadonlyMap<string, string | undefined>): Told {
  const result = new Map(told);
  for (const [name, value] of changes) {
    if (value === undefined) result.delete(name);
    else result.set(name, value);
  }
  // One kind of encryption displaces the other.
  if (changes.get('KmsMasterKeyId') !== undefined) result.set('SqsManagedSseEnabled', 'false');
  if (changes.get('SqsManagedSseEnabled') === 'true') {
    result.delete('KmsMasterKeyId');
    result.delete('KmsDataKeyReusePeriodSeconds');
  }
  if (result.get('KmsDataKeyReusePeriodSeconds') === '300') result.delete('KmsDataKeyReusePeriodSeconds');
  if (
    result.get('FifoThroughputLimit') === 'perMessageGroupId' &&
    result.get('DeduplicationScope') !== 'messageGroup'
  ) {
    throw invalidAttributeValue(
      'FifoThroughputLimit',
      'The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup',
    );
  }
  return result;
}

export function kindOf(told: Told): Kind {
  return told.get('FifoQueue') === 'true' ? 'fifo' : 'standard';
}

/** The value that holds, told or by default; undefined: the queue does not have the attribute. */
export function valueOf(told: Told, name: string): string | undefined {
  const value = told.get(name);
  if (value !== undefined) return value;
  // There is a key only where there is one to reuse.
  if (name === 'KmsDataKeyReusePeriodSeconds' && told.has('KmsMasterKeyId')) return '300';
  const attributes = attributesOf(kindOf(told));
  return Object.hasOwn(attributes, name) ? attributes[name]?.byDefault : undefined;
}

/** All attributes of the queue, or those of them that are named. */
export function select(
  told: Told,
  live: Readonly<Record<ComputedAttribute, string>>,
  names: readonly string[],
): ReadonlyMap<string, string> {
  const all = names.includes('All');
  const result = new Map<string, string>();
  for (const name of computed) if (all || names.includes(name)) result.set(name, live[name]);
  for (const name of Object.keys(attributesOf(kindOf(told)))) {
    const value = all || names.includes(name) ? valueOf(told, name) : undefined;
    if (value !== undefined) result.set(name, value);
  }
  return result;
}

function notSettable(name: string): Error {
  if (name === 'DeduplicationScope' || name === 'FifoThroughputLimit') {
    return invalidAttributeName(`You can specify the ${name} only when FifoQueue is set to true.`);
  }
  return unknownAttribute(name);
}

function whole(name: string, byDefault: number, min: number, max: number): Attribute {
  return { byDefault: String(byDefault), check: (value) => checkWhole(name, value, min, max) };
}

function checkWhole(name: string, value: string, min: number, max: number): string {
  const number = /^\+?\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) throw invalidAttributeValue(name);
  return String(number);
}

function checkBoolean(name: string, value: string): string {
  const text = value.toLowerCase();
  if (text !== 'true' && text !== 'false') throw invalidAttributeValue(name);
  return text;
}

function checkOneOf(name: string, value: string, allowed: readonly string[]): string {
  if (!allowed.includes(value)) throw invalidAttributeValue(name);
  return value;
}

/** A queue is what it was made. */
function checkFifo(value: string): string {
  const text = checkBoolean('FifoQueue', value);
  if (text !== 'true') throw invalidAttributeValue('FifoQueue', 'Modifying queue type is not supported.');
  return text;
}
