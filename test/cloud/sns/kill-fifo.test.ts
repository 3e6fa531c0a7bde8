// The engine, killed with -9 under publishes to a FIFO topic: what was answered is delivered, each group in its order, and
// what is published again within the deduplication window is not delivered again.

import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';

const groups = ['g', 'h', 'i'];
const QueueUrl = 'http://queue.test/000000000000/q.fifo';
const rounds = 3;

it('delivers each message once and in order, through every kill', { timeout: 180_000 }, async () => {
  await using directory = await temporaryDirectory();
  const answered = new Map<string, string[]>(groups.map((group) => [group, []]));
  let next = 0;
  const start = async (): Promise<{
    readonly engine: EngineProcess;
    readonly sns: SNSClient;
    readonly sqs: SQSClient;
  }> => {
    const engine = new EngineProcess({ dataDirectory: directory.path, set: ['cloud.quotas=off'] });
    const { listeners } = await engine.seen('ready');
    const config = {
      endpoint: `http://127.0.0.1:${listeners['cloud']!.port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    };
    return { engine, sns: new SNSClient(config), sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }) };
  };
  const publishOf = (TopicArn: string | undefined, group: string, body: string): PublishCommand =>
    new PublishCommand({ TopicArn, Message: body, MessageGroupId: group, MessageDeduplicationId: body });

  for (let round = 0; round < rounds; round++) {
    const { engine, sns, sqs } = await start();
    await using _ = engine;
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 't.fifo', Attributes: { FifoTopic: 'true' } }));
    await sqs.send(new CreateQueueCommand({ QueueName: 'q.fifo', Attributes: { FifoQueue: 'true' } }));
    const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:q.fifo';
    const raw = { RawMessageDelivery: 'true' };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: raw }));
    // What was answered before the last kill is known to this engine.
    for (const [group, bodies] of answered) {
      const last = bodies.at(-1);
      if (last !== undefined) await sns.send(publishOf(TopicArn, group, last));
    }
    const running = groups.map(async (group) => {
      try {
        for (;;) {
          const body = `${group}${next++}`;
          await sns.send(publishOf(TopicArn, group, body));
          answered.get(group)!.push(body);
        }
      } catch {
        // The engine is gone.
      }
    });
    const goal = (round + 1) * 100;
    await expect.poll(() => Math.min(...[...answered.values()].map(({ length }) => length))).toBeGreaterThan(goal);
    await engine.kill();
    await Promise.all(running);
    for (const client of [sns, sqs]) client.destroy();
  }

  const { engine, sns, sqs } = await start();
  await using _ = engine;
  const found: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) break;
    found.push(...Messages.map(({ Body = '' }) => Body));
    const Entries = Messages.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  expect(new Set(found).size).toBe(found.length);
  for (const [group, bodies] of answered) {
    const received = found.filter((body) => body.startsWith(group));
    expect(bodies.filter((body) => !received.includes(body))).toEqual([]);
    const numbers = received.map((body) => Number(body.slice(1)));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }
  for (const client of [sns, sqs]) client.destroy();
});
