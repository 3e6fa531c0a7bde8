// Every operation of the three services, on every wire that it is on, with requests made from its shape and then, some of
// them, spoiled: each is answered, or refused as AWS refuses; none is a fault of ours.

import { describe, expect } from 'vitest';
import { fuzzTest } from '../support/fuzz.ts';
import type { Round } from '../support/fuzz.ts';
import { Mutator } from './mutation.ts';
import { Requests, toCbor, toForm, toJson } from './shaped-requests.ts';
import type { Given, Known } from './shaped-requests.ts';
import { isOwn, target } from './target.ts';
import type { Target } from './target.ts';
import type { Operation, Service } from '../../broker/cloud/service.ts';

const account = '000000000000';
const arn = (service: string, name: string): string => `arn:aws:${service}:us-east-1:${account}:${name}`;

const attributeNames =
  'VisibilityTimeout FifoQueue RedrivePolicy Policy DelaySeconds KmsMasterKeyId DisplayName FilterPolicy FilterPolicyScope ' +
  'RawMessageDelivery DeliveryPolicy FifoTopic ArchivePolicy PlatformCredential Enabled Token CustomUserData ReplayPolicy ' +
  'SignatureVersion a';

/** What is there, and names that mean something to one operation or another. */
function knownOf(url: string): Known {
  const topics = [arn('sns', 't'), arn('sns', 't.fifo')];
  const streams = [arn('kinesis', 'stream/s')];
  return {
    QueueUrl: [`${url}/${account}/q`, `${url}/${account}/q.fifo`, `${url}/${account}/dlq`],
    QueueName: ['q', 'q.fifo', 'new', 'new.fifo'],
    SourceArn: [arn('sqs', 'dlq')],
    DestinationArn: [arn('sqs', 'q')],
    'Attributes.key': attributeNames.split(' '),
    AttributeName: [
      'Policy',
      'DisplayName',
      'FilterPolicy',
      'DeliveryPolicy',
      'RedrivePolicy',
      'ReplayPolicy',
      'ArchivePolicy',
    ],
    AttributeNames: ['All', 'QueueArn', 'SenderId'],
    MessageGroupId: ['g', 'h'],
    TopicArn: topics,
    TargetArn: topics,
    ResourceArn: topics,
    Name: ['t', 'u', 't.fifo'],
    Protocol: ['sqs', 'http', 'email', 'sms', 'application', 'lambda'],
    Endpoint: [arn('sqs', 'q'), 'http://127.0.0.1:9/', 'a@example.com', '+12065550100'],
    PhoneNumber: ['+12065550100'],
    DataType: ['String', 'Number', 'Binary', 'String.Array', 'Number.x'],
    StreamName: ['s', 'new'],
    StreamARN: streams,
    ResourceARN: [...streams, arn('kinesis', 'stream/s/consumer/c:1')],
    ShardId: ['shardId-000000000000', 'shardId-000000000001'],
    ShardToSplit: ['shardId-000000000000', 'shardId-000000000001'],
    ShardToMerge: ['shardId-000000000000'],
    AdjacentShardToMerge: ['shardId-000000000001'],
    NewStartingHashKey: ['1', String(2n ** 126n), String(2n ** 127n + 5n)],
    ExplicitHashKey: ['0', String(2n ** 128n - 1n)],
    ConsumerName: ['c', 'd'],
  };
}

