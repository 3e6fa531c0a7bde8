// What CloudWatch would show of queues and streams that routes put into and take from, as the control API has it, on the real engine.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Methods } from '../../broker/control/api.ts';
import type { CloudService } from '../../broker/control/api-cloud.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';

const token = 'a-token-of-this-test';
const configuration = `
cloud: { queues: [{ name: in }, { name: refused }, { name: out }, { name: once.fifo }, { name: fed }, { name: to-stream }] }
routes:
  - { name: a, from: sqs://in, to: sqs://out }
  - { name: b, from: sqs://refused, to: sqs://once.fifo, key: "property:absent" }
  - { name: c, from: sqs://out, to: sqs://once.fifo, key: "constant:g" }
  - { name: d, from: sqs://to-stream, to: kinesis://records, key: "constant:g" }
`;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
let sqs: SQSClient;
let sns: SNSClient;
let endpoint: string;
let control: number;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const config = join(directory.path, 'causeway.yml');
  await writeFile(config, configuration);
  engine = new EngineProcess({ dataDirectory: join(directory.path, 'data'), config, set: [`console.token=${token}`] });
  const { listeners } = await engine.seen('ready');
  endpoint = `http://127.0.0.1:${listeners['cloud']!.port}`;
  control = listeners['console']!.port;
  const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  sqs = new SQSClient(settings);
  sns = new SNSClient(settings);
});
afterAll(async () => {
  sqs.destroy();
  sns.destroy();
  await engine[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function metricsOf(name: string, service: CloudService = 'sqs'): Promise<Record<string, number>> {
  const response = await fetch(`http://127.0.0.1:${control}/api/cloudMetrics`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ service }),
  });
  const { rows } = (await response.json()) as Methods['cloudMetrics']['response'];
  return { ...rows.find(({ arn }) => arn.endsWith(service === 'sqs' ? `:${name}` : `/${name}`))?.metrics };
}

const send = (queue: string, MessageBody: string) =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: `${endpoint}/000000000000/${queue}`,
      MessageBody,
      // 6 of the name, 6 of the type, 3 of the value.
      MessageAttributes: { colour: { DataType: 'String', StringValue: 'red' } },
    }),
  );

it('counts what routes send, receive and delete, with sizes', async () => {
  await send('in', '1');
  await send('in', '22222');
  const all = { NumberOfMessagesSent: 2, NumberOfMessagesReceived: 2, NumberOfMessagesDeleted: 2 };
  const sizes = { 'SentMessageSize.Sum': 36, 'SentMessageSize.Minimum': 16, 'SentMessageSize.Maximum': 20 };
  await expect.poll(() => metricsOf('in')).toMatchObject({ ...all, ...sizes });
  await expect
    .poll(() => metricsOf('once.fifo'))
    .toMatchObject({ NumberOfMessagesSent: 2, NumberOfMessagesReceived: 0 });
  const crossed = await metricsOf('out');
  expect(crossed).toMatchObject(all);
  // The attributes that say where and when it was sent came with it.
  expect(crossed['SentMessageSize.Minimum']).toBeGreaterThan(16);
  expect(crossed['SentMessageSize.Maximum']! - crossed['SentMessageSize.Minimum']!).toBe(4);
});

it('counts a dead letter of a route as received and deleted', async () => {
  await send('refused', 'x');
  await expect
    .poll(() => metricsOf('refused'))
    .toMatchObject({ NumberOfMessagesSent: 1, NumberOfMessagesReceived: 1, NumberOfMessagesDeleted: 1 });
});

it('counts what SNS delivers into a queue', async () => {
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'feeding' }));
  const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:fed';
  const Attributes = { RawMessageDelivery: 'true' };
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
  await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
  await expect.poll(() => metricsOf('fed')).toMatchObject({ NumberOfMessagesSent: 1, 'SentMessageSize.Sum': 5 });
});

it('counts what routes put into a stream', async () => {
  const kinesis = new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  await kinesis.send(new CreateStreamCommand({ StreamName: 'records', ShardCount: 1 }));
  kinesis.destroy();
  await send('to-stream', 'hello');
  // The partition key is of the record's size.
  await expect.poll(() => metricsOf('records', 'kinesis')).toMatchObject({ IncomingRecords: 1, IncomingBytes: 6 });
});
