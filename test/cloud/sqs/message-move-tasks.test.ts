// StartMessageMoveTask, CancelMessageMoveTask and ListMessageMoveTasks.

import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { Queues } from '../../../broker/cloud/sqs/model/queues.ts';
import { Broker } from '../../../broker/core/broker.ts';
import { silent } from '../../../broker/util/log.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { waitUntil } from '../../support/wait.ts';
import { account, serveSqs, testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';
import { invalid, missing, refusalOf, sqsError, takesWrongKinds } from './refusals.ts';
import type { Refusal } from './refusals.ts';

const url = (name: string): string => `http://queue.test/${account}/${name}`;
const arn = (name: string): string => `arn:aws:sqs:us-east-1:${account}:${name}`;
const redrive = (name: string): Record<string, string> => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn(name), maxReceiveCount: 1 }),
});

interface Received {
  readonly MessageId: string;
  readonly Body: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

async function receive(endpoint: TestEndpoint, name: string, members: object = {}): Promise<readonly Received[]> {
  const { body } = await endpoint.json('ReceiveMessage', {
    QueueUrl: url(name),
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
    MessageSystemAttributeNames: ['All'],
    ...members,
  });
  return body.Messages ?? [];
}

/** Queues `a` and `b`, their dead-letter queue `dlq` with what they were sent, and a queue `other`. */
async function withDeadLetters(clock: ManualClock, sent: Readonly<Record<string, readonly string[]>>) {
  const endpoint = await testEndpoint({ clock });
  await endpoint.json('CreateQueue', { QueueName: 'dlq' });
  await endpoint.json('CreateQueue', { QueueName: 'other' });
  for (const name of ['a', 'b']) await endpoint.json('CreateQueue', { QueueName: name, Attributes: redrive('dlq') });
  for (const [name, bodies] of Object.entries(sent)) {
    for (const MessageBody of bodies) await endpoint.json('SendMessage', { QueueUrl: url(name), MessageBody });
    await receive(endpoint, name);
    expect(await receive(endpoint, name)).toEqual([]);
  }
  return endpoint;
}

interface Task {
  readonly TaskHandle?: string;
  readonly Status: string;
  readonly ApproximateNumberOfMessagesMoved: number;
  readonly FailureReason?: string;
}

async function tasksOf(endpoint: Pick<TestEndpoint, 'json'>, MaxResults = 10): Promise<readonly Task[]> {
  const { body } = await endpoint.json('ListMessageMoveTasks', { SourceArn: arn('dlq'), MaxResults });
  return body.Results ?? [];
}

function until(endpoint: Pick<TestEndpoint, 'json'>, status: string): Promise<Task> {
  return waitUntil(async () => {
    const [task] = await tasksOf(endpoint);
    return task?.Status === status ? task : undefined;
  });
}

async function countOf(endpoint: TestEndpoint, name: string): Promise<string> {
  const asked = { QueueUrl: url(name), AttributeNames: ['ApproximateNumberOfMessages'] };
  return (await endpoint.json('GetQueueAttributes', asked)).body.Attributes.ApproximateNumberOfMessages;
}

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await testEndpoint();
    const start = { SourceArn: 'String', DestinationArn: 'String', MaxNumberOfMessagesPerSecond: 'Integer' } as const;
    expect(await takesWrongKinds(endpoint, 'StartMessageMoveTask', start)).toEqual([]);
    expect(await takesWrongKinds(endpoint, 'CancelMessageMoveTask', { TaskHandle: 'String' })).toEqual([]);
    const list = { SourceArn: 'String', MaxResults: 'Integer' } as const;
    expect(await takesWrongKinds(endpoint, 'ListMessageMoveTasks', list)).toEqual([]);
  });

  it('speaks to clients of the Query wire', async () => {
    await using endpoint = await withDeadLetters(new ManualClock(), { a: ['1'] });
    const started = await endpoint.query({ Action: 'StartMessageMoveTask', SourceArn: arn('dlq') });
    expect(started.text).toMatch(/<StartMessageMoveTaskResult><TaskHandle>[^<]+<\/TaskHandle>/);
    await until(endpoint, 'COMPLETED');
    const { text } = await endpoint.query({ Action: 'ListMessageMoveTasks', SourceArn: arn('dlq') });
    expect(text).toContain(
      `<ListMessageMoveTasksResultEntry><Status>COMPLETED</Status><SourceArn>${arn('dlq')}</SourceArn>`,
    );
  });
});

