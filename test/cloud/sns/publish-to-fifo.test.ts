// FIFO topics: order, sequence numbers, and deduplication by identifier and by content, of a topic and of a group.

import { expect, it } from 'vitest';
import { PublishBatchCommand, PublishCommand } from '@aws-sdk/client-sns';
import { ManualClock } from '../../support/manual-clock.ts';
import { entries, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

async function fifo(endpoint: SnsEndpoint, attributes: Record<string, string> = {}, raw = 'true'): Promise<string> {
  const TopicArn = await endpoint.topic('t.fifo', { FifoTopic: 'true', ...attributes });
  const given = { TopicArn, Protocol: 'sqs', Endpoint: await endpoint.queue('q') };
  await endpoint.query('Subscribe', { ...given, ...entries('Attributes', { RawMessageDelivery: raw }) });
  return TopicArn;
}

async function bodies(endpoint: SnsEndpoint): Promise<readonly string[]> {
  return (await endpoint.receive('q')).map(({ body }) => body);
}

it('messages have growing sequence numbers of twenty digits, and arrive in their order', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await fifo(endpoint);
  const publish = (id: string): Promise<{ readonly SequenceNumber?: string | undefined }> =>
    endpoint.client.send(
      new PublishCommand({ TopicArn, Message: id, MessageGroupId: 'g', MessageDeduplicationId: id }),
    );
  const ids = Array.from({ length: 10 }, (_, index) => `${index}`);
  const numbers = (await Promise.all(ids.map(publish))).map(({ SequenceNumber }) => SequenceNumber!);
  for (const number of numbers) expect(number).toMatch(/^\d{20}$/);
  expect(new Set(numbers).size).toBe(10);
  const received = await bodies(endpoint);
  const inOrder = ids.toSorted((a, b) => (numbers[Number(a)]! < numbers[Number(b)]! ? -1 : 1));
  expect(received).toEqual(inOrder);
});

it('an envelope has the sequence number, and no signature', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await fifo(endpoint, { ContentBasedDeduplication: 'true' }, 'false');
  const { SequenceNumber } = await endpoint.client.send(
    new PublishCommand({ TopicArn, Message: 'Test', MessageGroupId: 'g' }),
  );
  const [received] = await endpoint.receive('q');
  const envelope = JSON.parse(received!.body);
  expect(Object.keys(envelope)).toEqual([
    'Type',
    'MessageId',
    'SequenceNumber',
    'TopicArn',
    'Message',
    'Timestamp',
    'UnsubscribeURL',
  ]);
  expect(envelope.SequenceNumber).toBe(SequenceNumber);
  // A standard queue is not told the group of a FIFO topic.
  expect(received!.system).not.toHaveProperty('MessageGroupId');
});

it('what was published within five minutes is answered as before, and not delivered', async () => {
  const clock = new ManualClock();
  await using endpoint = await snsEndpoint({ clock });
  const TopicArn = await fifo(endpoint);
  const given = { TopicArn, MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  const first = await endpoint.client.send(new PublishCommand({ ...given, Message: 'one' }));
  clock.turn(299_000);
  const again = await endpoint.client.send(new PublishCommand({ ...given, Message: 'two', MessageGroupId: 'h' }));
  expect([again.MessageId, again.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber]);
  expect(await bodies(endpoint)).toEqual(['one']);
  clock.turn(2000);
  const later = await endpoint.client.send(new PublishCommand({ ...given, Message: 'three' }));
  expect(later.MessageId).not.toBe(first.MessageId);
  expect(await bodies(endpoint)).toEqual(['three']);
});

it('many at once with one identifier are one', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await fifo(endpoint);
  const command = { TopicArn, Message: 'm', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => endpoint.client.send(new PublishCommand(command))),
  );
  expect(new Set(answers.map(({ MessageId }) => MessageId)).size).toBe(1);
  expect(await bodies(endpoint)).toEqual(['m']);
});

it('by content, attributes aside', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await fifo(endpoint, { ContentBasedDeduplication: 'true' });
  const MessageAttributes = { a: { DataType: 'String', StringValue: 'v' } };
  const given = { TopicArn, MessageGroupId: 'g', Message: 'same' };
  await endpoint.client.send(new PublishCommand(given));
  await endpoint.client.send(new PublishCommand({ ...given, MessageAttributes }));
  await endpoint.client.send(new PublishCommand({ ...given, MessageDeduplicationId: 'own' }));
  expect(await bodies(endpoint)).toEqual(['same', 'same']);
});

it('within a group, if the topic says so', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await fifo(endpoint, { FifoThroughputScope: 'MessageGroup' });
  for (const MessageGroupId of ['g', 'h', 'g']) {
    const given = { TopicArn, Message: MessageGroupId, MessageGroupId, MessageDeduplicationId: 'd' };
    await endpoint.client.send(new PublishCommand(given));
  }
  expect(await bodies(endpoint)).toEqual(['g', 'h']);
});

it('batches: in order, and again the same answers', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await fifo(endpoint);
  const PublishBatchRequestEntries = ['a', 'b', 'a-again'].map((Id) => ({
    Id,
    Message: Id,
    MessageGroupId: 'g',
    MessageDeduplicationId: Id[0]!,
  }));
  const batch = async (): Promise<readonly (string | undefined)[]> => {
    const { Successful } = await endpoint.client.send(
      new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }),
    );
    return Successful!.map(({ SequenceNumber }) => SequenceNumber);
  };
  const first = await batch();
  expect(first[2]).toBe(first[0]);
  expect(await batch()).toEqual(first);
  expect(await bodies(endpoint)).toEqual(['a', 'b']);
});
