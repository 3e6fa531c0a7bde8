// The engine, killed with -9 under sends, receives and deletes: what was acknowledged is there, what was deleted stays so, a
// group keeps its order, and what was sent to a FIFO queue is known to have been sent.

import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';

const rounds = 4;
const groups = ['g', 'h', 'i'];
const standard = 'http://queue.test/000000000000/q';
const fifo = 'http://queue.test/000000000000/q.fifo';

interface Sent {
  readonly body: string;
  readonly id: string;
}

async function start(dataDirectory: string): Promise<{ readonly engine: EngineProcess; readonly sqs: SQSClient }> {
  const engine = new EngineProcess({ dataDirectory, set: ['cloud.quotas=off'] });
  const { listeners } = await engine.seen('ready');
  const sqs = new SQSClient({
    endpoint: `http://127.0.0.1:${listeners['cloud']!.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    useQueueUrlAsEndpoint: false,
  });
  return { engine, sqs };
}

/** Does it until the engine is gone. */
async function untilKilled(act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await act();
    } catch {
      return;
    }
  }
}

it('loses nothing that was acknowledged, and brings nothing back that was deleted', { timeout: 180_000 }, async () => {
  await using directory = await temporaryDirectory();
  const acknowledged: Sent[] = [];
  const ofGroup = new Map<string, Sent[]>(groups.map((group) => [group, []]));
  const deleted = new Set<string>();
  /** Whether they are deleted nobody knows: the engine was killed before it said so. */
  const perhapsDeleted = new Set<string>();
  let next = 0;

  for (let round = 0; round < rounds; round++) {
    const { engine, sqs } = await start(directory.path);
    await using _ = engine;
    const Attributes = { VisibilityTimeout: '0' };
    await sqs.send(new CreateQueueCommand({ QueueName: 'q', Attributes }));
    await sqs.send(new CreateQueueCommand({ QueueName: 'q.fifo', Attributes: { FifoQueue: 'true', ...Attributes } }));
    const produce = async (): Promise<void> => {
      const body = `m${next++}`;
      const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl: standard, MessageBody: body }));
      acknowledged.push({ body, id: MessageId! });
    };
    const consume = async (): Promise<void> => {
      const receive = new ReceiveMessageCommand({ QueueUrl: standard, VisibilityTimeout: 30, WaitTimeSeconds: 1 });
      const { Messages: [message] = [] } = await sqs.send(receive);
      if (message === undefined) return;
      perhapsDeleted.add(message.Body!);
      await sqs.send(new DeleteMessageCommand({ QueueUrl: standard, ReceiptHandle: message.ReceiptHandle }));
      deleted.add(message.Body!);
    };
    const produceInOrder = (group: string) => async (): Promise<void> => {
      const body = `${group}${next++}`;
      const send = { QueueUrl: fifo, MessageBody: body, MessageGroupId: group, MessageDeduplicationId: body };
      const { MessageId } = await sqs.send(new SendMessageCommand(send));
      ofGroup.get(group)!.push({ body, id: MessageId! });
    };
    const running = [produce, produce, produce, consume, consume, ...groups.map(produceInOrder)].map(untilKilled);
    const goal = (round + 1) * 150;
    await expect.poll(() => Math.min(acknowledged.length, deleted.size), { timeout: 40_000 }).toBeGreaterThan(goal);
    await engine.kill();
    await Promise.all(running);
    sqs.destroy();
  }

  const { engine, sqs } = await start(directory.path);
  await using _ = engine;
  // Within the five minutes, what was sent once is not sent again.
  for (const [group, sent] of ofGroup) {
    for (const { body, id } of [sent[0]!, sent.at(-1)!]) {
      const send = { QueueUrl: fifo, MessageBody: body, MessageGroupId: group, MessageDeduplicationId: body };
      expect((await sqs.send(new SendMessageCommand(send))).MessageId).toBe(id);
    }
  }
  const left = await drain(sqs, standard);
  const there = new Set(left);
  expect(there.size).toBe(left.length);
  expect([...deleted].filter((body) => there.has(body))).toEqual([]);
  const lost = acknowledged.filter(({ body }) => !there.has(body) && !perhapsDeleted.has(body));
  expect(lost).toEqual([]);
  const inOrder = await drain(sqs, fifo);
  expect(new Set(inOrder).size).toBe(inOrder.length);
  for (const [group, sent] of ofGroup) {
    const received = inOrder.filter((body) => body.startsWith(group));
    const numbers = received.map((body) => Number(body.slice(1)));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(sent.filter(({ body }) => !received.includes(body))).toEqual([]);
  }
  sqs.destroy();
});

/** Bodies, in the order in which they come. */
async function drain(sqs: SQSClient, QueueUrl: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 });
    const { Messages = [] } = await sqs.send(receive);
    if (Messages.length === 0) return found;
    for (const { Body = '', ReceiptHandle } of Messages) {
      found.push(Body);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}
