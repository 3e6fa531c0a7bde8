// Shapes that several actions of SNS share (service model 2010-03-31).

import { blob, list, map, required, string, structure } from '../../shape.ts';
import type { Value } from '../../shape.ts';

export const attributeMap = map(string());

export const tagList = list(
  structure({ Key: required(string({ min: 1, max: 128 })), Value: required(string({ max: 256 })) }),
);

export const tagKeys = list(string({ min: 1, max: 128 }));

export const messageAttributes = map(
  structure({ DataType: required(string()), StringValue: string(), BinaryValue: blob() }),
  { key: 'Name', value: 'Value' },
);

export const subscriptionList = list(
  structure({
    SubscriptionArn: string(),
    Owner: string(),
    Protocol: string(),
    Endpoint: string(),
    TopicArn: string(),
  }),
);

/** What is published, alone or in a batch. */
export const publishedMembers = {
  Message: required(string()),
  Subject: string(),
  MessageStructure: string(),
  MessageAttributes: messageAttributes,
  MessageDeduplicationId: string(),
  MessageGroupId: string(),
};

export const sandboxPhoneNumber = string({ max: 20, pattern: /^(\+[0-9]{8,}|[0-9]{0,9})$/ });

export type TagList = Value<typeof tagList>;
export type MessageAttributes = Value<typeof messageAttributes>;
