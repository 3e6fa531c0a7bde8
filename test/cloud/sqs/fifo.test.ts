// FIFO queues: what is sent once, in which order it is given, and what such a queue refuses.

import { createHash } from 'node:crypto';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it, vi } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { waitUntil } from '../../support/wait.ts';
import { account, testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';
import { invalid, missing, refusalOf } from './refusals.ts';
import type { Refusal } from './refusals.ts';

const QueueUrl = `http://queue.test/${account}/q.fifo`;

interface Sent {
  readonly MessageId: string;
  readonly SequenceNumber: string;
}

interface Received {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

async function fifo(attributes: Record<string, string> = {}, clock?: ManualClock): Promise<TestEndpoint> {
  const endpoint = await testEndpoint(clock === undefined ? {} : { clock });
  const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true', ...attributes };
  await endpoint.json('CreateQueue', { QueueName: 'q.fifo', Attributes });
  return endpoint;
}

/** `g1-m1` goes to group `g1`. */
async function send(endpoint: TestEndpoint, MessageBody: string, members: object = {}): Promise<Sent> {
  const MessageGroupId = MessageBody.split('-')[0];
  const { body } = await endpoint.json('SendMessage', { QueueUrl, MessageBody, MessageGroupId, ...members });
  return body;
}

async function sendAll(endpoint: TestEndpoint, ...texts: readonly string[]): Promise<void> {
  for (const body of texts) await send(endpoint, body);
}

async function receive(endpoint: TestEndpoint, members: object = {}): Promise<readonly Received[]> {
  const all = { MessageSystemAttributeNames: ['All'], MaxNumberOfMessages: 10 };
  const { body } = await endpoint.json('ReceiveMessage', { QueueUrl, ...all, ...members });
  return body.Messages ?? [];
}

async function bodies(endpoint: TestEndpoint, members: object = {}): Promise<readonly string[]> {
  return (await receive(endpoint, members)).map(({ Body }) => Body);
}

async function remove(endpoint: TestEndpoint, { ReceiptHandle }: { readonly ReceiptHandle: string }): Promise<number> {
  return (await endpoint.json('DeleteMessage', { QueueUrl, ReceiptHandle })).status;
}

describe('a FIFO queue', () => {
  it('has attributes of its own', async () => {
    await using endpoint = await fifo();
    const { body } = await endpoint.json('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(body.Attributes).toMatchObject({
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
      QueueArn: `arn:aws:sqs:us-east-1:${account}:q.fifo`,
    });
  });

  it('is found again with the same attributes, and stays a FIFO queue', async () => {
    await using endpoint = await fifo();
    const sqs = endpoint.client();
    const again = await sqs.send(new CreateQueueCommand({ QueueName: 'q.fifo', Attributes: { FifoQueue: 'True' } }));
    expect(again.QueueUrl).toBe(`${endpoint.url}/${account}/q.fifo`);
    const change = (FifoQueue: string): Promise<Refusal> =>
      refusalOf(endpoint, 'SetQueueAttributes', { QueueUrl, Attributes: { FifoQueue } });
    expect((await change('true')).status).toBe(200);
    expect(await change('false')).toMatchObject({
      code: 'InvalidAttributeValue',
      message: 'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
    });
  });

  it('gives messages with their ids and a number that grows', async () => {
    await using endpoint = await fifo();
    const first = await send(endpoint, 'g-1');
    const second = await send(endpoint, 'g-2', { MessageDeduplicationId: 'mine' });
    expect(first.SequenceNumber).toMatch(/^\d{20}$/);
    expect(second.SequenceNumber > first.SequenceNumber).toBe(true);
    const [one, two] = await receive(endpoint);
    expect(one?.Attributes).toMatchObject({
      MessageGroupId: 'g',
      SequenceNumber: first.SequenceNumber,
      MessageDeduplicationId: createHash('sha256').update('g-1').digest('hex'),
    });
    expect(two?.Attributes).toMatchObject({
      SequenceNumber: second.SequenceNumber,
      MessageDeduplicationId: 'mine',
    });
  });

  const ids = (name: string, value: string): Refusal =>
    invalid(
      `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation ` +
        'characters. 1 to 128 in length.',
    );
  const noId =
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly';

  it.each([
    ['no group', {}, missing('MessageGroupId')],
    ['an empty group', { MessageGroupId: '' }, ids('MessageGroupId', '')],
    ['a group with a space', { MessageGroupId: 'a b' }, ids('MessageGroupId', 'a b')],
    [
      'an empty deduplication id',
      { MessageGroupId: 'g', MessageDeduplicationId: '' },
      ids('MessageDeduplicationId', ''),
    ],
    ['no deduplication id', { MessageGroupId: 'g' }, invalid(noId)],
    [
      'a delay',
      { MessageGroupId: 'g', MessageDeduplicationId: 'd', DelaySeconds: 2 },
      invalid(
        'Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for ' +
          'this queue type.',
      ),
    ],
  ])('refuses %s', async (_what, members, refusal) => {
    await using endpoint = await fifo({ ContentBasedDeduplication: 'false' });
    expect(await refusalOf(endpoint, 'SendMessage', { QueueUrl, MessageBody: 'm', ...members })).toEqual(refusal);
  });

  it('refuses a whole batch for ids that are missing, and single entries for the rest', async () => {
    await using endpoint = await fifo({ ContentBasedDeduplication: 'false' });
    const batch = (...Entries: readonly object[]): Promise<Refusal> =>
      refusalOf(endpoint, 'SendMessageBatch', {
        QueueUrl,
        Entries: Entries.map((entry, index) => ({ Id: String(index), MessageBody: 'm', ...entry })),
      });
    const good = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
    expect(await batch(good, { MessageGroupId: 'g' })).toEqual(invalid(noId));
    expect(await batch(good, { MessageDeduplicationId: 'd' })).toEqual(
      invalid('The request must contain the parameter MessageGroupId.'),
    );
    const Entries = [
      { Id: 'a', MessageBody: 'm', ...good },
      { Id: 'b', MessageBody: 'm', ...good, DelaySeconds: 3 },
    ];
    const { body } = await endpoint.json('SendMessageBatch', { QueueUrl, Entries });
    expect(body.Successful).toMatchObject([{ Id: 'a', SequenceNumber: expect.stringMatching(/^\d{20}$/) }]);
    expect(body.Failed).toMatchObject([{ Id: 'b', SenderFault: true, Code: 'InvalidParameterValue' }]);
  });

  it('delays as a whole, in order, a message with a delay of 0 too', async () => {
    const clock = new ManualClock();
    await using endpoint = await fifo({ DelaySeconds: '2' }, clock);
    await send(endpoint, 'g-1', { DelaySeconds: 0 });
    await send(endpoint, 'g-2');
    expect(await bodies(endpoint)).toEqual([]);
    clock.turn(2000);
    const { core } = endpoint.queues.at(QueueUrl, { account, region: 'us-east-1' });
    await waitUntil(() => core.readyCount === 2);
    expect(await bodies(endpoint)).toEqual(['g-1', 'g-2']);
  });
});

describe('deduplication', () => {
  it('answers a message that is sent again as the first one, and sends nothing', async () => {
    await using endpoint = await fifo();
    const first = await send(endpoint, 'g-1');
    const again = await send(endpoint, 'g-1');
    expect(again).toEqual(first);
    const elsewhere = await send(endpoint, 'g-1', { MessageGroupId: 'other' });
    expect(elsewhere).toEqual(first);
    expect(await bodies(endpoint)).toEqual(['g-1']);
  });

  it('goes on after the message was deleted, and ends after five minutes', async () => {
    const clock = new ManualClock();
    await using endpoint = await fifo({}, clock);
    const first = await send(endpoint, 'g-1');
    const [received] = await receive(endpoint);
    await remove(endpoint, received!);
    clock.turn(299_999);
    expect((await send(endpoint, 'g-1')).MessageId).toBe(first.MessageId);
    expect(await bodies(endpoint)).toEqual([]);
    clock.turn(1);
    expect((await send(endpoint, 'g-1')).MessageId).not.toBe(first.MessageId);
    expect(await bodies(endpoint)).toEqual(['g-1']);
  });

  it('prefers the id that the sender gives, and digests what it sent', async () => {
    await using endpoint = await fifo();
    const sqs = endpoint.client();
    const command = (MessageBody: string, id: string): SendMessageCommand =>
      new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: 'g', MessageDeduplicationId: id });
    const one = await sqs.send(command('a', '1'));
    const other = await sqs.send(command('b', '1'));
    expect(other.MessageId).toBe(one.MessageId);
    expect(other.MD5OfMessageBody).toBe(createHash('md5').update('b').digest('hex'));
    expect((await sqs.send(command('a', '2'))).MessageId).not.toBe(one.MessageId);
  });

  it('finds duplicates within a batch, and among those who send at once', async () => {
    await using endpoint = await fifo();
    const Entries = ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: 'm', MessageGroupId: 'g' }));
    const { body } = await endpoint.json('SendMessageBatch', { QueueUrl, Entries });
    expect(new Set(body.Successful.map(({ MessageId }: Sent) => MessageId)).size).toBe(1);
    endpoint.store.hold();
    const together = Array.from({ length: 5 }, () => send(endpoint, 'g-1'));
    await waitUntil(() => endpoint.store.pendingBytes > 0);
    endpoint.store.resume();
    expect(new Set((await Promise.all(together)).map(({ MessageId }) => MessageId)).size).toBe(1);
    expect(await bodies(endpoint)).toEqual(['m', 'g-1']);
  });

  it('within groups, if the queue says so', async () => {
    await using endpoint = await fifo({ DeduplicationScope: 'messageGroup' });
    const first = await send(endpoint, 'm', { MessageGroupId: 'a' });
    expect((await send(endpoint, 'm', { MessageGroupId: 'a' })).MessageId).toBe(first.MessageId);
    expect((await send(endpoint, 'm', { MessageGroupId: 'b' })).MessageId).not.toBe(first.MessageId);
  });

  it('changes its scope a minute after it is told to', async () => {
    const clock = new ManualClock();
    await using endpoint = await fifo({}, clock);
    await endpoint.json('SetQueueAttributes', { QueueUrl, Attributes: { DeduplicationScope: 'messageGroup' } });
    const first = await send(endpoint, 'm', { MessageGroupId: 'a' });
    expect((await send(endpoint, 'm', { MessageGroupId: 'b' })).MessageId).toBe(first.MessageId);
    clock.turn(60_000);
    expect((await send(endpoint, 'm', { MessageGroupId: 'b' })).MessageId).not.toBe(first.MessageId);
  });

  it('forgets what was purged, and what the store refused', async () => {
    await using endpoint = await fifo();
    const first = await send(endpoint, 'g-1');
    await endpoint.json('PurgeQueue', { QueueUrl });
    expect((await send(endpoint, 'g-1')).MessageId).not.toBe(first.MessageId);
    endpoint.store.fail(new BrokerError('store-failed', 'the disk is gone'));
    expect((await refusalOf(endpoint, 'SendMessage', { QueueUrl, MessageBody: 'x', MessageGroupId: 'g' })).status).toBe(
      503,
    );
    endpoint.store.fail(undefined);
    await send(endpoint, 'g-2', { MessageDeduplicationId: createHash('sha256').update('x').digest('hex') });
    expect(await bodies(endpoint)).toEqual(['g-1', 'g-2']);
  });

  it('keeps nothing in the store that is over', async () => {
    const clock = new ManualClock();
    await using endpoint = await fifo({}, clock);
    await sendAll(endpoint, 'g-1', 'g-2');
    expect(await endpoint.store.readRecords('sqs-sent')).toHaveLength(2);
    clock.turn(300_000);
    clock.turn(1000);
    await waitUntil(async () => (await endpoint.store.readRecords('sqs-sent')).length === 0);
    expect(await bodies(endpoint)).toEqual(['g-1', 'g-2']);
  });

  it('keeps one record of an id that is sent again later', async () => {
    const clock = new ManualClock();
    await using endpoint = await fifo({}, clock);
    await sendAll(endpoint, 'g-1');
    // What is over is removed at whole seconds.
    clock.turn(500);
    await sendAll(endpoint, 'g-2');
    clock.turn(300_000);
    await sendAll(endpoint, 'g-2');
    expect(await endpoint.store.readRecords('sqs-sent')).toHaveLength(1);
  });
});

