// What ReceiveMessage answers as a message of the engine, in the form that it has in the engine's own queues of SQS.

import type { Message as SqsMessage } from '@aws-sdk/client-sqs';
import type { Message, Property } from '../../../core/message.ts';
import { propertiesOf } from './attributes.ts';

export const systemAttributes = [
  'SentTimestamp',
  'SenderId',
  'MessageGroupId',
  'MessageDeduplicationId',
  'AWSTraceHeader',
] as const;

/** Those that stand among the properties, by the names that they have there. */
const asProperties = [
  ['MessageDeduplicationId', 'AWS.MessageDeduplicationId'],
  ['AWSTraceHeader', 'AWS.TraceHeader'],
] as const;

export function messageOf(
  { MessageId = '', Body = '', Attributes, MessageAttributes }: SqsMessage,
  queue: string,
): Message {
  const properties: Property[] = propertiesOf(MessageAttributes);
  for (const [attribute, name] of asProperties) {
    const value = Attributes?.[attribute];
    if (value !== undefined) properties.push({ name, type: 'string', value });
  }
  return {
    id: MessageId,
    to: `queue://${queue}`,
    body: Buffer.from(Body),
    bodyType: 'text',
    durable: true,
    priority: 4,
    timestamp: Number(Attributes?.SentTimestamp ?? 0),
    groupId: Attributes?.MessageGroupId,
    userId: Attributes?.SenderId,
    properties,
  };
}