async function prepare(aws: Target): Promise<void> {
  const call = async (operation: string, type: string, input: object): Promise<void> => {
    const headers = { 'x-amz-target': operation, 'content-type': type };
    const response = await fetch(aws.url!, { method: 'POST', headers, body: JSON.stringify(input) });
    expect(response.status).toBe(200);
  };
  for (const QueueName of ['q', 'q.fifo', 'dlq']) {
    const Attributes = QueueName.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
    await call('AmazonSQS.CreateQueue', 'application/x-amz-json-1.0', { QueueName, Attributes });
  }
  for (const name of ['t', 't.fifo']) {
    const body = new URLSearchParams({ Action: 'CreateTopic', Version: '2010-03-31', Name: name });
    if (name.endsWith('.fifo')) {
      body.set('Attributes.entry.1.key', 'FifoTopic');
      body.set('Attributes.entry.1.value', 'true');
    }
    expect((await fetch(aws.url!, { method: 'POST', body })).status).toBe(200);
  }
  await call('Kinesis_20131202.CreateStream', 'application/x-amz-json-1.1', { StreamName: 's', ShardCount: 2 });
}

interface Sent {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

type Write = (service: Service, operation: Operation, given: Given) => Sent;

const byTarget =
  (type: string, bytes: (given: Given) => Buffer): Write =>
  (service, operation, given) => ({
    headers: { 'content-type': type, 'x-amz-target': `${service.targetPrefix}.${operation.name}` },
    body: bytes(given),
  });
const form: Write = ({ versions: [version = ''] }, operation, given) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  body: Buffer.from(toForm(operation, version, given).toString()),
});
const json = (given: Given): Buffer => Buffer.from(toJson(given));

const wires: readonly (readonly [what: string, service: string, write: Write])[] = [
  ['SQS on JSON 1.0', 'sqs', byTarget('application/x-amz-json-1.0', json)],
  ['SQS on Query', 'sqs', form],
  ['SNS on Query', 'sns', form],
  ['Kinesis on JSON 1.1', 'kinesis', byTarget('application/x-amz-json-1.1', json)],
  ['Kinesis on CBOR', 'kinesis', byTarget('application/x-amz-cbor-1.1', toCbor)],
];

/** They wait, or do not end. */
const patient: ReadonlySet<string> = new Set(['SubscribeToShard']);

describe.skipIf(!isOwn)('requests made from shapes', () => {
  for (const [what, name, write] of wires) {
    fuzzTest(`are answered or refused, ${what}`, { cases: 2500, seed: 20_261_123 }, (round) =>
      play(round, name, write),
    );
  }
});

async function play({ cases, seed }: Round, name: string, write: Write): Promise<void> {
  await using aws = await target();
  await prepare(aws);
  const service = aws.services.find((one) => one.name === name)!;
  const operations = [...service.operations.values()].filter((operation) => !patient.has(operation.name));
  const random = new Mutator(seed);
  const requests = new Requests(random, knownOf(aws.url!));
  const answered = new Map<string, number>();
  const refused = new Set<string>();
  for (let round = 0; round < cases; round += 25) {
    const batch = Array.from({ length: 25 }, () => {
      const operation = random.from(operations);
      const given = {
        ...requests.of(operation),
        ...('WaitTimeSeconds' in operation.input.members ? { WaitTimeSeconds: 0 } : {}),
      };
      const sent = write(service, operation, given);
      return { operation, sent: random.pick(8) === 0 ? { ...sent, body: random.mutate(sent.body) } : sent };
    });
    await Promise.all(
      batch.map(async ({ operation, sent: { headers, body } }) => {
        const signed = {
          ...headers,
          authorization: `AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/${name}/aws4_request`,
        };
        const response = await fetch(aws.url!, { method: 'POST', headers: signed, body: new Uint8Array(body) });
        const text = Buffer.from(await response.arrayBuffer()).toString('latin1');
        const what = `${operation.name} ${body.toString('latin1').slice(0, 2000)}\n${text.slice(0, 500)}`;
        expect([200, 400, 403, 404], what).toContain(response.status);
        if (response.status === 200) answered.set(operation.name, (answered.get(operation.name) ?? 0) + 1);
        else refused.add(operation.name);
      }),
    );
  }
  // Neither is all of it nonsense, nor all of it right.
  expect(answered.size).toBeGreaterThan(operations.length / 3);
  expect(refused.size).toBeGreaterThan(operations.length / 2);
}
