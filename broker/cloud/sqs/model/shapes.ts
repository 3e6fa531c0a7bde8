// Shapes that several actions of SQS share, with their names on the Query wire (service model 2012-11-05, before it
// turned to JSON).

import { blob, boolean, list, map, required, string, structure } from '../../shape.ts';
import type { Value } from '../../shape.ts';

const messageAttributeValue = structure({
  StringValue: string(),
  BinaryValue: blob(),
  StringListValues: list(string(), { flat: 'StringListValue' }),
  BinaryListValues: list(blob(), { flat: 'BinaryListValue' }),
  DataType: string(),
});

export const messageAttributes = map(messageAttributeValue, { flat: 'MessageAttribute', key: 'Name', value: 'Value' });

export const messageSystemAttributes = map(messageAttributeValue, {
  flat: 'MessageSystemAttribute',
  key: 'Name',
  value: 'Value',
});

export type MessageAttributes = Value<typeof messageAttributes>;
export type MessageAttribute = Value<typeof messageAttributeValue>;

export const attributeMap = map(string(), { flat: 'Attribute', key: 'Name', value: 'Value' });
export const tagMap = map(string(), { flat: 'Tag', key: 'Key', value: 'Value' });
export const attributeNames = list(string(), { flat: 'AttributeName' });
export const queueUrls = list(string(), { flat: 'QueueUrl' });

export const failedEntries = list(
  structure({
    Id: required(string()),
    SenderFault: required(boolean()),
    Code: required(string()),
    Message: string(),
  }),
  { flat: 'BatchResultErrorEntry' },
);
