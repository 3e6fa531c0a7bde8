import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { account, testEndpoint, textOf } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';
import {
  invalid,
  legacyError,
  missing,
  noSuchQueue,
  queryRefusalOf,
  refusalOf,
  sqsError,
  takesWrongKinds,
} from './refusals.ts';

const QueueUrl = `http://queue.test/${account}/q`;

async function withQueue(attributes: Record<string, string> = {}): Promise<TestEndpoint> {
  const endpoint = await testEndpoint();
  await endpoint.json('CreateQueue', { QueueName: 'q', Attributes: attributes });
  return endpoint;
}

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await withQueue();
    const members = {
      QueueUrl: 'String',
      MessageBody: 'String',
      DelaySeconds: 'Integer',
      MessageAttributes: 'Map',
      'MessageAttributes.a.DataType': 'String',
      'MessageAttributes.a.StringListValues': 'List',
      MessageSystemAttributes: 'Map',
      MessageGroupId: 'String',
      MessageDeduplicationId: 'String',
    } as const;
    expect(await takesWrongKinds(endpoint, 'SendMessage', members)).toEqual([]);
  });

  it('takes every member from a form', async () => {
    await using endpoint = await withQueue();
    const answer = await endpoint.query({
      Action: 'SendMessage',
      QueueUrl,
      MessageBody: 'Test Message',
      DelaySeconds: '0',
      'MessageAttribute.1.Name': 'Hello',
      'MessageAttribute.1.Value.DataType': 'String',
      'MessageAttribute.1.Value.StringValue': 'World',
      'MessageSystemAttribute.1.Name': 'AWSTraceHeader',
      'MessageSystemAttribute.1.Value.DataType': 'String',
      'MessageSystemAttribute.1.Value.StringValue': 'some-trace-id',
    });
    expect(textOf(answer.text, 'MD5OfMessageBody')).toBe('d1d4180b7e411c4be86b00fb2ee103eb');
    expect(textOf(answer.text, 'MD5OfMessageAttributes')).toBe('7db7fb1ba7f41366a8ea5eb18220b26d');
    expect(textOf(answer.text, 'MD5OfMessageSystemAttributes')).toBe('fdce4f2818803f2f73becc09a54792c0');
  });
});

