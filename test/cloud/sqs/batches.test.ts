// SendMessageBatch, DeleteMessageBatch and ChangeMessageVisibilityBatch: what they have in common, and what each does.

import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { account, testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';
import { legacyError, missing, noSuchQueue, refusalOf, takesWrongKinds } from './refusals.ts';

const QueueUrl = `http://queue.test/${account}/q`;

async function withQueue(attributes: Record<string, string> = {}): Promise<TestEndpoint> {
  const endpoint = await testEndpoint();
  await endpoint.json('CreateQueue', { QueueName: 'q', Attributes: attributes });
  return endpoint;
}

const batches = [
  { action: 'SendMessageBatch', entryName: 'SendMessageBatchRequestEntry', entry: { MessageBody: 'm' } },
  { action: 'DeleteMessageBatch', entryName: 'DeleteMessageBatchRequestEntry', entry: { ReceiptHandle: 'garbage' } },
  {
    action: 'ChangeMessageVisibilityBatch',
    entryName: 'ChangeMessageVisibilityBatchRequestEntry',
    entry: { ReceiptHandle: 'garbage', VisibilityTimeout: 0 },
  },
];

describe.each(batches)('$action as a whole', ({ action, entryName, entry }) => {
  const invalidId = legacyError(
    'InvalidBatchEntryId',
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  );
  const entries = (...ids: readonly (string | undefined)[]): object => ({
    QueueUrl,
    Entries: ids.map((Id) => ({ Id, ...entry })),
  });

  it('refuses members of the wrong kind', async () => {
    await using endpoint = await withQueue();
    const kinds = { QueueUrl: 'String', Entries: 'List', 'Entries.0.Id': 'String' } as const;
    expect(await takesWrongKinds(endpoint, action, kinds)).toEqual([]);
  });

  it.each([
    ['no queue', { Entries: [] }, noSuchQueue],
    ['no entries', { QueueUrl }, missing('Entries')],
    [
      'an empty batch',
      entries(),
      legacyError('EmptyBatchRequest', `There should be at least one ${entryName} in the request.`),
    ],
    [
      'eleven entries',
      entries('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'),
      legacyError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10. You have sent 11.'),
    ],
    ['an entry without an id', entries('a', undefined), missing(`${entryName}.2.Id`)],
    ['an empty id', entries(''), invalidId],
    ['an id with a colon', entries('invalid:id'), invalidId],
    ['an id of 81 letters', entries('x'.repeat(81)), invalidId],
    ['an id that comes twice', entries('a', 'b', 'a'), legacyError('BatchEntryIdsNotDistinct', 'Id a repeated.')],
  ])('refuses %s', async (_what, input, refusal) => {
    await using endpoint = await withQueue();
    expect(await refusalOf(endpoint, action, input)).toEqual(refusal);
  });

  it('refuses an empty batch on the Query wire', async () => {
    await using endpoint = await withQueue();
    const { text } = await endpoint.query({ Action: action, QueueUrl });
    expect(text).toContain('<Code>AWS.SimpleQueueService.EmptyBatchRequest</Code>');
  });
});

describe('SendMessageBatch', () => {
  it('takes entries with attributes from a form', async () => {
    await using endpoint = await withQueue();
    const form = new Map<string, string>([['Action', 'SendMessageBatch']]);
    for (const [index, id] of ['a', 'b'].entries()) {
      const prefix = `SendMessageBatchRequestEntry.${index + 1}`;
      form.set(`${prefix}.Id`, id).set(`${prefix}.MessageBody`, id).set(`${prefix}.DelaySeconds`, '0');
      form.set(`${prefix}.MessageAttribute.1.Name`, 'n').set(`${prefix}.MessageAttribute.1.Value.DataType`, 'Number');
      form.set(`${prefix}.MessageAttribute.1.Value.StringValue`, `${index}`);
    }
    await endpoint.query(Object.fromEntries(form), `/${account}/q`);
    const { Messages = [] } = await endpoint
      .client()
      .send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['n'] }));
    expect(Messages.map(({ Body, MessageAttributes }) => [Body, MessageAttributes?.['n']?.StringValue])).toEqual([
      ['a', '0'],
      ['b', '1'],
    ]);
  });

  it('sends what is well formed, and says of the rest why not', async () => {
    await using endpoint = await withQueue({ MaximumMessageSize: '1024' });
    const { Successful, Failed } = await endpoint.client().send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'ok', MessageBody: 'fine' },
          { Id: 'bad', MessageBody: '\0' },
          { Id: 'long', MessageBody: 'x'.repeat(1025) },
          { Id: 'empty', MessageBody: '' },
          { Id: 'late', MessageBody: 'm', DelaySeconds: 901 },
          { Id: 'typed', MessageBody: 'm', MessageAttributes: { n: { DataType: 'Number', StringValue: 'x' } } },
          { Id: 'fifo', MessageBody: 'm', MessageDeduplicationId: 'd' },
          { Id: 'also-ok', MessageBody: 'fine', MessageGroupId: 'g' },
        ],
      }),
    );
    expect(Successful?.map(({ Id, MD5OfMessageBody }) => [Id, MD5OfMessageBody])).toEqual([
      ['ok', 'fff25994ee3941b225ba898fd17d186f'],
      ['also-ok', 'fff25994ee3941b225ba898fd17d186f'],
    ]);
    const invalidValue = 'InvalidParameterValue';
    expect(Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault])).toEqual([
      ['bad', 'InvalidMessageContents', true],
      ['long', invalidValue, true],
      ['empty', 'MissingParameter', true],
      ['late', invalidValue, true],
      ['typed', invalidValue, true],
      ['fifo', invalidValue, true],
    ]);
    expect(Failed?.[1]?.Message).toBe(
      'One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.',
    );
    expect(Failed?.[2]?.Message).toBe(
      'The request must contain the parameter SendMessageBatchRequestEntry.4.MessageBody.',
    );
    expect(Failed?.at(-1)?.Message).toBe('The request include parameter that is not valid for this queue type');
    const { Messages } = await endpoint.client().send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages).toHaveLength(2);
  });

  it('refuses more than 1 MiB in all, attributes included', async () => {
    await using endpoint = await withQueue();
    const MessageAttributes = { k: { DataType: 'String', StringValue: 'x'.repeat(1_048_562) } };
    const Entries = [
      { Id: '1', MessageBody: 'abc', MessageAttributes },
      { Id: '2', MessageBody: 'defghij' },
    ];
    expect(await refusalOf(endpoint, 'SendMessageBatch', { QueueUrl, Entries })).toEqual(
      legacyError(
        'BatchRequestTooLong',
        'Batch requests cannot be longer than 1048576 bytes. You have sent 1048579 bytes.',
      ),
    );
  });

  it('stores all of a batch or none', async () => {
    await using endpoint = await withQueue();
    endpoint.store.fail(new BrokerError('store-full', 'the disk is full'));
    const Entries = [
      { Id: '1', MessageBody: 'a' },
      { Id: '2', MessageBody: 'b' },
    ];
    expect((await endpoint.json('SendMessageBatch', { QueueUrl, Entries })).status).toBe(503);
    endpoint.store.fail(undefined);
    expect((await endpoint.json('ReceiveMessage', { QueueUrl })).body).toEqual({});
  });
});

