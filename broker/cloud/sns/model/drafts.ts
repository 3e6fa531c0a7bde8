// The checks of Publish and PublishBatch, in their order, and what is published if it passes them.

import type { Call } from '../../service.ts';
import type { StructureValue } from '../../shape.ts';
import { invalidParameter } from './errors.ts';
import { limits } from './limits.ts';
import { attributesSize, checkAttributes } from './message-attributes.ts';
import type { publishedMembers } from './shapes.ts';
import type { Draft } from './publisher.ts';
import type { Topic } from './topic.ts';

type Given = StructureValue<typeof publishedMembers>;
/** What a draft takes from the request around it. */
type Asked = Pick<Call, 'headers' | 'origin'>;

/** Group and deduplication identifiers: letters, digits and punctuation. */
const identifierPattern = /^[\u0021-\u007E]{1,128}$/;

/** `topic`: undefined for what is published to an endpoint or a phone. @throws AwsError. */
export function checkDraft(given: Given, topic: Topic | undefined, call: Asked, now: number): Draft {
  const { Subject: subject, Message: message } = given;
  if (subject !== undefined) checkSubject(subject);
  if (message === '') throw invalidParameter('Empty message');
  const attributes = checkAttributes(given.MessageAttributes);
  const byProtocol = readStructure(given.MessageStructure, message);
  if (topic !== undefined) {
    checkDefault(byProtocol);
    checkOrder(given, topic);
  }
  const trace = call.headers['x-amzn-trace-id'];
  return {
    message,
    byProtocol,
    subject,
    attributes,
    groupId: given.MessageGroupId,
    deduplicationId: given.MessageDeduplicationId,
    timestamp: now,
    traceHeader: typeof trace === 'string' ? trace : undefined,
    origin: call.origin,
  };
}

/** What counts towards the limit on the size of a message. */
export function draftSize({ message, attributes }: Pick<Draft, 'message' | 'attributes'>): number {
  return Buffer.byteLength(message) + attributesSize(attributes);
}

function checkSubject(subject: string): void {
  // eslint-disable-next-line no-control-regex -- line breaks and their like are what it is about
  if (subject === '' || subject.length > limits.subjectLength || /[\u0000-\u001F\u007F]/.test(subject)) {
    throw invalidParameter('Subject');
  }
}

function checkOrder({ MessageGroupId: group, MessageDeduplicationId: id }: Given, topic: Topic): void {
  if (group !== undefined && !identifierPattern.test(group)) throw invalidParameter('MessageGroupId');
  if (!topic.fifo) {
    if (id === undefined) return;
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for ' +
        'this topic type',
    );
  }
  if (group === undefined) throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  if (id === undefined && topic.told.get('ContentBasedDeduplication') !== 'true') {
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  if (id !== undefined && !identifierPattern.test(id)) throw invalidParameter('MessageDeduplicationId');
}

/** Of MessageStructure json: the messages by protocol. */
function readStructure(structure: string | undefined, message: string): ReadonlyMap<string, string> | undefined {
  if (structure === undefined || structure === '') return undefined;
  if (structure !== 'json') throw invalidParameter('MessageStructure');
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  const messages = new Map<string, string>();
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [protocol, text] of Object.entries(value)) if (typeof text === 'string') messages.set(protocol, text);
  }
  return messages;
}

/** Topics need a message for protocols that have none of their own; a single endpoint does not. */
function checkDefault(byProtocol: Draft['byProtocol']): void {
  if (byProtocol !== undefined && !byProtocol.has('default')) {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
}
