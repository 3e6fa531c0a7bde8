// FIFO queues subscribed to FIFO topics: groups, order and deduplication go along.

import { hash } from 'node:crypto';
import { expect, it } from 'vitest';
import { PublishBatchCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { ManualClock } from '../../support/manual-clock.ts';
import { account, entries, region, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

interface Options {
  readonly raw?: string;
  readonly topic?: Record<string, string>;
  readonly queues?: readonly string[];
}

async function fifo(endpoint: SnsEndpoint, options: Options = {}): Promise<string> {
  const { raw = 'true', topic = {}, queues = ['q.fifo'] } = options;
  const TopicArn = await endpoint.topic('t.fifo', { FifoTopic: 'true', ...topic });
  for (const queue of queues) {
    const given = { TopicArn, Protocol: 'sqs', Endpoint: await endpoint.queue(queue) };
    const { status } = await endpoint.query('Subscribe', {
      ...given,
      ...entries('Attributes', { RawMessageDelivery: raw }),
    });
    expect(status).toBe(200);
  }
  return TopicArn;
}

it('the group, the identifier and a sequence number of the queue are told', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await fifo(endpoint);
  const given = { TopicArn, Message: 'm', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  await endpoint.client.send(new PublishCommand(given));
  const [received] = await endpoint.receive('q.fifo');
  expect(received).toMatchObject({ body: 'm', system: { MessageGroupId: 'g', MessageDeduplicationId: 'd' } });
  expect(received!.system['SequenceNumber']).toMatch(/^\d{20}$/);
});

it('by content, the identifier is the digest of the message, in an envelope too', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await fifo(endpoint, { raw: 'false', topic: { ContentBasedDeduplication: 'true' } });
  await endpoint.client.send(new PublishCommand({ TopicArn, Message: 'm', MessageGroupId: 'g' }));
  const [received] = await endpoint.receive('q.fifo');
  expect(received!.system['MessageDeduplicationId']).toBe(hash('sha256', 'm', 'hex'));
  expect(JSON.parse(received!.body)).toMatchObject({ Message: 'm' });
});

it('order is kept within a group, and a group waits for what was received of it', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await fifo(endpoint);
  for (let index = 0; index < 4; index++) {
    const PublishBatchRequestEntries = ['g', 'h'].map((MessageGroupId) => ({
      Id: MessageGroupId,
      Message: `${MessageGroupId}${index}`,
      MessageGroupId,
      MessageDeduplicationId: `${MessageGroupId}${index}`,
    }));
    await endpoint.client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  }
  const received = (await endpoint.receive('q.fifo')).map(({ body }) => body);
  for (const group of ['g', 'h']) {
    const own = received.filter((body) => body.startsWith(group));
    expect(own).toEqual([0, 1, 2, 3].map((index) => `${group}${index}`));
  }
});

it('standard and FIFO queues of one topic', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await fifo(endpoint, { queues: ['standard', 'q.fifo', 'other', 'r.fifo'] });
  const given = { TopicArn, Message: 'm', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  await endpoint.client.send(new PublishCommand(given));
  for (const queue of ['standard', 'other']) {
    const [received] = await endpoint.receive(queue);
    expect(received!.body).toBe('m');
    expect(received!.system).not.toHaveProperty('MessageGroupId');
  }
  for (const queue of ['q.fifo', 'r.fifo']) {
    const [received] = await endpoint.receive(queue);
    expect(received).toMatchObject({ body: 'm', system: { MessageGroupId: 'g' } });
  }
});

it('the queue deduplicates for itself', async () => {
  const clock = new ManualClock();
  await using endpoint = await snsEndpoint({ clock });
  const TopicArn = await fifo(endpoint, { topic: { FifoThroughputScope: 'MessageGroup' } });
  for (const MessageGroupId of ['g', 'h']) {
    const given = { TopicArn, Message: MessageGroupId, MessageGroupId, MessageDeduplicationId: 'd' };
    await endpoint.client.send(new PublishCommand(given));
  }
  expect((await endpoint.receive('q.fifo')).map(({ body }) => body)).toEqual(['g']);
  const { metrics, core } = endpoint.queues.find({ account, region }, 'q.fifo')!;
  expect(metrics.measure(core, clock.now())).toMatchObject({
    NumberOfMessagesSent: 1,
    NumberOfDeduplicatedSentMessages: 1,
    SentMessageSize: { sum: 1 },
  });
});

it('a FIFO dead-letter queue keeps the group', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await fifo(endpoint, { queues: [] });
  const Endpoint = await endpoint.queue('q.fifo');
  const deadLetterTargetArn = await endpoint.queue('dead.fifo');
  const Attributes = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn }), RawMessageDelivery: 'true' };
  await endpoint.client.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
  await endpoint.deleteQueue('q.fifo');
  const given = { TopicArn, Message: 'm', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  await endpoint.client.send(new PublishCommand(given));
  const [received] = await endpoint.receive('dead.fifo');
  expect(received).toMatchObject({ body: 'm', system: { MessageGroupId: 'g', MessageDeduplicationId: 'd' } });
});

it('a FIFO queue of another account is asked to confirm', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic('t.fifo', { FifoTopic: 'true' });
  const other = '111122223333';
  const Endpoint = await endpoint.queue('q.fifo', other);
  await endpoint.client.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  const { core } = endpoint.queues.find({ account: other, region }, 'q.fifo')!;
  const [asked] = await core.browse(0, 1);
  expect(JSON.parse(asked!.message.body.toString())).toMatchObject({ Type: 'SubscriptionConfirmation', TopicArn });
});