async function receiveAll(endpoint: TestEndpoint): Promise<(string | undefined)[]> {
  const { Messages = [] } = await endpoint
    .client()
    .send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return Messages.map(({ ReceiptHandle }) => ReceiptHandle);
}

async function withHandles(): Promise<{ endpoint: TestEndpoint; a: string | undefined; b: string | undefined }> {
  const endpoint = await withQueue();
  for (const MessageBody of ['a', 'b']) await endpoint.json('SendMessage', { QueueUrl, MessageBody });
  const [a, b] = await receiveAll(endpoint);
  return { endpoint, a, b };
}

describe('DeleteMessageBatch', () => {
  it('deletes by each good handle, and says of the others why not', async () => {
    const { endpoint, a } = await withHandles();
    await using _ = endpoint;
    const { Successful, Failed } = await endpoint.client().send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'x', ReceiptHandle: a },
          { Id: 'y', ReceiptHandle: 'garbage' },
          { Id: 'z', ReceiptHandle: '' },
        ],
      }),
    );
    expect(Successful).toEqual([{ Id: 'x' }]);
    expect(Failed).toEqual([
      {
        Id: 'y',
        SenderFault: true,
        Code: 'ReceiptHandleIsInvalid',
        Message: 'The input receipt handle "garbage" is not a valid receipt handle.',
      },
      {
        Id: 'z',
        SenderFault: true,
        Code: 'MissingParameter',
        Message: 'The request must contain the parameter ReceiptHandle.',
      },
    ]);
    const { body } = await endpoint.json('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(body.Attributes.ApproximateNumberOfMessagesNotVisible).toBe('1');
  });
});

describe('ChangeMessageVisibilityBatch', () => {
  it('changes each good handle, and says of the others why not', async () => {
    const { endpoint, a, b } = await withHandles();
    await using _ = endpoint;
    const { Successful, Failed } = await endpoint.client().send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'x', ReceiptHandle: a, VisibilityTimeout: 0 },
          { Id: 'y', ReceiptHandle: 'garbage', VisibilityTimeout: 0 },
          { Id: 'z', ReceiptHandle: b, VisibilityTimeout: -85 },
          { Id: 'w', ReceiptHandle: b },
        ],
      }),
    );
    expect(Successful).toEqual([{ Id: 'x' }]);
    expect(Failed?.map(({ Id, Code, Message }) => [Id, Code, Message])).toEqual([
      ['y', 'ReceiptHandleIsInvalid', 'The input receipt handle "garbage" is not a valid receipt handle.'],
      [
        'z',
        'InvalidParameterValue',
        'Value -85 for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200.',
      ],
      [
        'w',
        'MissingParameter',
        'The request must contain the parameter ChangeMessageVisibilityBatchRequestEntry.4.VisibilityTimeout.',
      ],
    ]);
    expect(await receiveAll(endpoint)).toHaveLength(1);
  });
});
