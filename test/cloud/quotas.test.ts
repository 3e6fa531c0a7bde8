// Quotas of the three services: refused in AWS's words with `enforce`, counted by resource with `observe`.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { callRates, quotas } from '../../broker/cloud/quota-table.ts';
import { Quotas, readExcesses } from '../../broker/cloud/quotas.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { modelled } from './aws-operations.ts';
import { account, testEndpoint } from './endpoint.ts';
import { kinesisEndpoint } from './kinesis/endpoint.ts';
import { refusalOf } from './kinesis/refusals.ts';
import { pageFile, quotasOf, quotaTables } from './quota-page.ts';
import { snsEndpoint } from './sns/endpoint.ts';

const here = `${account}/us-east-1`;

/** How many of so many calls at once succeed. */
async function successes(many: number, call: (index: number) => Promise<unknown>): Promise<number> {
  const outcomes = await Promise.allSettled(Array.from({ length: many }, (_, index) => call(index)));
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

describe('a FIFO queue', () => {
  async function fifo(mode: 'enforce' | 'observe', attributes: Record<string, string> = {}) {
    const clock = new ManualClock();
    const endpoint = await testEndpoint({ clock, quotas: mode });
    const sqs = endpoint.client();
    const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true', ...attributes };
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q.fifo', Attributes }));
    const send = (index: number, MessageGroupId = 'g') =>
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: String(index), MessageGroupId }));
    return { clock, endpoint, sqs, QueueUrl, send };
  }

  it('takes 300 calls of an action a second, and 3,000 messages in batches', async () => {
    const { clock, endpoint, sqs, QueueUrl, send } = await fifo('enforce');
    await using _ = endpoint;
    const batch = (index: number) =>
      sqs.send(
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: Array.from({ length: 10 }, (__, entry) => ({
            Id: `e${entry}`,
            MessageBody: `${index}-${entry}`,
            MessageGroupId: 'g',
          })),
        }),
      );
    expect(await successes(320, (index) => (index % 2 === 0 ? batch(index) : send(index)))).toBe(300);
    await expect(send(0)).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
    const plain = await endpoint.query({
      Action: 'SendMessage',
      QueueUrl: QueueUrl!,
      MessageBody: 'x',
      MessageGroupId: 'g',
    });
    expect([plain.status, plain.text]).toEqual([400, expect.stringContaining('<Code>ThrottlingException</Code>')]);
    // Other actions have quotas of their own, and so do other queues.
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await expect(sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'x' }))).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
    });
    clock.turn(100);
    expect(await successes(40, (index) => send(1000 + index))).toBe(30);
  });

  it('takes in high throughput mode 300 calls of each group', async () => {
    const high = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
    const { endpoint, send } = await fifo('enforce', high);
    await using _ = endpoint;
    expect(await successes(640, (index) => send(index, `g${index % 2}`))).toBe(600);
  });

  it('is only watched with observe', async () => {
    const { endpoint, send } = await fifo('observe');
    await using _ = endpoint;
    expect(await successes(310, send)).toBe(310);
    expect(await readExcesses(endpoint.store)).toEqual([
      { quota: 'sqs-fifo-calls', resource: `arn:aws:sqs:us-east-1:${account}:q.fifo/SendMessage`, count: 10 },
    ]);
  });

  it('has the quota of its region', async () => {
    const store = new MemoryStore();
    const counter = new Quotas('enforce', new ManualClock(), store);
    const taken = (region: string): number => {
      let count = 0;
      const resource = `arn:aws:sqs:${region}:${account}:q.fifo/SendMessage`;
      while (counter.take('sqs-fifo-high-calls', resource)) count++;
      return count;
    };
    expect(['us-east-1', 'us-east-2', 'sa-east-1', 'eu-north-1'].map(taken)).toEqual([70_000, 19_000, 4500, 2400]);
    await store.close();
  });

  it('is tagged 30 times a second, with all others of the account', async () => {
    await using endpoint = await testEndpoint({ clock: new ManualClock(), quotas: 'enforce' });
    const sqs = endpoint.client();
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const tag = (index: number): Promise<unknown> =>
      index % 2 === 0
        ? sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: 'b' } }))
        : sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
    expect(await successes(35, tag)).toBe(30);
    await expect(tag(0)).rejects.toMatchObject({ name: 'RequestThrottled', $metadata: { httpStatusCode: 403 } });
  });

  it('a standard queue has no such quota', async () => {
    await using endpoint = await testEndpoint({ clock: new ManualClock(), quotas: 'enforce' });
    const sqs = endpoint.client();
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const send = () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    expect(await successes(400, send)).toBe(400);
  });
});

