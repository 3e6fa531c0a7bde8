// What Publish and PublishBatch refuse, in the words of AWS.

import { describe, expect, it } from 'vitest';
import { account, region, snsEndpoint } from './endpoint.ts';

const Topic = { TopicArn: `arn:aws:sns:${region}:${account}:t` };
const Fifo = { TopicArn: `arn:aws:sns:${region}:${account}:t.fifo` };
const limit = 262_144;

function attribute(name: string, value: Record<string, string>): Record<string, string> {
  const entry = 'MessageAttributes.entry.1.';
  const parameters: Record<string, string> = { [`${entry}Name`]: name };
  for (const [member, text] of Object.entries(value)) parameters[`${entry}Value.${member}`] = text;
  return parameters;
}

const text = { DataType: 'String', StringValue: '123' };
const empty = (type: string): string =>
  `The message attribute 'attr1' must contain non-empty message attribute value for message attribute type '${type}'.`;
const otherField = (type: string, field: string): string =>
  `The message attribute 'attr1' with type '${type}' must use field '${field}'.`;
const wrongType =
  "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.";

const attributeRefusals: readonly (readonly [string, Record<string, string>, string])[] = [
  ['attr1', { DataType: 'String', StringValue: '' }, empty('String')],
  ['attr1', { DataType: 'String' }, empty('String')],
  ['attr1', { DataType: 'Binary', BinaryValue: '' }, empty('Binary')],
  ['attr1', { DataType: 'String', BinaryValue: 'MTIz' }, otherField('String', 'String')],
  ['attr1', { DataType: 'Number', BinaryValue: 'MTIz' }, otherField('Number', 'String')],
  ['attr1', { DataType: 'Binary', StringValue: '123' }, otherField('Binary', 'Binary')],
  ['attr1', { DataType: 'InvalidType', StringValue: '123' }, wrongType],
  ['attr1', { DataType: 'String.', StringValue: '123' }, wrongType],
  ['attr1', { DataType: 'Stringprefixed', StringValue: '123' }, wrongType],
  ['attr1', { DataType: 'Number', StringValue: 'ten' }, "Could not cast message attribute 'attr1' value to number."],
  ['a'.repeat(257), text, 'Length of message attribute name must be less than 256 bytes.'],
  [
    'a^*?',
    text,
    "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
  ],
  ['.abc', text, "Invalid message attribute name starting with character '.' was found."],
  ['abc.', text, "Invalid message attribute name ending with character '.' was found."],
  ['a..bc', text, "Message attribute name can not have successive '.' character."],
];

describe('message attributes', () => {
  it.each(attributeRefusals)('%s with %j', async (name, value, message) => {
    await using endpoint = await snsEndpoint();
    await endpoint.topic();
    const given = { ...Topic, Message: 'm', ...attribute(name, value) };
    expect(await endpoint.refusal('Publish', given)).toEqual([400, 'ParameterValueInvalid', message]);
    const inBatch: Record<string, string> = { ...Topic };
    for (const [key, entry] of Object.entries({ Id: '1', Message: 'm', ...attribute(name, value) })) {
      inBatch[`PublishBatchRequestEntries.member.1.${key}`] = entry;
    }
    expect(await endpoint.refusal('PublishBatch', inBatch)).toEqual([400, 'ParameterValueInvalid', message]);
  });

  it('without a type', async () => {
    await using endpoint = await snsEndpoint();
    await endpoint.topic();
    const given = { ...Topic, Message: 'm', ...attribute('attr1', { StringValue: 'value' }) };
    expect(await endpoint.refusal('Publish', given)).toEqual([
      400,
      'ValidationError',
      "1 validation error detected: Value null at 'messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null",
    ]);
  });

  it('of a custom type are taken', async () => {
    await using endpoint = await snsEndpoint();
    await endpoint.topic();
    for (const DataType of ['String.prefixed', 'String.  prefixed.', 'Number.java.lang.Long']) {
      const given = { ...Topic, Message: 'm', ...attribute('attr1', { DataType, StringValue: '1' }) };
      expect((await endpoint.query('Publish', given)).status).toBe(200);
    }
  });
});

