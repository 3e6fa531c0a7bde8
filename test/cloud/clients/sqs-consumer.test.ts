// sqs-consumer (npm), unchanged: long polls, batches, heartbeats, errors of the handler and of the queue, FIFO.

import { once } from 'node:events';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import type { ConsumerOptions, SQSError } from 'sqs-consumer';
import { expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.ts';
import { target } from '../target.ts';
import type { Target } from '../target.ts';

async function queueOf(aws: Target, attributes: Record<string, string> = {}): Promise<string> {
  const name = aws.name('q', 'FifoQueue' in attributes ? '.fifo' : '');
  const { QueueUrl } = await aws.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return QueueUrl!;
}

async function send(aws: Target, QueueUrl: string, bodies: readonly string[]): Promise<void> {
  for (let at = 0; at < bodies.length; at += 10) {
    const Entries = bodies.slice(at, at + 10).map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await aws.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** Visible and in flight. */
async function left(aws: Target, QueueUrl: string): Promise<readonly number[]> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await aws.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return names.map((name) => Number(Attributes[name]));
}

/** A consumer that runs until the end of its test. */
function consume(aws: Target, queueUrl: string, options: Partial<ConsumerOptions>): Consumer & Disposable {
  const consumer = Consumer.create({
    sqs: aws.sqs,
    queueUrl,
    suppressFifoWarning: true,
    ...options,
  });
  // Without listeners, what it reports is thrown.
  for (const event of ['error', 'processing_error', 'timeout_error'] as const) consumer.on(event, () => undefined);
  consumer.start();
  return Object.assign(consumer, { [Symbol.dispose]: () => consumer.stop({ abort: true }) });
}

/** How often the SDK has asked for it. */
function calls(sqs: SQSClient): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  sqs.middlewareStack.add(
    (next, { commandName = '' }) =>
      (request) => {
        counts.set(commandName, (counts.get(commandName) ?? 0) + 1);
        return next(request);
      },
    { step: 'initialize' },
  );
  return counts;
}

it('waits in a long poll for the first message, handles it, and deletes it', async () => {
  await using aws = await target();
  const queueUrl = await queueOf(aws);
  const asked = calls(aws.sqs);
  const handled: Message[] = [];
  using consumer = consume(aws, queueUrl, {
    messageAttributeNames: ['All'],
    messageSystemAttributeNames: ['All'],
    handleMessage: (message) => {
      handled.push(message);
      return Promise.resolve(message);
    },
  });
  await waitUntil(() => asked.get('ReceiveMessageCommand') === 1);
  const processed = once(consumer, 'message_processed');
  const MessageAttributes = { color: { DataType: 'String', StringValue: 'blue' } };
  await aws.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'first', MessageAttributes }));
  await processed;
  expect(handled).toMatchObject([{ Body: 'first', MessageAttributes, Attributes: { ApproximateReceiveCount: '1' } }]);
  await expect.poll(() => left(aws, queueUrl)).toEqual([0, 0]);
});

it('says that a poll came back empty, and that it was aborted', async () => {
  await using aws = await target();
  const queueUrl = await queueOf(aws);
  using consumer = consume(aws, queueUrl, { waitTimeSeconds: 1, handleMessage: () => Promise.resolve(undefined) });
  await once(consumer, 'empty');
  const failed = once(consumer, 'error');
  const asked = calls(aws.sqs);
  await waitUntil(() => (asked.get('ReceiveMessageCommand') ?? 0) > 0);
  consumer.stop({ abort: true });
  expect((await failed)[0]).toMatchObject({ code: 'AbortError' });
});

it('takes batches, and deletes what its handler gives back of them', async () => {
  await using aws = await target();
  const queueUrl = await queueOf(aws, { VisibilityTimeout: '600' });
  const bodies = Array.from({ length: 25 }, (_, index) => `m${index}`);
  await send(aws, queueUrl, bodies);
  const seen = new Set<string>();
  const sizes: number[] = [];
  using _ = consume(aws, queueUrl, {
    batchSize: 10,
    handleMessageBatch: (messages) => {
      sizes.push(messages.length);
      for (const { Body = '' } of messages) seen.add(Body);
      return Promise.resolve(messages.filter(({ Body }) => Body !== 'm7'));
    },
  });
  await waitUntil(() => seen.size === bodies.length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
  await expect.poll(() => left(aws, queueUrl)).toEqual([0, 1]);
});

it.each(['handleMessage', 'handleMessageBatch'] as const)(
  'keeps what it works on by heartbeats: %s',
  async (handler) => {
    await using aws = await target();
    const queueUrl = await queueOf(aws);
    await send(aws, queueUrl, ['slow', 'slow']);
    const asked = calls(aws.sqs);
    const beats = (): number =>
      (asked.get('ChangeMessageVisibilityCommand') ?? 0) + (asked.get('ChangeMessageVisibilityBatchCommand') ?? 0);
    const counts: number[] = [];
    const work = async (messages: readonly Message[]): Promise<void> => {
      // Longer than the time-out that it was received with.
      await waitUntil(() => beats() >= 3 * (handler === 'handleMessage' ? 2 : 1));
      counts.push(...messages.map(({ Attributes }) => Number(Attributes?.['ApproximateReceiveCount'])));
    };
    using consumer = consume(aws, queueUrl, {
      batchSize: 10,
      visibilityTimeout: 2,
      heartbeatInterval: 1,
      messageSystemAttributeNames: ['ApproximateReceiveCount'],
      ...(handler === 'handleMessage'
        ? { handleMessage: (message: Message) => work([message]).then(() => message) }
        : { handleMessageBatch: (messages: Message[]) => work(messages).then(() => messages) }),
    });
    await waitUntil(() => beats() >= 2);
    const { Messages } = await aws.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 1 }));
    expect(Messages).toBeUndefined();
    await waitUntil(() => counts.length >= 2);
    consumer.stop();
    expect(counts).toEqual([1, 1]);
    await expect.poll(() => left(aws, queueUrl)).toEqual([0, 0]);
  },
);