describe('SNS', () => {
  it('throttles calls by account and region', async () => {
    const clock = new ManualClock();
    await using endpoint = await snsEndpoint({ clock, quotas: 'enforce' });
    for (let i = 0; i < 30; i++) expect((await endpoint.query('ListTopics')).status).toBe(200);
    const refused = await endpoint.query('ListTopics');
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('<Code>Throttling</Code>');
    expect(refused.text).toContain('<Message>Rate exceeded</Message>');
    expect((await endpoint.query('ListSubscriptions')).status).toBe(200);
    clock.turn(1000);
    expect((await endpoint.query('ListTopics')).status).toBe(200);
    expect(await readExcesses(endpoint.store)).toEqual([{ quota: 'sns-list-topics', resource: here, count: 1 }]);
  });

  it('lets a FIFO topic have 100 subscriptions, and finds again what is there', async () => {
    const clock = new ManualClock();
    await using endpoint = await snsEndpoint({ clock, quotas: 'enforce' });
    await endpoint.query('CreateTopic', {
      Name: 't.fifo',
      'Attributes.entry.1.key': 'FifoTopic',
      'Attributes.entry.1.value': 'true',
    });
    const subscribe = (index: number) =>
      endpoint.query('Subscribe', {
        TopicArn: `arn:aws:sns:us-east-1:${account}:t.fifo`,
        Protocol: 'sqs',
        Endpoint: `arn:aws:sqs:us-east-1:${account}:q${index}.fifo`,
      });
    for (let i = 0; i < 100; i++) expect((await subscribe(i)).status).toBe(200);
    expect((await subscribe(100)).text).toContain('<Code>Throttling</Code>');
    clock.turn(1000);
    const refused = await subscribe(100);
    expect([refused.status, refused.text]).toEqual([
      403,
      expect.stringContaining('<Code>SubscriptionLimitExceeded</Code>'),
    ]);
    expect((await subscribe(50)).status).toBe(200);
  });

  it('takes 3,000 messages a second for a FIFO topic, by messages of batches', async () => {
    await using endpoint = await snsEndpoint({ clock: new ManualClock(), quotas: 'observe' });
    await endpoint.query('CreateTopic', {
      Name: 't.fifo',
      'Attributes.entry.1.key': 'FifoTopic',
      'Attributes.entry.1.value': 'true',
    });
    const TopicArn = `arn:aws:sns:us-east-1:${account}:t.fifo`;
    const entries = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [
        [`PublishBatchRequestEntries.member.${index + 1}.Id`, `e${index}`],
        [`PublishBatchRequestEntries.member.${index + 1}.Message`, 'x'],
        [`PublishBatchRequestEntries.member.${index + 1}.MessageGroupId`, 'g'],
        [`PublishBatchRequestEntries.member.${index + 1}.MessageDeduplicationId`, 'same'],
      ]).flat(),
    );
    for (let i = 0; i < 301; i++) await endpoint.query('PublishBatch', { TopicArn, ...entries });
    expect(await readExcesses(endpoint.store)).toEqual([
      { quota: 'sns-fifo-topic-messages', resource: TopicArn, count: 1 },
    ]);
  });
});