describe('validation', () => {
  const notFound = (message: string): Refusal =>
    sqsError('ResourceNotFoundException', message, 'ResourceNotFoundException', 404);
  const noResource = (name: string): Refusal =>
    notFound(`The resource that you specified for the ${name} parameter doesn't exist.`);
  const form = (name: string): Refusal =>
    invalid(
      `You must use this format to specify the ${name}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>`,
    );
  const handle = (taskId: string, source: string): string =>
    Buffer.from(JSON.stringify({ taskId, sourceArn: arn(source) })).toString('base64');

  it.each<readonly [string, string, object, Refusal]>([
    ['StartMessageMoveTask', 'no source', {}, missing('SourceArn')],
    ['StartMessageMoveTask', 'a source that is no ARN', { SourceArn: 'dlq' }, form('SourceArn')],
    ['StartMessageMoveTask', 'a source that is not there', { SourceArn: arn('x') }, noResource('SourceArn')],
    [
      'StartMessageMoveTask',
      'a source that is no dead-letter queue',
      { SourceArn: arn('a') },
      invalid('Source queue must be configured as a Dead Letter Queue.'),
    ],
    [
      'StartMessageMoveTask',
      'a destination that is not there',
      { SourceArn: arn('dlq'), DestinationArn: arn('x') },
      noResource('DestinationArn'),
    ],
    [
      'StartMessageMoveTask',
      'a rate out of range',
      { SourceArn: arn('dlq'), MaxNumberOfMessagesPerSecond: 501 },
      invalid(
        'Value 501 for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, if provided.',
      ),
    ],
    ['CancelMessageMoveTask', 'no handle', {}, missing('TaskHandle')],
    [
      'CancelMessageMoveTask',
      'what is no handle',
      { TaskHandle: 'foobared' },
      invalid('Value for parameter TaskHandle is invalid.'),
    ],
    [
      'CancelMessageMoveTask',
      'the handle of a queue that is not there',
      { TaskHandle: handle('1', 'x') },
      noResource('SourceArn'),
    ],
    [
      'CancelMessageMoveTask',
      'the handle of no task',
      { TaskHandle: handle('1', 'dlq') },
      notFound('Task does not exist.'),
    ],
    ['ListMessageMoveTasks', 'a source that is not there', { SourceArn: arn('x') }, noResource('SourceArn')],
    [
      'ListMessageMoveTasks',
      'too many results',
      { SourceArn: arn('dlq'), MaxResults: 11 },
      invalid('Value 11 for parameter MaxResults is invalid. Reason: Must be between 1 and 10, if provided.'),
    ],
  ])('%s refuses %s', async (action, _what, input, refusal) => {
    await using endpoint = await withDeadLetters(new ManualClock(), {});
    expect(await refusalOf(endpoint, action, input)).toEqual(refusal);
  });

  it('refuses a second task for the queue, and the end of one that is over', async () => {
    const clock = new ManualClock();
    await using endpoint = await withDeadLetters(clock, { a: ['1', '2', '3'] });
    const input = { SourceArn: arn('dlq'), MaxNumberOfMessagesPerSecond: 1 };
    await endpoint.json('StartMessageMoveTask', input);
    expect(await refusalOf(endpoint, 'StartMessageMoveTask', input)).toEqual(
      invalid(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      ),
    );
    const [{ TaskHandle } = { TaskHandle: undefined }] = await tasksOf(endpoint);
    expect((await endpoint.json('CancelMessageMoveTask', { TaskHandle })).status).toBe(200);
    await until(endpoint, 'CANCELLED');
    expect((await refusalOf(endpoint, 'CancelMessageMoveTask', { TaskHandle })).status).toBe(400);
  });
});

