// The engine as a process of its own, killed under load: what was answered is in every queue, and nowhere twice; what was
// to be tried again over HTTP is tried again.

import {
  SNSClient,
  PublishCommand,
  SubscribeCommand,
  CreateTopicCommand,
  ConfirmSubscriptionCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { httpEndpoint } from './endpoint.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const queueNames = ['a', 'b', 'c'];

interface Clients {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

async function clientsOf(engine: EngineProcess): Promise<Clients> {
  const { listeners } = await engine.seen('ready');
  const config = {
    endpoint: `http://127.0.0.1:${listeners['cloud']!.port}`,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  };
  return { sns: new SNSClient(config), sqs: new SQSClient(config) };
}

async function drain(sqs: SQSClient, name: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: `http://x/000000000000/${name}`, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return found;
    found.push(...Messages.map(({ Body }) => Body!));
  }
}

it('every message that was answered is in each of the queues once, and no queue has one that others have not', async () => {
  await using directory = await temporaryDirectory();
  const answered: string[] = [];
  let sent = 0;
  for (let round = 0; round < 4; round++) {
    await using engine = new EngineProcess({ dataDirectory: directory.path });
    const { sns, sqs } = await clientsOf(engine);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 't' }));
    for (const name of queueNames) {
      await sqs.send(new CreateQueueCommand({ QueueName: name }));
      const Endpoint = `arn:aws:sqs:us-east-1:000000000000:${name}`;
      const Attributes = { RawMessageDelivery: 'true' };
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
    }
    let going = true;
    const publish = async (): Promise<void> => {
      while (going) {
        const Message = String(sent++);
        try {
          await sns.send(new PublishCommand({ TopicArn, Message }));
          answered.push(Message);
        } catch {
          going = false;
        }
      }
    };
    const publishers = Array.from({ length: 8 }, publish);
    const goal = answered.length + 100;
    await expect.poll(() => answered.length).toBeGreaterThanOrEqual(goal);
    await engine.kill();
    await Promise.all(publishers);
    sns.destroy();
    sqs.destroy();
  }
  await using engine = new EngineProcess({ dataDirectory: directory.path });
  const { sns, sqs } = await clientsOf(engine);
  const contents = await Promise.all(queueNames.map((name) => drain(sqs, name)));
  for (const content of contents) {
    expect(new Set(content).size).toBe(content.length);
    expect([...content].sort()).toEqual([...contents[0]!].sort());
    const there = new Set(content);
    expect(answered.filter((message) => !there.has(message))).toEqual([]);
  }
  sns.destroy();
  sqs.destroy();
}, 120_000);

it('a notification whose endpoint was down is delivered by the next engine', async () => {
  await using directory = await temporaryDirectory();
  await using hook = await httpEndpoint(200, 503, 200);
  const first = new EngineProcess({ dataDirectory: directory.path });
  const { sns, sqs } = await clientsOf(first);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 't' }));
  const retry = { minDelayTarget: 1, maxDelayTarget: 1, numRetries: 50 };
  const Attributes = { DeliveryPolicy: JSON.stringify({ healthyRetryPolicy: retry }) };
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: hook.url, Attributes }));
  const { Token } = JSON.parse((await hook.came(1)).body);
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
  await sns.send(new PublishCommand({ TopicArn, Message: 'in spite of all' }));
  await hook.came(2);
  await first.kill();
  expect(hook.posted).toHaveLength(2);
  await using second = new EngineProcess({ dataDirectory: directory.path });
  await second.seen('ready');
  const { body } = await hook.came(3);
  expect(JSON.parse(body).Message).toBe('in spite of all');
  sns.destroy();
  sqs.destroy();
}, 120_000);