describe('what SNS sends', () => {
  it('is counted by topic and by kind of text, and goes out', async () => {
    await using endpoint = await snsEndpoint({ clock: new ManualClock(), quotas: 'enforce' });
    const TopicArn = await endpoint.topic();
    for (const to of ['a@example.com', 'b@example.com']) {
      await endpoint.query('Subscribe', { TopicArn, Protocol: 'email', Endpoint: to });
    }
    for (const { confirmationUrl } of await endpoint.sns.mailbox.read()) await endpoint.get(confirmationUrl!);
    for (let i = 0; i < 6; i++) await endpoint.query('Publish', { TopicArn, Message: 'm' });
    const transactional = {
      'MessageAttributes.entry.1.Name': 'AWS.SNS.SMS.SMSType',
      'MessageAttributes.entry.1.Value.DataType': 'String',
      'MessageAttributes.entry.1.Value.StringValue': 'Transactional',
    };
    const text = (given = {}) => endpoint.query('Publish', { PhoneNumber: '+15550001111', Message: 'm', ...given });
    for (let i = 0; i < 21; i++) expect((await text()).status).toBe(200);
    for (let i = 0; i < 20; i++) expect((await text(transactional)).status).toBe(200);
    expect(await endpoint.sns.mailbox.read()).toHaveLength(2 + 12 + 41);
    expect(await readExcesses(endpoint.store)).toEqual([
      { quota: 'sns-email-rate', resource: TopicArn, count: 2 },
      { quota: 'sns-sms-rate', resource: `${here}/Promotional`, count: 1 },
    ]);
  });

  it('to more than 5,000 who have not confirmed is refused', async () => {
    const clock = new ManualClock();
    await using endpoint = await snsEndpoint({ clock, quotas: 'enforce' });
    const TopicArn = await endpoint.topic();
    const most = quotas['sns-pending'].value;
    const subscribe = (index: number) =>
      endpoint.query('Subscribe', { TopicArn, Protocol: 'email', Endpoint: `a${index}@example.com` });
    for (let index = 0; index < most; index += 100) {
      clock.turn(1000);
      await Promise.all(Array.from({ length: 100 }, (_, offset) => subscribe(index + offset)));
    }
    clock.turn(1000);
    expect((await subscribe(most - 1)).status).toBe(200);
    const refused = await subscribe(most);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('<Code>SubscriptionLimitExceeded</Code>');
    const given = { TopicArn, Protocol: 'sqs', Endpoint: await endpoint.queue('q') };
    expect((await endpoint.query('Subscribe', given)).status).toBe(200);
  });
});

describe('Kinesis', () => {
  it('throttles calls by account, stream and shard', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock, quotas: 'enforce' });
    for (let i = 0; i < 5; i++) await endpoint.ok('CreateStream', { StreamName: `s${i}`, ShardCount: 1 });
    expect(await refusalOf(endpoint, 'CreateStream', { StreamName: 's5', ShardCount: 1 })).toEqual([
      'LimitExceededException',
      `Rate exceeded for stream s5 under account ${account}.`,
    ]);
    await endpoint.ok('DescribeLimits');
    expect((await refusalOf(endpoint, 'DescribeLimits', {}))[0]).toBe('LimitExceededException');
    const consumers = { StreamARN: `arn:aws:kinesis:us-east-1:${account}:stream/s0` };
    for (let i = 0; i < 5; i++) await endpoint.ok('ListStreamConsumers', consumers);
    expect((await refusalOf(endpoint, 'ListStreamConsumers', consumers))[0]).toBe('LimitExceededException');
    await endpoint.ok('ListStreamConsumers', { StreamARN: consumers.StreamARN.replace('s0', 's1') });
    const iterator = { StreamName: 's0', ShardId: 'shardId-000000000000', ShardIteratorType: 'LATEST' };
    for (let i = 0; i < 5; i++) await endpoint.ok('GetShardIterator', iterator);
    expect(await refusalOf(endpoint, 'GetShardIterator', iterator)).toEqual([
      'ProvisionedThroughputExceededException',
      `Rate exceeded for shard shardId-000000000000 in stream s0 under account ${account}.`,
    ]);
    clock.turn(1000);
    await endpoint.ok('DescribeLimits');
  });
});

describe('counts', () => {
  it('are of so many resources, and of all others together', async () => {
    const store = new MemoryStore();
    const counter = new Quotas('observe', new ManualClock(), store);
    const most = quotas['sns-topics'].value;
    for (let i = 0; i < 10_050; i++) expect(counter.permits('sns-topics', `account-${i}`, most + 1)).toBe(true);
    await store.write([]);
    const excesses = await readExcesses(store);
    expect(excesses).toHaveLength(10_001);
    expect(excesses.find(({ resource }) => resource === 'other')?.count).toBe(50);
    await store.close();
  });
});

describe('a call that has a quota', () => {
  it.each([
    ['sqs', 'SQS'],
    ['sns', 'SNS'],
    ['kinesis', 'Kinesis Data Streams'],
  ] as const)('is one of %s', (service, title) => {
    expect(modelled[title]).toEqual(expect.arrayContaining([...callRates(service).keys()]));
  });
});

describe('docs/aws.md', () => {
  it('has the quotas of the table', () => {
    expect(quotasOf(readFileSync(pageFile, 'utf8'))).toBe(`\n${quotaTables()}\n`);
  });
});
