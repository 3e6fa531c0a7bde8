// Every way in which a message enters a queue, by the front door: it has its copy, once.

import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { connectStomp } from '../../support/stomp-load.ts';

const arn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;

const configuration = `
cloud:
  queues:
    - { name: dead }
    - { name: feed, attributes: { RedrivePolicy: '{"deadLetterTargetArn":"${arn('dead')}","maxReceiveCount":1}' } }
    - { name: feed.fifo, attributes: { ContentBasedDeduplication: 'true' } }
routes:
  - { name: a, from: "queue://in.>", to: queue://copy, mode: shadow }
  - { name: b, from: "queue://Consumer.x.>", to: queue://copy, mode: shadow }
  - { name: c, from: sqs://feed, to: queue://feed-copy, mode: shadow }
  - { name: d, from: sqs://feed.fifo, to: queue://fifo-copy, mode: shadow }
  - { name: move, from: queue://elsewhere, to: queue://in.moved }
`;

it('copies what is sent in each way', async () => {
  await using directory = await temporaryDirectory();
  const config = join(directory.path, 'causeway.yml');
  await writeFile(config, configuration);
  await using engine = new EngineProcess({ dataDirectory: directory.path, config });
  const { listeners, consoleUrl } = await engine.seen('ready');
  const { origin, searchParams } = new URL(consoleUrl);
  const bodies = async (...destinations: string[]): Promise<string[]> => {
    const headers = { authorization: `Bearer ${searchParams.get('token')}`, 'content-type': 'application/json' };
    const found = destinations.map(async (destination) => {
      const body = JSON.stringify({ destination, limit: 100 });
      const answer = await fetch(`${origin}/api/peek`, { method: 'POST', headers, body });
      const { messages = [] } = (await answer.json()) as { messages?: { bodyBase64: string }[] };
      return messages.map(({ bodyBase64 }) => Buffer.from(bodyBase64, 'base64').toString());
    });
    return (await Promise.all(found)).flat().sort();
  };

  const stomp = await connectStomp(listeners['stomp']!.port);
  const frame = (headers: Record<string, string>, body: string): Promise<void> =>
    new Promise((resolve) => stomp.send({ persistent: 'true', ...headers }, { onReceipt: () => resolve() }).end(body));
  await frame({ destination: '/queue/in.plain' }, 'plain');
  await frame({ destination: '/queue/in.plain', persistent: 'false' }, 'transient');
  await frame({ destination: '/queue/in.one,in.two' }, 'composite');
  await frame({ destination: '/queue/elsewhere' }, 'moved by a route');
  const twice = { AMQ_SCHEDULED_DELAY: '100', AMQ_SCHEDULED_PERIOD: '100', AMQ_SCHEDULED_REPEAT: '1' };
  await frame({ destination: '/queue/in.later', ...twice }, 'scheduled');
  for (const end of ['commit', 'abort'] as const) {
    const transaction = stomp.begin();
    await new Promise<void>((resolve) => {
      transaction.send({ destination: '/queue/in.plain', persistent: 'true' }).end(end);
      transaction[end]({ onReceipt: () => resolve() });
    });
  }
  // Makes the queue of the virtual topic.
  stomp
    .subscribe({ destination: '/queue/Consumer.x.VirtualTopic.t', ack: 'client-individual' }, () => undefined)
    .unsubscribe();
  await frame({ destination: '/topic/VirtualTopic.t' }, 'virtual topic');
  const inside = ['plain', 'one', 'two', 'later', 'moved'].map((name) => `mq:in.${name}`);
  const sent = [
    'commit',
    'composite',
    'composite',
    'moved by a route',
    'plain',
    'scheduled',
    'scheduled',
    'transient',
    'virtual topic',
  ];
  await expect.poll(() => bodies(...inside, 'mq:Consumer.x.VirtualTopic.t')).toEqual(sent);
  await expect.poll(() => bodies('mq:copy')).toEqual(sent);
  stomp.destroy();

  const endpoint = `http://127.0.0.1:${listeners['cloud']!.port}`;
  const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const [sqs, sns] = [new SQSClient(settings), new SNSClient(settings)];
  const url = (name: string): string => `${endpoint}/000000000000/${name}`;
  await sqs.send(new SendMessageCommand({ QueueUrl: url('feed'), MessageBody: 'one' }));
  await sqs.send(new SendMessageCommand({ QueueUrl: url('feed'), MessageBody: 'delayed', DelaySeconds: 1 }));
  const Entries = ['two', 'three'].map((MessageBody) => ({ Id: MessageBody, MessageBody }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: url('feed'), Entries }));
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
  const Attributes = { RawMessageDelivery: 'true' };
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn('feed'), Attributes }));
  await sns.send(new PublishCommand({ TopicArn, Message: 'published' }));
  const fed = ['delayed', 'one', 'published', 'three', 'two'];
  const feed = 'aws/000000000000/us-east-1:feed';
  await expect.poll(() => bodies('mq:feed-copy')).toEqual(fed);
  expect(await bodies(feed)).toEqual(fed);

  // Received once and not deleted: they become dead letters, and are sent back.
  const received = new ReceiveMessageCommand({ QueueUrl: url('feed'), MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
  const dead = 'aws/000000000000/us-east-1:dead';
  await expect.poll(async () => [await sqs.send(received), await bodies(dead)].at(1)).toEqual(fed);
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn('dead') }));
  await expect.poll(() => bodies(feed)).toEqual(fed);
  await expect.poll(() => bodies('mq:feed-copy')).toEqual([...fed, ...fed].sort());
  expect(await bodies(dead)).toEqual([]);

  for (const MessageBody of ['same', 'same', 'other']) {
    await sqs.send(new SendMessageCommand({ QueueUrl: url('feed.fifo'), MessageBody, MessageGroupId: 'g' }));
  }
  await expect.poll(() => bodies('mq:fifo-copy')).toEqual(['other', 'same']);
  sqs.destroy();
  sns.destroy();
}, 120_000);