const refusals: readonly (readonly [string, Record<string, string>, string])[] = [
  ['an empty message', { ...Topic, Message: '' }, 'Empty message'],
  ['no message', { ...Topic }, 'Message Reason: no value for required parameter'],
  ['no target', { Message: 'm' }, 'TopicArn or TargetArn Reason: no value for required parameter'],
  ['an empty subject', { ...Topic, Message: 'm', Subject: '' }, 'Subject'],
  ['a long subject', { ...Topic, Message: 'm', Subject: 'x'.repeat(101) }, 'Subject'],
  ['a subject with a line break', { ...Topic, Message: 'm', Subject: 'a\nb' }, 'Subject'],
  ['another structure', { ...Topic, Message: 'm', MessageStructure: 'xml' }, 'MessageStructure'],
  [
    'JSON without a default',
    { ...Topic, Message: '{"sqs":"m"}', MessageStructure: 'json' },
    'Message Structure - No default entry in JSON message body',
  ],
  [
    'JSON whose default is no text',
    { ...Topic, Message: '{"default":{"object":"test"}}', MessageStructure: 'json' },
    'Message Structure - No default entry in JSON message body',
  ],
  [
    'JSON without a default, before its order',
    { ...Topic, Message: '{"sqs":"m"}', MessageStructure: 'json', MessageDeduplicationId: 'd' },
    'Message Structure - No default entry in JSON message body',
  ],
  [
    'what is no JSON',
    { ...Topic, Message: '{"default": "m"} }', MessageStructure: 'json' },
    'Message Structure - JSON message body failed to parse',
  ],
  ['a message that is too long', { ...Topic, Message: 'm'.repeat(limit + 1) }, 'Message too long'],
  [
    'a message that is too long with its attributes',
    { ...Topic, Message: 'm'.repeat(limit - 11), ...attribute('attr1', { DataType: 'Number', StringValue: '1' }) },
    'Message too long',
  ],
  [
    'a deduplication id for a standard topic',
    { ...Topic, Message: 'm', MessageDeduplicationId: 'x' },
    'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
  ],
  ['no group for a FIFO topic', { ...Fifo, Message: 'm' }, 'The MessageGroupId parameter is required for FIFO topics'],
  [
    'nothing to deduplicate by',
    { ...Fifo, Message: 'm', MessageGroupId: 'g' },
    'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  ],
  ['a group with a space', { ...Fifo, Message: 'm', MessageGroupId: 'a b' }, 'MessageGroupId'],
  [
    'a phone number with letters',
    { PhoneNumber: '+1a234', Message: 'm' },
    'PhoneNumber Reason: +1a234 is not valid to publish to',
  ],
  [
    'an endpoint that is not there',
    {
      TargetArn: `arn:aws:sns:${region}:${account}:endpoint/APNS/abcdef/0f7d5971-aa8b-4bd5-b585-0826e9f93a66`,
      Message: 'm',
    },
    'TargetArn Reason: No endpoint found for the target arn specified',
  ],
];

it.each(refusals)('%s', async (_what, given, message) => {
  await using endpoint = await snsEndpoint();
  await endpoint.topic();
  await endpoint.topic('t.fifo', { FifoTopic: 'true' });
  expect(await endpoint.refusal('Publish', given)).toEqual([400, 'InvalidParameter', `Invalid parameter: ${message}`]);
});

it('a message of exactly the limit is taken, and a longer one by a topic that says so', async () => {
  await using endpoint = await snsEndpoint();
  await endpoint.topic();
  const number = attribute('attr1', { DataType: 'Number', StringValue: '1' });
  const exactly = { ...Topic, Message: 'm'.repeat(limit - 12), ...number };
  expect((await endpoint.query('Publish', exactly)).status).toBe(200);
  await endpoint.query('SetTopicAttributes', {
    ...Topic,
    AttributeName: 'MaximumMessageSize',
    AttributeValue: '1048576',
  });
  expect((await endpoint.query('Publish', { ...Topic, Message: 'm'.repeat(1_048_576) })).status).toBe(200);
});

function batch(entries: readonly Record<string, string>[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  entries.forEach((entry, index) => {
    for (const [name, value] of Object.entries(entry)) {
      parameters[`PublishBatchRequestEntries.member.${index + 1}.${name}`] = value;
    }
  });
  return parameters;
}

const batches: readonly (readonly [string, Record<string, string>, readonly [number, string, string]])[] = [
  ['no entries', { ...Topic }, [400, 'EmptyBatchRequest', "The batch request doesn't contain any entries."]],
  [
    'eleven entries',
    { ...Topic, ...batch(Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, Message: 'm' }))) },
    [400, 'TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.'],
  ],
  [
    'an id that stands twice',
    {
      ...Topic,
      ...batch([
        { Id: 'a', Message: 'm' },
        { Id: 'a', Message: 'n' },
      ]),
    },
    [400, 'BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.'],
  ],
  [
    'an id with a dot',
    { ...Topic, ...batch([{ Id: 'message.id', Message: 'm' }]) },
    [
      400,
      'InvalidBatchEntryId',
      'The Id of a batch entry in the batch request contains an impermissible character: message.id',
    ],
  ],
  [
    'an id that is too long',
    { ...Topic, ...batch([{ Id: 'a'.repeat(81), Message: 'm' }]) },
    [400, 'InvalidBatchEntryId', `The Id of a batch entry in the batch request is too long: ${'a'.repeat(81)}`],
  ],
  [
    'messages that are too long together',
    {
      ...Topic,
      ...batch([
        { Id: 'a', Message: 'm'.repeat(limit / 2) },
        { Id: 'b', Message: 'm'.repeat(limit / 2 + 1) },
      ]),
    },
    [400, 'BatchRequestTooLong', 'The length of all the messages put together is more than the limit.'],
  ],
  [
    'no group for a FIFO topic',
    { ...Fifo, ...batch([{ Id: 'a', Message: 'm' }]) },
    [400, 'InvalidParameter', 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics'],
  ],
  [
    'a topic that is not there',
    { TopicArn: `${Topic.TopicArn}-fake`, ...batch([{ Id: 'a', Message: 'm' }]) },
    [404, 'NotFound', 'Topic does not exist'],
  ],
];

it.each(batches)('a batch with %s', async (_what, given, refusal) => {
  await using endpoint = await snsEndpoint();
  await endpoint.topic();
  await endpoint.topic('t.fifo', { FifoTopic: 'true' });
  expect(await endpoint.refusal('PublishBatch', given)).toEqual(refusal);
});
