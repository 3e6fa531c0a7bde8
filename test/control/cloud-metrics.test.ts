// CloudWatch's metrics, and what went beyond AWS's quotas, through the control API and the command line, on the real engine.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MethodName, Methods } from '../../broker/control/api.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';

const account = '000000000000';
const cli = fileURLToPath(new URL('../../broker/cli.ts', import.meta.url));

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
let cloud: string;
let consoleUrl: string;

async function start(): Promise<void> {
  engine = new EngineProcess({ dataDirectory: directory.path, set: ['cloud.quotas=observe'] });
  const ready = await engine.seen('ready');
  cloud = `http://127.0.0.1:${ready.listeners['cloud']!.port}`;
  ({ consoleUrl } = ready);
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  await start();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function call<M extends MethodName>(method: M, request: Methods[M]['request']): Promise<Methods[M]['response']> {
  const url = new URL(consoleUrl);
  const response = await fetch(new URL(`/api/${method}`, url), {
    method: 'POST',
    headers: { authorization: `Bearer ${url.searchParams.get('token')}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Methods[M]['response'];
}

/** On the JSON wire of SQS or Kinesis. */
// eslint-disable-next-line typescript/no-explicit-any -- an answer's members are what tests look at
async function json(target: string, input: object): Promise<Record<string, any>> {
  const version = target.startsWith('Kinesis') ? '1.1' : '1.0';
  const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target };
  const response = await fetch(cloud, { method: 'POST', headers, body: JSON.stringify(input) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  return text === '' ? {} : JSON.parse(text);
}

async function sns(action: string, parameters: Record<string, string>): Promise<void> {
  const body = new URLSearchParams({ Action: action, Version: '2010-03-31', ...parameters });
  const response = await fetch(cloud, { method: 'POST', body });
  if (response.status !== 200) throw new Error(await response.text());
}

async function metricsOf(service: 'sqs' | 'sns' | 'kinesis', arn: string): Promise<Record<string, number>> {
  const { rows } = await call('cloudMetrics', { service });
  return { ...rows.find((row) => row.arn === arn)?.metrics };
}

describe('the control API', () => {
  it('has the metrics of a queue', async () => {
    const { QueueUrl } = await json('AmazonSQS.CreateQueue', { QueueName: 'q' });
    await json('AmazonSQS.SendMessage', { QueueUrl, MessageBody: 'four' });
    await json('AmazonSQS.SendMessage', { QueueUrl, MessageBody: 'sixteen letters.' });
    await json('AmazonSQS.SendMessage', { QueueUrl, MessageBody: 'x', DelaySeconds: 900 });
    const { Messages } = await json('AmazonSQS.ReceiveMessage', { QueueUrl });
    await json('AmazonSQS.DeleteMessage', { QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle });
    await json('AmazonSQS.ReceiveMessage', { QueueUrl });
    await json('AmazonSQS.ReceiveMessage', { QueueUrl });
    expect(await metricsOf('sqs', `arn:aws:sqs:us-east-1:${account}:q`)).toEqual({
      NumberOfMessagesSent: 3,
      NumberOfMessagesReceived: 2,
      NumberOfMessagesDeleted: 1,
      NumberOfEmptyReceives: 1,
      NumberOfDeduplicatedSentMessages: 0,
      'SentMessageSize.Sum': 21,
      'SentMessageSize.Minimum': 1,
      'SentMessageSize.Maximum': 16,
      ApproximateAgeOfOldestMessage: expect.any(Number),
      ApproximateNumberOfMessagesVisible: 0,
      ApproximateNumberOfMessagesNotVisible: 1,
      ApproximateNumberOfMessagesDelayed: 1,
      ApproximateNumberOfGroupsWithInflightMessages: 0,
    });
  });

  it('has the metrics of a topic', async () => {
    const TopicArn = `arn:aws:sns:us-east-1:${account}:t`;
    await sns('CreateTopic', { Name: 't' });
    for (const name of ['all', 'some', 'missing']) {
      if (name !== 'missing') await json('AmazonSQS.CreateQueue', { QueueName: name });
      await sns('Subscribe', {
        TopicArn,
        Protocol: 'sqs',
        Endpoint: `arn:aws:sqs:us-east-1:${account}:${name}`,
        ...(name === 'some' && {
          'Attributes.entry.1.key': 'FilterPolicy',
          'Attributes.entry.1.value': '{"color":["blue"]}',
        }),
      });
    }
    await sns('Publish', { TopicArn, Message: 'x' });
    expect(await metricsOf('sns', TopicArn)).toEqual({
      NumberOfMessagesPublished: 1,
      NumberOfNotificationsDelivered: 1,
      NumberOfNotificationsFailed: 1,
      NumberOfNotificationsFilteredOut: 1,
      NumberOfNotificationsRedrivenToDlq: 0,
      NumberOfNotificationsFailedToRedriveToDlq: 0,
    });
  });

  it('has the metrics of a stream, and what went beyond its quotas, through a restart', async () => {
    const arn = `arn:aws:kinesis:us-east-1:${account}:stream/s`;
    await json('Kinesis_20131202.CreateStream', { StreamName: 's', ShardCount: 1 });
    const Records = Array.from({ length: 3 }, () => ({ Data: 'AAAA', PartitionKey: 'k' }));
    await json('Kinesis_20131202.PutRecords', { StreamName: 's', Records });
    const ShardId = 'shardId-000000000000';
    const place = { StreamName: 's', ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await json('Kinesis_20131202.GetShardIterator', place);
    const reads = Array.from({ length: 30 }, () => json('Kinesis_20131202.GetRecords', { ShardIterator, Limit: 1 }));
    await Promise.all(reads);
    expect(await metricsOf('kinesis', arn)).toMatchObject({
      IncomingRecords: 3,
      IncomingBytes: 12,
      'GetRecords.Records': 30,
      'GetRecords.Bytes': 120,
      'PutRecords.ThrottledRecords': 0,
      WriteProvisionedThroughputExceeded: 0,
    });
    const resource = `${arn}/${ShardId}`;
    const excessOf = async () => {
      const { excesses } = await call('cloudQuotas', {});
      return excesses.find((one) => one.quota === 'kinesis-get-calls' && one.resource === resource)?.count ?? 0;
    };
    const before = await excessOf();
    expect(before).toBeGreaterThan(0);
    engine.signal('SIGTERM');
    await engine.exited;
    await start();
    // What was counted last had not been stored when it was asked for.
    const after = await excessOf();
    expect(after).toBeGreaterThanOrEqual(before);
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'quotas', '--url', consoleUrl]);
    expect(stdout).toContain(`kinesis-get-calls\t${resource}\t${after}\n`);
  });

  it('gives metrics page by page', async () => {
    const { rows, after } = await call('cloudMetrics', { service: 'sqs' });
    expect(after).toBeUndefined();
    const [first] = rows;
    const rest = await call('cloudMetrics', { service: 'sqs', after: first!.arn });
    expect(rest.rows.map(({ arn }) => arn)).toEqual(rows.slice(1).map(({ arn }) => arn));
  });
});
