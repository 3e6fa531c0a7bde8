// An SQS message and the engine's: what SendMessage makes of its entry, what ReceiveMessage shows of a message, whoever
// wrote it.

import { randomUUID } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { invalidParameterValue, missingParameter } from '../../errors.ts';
import type { Entry } from '../../../core/entry.ts';
import type { Message } from '../../../core/message.ts';
import type { StructureValue } from '../../shape.ts';
import { integer, required, string } from '../../shape.ts';
import { md5OfAttributes, md5OfBody } from '../md5.ts';
import type { DigestedAttribute } from '../md5.ts';
import { queueArn } from './arn.ts';
import { hasOnlyXmlCharacters } from './characters.ts';
import { invalidMessageContents } from './errors.ts';
import { limits } from './limits.ts';
import {
  attributesSize,
  checkAttributes,
  checkSystemAttributes,
  toAttribute,
  toProperties,
  traceHeaderProperty,
} from './message-attributes.ts';
import type { Attributes } from './message-attributes.ts';
import { messageAttributes, messageSystemAttributes } from './shapes.ts';
import type { SqsQueue } from './sqs-queue.ts';

/** What a message is sent with, alone or in a batch. */
export const outgoingMembers = {
  MessageBody: string(),
  DelaySeconds: integer(),
  MessageAttributes: messageAttributes,
  MessageSystemAttributes: messageSystemAttributes,
  MessageDeduplicationId: string(),
  MessageGroupId: string(),
};

/** What an answer says of a message that was sent. */
export const sentMembers = {
  MD5OfMessageBody: required(string()),
  MD5OfMessageAttributes: string(),
  MD5OfMessageSystemAttributes: string(),
  MessageId: required(string()),
  SequenceNumber: string(),
};

type OutgoingValue = StructureValue<typeof outgoingMembers>;
type SentValue = StructureValue<typeof sentMembers>;

export interface Outgoing {
  readonly message: Message;
  readonly delayMs: number;
  readonly sent: SentValue;
}

/** Who sends, and when. */
export interface Sender {
  readonly account: string;
  readonly now: number;
  /** X-Amzn-Trace-Id of the request: it becomes the trace header of a message that has none of its own. */
  readonly traceHeader: string | undefined;
}

const none: Attributes = new Map();
const groupPattern = /^[\u0021-\u007E]{1,128}$/;

/**
 * The checks of SendMessage, in its order.
 * @throws AwsError
 */
export function toMessage(queue: SqsQueue, given: OutgoingValue, sender: Sender, where: Where = single): Outgoing {
  const { MessageBody: body = '', DelaySeconds: delay, MessageGroupId: groupId } = given;
  if (body === '') throw missingParameter(`${where.prefix}MessageBody`);
  if (given.MessageDeduplicationId !== undefined) {
    const value = `Value ${given.MessageDeduplicationId} for parameter MessageDeduplicationId is invalid. Reason: `;
    const foreign = 'The request include parameter that is not valid for this queue type';
    throw invalidParameterValue(where.inBatch ? foreign : `${value}${foreign}.`);
  }
  if (groupId !== undefined && !groupPattern.test(groupId)) {
    throw invalidParameterValue(
      `Value ${groupId} for parameter MessageGroupId is invalid. Reason: ` +
        'MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.',
    );
  }
  if (delay !== undefined && !(delay >= 0 && delay <= limits.delaySeconds)) {
    throw invalidParameterValue(
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ` +
        `${limits.delaySeconds}.`,
    );
  }
  const attributes = given.MessageAttributes === undefined ? none : checkAttributes(given.MessageAttributes);
  const system =
    given.MessageSystemAttributes === undefined ? none : checkSystemAttributes(given.MessageSystemAttributes);
  if (!hasOnlyXmlCharacters(body)) throw invalidMessageContents();
  const bytes = Buffer.from(body);
  if (bytes.length + attributesSize(attributes) > queue.settings.maximumMessageBytes) {
    throw invalidParameterValue(
      `One or more parameters ${where.invalid}. Reason: Message must be shorter than ` +
        `${queue.settings.maximumMessageBytes} bytes.`,
    );
  }
  const id = randomUUID();
  const properties = toProperties(attributes, system);
  if (system.size === 0 && sender.traceHeader !== undefined) {
    properties.push({ name: traceHeaderProperty, type: 'string', value: sender.traceHeader });
  }
  return {
    message: {
      id,
      to: `queue://${queue.core.name}`,
      body: bytes,
      bodyType: 'text',
      durable: true,
      priority: 4,
      timestamp: sender.now,
      groupId,
      userId: sender.account,
      properties,
    },
    delayMs: delay === undefined ? queue.settings.delayMs : delay * 1000,
    sent: {
      MD5OfMessageBody: md5OfBody(bytes),
      MD5OfMessageAttributes: md5OfAttributes(attributes),
      MD5OfMessageSystemAttributes: md5OfAttributes(system),
      MessageId: id,
    },
  };
}

/** How refusals name what they are about, alone and in a batch. */
export interface Where {
  readonly inBatch: boolean;
  /** Before the name of a member. */
  readonly prefix: string;
  readonly invalid: string;
}

const single: Where = { inBatch: false, prefix: '', invalid: 'are invalid' };

/** The body as text. Bytes that are no text that SQS could carry are shown in base64. */
export function bodyText({ body, bodyType }: Message): string {
  if (bodyType === 'bytes') {
    const text = isUtf8(body) ? body.toString() : undefined;
    return text !== undefined && hasOnlyXmlCharacters(text) ? text : body.toString('base64');
  }
  return body.toString();
}

/** Name, `Prefix.*`, or All, `.*` and `*` for all; the dot before the star is no part of the prefix. */
export function attributesOf(message: Message, names: readonly string[]): Attributes {
  if (names.length === 0 || message.properties.length === 0) return none;
  const all = names.some((name) => name === 'All' || name === '.*' || name === '*');
  const exact = new Set(names);
  const prefixes = names.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -2));
  const result = new Map<string, DigestedAttribute>();
  for (const property of message.properties) {
    const { name } = property;
    if (name === traceHeaderProperty || result.has(name)) continue;
    if (!all && !exact.has(name) && !prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const attribute = toAttribute(property);
    if (attribute !== undefined) result.set(name, attribute);
  }
  return result;
}

/** System attributes that were asked for and that the message has. */
export function systemAttributesOf(
  queue: SqsQueue,
  entry: Entry,
  message: Message,
  names: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  if (names.size === 0) return result;
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && (names.has('All') || names.has(name))) result.set(name, value);
  };
  add('SenderId', message.userId);
  add('ApproximateFirstReceiveTimestamp', entry.firstAt === undefined ? undefined : String(entry.firstAt));
  add('ApproximateReceiveCount', String(entry.attempts));
  add('SentTimestamp', String(message.timestamp));
  add('MessageGroupId', message.groupId);
  add('AWSTraceHeader', traceHeader(message));
  add('DeadLetterQueueSourceArn', deadLetterSource(queue, entry));
  return result;
}

function traceHeader({ properties }: Message): string | undefined {
  const value = properties.find(({ name }) => name === traceHeaderProperty)?.value;
  return typeof value === 'string' ? value : undefined;
}

const originScheme = 'queue://';

/** A queue and its dead-letter queue are of one account and region. */
function deadLetterSource({ location }: SqsQueue, { dead }: Entry): string | undefined {
  return dead?.origin.startsWith(originScheme) === true
    ? queueArn(location, dead.origin.slice(originScheme.length))
    : undefined;
}