describe('validation', () => {
  const send = (members: object): object => ({ QueueUrl, MessageBody: 'm', ...members });
  const attribute = (value: object, name = 'a'): object => send({ MessageAttributes: { [name]: value } });
  const foreign = sqsError(
    'InvalidMessageContents',
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | ' +
      '#x10000 to #x10FFFF',
  );
  const delay = (value: number) =>
    invalid(`Value ${value} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`);
  const group = (value: string) =>
    invalid(
      `Value ${value} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and ` +
        'punctuation characters. 1 to 128 in length.',
    );

  it.each([
    ['no queue', { MessageBody: 'm' }, noSuchQueue],
    ['an empty URL', { QueueUrl: '', MessageBody: 'm' }, noSuchQueue],
    ['a queue that is not there', { QueueUrl: `${QueueUrl}x`, MessageBody: 'm' }, noSuchQueue],
    ['a queue of another account', { QueueUrl: 'http://x/123456789012/q', MessageBody: 'm' }, noSuchQueue],
    ['a URL without a queue', { QueueUrl: 'http://elsewhere', MessageBody: 'm' }, noSuchQueue],
    [
      'no URL',
      { QueueUrl: '/orders', MessageBody: 'm' },
      sqsError('InvalidAddress', 'The address /orders is not valid for this endpoint.', 'InvalidAddress', 404),
    ],
    ['the name of no queue', { QueueUrl: 'orders', MessageBody: 'm' }, noSuchQueue],
    ['no body', { QueueUrl }, missing('MessageBody')],
    ['an empty body', send({ MessageBody: '' }), missing('MessageBody')],
    ['a NUL in the body', send({ MessageBody: 'a\0' }), foreign],
    ['a noncharacter in the body', send({ MessageBody: '\uFFFF' }), foreign],
    ['half a surrogate pair in the body', send({ MessageBody: '\uD800x' }), foreign],
    ['a negative delay', send({ DelaySeconds: -1 }), delay(-1)],
    ['a delay beyond 15 minutes', send({ DelaySeconds: 901 }), delay(901)],
    [
      'a deduplication id',
      send({ MessageDeduplicationId: 'd' }),
      invalid(
        'Value d for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not ' +
          'valid for this queue type.',
      ),
    ],
    ['an empty group', send({ MessageGroupId: '' }), group('')],
    ['a space in the group', send({ MessageGroupId: 'group 123' }), group('group 123')],
    ['129 characters of group', send({ MessageGroupId: 'g'.repeat(129) }), group('g'.repeat(129))],
    [
      'a body over 1 MiB',
      send({ MessageBody: 'x'.repeat(1_048_577) }),
      invalid('One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.'),
    ],
  ])('refuses %s', async (_what, input, refusal) => {
    await using endpoint = await withQueue();
    expect(await refusalOf(endpoint, 'SendMessage', input)).toEqual(refusal);
  });

  const text = { DataType: 'String', StringValue: 'v' };
  const name = (rule: string) => invalid(`Message (user) attribute name must ${rule}.`);
  const reserved = invalid(
    "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.",
  );
  const lists = legacyError(
    'UnsupportedOperation',
    'Message attribute list values in SendMessage operation are not supported.',
  );
  const what = "message (user) attribute 'a'";

  it.each([
    ['no name', attribute(text, ''), invalid('The request must contain non-empty message (user) attribute names.')],
    ['257 bytes of name', attribute(text, 'L'.repeat(257)), name('be shorter than 256 bytes')],
    ['a reserved prefix', attribute(text, 'aWs.x'), reserved],
    ['the other reserved prefix', attribute(text, 'AMAZON.x'), reserved],
    ['a dot in front', attribute(text, '.x'), name("not begin with character '.'")],
    ['a dot at the end', attribute(text, 'x.'), name("not end with character '.'")],
    ['two dots', attribute(text, 'x..y'), name("not have successive '.' characters")],
    ['nothing', attribute({}), invalid(`The ${what} must contain a non-empty message attribute value.`)],
    [
      'no type',
      attribute({ StringValue: 'v' }),
      invalid(`The ${what} must contain a non-empty message attribute type.`),
    ],
    [
      'an unknown type',
      attribute({ DataType: 'Invalid', StringValue: 'v' }),
      invalid(
        `The type of ${what} is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
      ),
    ],
    [
      '257 bytes of type',
      attribute({ DataType: `Number.${'L'.repeat(250)}`, StringValue: '1' }),
      invalid('Message (user) attribute type must be shorter than 256 bytes.'),
    ],
    [
      'two values',
      attribute({ DataType: 'String', StringValue: 'v', BinaryValue: 'AQ==' }),
      invalid("Message (user) attribute 'a' must have a single value."),
    ],
    [
      'an empty value',
      attribute({ DataType: 'String', StringValue: '' }),
      invalid("Message (user) attribute 'a' must contain a non-empty value of type 'String'."),
    ],
    [
      'text of type Binary',
      attribute({ DataType: 'Binary', StringValue: 'v' }),
      invalid("Message (user) attribute 'a' with type 'Binary' must use field 'Binary'."),
    ],
    [
      'bytes of type String',
      attribute({ DataType: 'String', BinaryValue: 'AQ==' }),
      invalid("Message (user) attribute 'a' with type 'String' must use field 'String'."),
    ],
    [
      'a number that is none',
      attribute({ DataType: 'Number', StringValue: 'world' }),
      invalid("Can't cast the value of message (user) attribute 'a' to a number."),
    ],
    [
      'characters that XML has not',
      attribute({ DataType: 'String', StringValue: 'a\b' }),
      invalid("Invalid binary character was found in the value of message (user) attribute 'a'."),
    ],
    ['a list of strings', attribute({ DataType: 'String', StringListValues: ['v'] }), lists],
    ['a list of bytes', attribute({ DataType: 'Binary', BinaryListValues: ['AQID'] }), lists],
    [
      'eleven',
      send({ MessageAttributes: Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, text])) }),
      invalid('Number of message attributes [11] exceeds the allowed maximum [10].'),
    ],
    [
      'an unknown system attribute',
      send({ MessageSystemAttributes: { Hello: text } }),
      invalid("Message system attribute name 'Hello' is invalid."),
    ],
  ])('refuses an attribute with %s', async (_what, input, refusal) => {
    await using endpoint = await withQueue();
    expect(await refusalOf(endpoint, 'SendMessage', input)).toEqual(refusal);
  });

  it('counts names, types and values of attributes towards the size', async () => {
    await using endpoint = await withQueue({ MaximumMessageSize: '1024' });
    const MessageAttributes = { abcd: { DataType: 'Binary', BinaryValue: Buffer.alloc(10, 1).toString('base64') } };
    const fits = send({ MessageBody: 'é'.repeat(502), MessageAttributes });
    expect((await endpoint.json('SendMessage', fits)).status).toBe(200);
    const tooLong = send({ MessageBody: `${'é'.repeat(502)}x`, MessageAttributes });
    expect(await refusalOf(endpoint, 'SendMessage', tooLong)).toEqual(
      invalid('One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.'),
    );
  });

  it('refuses a missing body on the Query wire', async () => {
    await using endpoint = await withQueue();
    const { status, code, message } = missing('MessageBody');
    expect(await queryRefusalOf(endpoint, { Action: 'SendMessage' })).toEqual({ status, code, message });
  });
});

describe('function', () => {
  it('sends a body and attributes of all types, as they are received', async () => {
    await using endpoint = await withQueue();
    const sqs = endpoint.client();
    const MessageBody = '{"é": "😀\t<&>\r\n"}';
    const MessageAttributes: Record<string, MessageAttributeValue> = {
      text: { DataType: 'String', StringValue: 'blue' },
      labelled: { DataType: 'String.json', StringValue: '{}' },
      count: { DataType: 'Number', StringValue: '3' },
      precise: { DataType: 'Number.bigint', StringValue: '1234567890123456789012.50' },
      tiny: { DataType: 'Number', StringValue: '-1.5e-120' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 30]) },
      picture: { DataType: 'Binary.png', BinaryValue: new Uint8Array([137]) },
      'attr.1øßä': { DataType: 'String', StringValue: 'x' },
    };
    const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
    const { Messages: [received] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }),
    );
    expect(received).toMatchObject({
      MessageId: sent.MessageId,
      Body: MessageBody,
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes,
    });
  });

  it('keeps attributes as properties of the engine', async () => {
    await using endpoint = await withQueue();
    await endpoint.json('SendMessage', {
      QueueUrl,
      MessageBody: 'm',
      MessageGroupId: 'tenant',
      MessageAttributes: {
        s: { DataType: 'String', StringValue: 'v' },
        n: { DataType: 'Number.int', StringValue: '007' },
        b: { DataType: 'Binary', BinaryValue: 'AP8=' },
      },
    });
    const queue = endpoint.queues.find({ account, region: 'us-east-1' }, 'q');
    const [browsed] = (await queue?.core.browse(0, 10)) ?? [];
    expect(browsed?.message).toMatchObject({
      to: 'queue://q',
      bodyType: 'text',
      durable: true,
      groupId: 'tenant',
      userId: account,
      properties: [
        { name: 's', type: 'string', value: 'v' },
        { name: 'n', type: 'decimal', value: '007', label: 'int' },
        { name: 'b', type: 'binary', value: Buffer.of(0, 255) },
      ],
    });
  });

  it('answers once the message is stored', async () => {
    await using endpoint = await withQueue();
    endpoint.store.hold();
    let answered = false;
    const sending = endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' }).then((answer) => {
      answered = true;
      return answer;
    });
    const counts = await endpoint.json('GetQueueAttributes', {
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages'],
    });
    expect(counts.body.Attributes.ApproximateNumberOfMessages).toBe('0');
    expect(answered).toBe(false);
    endpoint.store.resume();
    expect((await sending).status).toBe(200);
    expect(endpoint.broker.received).toBe(1);
  });

  it('refuses, and holds nothing, when the store cannot take it', async () => {
    await using endpoint = await withQueue();
    endpoint.store.fail(new BrokerError('store-full', 'the disk is full'));
    const answer = await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    expect(answer.status).toBe(503);
    endpoint.store.fail(undefined);
    expect((await endpoint.json('ReceiveMessage', { QueueUrl })).body).toEqual({});
  });

  it('keeps the trace header of the request, unless the message has its own', async () => {
    await using endpoint = await withQueue();
    const headers = { 'X-Amzn-Trace-Id': 'Root=1-request' };
    const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-message' } };
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'a' }, headers);
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'b', MessageSystemAttributes }, headers);
    const { body } = await endpoint.json('ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['AWSTraceHeader'],
      MessageAttributeNames: ['All'],
    });
    expect(
      body.Messages.map(({ Attributes, MessageAttributes }: Record<string, unknown>) => [
        Attributes,
        MessageAttributes,
      ]),
    ).toEqual([
      [{ AWSTraceHeader: 'Root=1-request' }, undefined],
      [{ AWSTraceHeader: 'Root=1-message' }, undefined],
    ]);
  });
});

describe('characters that XML does not have', () => {
  it('become U+FFFD, where the endpoint is told so, as long as something else is there', async () => {
    await using endpoint = await testEndpoint({ sqs: { foreignCharacters: 'replace' } });
    await endpoint.json('CreateQueue', { QueueName: 'q' });
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'x\u0000' } };
    const input = { QueueUrl, MessageBody: 'a\u0000b\uFFFF', MessageAttributes };
    expect((await endpoint.json('SendMessage', input)).status).toBe(200);
    const asked = { QueueUrl, MessageAttributeNames: ['All'] };
    const [received] = (await endpoint.json('ReceiveMessage', asked)).body.Messages;
    expect(received.Body).toBe('a\uFFFDb\uFFFD');
    expect(received.MessageAttributes.a.StringValue).toBe('x\uFFFD');
    expect(await refusalOf(endpoint, 'SendMessage', { QueueUrl, MessageBody: '\u0000' })).toMatchObject({
      code: 'InvalidMessageContents',
    });
  });
});