it('gives back at once what its handler failed at, and takes it again', async () => {
  await using aws = await target();
  const queueUrl = await queueOf(aws, { VisibilityTimeout: '600' });
  await send(aws, queueUrl, ['hard']);
  const counts: (string | undefined)[] = [];
  using consumer = consume(aws, queueUrl, {
    terminateVisibilityTimeout: true,
    messageSystemAttributeNames: ['ApproximateReceiveCount'],
    handleMessage: (message) => {
      counts.push(message.Attributes?.['ApproximateReceiveCount']);
      if (counts.length < 3) throw new Error('not yet');
      return Promise.resolve(message);
    },
  });
  const failed = once(consumer, 'processing_error');
  expect((await failed)[0]).toMatchObject({ message: 'Unexpected message handler failure: not yet' });
  await once(consumer, 'message_processed');
  expect(counts).toEqual(['1', '2', '3']);
  await expect.poll(() => left(aws, queueUrl)).toEqual([0, 0]);
});

it('gives up on a handler that takes too long', async () => {
  await using aws = await target();
  const queueUrl = await queueOf(aws, { VisibilityTimeout: '600' });
  await send(aws, queueUrl, ['endless']);
  using consumer = consume(aws, queueUrl, {
    handleMessageTimeout: 50,
    terminateVisibilityTimeout: 300,
    handleMessage: () => new Promise(() => undefined),
  });
  await once(consumer, 'timeout_error');
  await expect.poll(() => left(aws, queueUrl)).toEqual([0, 1]);
});

it('reports what AWS refuses, by its code', async () => {
  await using aws = await target();
  const queueUrl = await queueOf(aws);
  const errors: SQSError[] = [];
  const gone = `${queueUrl}-gone`;
  using consumer = consume(aws, gone, {
    extendedAWSErrors: true,
    handleMessage: (message) => Promise.resolve(message),
  });
  consumer.on('error', (error) => errors.push(error as SQSError));
  await waitUntil(() => errors.length > 0);
  expect(errors[0]).toMatchObject({
    name: 'SQSError',
    message: 'SQS receive message failed: The specified queue does not exist.',
    code: 'QueueDoesNotExist',
    statusCode: 400,
    fault: 'client',
  });
});

it('reports a queue that is deleted under it', async () => {
  await using aws = await target();
  const queueUrl = await queueOf(aws);
  using consumer = consume(aws, queueUrl, { waitTimeSeconds: 1, handleMessage: (message) => Promise.resolve(message) });
  await once(consumer, 'empty');
  const failed = once(consumer, 'error');
  await aws.sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
  expect((await failed)[0]).toMatchObject({ name: 'SQSError', code: 'QueueDoesNotExist' });
});

it('keeps the order within the groups of a FIFO queue, through failures', async () => {
  await using aws = await target();
  const queueUrl = await queueOf(aws, { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  const Entries = Array.from({ length: 10 }, (_, index) => ({
    Id: String(index),
    MessageBody: `${'ab'[index % 2]}${index}`,
    MessageGroupId: 'ab'[index % 2]!,
  }));
  await aws.sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  const handled: string[] = [];
  let failures = 0;
  using _ = consume(aws, queueUrl, {
    terminateVisibilityTimeout: true,
    handleMessage: (message) => {
      const { Body = '' } = message;
      if (Body === 'a4' && failures++ < 2) throw new Error('again');
      handled.push(Body);
      return Promise.resolve(message);
    },
  });
  await waitUntil(() => handled.length === 10);
  expect(handled.filter((body) => body.startsWith('a'))).toEqual(['a0', 'a2', 'a4', 'a6', 'a8']);
  expect(handled.filter((body) => body.startsWith('b'))).toEqual(['b1', 'b3', 'b5', 'b7', 'b9']);
  expect(failures).toBe(3);
});
