// What an engine that is killed leaves to the next: a deduplication window, the order of groups, a task half done.

import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { waitUntil } from '../../support/wait.ts';
import { account } from '../endpoint.ts';

const arn = (name: string): string => `arn:aws:sqs:us-east-1:${account}:${name}`;
const url = (name: string): string => `http://queue.test/${account}/${name}`;

interface Running extends AsyncDisposable {
  // eslint-disable-next-line typescript/no-explicit-any -- an answer's members are what the test looks at
  ask(action: string, input: object): Promise<any>;
  kill(): Promise<void>;
}

async function start(dataDirectory: string): Promise<Running> {
  const engine = new EngineProcess({ dataDirectory });
  const { listeners } = await engine.seen('ready');
  return {
    async ask(action, input) {
      const response = await fetch(`http://127.0.0.1:${listeners['cloud']?.port ?? 0}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
        body: JSON.stringify(input),
      });
      const text = await response.text();
      return text === '' ? undefined : JSON.parse(text);
    },
    kill: () => engine.kill(),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

it('remembers what was sent, in which order, and what was moved', async () => {
  await using directory = await temporaryDirectory();
  await using first = await start(directory.path);
  const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
  await first.ask('CreateQueue', { QueueName: 'q.fifo', Attributes });
  const QueueUrl = url('q.fifo');
  const send = (
    engine: Running,
    MessageBody: string,
    MessageGroupId = 'g',
  ): Promise<{ MessageId: string; SequenceNumber: string }> =>
    engine.ask('SendMessage', { QueueUrl, MessageBody, MessageGroupId });
  for (const body of ['in flight', 'behind it']) await send(first, body, 'h');
  expect((await first.ask('ReceiveMessage', { QueueUrl })).Messages).toMatchObject([{ Body: 'in flight' }]);
  const sent = [await send(first, '1'), await send(first, '2')];

  await first.ask('CreateQueue', { QueueName: 'dlq' });
  await first.ask('CreateQueue', { QueueName: 'other' });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dlq'), maxReceiveCount: 1 });
  await first.ask('CreateQueue', { QueueName: 'source', Attributes: { RedrivePolicy, VisibilityTimeout: '0' } });
  const texts = Array.from({ length: 60 }, (_, index) => `m${index}`);
  for (const MessageBody of texts) await first.ask('SendMessage', { QueueUrl: url('source'), MessageBody });
  const everything = { QueueUrl: url('source'), MaxNumberOfMessages: 10 };
  for (let round = 0; round < 12; round++) await first.ask('ReceiveMessage', everything);
  const task = { SourceArn: arn('dlq'), DestinationArn: arn('other'), MaxNumberOfMessagesPerSecond: 50 };
  await first.ask('StartMessageMoveTask', task);
  const moved = async (engine: Running): Promise<{ Status: string; ApproximateNumberOfMessagesMoved: number }> =>
    (await engine.ask('ListMessageMoveTasks', { SourceArn: arn('dlq') })).Results[0];
  await waitUntil(async () => (await moved(first)).ApproximateNumberOfMessagesMoved > 0);
  await first.kill();

  await using second = await start(directory.path);
  expect([await send(second, '1'), await send(second, '2')]).toEqual(sent);
  const third = await send(second, '3');
  expect(third.SequenceNumber > (sent[1]?.SequenceNumber ?? '')).toBe(true);
  const received = await second.ask('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
  expect(received.Messages.map(({ Body }: { Body: string }) => Body)).toEqual(['1', '2', '3']);

  await waitUntil(async () => (await moved(second)).Status === 'COMPLETED');
  const bodies: string[] = [];
  for (let round = 0; round < 7; round++) {
    const { Messages = [] } = await second.ask('ReceiveMessage', { QueueUrl: url('other'), MaxNumberOfMessages: 10 });
    bodies.push(...Messages.map(({ Body }: { Body: string }) => Body));
  }
  // Each once, whatever the moment of the kill.
  expect(bodies.toSorted()).toEqual(texts.toSorted());
  expect((await moved(second)).ApproximateNumberOfMessagesMoved).toBe(60);
});
