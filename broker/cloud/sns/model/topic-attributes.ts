// The attributes of a topic (API Reference, CreateTopic and SetTopicAttributes): which there are, which values they take.
// Encryption and tracing settings are kept and given back; nothing here encrypts or traces.

import { checkTopicPolicy } from './delivery-policy.ts';
import { InvalidAttribute } from './errors.ts';
import { limits } from './limits.ts';
import { checkPolicy } from './topic-policy.ts';

interface Attribute {
  /** What a topic has that was never told otherwise, though it does not show it. */
  readonly byDefault?: string;
  readonly fifoOnly?: true;
  /** The value as it is kept; undefined unsets it. @throws InvalidAttribute. */
  readonly check: (value: string) => string | undefined;
}

/** Services whose deliveries a topic may report, as their attributes name them. */
export const feedbackKinds = ['HTTP', 'Firehose', 'Lambda', 'Application', 'SQS'] as const;
export type FeedbackKind = (typeof feedbackKinds)[number];

const settable: Readonly<Record<string, Attribute>> = {
  Policy: { check: (value) => (value === '' ? undefined : checkPolicy(value)) },
  DisplayName: { byDefault: '', check: checkDisplayName },
  DeliveryPolicy: { check: (value) => (value === '' ? undefined : checkTopicPolicy(value)) },
  TracingConfig: oneOf('TracingConfig', ['PassThrough', 'Active']),
  KmsMasterKeyId: { check: (value) => (value === '' ? undefined : value) },
  SignatureVersion: { ...oneOf('SignatureVersion', ['1', '2']), byDefault: '1' },
  MaximumMessageSize: { byDefault: String(limits.messageBytes), check: checkMaximumMessageSize },
  ContentBasedDeduplication: { byDefault: 'false', fifoOnly: true, check: checkBoolean },
  FifoThroughputScope: {
    ...oneOf('FifoThroughputScope', ['Topic', 'MessageGroup']),
    byDefault: 'Topic',
    fifoOnly: true,
  },
  ArchivePolicy: { fifoOnly: true, check: checkArchivePolicy },
  ...Object.fromEntries(feedbackKinds.flatMap(feedbackAttributes)),
};

/** What a topic was told, by name, each as it is kept. */
export type Told = ReadonlyMap<string, string>;

export function isSettable(name: string): boolean {
  return Object.hasOwn(settable, name);
}

/** The value as it is kept; undefined unsets it. @throws InvalidAttribute. */
export function checkAttribute(name: string, value: string, fifo: boolean): string | undefined {
  const attribute = isSettable(name) ? settable[name] : undefined;
  if (attribute === undefined) throw new InvalidAttribute(`Unknown attribute ${name}`);
  if (attribute.fifoOnly === true && !fifo) {
    throw new InvalidAttribute(
      name === 'ContentBasedDeduplication'
        ? 'Content-based deduplication can only be set for FIFO topics'
        : `${name} can only be set for FIFO topics`,
    );
  }
  return attribute.check(value);
}

/** The value that holds, told or by default; undefined: the topic does not have the attribute. */
export function valueOf(told: Told, name: string): string | undefined {
  return told.get(name) ?? (isSettable(name) ? settable[name]?.byDefault : undefined);
}

/** Days for which messages are archived; undefined: they are not. */
export function archiveDays(told: Told): number | undefined {
  const text = told.get('ArchivePolicy');
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  const days: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'MessageRetentionPeriod') : undefined;
  return days === undefined ? undefined : Number(days);
}

function oneOf(name: string, values: readonly string[]): Attribute {
  return {
    check: (value) => {
      if (!values.includes(value)) {
        throw new InvalidAttribute(`${name}: Invalid value [${value}]. Must be one of [${values.join(', ')}].`);
      }
      return value;
    },
  };
}

function feedbackAttributes(kind: FeedbackKind): readonly (readonly [string, Attribute])[] {
  const sampleRate = `${kind}SuccessFeedbackSampleRate`;
  return [
    [`${kind}SuccessFeedbackRoleArn`, { check: (value) => (value === '' ? undefined : value) }],
    [sampleRate, { check: (value) => checkWhole(sampleRate, value, 0, 100) }],
    [`${kind}FailureFeedbackRoleArn`, { check: (value) => (value === '' ? undefined : value) }],
  ];
}

function checkDisplayName(value: string): string {
  // eslint-disable-next-line no-control-regex -- line breaks and their like are what it is about
  if (value.length > limits.displayNameLength || /[\u0000-\u001F]/.test(value)) {
    throw new InvalidAttribute('DisplayName');
  }
  return value;
}

function checkBoolean(value: string): string {
  const text = value.toLowerCase();
  if (text !== 'true' && text !== 'false') {
    throw new InvalidAttribute(`ContentBasedDeduplication: Invalid value [${value}]. Must be true or false.`);
  }
  return text;
}

function checkMaximumMessageSize(value: string): string {
  return checkWhole('MaximumMessageSize', value, 1024, limits.largestMessageBytes);
}

/** `{}` and an empty text end the archive. */
function checkArchivePolicy(text: string): string | undefined {
  if (text === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidAttribute('ArchivePolicy: failed to parse JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidAttribute('ArchivePolicy: must be a JSON object');
  }
  const names = Object.keys(value);
  if (names.length === 0) return undefined;
  const days: unknown = Reflect.get(value, 'MessageRetentionPeriod');
  if (names.length > 1 || (typeof days !== 'string' && typeof days !== 'number')) {
    throw new InvalidAttribute('ArchivePolicy: must have MessageRetentionPeriod and nothing else');
  }
  checkWhole('ArchivePolicy: MessageRetentionPeriod', String(days), 1, limits.archiveDays);
  return text;
}

function checkWhole(name: string, value: string, min: number, max: number): string {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw new InvalidAttribute(`${name}: Invalid value [${value}]. Must be an integer between ${min} and ${max}.`);
  }
  return String(number);
}