describe('function', () => {
  it('moves dead letters to another queue, as new messages', async () => {
    const clock = new ManualClock();
    await using endpoint = await withDeadLetters(clock, { a: ['1', '2'] });
    const dead = await receive(endpoint, 'dlq');
    const sqs = endpoint.client();
    clock.turn(60_000);
    const started = await sqs.send(
      new StartMessageMoveTaskCommand({ SourceArn: arn('dlq'), DestinationArn: arn('other') }),
    );
    expect(JSON.parse(Buffer.from(started.TaskHandle ?? '', 'base64').toString())).toEqual({
      taskId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sourceArn: arn('dlq'),
    });
    await until(endpoint, 'COMPLETED');
    expect((await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn('dlq') }))).Results).toEqual([
      {
        Status: 'COMPLETED',
        SourceArn: arn('dlq'),
        DestinationArn: arn('other'),
        ApproximateNumberOfMessagesMoved: 2,
        ApproximateNumberOfMessagesToMove: 2,
        StartedTimestamp: clock.now(),
      },
    ]);
    const moved = await receive(endpoint, 'other');
    expect(moved.map(({ Body }) => Body)).toEqual(['1', '2']);
    expect(moved[0]?.MessageId).not.toBe(dead[0]?.MessageId);
    expect(moved[0]?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SentTimestamp: String(clock.now()) });
    expect(moved[0]?.Attributes).not.toHaveProperty('DeadLetterQueueSourceArn');
    expect(await countOf(endpoint, 'dlq')).toBe('0');
  });

  it('moves each back to where it came from', async () => {
    await using endpoint = await withDeadLetters(new ManualClock(), { a: ['a1', 'a2'], b: ['b1'] });
    await endpoint.json('StartMessageMoveTask', { SourceArn: arn('dlq') });
    expect(await until(endpoint, 'COMPLETED')).toMatchObject({ ApproximateNumberOfMessagesMoved: 3 });
    expect((await receive(endpoint, 'a')).map(({ Body }) => Body)).toEqual(['a1', 'a2']);
    expect((await receive(endpoint, 'b')).map(({ Body }) => Body)).toEqual(['b1']);
  });

  it('keeps to its rate, and ends when it is cancelled', async () => {
    const clock = new ManualClock();
    await using endpoint = await withDeadLetters(clock, { a: ['1', '2', '3', '4', '5'] });
    const rate = { MaxNumberOfMessagesPerSecond: 1 };
    await endpoint.json('StartMessageMoveTask', { SourceArn: arn('dlq'), DestinationArn: arn('other'), ...rate });
    for (const moved of ['1', '2', '3']) {
      await waitUntil(async () => (await countOf(endpoint, 'other')) === moved);
      clock.turn(999);
      expect(await countOf(endpoint, 'other')).toBe(moved);
      if (moved !== '3') clock.turn(1);
    }
    const [running] = await tasksOf(endpoint);
    expect(running).toMatchObject({ Status: 'RUNNING', ...rate, ApproximateNumberOfMessagesToMove: 5 });
    const command = new CancelMessageMoveTaskCommand({ TaskHandle: running?.TaskHandle });
    expect((await endpoint.client().send(command)).ApproximateNumberOfMessagesMoved).toBe(3);
    const cancelled = await until(endpoint, 'CANCELLED');
    expect(cancelled).not.toHaveProperty('TaskHandle');
    expect(await countOf(endpoint, 'dlq')).toBe('2');
  });

  it('fails when its destination is gone, or a message does not say where it came from', async () => {
    const clock = new ManualClock();
    await using endpoint = await withDeadLetters(clock, { a: ['1', '2', '3'] });
    const SourceArn = arn('dlq');
    const elsewhere = { DestinationArn: arn('other'), MaxNumberOfMessagesPerSecond: 1 };
    await endpoint.json('StartMessageMoveTask', { SourceArn, ...elsewhere });
    await waitUntil(async () => (await countOf(endpoint, 'other')) === '1');
    await endpoint.json('DeleteQueue', { QueueUrl: url('other') });
    clock.turn(1000);
    expect(await until(endpoint, 'FAILED')).toMatchObject({
      ApproximateNumberOfMessagesMoved: 1,
      FailureReason: 'AWS.SimpleQueueService.NonExistentQueue',
    });
    await endpoint.json('SendMessage', { QueueUrl: url('dlq'), MessageBody: 'sent here' });
    await endpoint.json('StartMessageMoveTask', { SourceArn });
    await waitUntil(async () => (await tasksOf(endpoint)).length === 2 && (await until(endpoint, 'FAILED')));
    expect((await tasksOf(endpoint))[0]).toMatchObject({
      ApproximateNumberOfMessagesMoved: 2,
      FailureReason: 'CouldNotDetermineMessageSource',
    });
    expect((await receive(endpoint, 'dlq')).map(({ Body }) => Body)).toEqual(['sent here']);
  });

  it('lists the last ten, the newest first, and one if no more are asked for', async () => {
    const clock = new ManualClock();
    await using endpoint = await withDeadLetters(clock, {});
    for (let count = 0; count < 11; count++) {
      await endpoint.json('StartMessageMoveTask', { SourceArn: arn('dlq') });
      await until(endpoint, 'COMPLETED');
      clock.turn(1000);
    }
    const tasks: readonly { readonly StartedTimestamp: number }[] = (
      await endpoint.json('ListMessageMoveTasks', { SourceArn: arn('dlq'), MaxResults: 10 })
    ).body.Results;
    const ages = tasks.map(({ StartedTimestamp }) => (clock.now() - StartedTimestamp) / 1000);
    expect(ages).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const { body } = await endpoint.json('ListMessageMoveTasks', { SourceArn: arn('dlq') });
    expect(body.Results).toHaveLength(1);
    expect(await endpoint.store.readRecords('sqs-move-task')).toHaveLength(10);
  });

  it('goes on after a restart where it was', async () => {
    const clock = new ManualClock();
    await using first = await withDeadLetters(clock, { a: ['1', '2', '3'] });
    const rate = { MaxNumberOfMessagesPerSecond: 1 };
    await first.json('StartMessageMoveTask', { SourceArn: arn('dlq'), DestinationArn: arn('other'), ...rate });
    await waitUntil(async () => (await countOf(first, 'other')) === '1');
    // Nothing of it is closed but its listener and its timers: it never gets to say goodbye to the store.
    await first.server.close();
    await first.queues.close();
    const broker = new Broker({ store: first.store, clock, log: silent, memoryLimitBytes: 2 ** 20 });
    const queues = new Queues(broker, clock);
    await broker.start((definition) => queues.policyOf(definition));
    await queues.start();
    await using second = await serveSqs({ broker, store: first.store, queues, clock });
    for (const moved of ['2', '3']) {
      await waitUntil(async () => (await countOf(second, 'other')) === moved);
      clock.turn(1000);
    }
    expect(await until(second, 'COMPLETED')).toMatchObject({ ApproximateNumberOfMessagesMoved: 3 });
    expect((await receive(second, 'other')).map(({ Body }) => Body)).toEqual(['1', '2', '3']);
  });
});
