// An SQS message and the engine's: what SendMessage makes of its entry, what ReceiveMessage shows of a message, whoever
// wrote it.

import { hash, randomUUID } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { invalidParameterValue, missingParameter } from '../../errors.ts';
import type { Entry } from '../../../core/entry.ts';
import type { Message, Property } from '../../../core/message.ts';
import type { StructureValue } from '../../shape.ts';
import { integer, required, string } from '../../shape.ts';
import { md5OfAttributes, md5OfBody } from '../md5.ts';
import type { DigestedAttribute } from '../md5.ts';
import { queueArn } from './arn.ts';
import { hasOnlyXmlCharacters, replaceForeign } from './characters.ts';
import { invalidMessageContents } from './errors.ts';
import { limits } from './limits.ts';
import {
  attributesSize,
  checkAttributes,
  checkSystemAttributes,
  deduplicationIdProperty,
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
export type SentValue = StructureValue<typeof sentMembers>;

export interface Outgoing {
  readonly message: Message;
  readonly delayMs: number;
  /** As it counts towards the limits. */
  readonly sizeBytes: number;
  /** Of a message to a FIFO queue: who sends this again sends nothing. */
  readonly deduplicationKey: string;
  readonly sent: SentValue;
}

/** Who sends, and when. */
export interface Sender {
  readonly account: string;
  readonly now: number;
  /** X-Amzn-Trace-Id of the request: it becomes the trace header of a message that has none of its own. */
  readonly traceHeader: string | undefined;
  readonly foreignCharacters: 'reject' | 'replace';
}

const none: Attributes = new Map();
const idPattern = /^[\u0021-\u007E]{1,128}$/;
const foreignParameter = 'The request include parameter that is not valid for this queue type';
const noDeduplicationId =
  'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly';

/**
 * The checks of SendMessage, in its order.
 * @throws AwsError
 */
export function toMessage(queue: SqsQueue, given: OutgoingValue, sender: Sender, where: Where = single): Outgoing {
  const { MessageBody: text = '', MessageGroupId: groupId } = given;
  if (text === '') throw missingParameter(`${where.prefix}MessageBody`);
  if (queue.isFifo) checkForFifo(queue, given, where);
  else checkForStandard(given, where);
  const { foreignCharacters } = sender;
  const attributes =
    given.MessageAttributes === undefined ? none : checkAttributes(given.MessageAttributes, foreignCharacters);
  const system =
    given.MessageSystemAttributes === undefined ? none : checkSystemAttributes(given.MessageSystemAttributes);
  const bytes = Buffer.from(checkCharacters(text, foreignCharacters));
  const sizeBytes = bytes.length + attributesSize(attributes);
  if (sizeBytes > queue.settings.maximumMessageBytes) {
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
  let deduplicationKey = '';
  if (queue.isFifo) {
    const deduplicationId = given.MessageDeduplicationId ?? contentId(bytes);
    properties.push(deduplicationProperty(deduplicationId));
    deduplicationKey = deduplicationKeyOf(queue, groupId ?? '', deduplicationId, sender.now);
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
    delayMs: given.DelaySeconds === undefined || queue.isFifo ? queue.settings.delayMs : given.DelaySeconds * 1000,
    sizeBytes,
    deduplicationKey,
    sent: {
      MD5OfMessageBody: md5OfBody(bytes),
      MD5OfMessageAttributes: md5OfAttributes(attributes),
      MD5OfMessageSystemAttributes: md5OfAttributes(system),
      MessageId: id,
    },
  };
}

/** What tells a message from others within its five minutes, once its queue takes the content for that. */
export function contentId(body: Uint8Array): string {
  return hash('sha256', body, 'hex');
}

export function deduplicationProperty(value: string): Property {
  return { name: deduplicationIdProperty, type: 'string', value };
}

/** Within the queue, or within its group. `now`: milliseconds since the epoch. */
export function deduplicationKeyOf(queue: SqsQueue, groupId: string, deduplicationId: string, now: number): string {
  // No id has a line end in it.
  return queue.deduplicationScope(now) === 'messageGroup' ? `${groupId}\n${deduplicationId}` : deduplicationId;
}

/** Twenty digits that grow with the place of a message in its queue. */
export function sequenceNumber(position: number): string {
  return String(firstSequenceNumber + BigInt(position) * sequenceStep);
}

const firstSequenceNumber = 18_800_000_000_000_000_000n;
const sequenceStep = 256n;

/** How refusals name what they are about, alone and in a batch. */
export interface Where {
  readonly inBatch: boolean;
  /** Before the name of a member. */
  readonly prefix: string;
  readonly invalid: string;
}

const single: Where = { inBatch: false, prefix: '', invalid: 'are invalid' };

/**
 * What refuses a batch to a FIFO queue as a whole.
 * @throws AwsError
 */
export function checkFifoIds({ settings }: SqsQueue, entries: readonly OutgoingValue[]): void {
  for (const { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } of entries) {
    if (deduplicationId === undefined && !settings.contentBasedDeduplication) {
      throw invalidParameterValue(noDeduplicationId);
    }
    // Alone, the same is another error.
    if (groupId === undefined) throw invalidParameterValue('The request must contain the parameter MessageGroupId.');
  }
}

function checkForStandard(given: OutgoingValue, where: Where): void {
  const { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } = given;
  if (deduplicationId !== undefined) throw foreign('MessageDeduplicationId', deduplicationId, where);
  if (groupId !== undefined) checkId('MessageGroupId', groupId);
  const { DelaySeconds: delay } = given;
  if (delay === undefined || (delay >= 0 && delay <= limits.delaySeconds)) return;
  throw invalidParameterValue(
    `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ` +
      `${limits.delaySeconds}.`,
  );
}

function checkForFifo({ settings }: SqsQueue, given: OutgoingValue, where: Where): void {
  const { DelaySeconds: delay, MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } = given;
  // Only the queue has a delay; 0 is as good as none.
  if (delay !== undefined && delay !== 0) throw foreign('DelaySeconds', delay, where);
  if (groupId === undefined) throw missingParameter('MessageGroupId');
  checkId('MessageGroupId', groupId);
  if (deduplicationId !== undefined) checkId('MessageDeduplicationId', deduplicationId);
  else if (!settings.contentBasedDeduplication) throw invalidParameterValue(noDeduplicationId);
}

function checkId(name: string, value: string): void {
  if (idPattern.test(value)) return;
  throw invalidParameterValue(
    `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation ` +
      'characters. 1 to 128 in length.',
  );
}

function foreign(name: string, value: string | number, { inBatch }: Where): Error {
  if (inBatch) return invalidParameterValue(foreignParameter);
  return invalidParameterValue(`Value ${value} for parameter ${name} is invalid. Reason: ${foreignParameter}.`);
}

function checkCharacters(text: string, foreignCharacters: 'reject' | 'replace'): string {
  if (hasOnlyXmlCharacters(text)) return text;
  const replaced = foreignCharacters === 'replace' ? replaceForeign(text) : '';
  // Of nothing but such characters nothing is left that could be sent.
  if (/^\uFFFD*$/.test(replaced)) throw invalidMessageContents();
  return replaced;
}

/** The body as text. Bytes that are no text that SQS could carry are shown in base64. */
export function bodyText({ body, bodyType }: Message): string {
  if (bodyType === 'bytes') {
    const text = isUtf8(body) ? body.toString() : undefined;
    return text !== undefined && hasOnlyXmlCharacters(text) ? text : body.toString('base64');
  }
  return body.toString();
}

/** What routes to SQS call the routes that a message crossed. */
const pathAttribute = 'causeway.path';

/** Name, `Prefix.*`, or All, `.*` and `*` for all; the dot before the star is no part of the prefix. */
export function attributesOf(message: Message, names: readonly string[]): Attributes {
  if (names.length === 0 || (message.properties.length === 0 && message.path === undefined)) return none;
  const all = names.some((name) => name === 'All' || name === '.*' || name === '*');
  const exact = new Set(names);
  const prefixes = names.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -2));
  const result = new Map<string, DigestedAttribute>();
  for (const property of message.properties) {
    const { name } = property;
    if (name === traceHeaderProperty || name === deduplicationIdProperty || result.has(name)) continue;
    if (!all && !exact.has(name) && !prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const attribute = toAttribute(property);
    if (attribute !== undefined) result.set(name, attribute);
  }
  // By its name only, as routes of other engines ask for it: for all others it is out of sight.
  if (message.path !== undefined && exact.has(pathAttribute)) {
    result.set(pathAttribute, { DataType: 'String', StringValue: message.path });
  }
  return result;
}

/** `to` of what SNS delivers. */
export const fromSns = 'topic://sns';

/**
 * MessageId. What SNS puts into several queues at once may be stored once, and yet is a message of its own in each of them:
 * its identifier there is made of the stored one and of the queue that SNS put it into, so that it is kept on the way to a
 * dead-letter queue and back.
 */
export function messageIdOf({ core }: SqsQueue, { dead }: Entry, { id, to }: Message): string {
  if (to !== fromSns) return id;
  const digest = hash('sha256', `${id} ${dead?.origin ?? originScheme + core.name}`, 'hex');
  const variant = '89ab'.charAt(Number.parseInt(digest.charAt(16), 16) & 3);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `4${digest.slice(13, 16)}`,
    variant + digest.slice(17, 20),
    digest.slice(20, 32),
  ].join('-');
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
  if (queue.isFifo) {
    // A dead letter is no duplicate of another with the same id.
    const isDead = entry.dead !== undefined;
    add(
      'MessageDeduplicationId',
      isDead ? messageIdOf(queue, entry, message) : textOf(message, deduplicationIdProperty),
    );
    add('SequenceNumber', sequenceNumber(entry.messageId));
  }
  add('AWSTraceHeader', textOf(message, traceHeaderProperty));
  add('DeadLetterQueueSourceArn', deadLetterSource(queue, entry));
  return result;
}

function textOf({ properties }: Message, wanted: string): string | undefined {
  const value = properties.find(({ name }) => name === wanted)?.value;
  return typeof value === 'string' ? value : undefined;
}

const originScheme = 'queue://';

/** A queue and its dead-letter queue are of one account and region. */
function deadLetterSource({ location }: SqsQueue, { dead }: Entry): string | undefined {
  return dead?.origin.startsWith(originScheme) === true
    ? queueArn(location, dead.origin.slice(originScheme.length))
    : undefined;
}
