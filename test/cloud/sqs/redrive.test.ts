// Redrive policies: messages that were received too often move to the dead-letter queue, as they were.

import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { account, testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';

interface Received {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes: Record<string, string>;
  readonly MessageAttributes?: object;
}

const url = (name: string): string => `http://queue.test/${account}/${name}`;
const arn = (name: string): string => `arn:aws:sqs:us-east-1:${account}:${name}`;
const redrive = (name: string, maxReceiveCount: number): Record<string, string> => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn(name), maxReceiveCount }),
});

async function create(
  endpoint: TestEndpoint,
  QueueName: string,
  Attributes: Record<string, string> = {},
): Promise<void> {
  await endpoint.json('CreateQueue', { QueueName, Attributes });
}

async function receive(endpoint: TestEndpoint, name: string, members: object = {}): Promise<readonly Received[]> {
  const { body } = await endpoint.json('ReceiveMessage', {
    QueueUrl: url(name),
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
    ...members,
  });
  return body.Messages ?? [];
}

describe('a message that was received too often', () => {
  it('moves to the dead-letter queue with its id, time, attributes and count, and says whence it came', async () => {
    const clock = new ManualClock();
    await using endpoint = await testEndpoint({ clock });
    await create(endpoint, 'dlq');
    await create(endpoint, 'source', redrive('dlq', 2));
    const MessageAttributes = { MyAttribute: { DataType: 'String', StringValue: 'foobar' } };
    const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } };
    const input = { QueueUrl: url('source'), MessageBody: 'poison', MessageAttributes, MessageSystemAttributes };
    const { body: sent } = await endpoint.json('SendMessage', input);
    const sentAt = String(clock.now());
    for (const count of ['1', '2']) {
      clock.turn(1000);
      expect(await receive(endpoint, 'source')).toMatchObject([{ Attributes: { ApproximateReceiveCount: count } }]);
    }
    clock.turn(1000);
    expect(await receive(endpoint, 'source')).toEqual([]);
    expect(await receive(endpoint, 'dlq', { WaitTimeSeconds: 20 })).toMatchObject([
      {
        MessageId: sent.MessageId,
        Body: 'poison',
        MessageAttributes,
        Attributes: {
          SentTimestamp: sentAt,
          ApproximateReceiveCount: '3',
          ApproximateFirstReceiveTimestamp: String(Number(sentAt) + 1000),
          AWSTraceHeader: 'Root=1',
          DeadLetterQueueSourceArn: arn('source'),
        },
      },
    ]);
  });

  it('wakes a receive that waits at the dead-letter queue', async () => {
    await using endpoint = await testEndpoint();
    await create(endpoint, 'dlq');
    await create(endpoint, 'source', redrive('dlq', 1));
    await endpoint.json('SendMessage', { QueueUrl: url('source'), MessageBody: 'm' });
    const waiting = receive(endpoint, 'dlq', { WaitTimeSeconds: 20 });
    await receive(endpoint, 'source');
    await receive(endpoint, 'source');
    expect(await waiting).toHaveLength(1);
  });

  it('does not keep those behind it from being received', async () => {
    await using endpoint = await testEndpoint();
    await create(endpoint, 'dlq');
    await create(endpoint, 'source', redrive('dlq', 1));
    await endpoint.json('SendMessage', { QueueUrl: url('source'), MessageBody: 'bad' });
    await receive(endpoint, 'source');
    await endpoint.json('SendMessage', { QueueUrl: url('source'), MessageBody: 'good' });
    expect(await receive(endpoint, 'source')).toMatchObject([{ Body: 'good' }]);
  });

  it('is deleted from the dead-letter queue by its handle there, and no more by the handle of the source', async () => {
    await using endpoint = await testEndpoint();
    await create(endpoint, 'dlq');
    await create(endpoint, 'source', redrive('dlq', 1));
    await endpoint.json('SendMessage', { QueueUrl: url('source'), MessageBody: 'm' });
    const [before] = await receive(endpoint, 'source');
    await receive(endpoint, 'source');
    const remove = (name: string, ReceiptHandle = '') =>
      endpoint.json('DeleteMessage', { QueueUrl: url(name), ReceiptHandle });
    expect((await remove('source', before?.ReceiptHandle)).status).toBe(200);
    const [dead] = await receive(endpoint, 'dlq', { WaitTimeSeconds: 20 });
    expect(dead?.Body).toBe('m');
    await remove('dlq', dead?.ReceiptHandle);
    expect(await receive(endpoint, 'dlq')).toEqual([]);
  });

  it('is still dropped when it is older than the dead-letter queue keeps any', async () => {
    const clock = new ManualClock();
    await using endpoint = await testEndpoint({ clock });
    await create(endpoint, 'dlq', { MessageRetentionPeriod: '60' });
    await create(endpoint, 'source', redrive('dlq', 1));
    await endpoint.json('SendMessage', { QueueUrl: url('source'), MessageBody: 'm' });
    clock.turn(40_000);
    await receive(endpoint, 'source');
    await receive(endpoint, 'source');
    expect(await receive(endpoint, 'dlq', { WaitTimeSeconds: 20 })).toHaveLength(1);
    clock.turn(20_000);
    expect(await receive(endpoint, 'dlq')).toEqual([]);
  });

  it('moves on from a dead-letter queue that has a redrive policy of its own', async () => {
    await using endpoint = await testEndpoint();
    await create(endpoint, 'last');
    await create(endpoint, 'dlq', redrive('last', 2));
    await create(endpoint, 'source', redrive('dlq', 1));
    await endpoint.json('SendMessage', { QueueUrl: url('source'), MessageBody: 'm' });
    await receive(endpoint, 'source');
    await receive(endpoint, 'source');
    expect(await receive(endpoint, 'dlq', { WaitTimeSeconds: 20 })).toMatchObject([
      { Attributes: { ApproximateReceiveCount: '2' } },
    ]);
    expect(await receive(endpoint, 'dlq')).toEqual([]);
    expect(await receive(endpoint, 'last', { WaitTimeSeconds: 20 })).toMatchObject([
      { Attributes: { ApproximateReceiveCount: '3', DeadLetterQueueSourceArn: arn('dlq') } },
    ]);
  });

  it.each([
    ['names itself', async (endpoint: TestEndpoint) => create(endpoint, 'source', redrive('source', 1))],
    [
      'leads back to itself',
      async (endpoint: TestEndpoint) => {
        await create(endpoint, 'source');
        await create(endpoint, 'other', redrive('source', 1));
        await endpoint.json('SetQueueAttributes', { QueueUrl: url('source'), Attributes: redrive('other', 1) });
      },
    ],
    [
      'names a queue that was deleted',
      async (endpoint: TestEndpoint) => {
        await create(endpoint, 'dlq');
        await create(endpoint, 'source', redrive('dlq', 1));
        await endpoint.json('DeleteQueue', { QueueUrl: url('dlq') });
      },
    ],
  ])('is received further where the redrive policy %s', async (_what, prepare) => {
    await using endpoint = await testEndpoint();
    await prepare(endpoint);
    await endpoint.json('SendMessage', { QueueUrl: url('source'), MessageBody: 'm' });
    for (const count of ['1', '2', '3']) {
      expect(await receive(endpoint, 'source')).toMatchObject([{ Attributes: { ApproximateReceiveCount: count } }]);
    }
  });

  it('stays once the policy is unset', async () => {
    await using endpoint = await testEndpoint();
    await create(endpoint, 'dlq');
    await create(endpoint, 'source', redrive('dlq', 1));
    await endpoint.json('SendMessage', { QueueUrl: url('source'), MessageBody: 'm' });
    await receive(endpoint, 'source');
    await endpoint.json('SetQueueAttributes', { QueueUrl: url('source'), Attributes: { RedrivePolicy: '' } });
    expect(await receive(endpoint, 'source')).toHaveLength(1);
  });
});