describe('order', () => {
  it('gives a group as a whole, and the next one after it', async () => {
    await using endpoint = await fifo();
    await sendAll(endpoint, 'g1-m1', 'g2-m1', 'g1-m2', 'g1-m3');
    expect(await bodies(endpoint)).toEqual(['g1-m1', 'g1-m2', 'g1-m3', 'g2-m1']);
  });

  it('gives nothing of a group that is in flight, and the others first when it comes back', async () => {
    const clock = new ManualClock();
    await using endpoint = await fifo({ VisibilityTimeout: '1' }, clock);
    await sendAll(endpoint, 'g1-m1', 'g1-m2', 'g1-m3', 'g1-m4', 'g2-m1', 'g3-m1');
    expect(await bodies(endpoint, { MaxNumberOfMessages: 2 })).toEqual(['g1-m1', 'g1-m2']);
    expect(await bodies(endpoint, { MaxNumberOfMessages: 1 })).toEqual(['g2-m1']);
    clock.turn(1000);
    const all = await bodies(endpoint, { VisibilityTimeout: 0 });
    expect(all).toEqual(['g3-m1', 'g1-m1', 'g1-m2', 'g1-m3', 'g1-m4', 'g2-m1']);
  });

  it('gives what is ahead of a message that is hidden longer', async () => {
    const clock = new ManualClock();
    await using endpoint = await fifo({ VisibilityTimeout: '1' }, clock);
    await sendAll(endpoint, 'g-1', 'g-2', 'g-3');
    const [, second] = await receive(endpoint);
    const { ReceiptHandle } = second!;
    await endpoint.json('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 4 });
    clock.turn(2500);
    expect(await bodies(endpoint)).toEqual(['g-1']);
  });

  it('goes on with a group once all that was in flight is deleted', async () => {
    await using endpoint = await fifo();
    await sendAll(endpoint, 'g-1', 'g-2', 'g-3');
    const [first, second] = await receive(endpoint, { MaxNumberOfMessages: 2 });
    await remove(endpoint, first!);
    expect(await bodies(endpoint)).toEqual([]);
    await remove(endpoint, second!);
    expect(await bodies(endpoint)).toEqual(['g-3']);
  });

  it('moves what was received too often, with its order, to a FIFO queue alone', async () => {
    await using endpoint = await testEndpoint();
    const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true', VisibilityTimeout: '0' };
    await endpoint.json('CreateQueue', { QueueName: 'dlq.fifo', Attributes });
    await endpoint.json('CreateQueue', { QueueName: 'dlq' });
    const redrive = (name: string): Record<string, string> => ({
      RedrivePolicy: `{"maxReceiveCount":1,"deadLetterTargetArn":"arn:aws:sqs:us-east-1:${account}:${name}"}`,
    });
    const create = { QueueName: 'q.fifo', Attributes: { ...Attributes, ...redrive('dlq') } };
    expect((await refusalOf(endpoint, 'CreateQueue', create)).message).toMatch(
      /Dead-letter queue must be same type of queue as the source\.\.$/,
    );
    const made = { QueueName: 'q.fifo', Attributes: { ...Attributes, ...redrive('dlq.fifo') } };
    expect((await endpoint.json('CreateQueue', made)).status).toBe(200);
    await sendAll(endpoint, 'g-1', 'g-2', 'h-1', 'g-3');
    expect(await bodies(endpoint, { MaxNumberOfMessages: 2 })).toEqual(['g-1', 'g-2']);
    expect(await bodies(endpoint, { MaxNumberOfMessages: 2 })).toEqual(['h-1', 'g-3']);
    const dead = await receive(endpoint, { QueueUrl: QueueUrl.replace('q.fifo', 'dlq.fifo'), WaitTimeSeconds: 5 });
    expect(dead.map(({ Body }) => Body)).toEqual(['g-1', 'g-2']);
    expect(dead[0]?.Attributes).toMatchObject({
      MessageGroupId: 'g',
      MessageDeduplicationId: dead[0]?.MessageId,
      DeadLetterQueueSourceArn: `arn:aws:sqs:us-east-1:${account}:q.fifo`,
    });
  });
});

describe('a receipt handle', () => {
  it('is refused once its visibility timeout has ended', async () => {
    const clock = new ManualClock();
    await using endpoint = await fifo({ VisibilityTimeout: '1' }, clock);
    await send(endpoint, 'g-1');
    const [received] = await receive(endpoint);
    const { ReceiptHandle } = received!;
    clock.turn(1000);
    const expired = invalid(
      `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    );
    expect(await refusalOf(endpoint, 'DeleteMessage', { QueueUrl, ReceiptHandle })).toEqual(expired);
    const change = { QueueUrl, ReceiptHandle, VisibilityTimeout: 5 };
    expect(await refusalOf(endpoint, 'ChangeMessageVisibility', change)).toEqual(expired);
    const Entries = [{ Id: 'a', ReceiptHandle }];
    const { body } = await endpoint.json('DeleteMessageBatch', { QueueUrl, Entries });
    expect(body.Failed).toMatchObject([{ Id: 'a', Code: 'InvalidParameterValue', SenderFault: true }]);
    expect(await bodies(endpoint)).toEqual(['g-1']);
  });

  it('is good twice: a message that is gone is no error', async () => {
    await using endpoint = await fifo();
    await send(endpoint, 'g-1');
    const [received] = await receive(endpoint);
    expect(await remove(endpoint, received!)).toBe(200);
    expect(await remove(endpoint, received!)).toBe(200);
  });
});

describe('a receive that is asked for again', () => {
  const ReceiveRequestAttemptId = 'attempt-1';

  it('gives the same messages under the same handles, and hides them for as long again', async () => {
    const clock = new ManualClock();
    await using endpoint = await fifo({ VisibilityTimeout: '30' }, clock);
    await sendAll(endpoint, 'g-1', 'g-2', 'h-1');
    const first = await receive(endpoint, { ReceiveRequestAttemptId, MaxNumberOfMessages: 2 });
    clock.turn(20_000);
    const again = await receive(endpoint, { ReceiveRequestAttemptId, MaxNumberOfMessages: 2 });
    expect(again).toEqual(first);
    clock.turn(20_000);
    expect(await bodies(endpoint)).toEqual(['h-1']);
  });

  it('is refused once something has happened to one of them', async () => {
    await using endpoint = await fifo();
    await sendAll(endpoint, 'g-1', 'g-2');
    const [first] = await receive(endpoint, { ReceiveRequestAttemptId });
    await remove(endpoint, first!);
    expect(await refusalOf(endpoint, 'ReceiveMessage', { QueueUrl, ReceiveRequestAttemptId })).toEqual(
      invalid(
        'Value attempt-1 for parameter ReceiveRequestAttemptId is invalid. Reason: The receiveRequestAttemptId is not ' +
          'valid anymore since the receive call is not retryable.',
      ),
    );
  });

  it('is another receive after five minutes, and at a standard queue', async () => {
    const clock = new ManualClock();
    await using endpoint = await fifo({ VisibilityTimeout: '1000' }, clock);
    await sendAll(endpoint, 'g-1', 'h-1');
    expect(await bodies(endpoint, { ReceiveRequestAttemptId, MaxNumberOfMessages: 1 })).toEqual(['g-1']);
    clock.turn(300_000);
    expect(await bodies(endpoint, { ReceiveRequestAttemptId, MaxNumberOfMessages: 1 })).toEqual(['h-1']);
    await endpoint.json('CreateQueue', { QueueName: 'q' });
    const received = await endpoint
      .client()
      .send(new ReceiveMessageCommand({ QueueUrl: QueueUrl.replace('.fifo', ''), ReceiveRequestAttemptId }));
    expect(received.Messages).toBeUndefined();
  });
});

it('keeps silent about what is in flight beyond its limit', async () => {
  await using endpoint = await fifo();
  await send(endpoint, 'g-1');
  const { core } = endpoint.queues.at(QueueUrl, { account, region: 'us-east-1' });
  vi.spyOn(core, 'inFlightCount', 'get').mockReturnValue(120_000);
  expect(await bodies(endpoint)).toEqual([]);
});

it('counts what CloudWatch would show', async () => {
  const clock = new ManualClock();
  await using endpoint = await fifo({}, clock);
  await sendAll(endpoint, 'g-1', 'g-1', 'h-22');
  clock.turn(5000);
  const [first] = await receive(endpoint);
  await receive(endpoint);
  await remove(endpoint, first!);
  const queue = endpoint.queues.at(QueueUrl, { account, region: 'us-east-1' });
  expect(queue.measure(clock.now())).toEqual({
    NumberOfMessagesSent: 2,
    NumberOfMessagesReceived: 2,
    NumberOfMessagesDeleted: 1,
    NumberOfEmptyReceives: 1,
    NumberOfDeduplicatedSentMessages: 1,
    SentMessageSize: { sum: 7, minimum: 3, maximum: 4 },
    ApproximateAgeOfOldestMessage: 5,
    ApproximateNumberOfMessagesVisible: 0,
    ApproximateNumberOfMessagesNotVisible: 1,
    ApproximateNumberOfMessagesDelayed: 0,
    ApproximateNumberOfGroupsWithInflightMessages: 1,
  });
});
