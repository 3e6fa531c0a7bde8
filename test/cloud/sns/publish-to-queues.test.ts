// What subscribed queues get: envelopes as AWS writes them, signatures that hold, raw messages, and all of it at once.

import { createVerify, X509Certificate } from 'node:crypto';
import { PublishBatchCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { isOwn } from '../target.ts';
import { account, region, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

async function subscribed(endpoint: SnsEndpoint, topic: string, name: string, attributes = {}): Promise<string> {
  const Endpoint = await endpoint.queue(name);
  const command = new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint, Attributes: attributes });
  const { SubscriptionArn } = await endpoint.client.send(command);
  return SubscriptionArn!;
}

it('a queue gets the envelope, member by member in the order of AWS', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  const subscription = await subscribed(endpoint, topic, 'q');
  const { MessageId } = await endpoint.client.send(
    new PublishCommand({
      TopicArn: topic,
      Subject: 'a "subject"',
      Message: 'é <&>\n',
      MessageAttributes: {
        n: { DataType: 'Number', StringValue: '1.50' },
        b: { DataType: 'Binary', BinaryValue: Uint8Array.of(2, 3, 4) },
      },
    }),
  );
  const [received] = await endpoint.receive('q');
  const envelope = JSON.parse(received!.body);
  expect(Object.keys(envelope)).toEqual([
    'Type',
    'MessageId',
    'TopicArn',
    'Subject',
    'Message',
    'Timestamp',
    'SignatureVersion',
    'Signature',
    'SigningCertURL',
    'UnsubscribeURL',
    'MessageAttributes',
  ]);
  expect(envelope).toMatchObject({
    Type: 'Notification',
    MessageId,
    TopicArn: `arn:aws:sns:${region}:${account}:t`,
    Subject: 'a "subject"',
    Message: 'é <&>\n',
    SignatureVersion: '1',
    UnsubscribeURL: `${endpoint.url}/?Action=Unsubscribe&SubscriptionArn=${subscription}`,
    MessageAttributes: { n: { Type: 'Number', Value: '1.50' }, b: { Type: 'Binary', Value: 'AgME' } },
  });
  expect(envelope.Timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(received!.attributes).toEqual({});
  expect(received!.system['SenderId']).toBe('AIDAIT2UOQQY3AUEKVGXU');
  expect(received!.body.startsWith('{\n  "Type" : "Notification",\n  "MessageId" : "')).toBe(true);
});

it.each([
  ['1', 'RSA-SHA1'],
  ['2', 'RSA-SHA256'],
])('signature version %s is verified with the certificate that is served', async (version, algorithm) => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic('t', { SignatureVersion: version });
  await subscribed(endpoint, topic, 'q');
  await endpoint.client.send(new PublishCommand({ TopicArn: topic, Message: 'm', Subject: 's' }));
  const [received] = await endpoint.receive('q');
  const envelope = JSON.parse(received!.body);
  const { text: pem } = await endpoint.get(envelope.SigningCertURL);
  const certificate = new X509Certificate(pem);
  expect(certificate.subject).toBe('CN=sns.amazonaws.com');
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  const names = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
  const text = names.map((name) => `${name}\n${envelope[name]}\n`).join('');
  const verify = createVerify(algorithm).update(endpoint.asSigned(text));
  expect(envelope.SignatureVersion).toBe(version);
  expect(verify.verify(certificate.publicKey, envelope.Signature, 'base64')).toBe(true);
});

it('raw delivery gives the message and its attributes, stored once for all queues', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  for (const name of ['a', 'b', 'c']) await subscribed(endpoint, topic, name, { RawMessageDelivery: 'true' });
  const MessageAttributes = { x: { DataType: 'String.custom', StringValue: 'v' } };
  await endpoint.client.send(new PublishCommand({ TopicArn: topic, Message: 'raw', MessageAttributes }));
  const stored = async (name: string): Promise<readonly number[]> => {
    const queue = endpoint.queues.find({ account, region }, name)!;
    const found = await queue.core.browse(0, 10);
    return found.map(({ entry }) => entry.messageId);
  };
  if (isOwn) expect(await stored('a')).toEqual(await stored('b'));
  for (const name of ['a', 'b', 'c']) {
    const [received] = await endpoint.receive(name);
    expect(received).toMatchObject({ body: 'raw', attributes: MessageAttributes });
  }
});

it('a raw message has a MessageId of its own in each queue, and keeps it in the dead-letter queue', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  const deadLetterTargetArn = await endpoint.queue('dead');
  for (const name of ['a', 'b']) await subscribed(endpoint, topic, name, { RawMessageDelivery: 'true' });
  const QueueUrl = `${endpoint.url}/${account}/a`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
  const { sqs } = endpoint;
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
  await endpoint.client.send(new PublishCommand({ TopicArn: topic, Message: 'raw' }));
  const receive = async (name: string) => {
    const asked = new ReceiveMessageCommand({ QueueUrl: `${endpoint.url}/${account}/${name}`, VisibilityTimeout: 0 });
    const { Messages = [] } = await sqs.send(asked);
    return Messages.map(({ MessageId }) => MessageId);
  };
  const [inA] = await receive('a');
  const [inB] = await receive('b');
  expect(inA).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(inB).not.toBe(inA);
  expect(await receive('b')).toEqual([inB]);
  expect(await receive('a')).toEqual([]);
  expect(await receive('dead')).toEqual([inA]);
});

it('a raw message with more attributes than a queue takes goes to the dead-letter queue of the subscription, or nowhere', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  await subscribed(endpoint, topic, 'raw', { RawMessageDelivery: 'true' });
  await subscribed(endpoint, topic, 'enveloped');
  const attribute = { DataType: 'String', StringValue: 'v' };
  const MessageAttributes = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, attribute]));
  await endpoint.client.send(new PublishCommand({ TopicArn: topic, Message: 'm', MessageAttributes }));
  expect(await endpoint.receive('raw')).toEqual([]);
  expect(await endpoint.receive('enveloped')).toHaveLength(1);
  if (!isOwn) return;
  const [failed] = await endpoint.sns.deliveries.read();
  expect(failed?.entry).toMatchObject({ status: 'FAILURE' });
});

it('what a deleted queue would have got goes to the dead-letter queue, as the queue would have got it', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  const deadLetterTargetArn = await endpoint.queue('dlq');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn });
  for (const [name, raw] of [
    ['one', 'true'],
    ['other', 'false'],
  ] as const) {
    await subscribed(endpoint, topic, name, { RawMessageDelivery: raw, RedrivePolicy });
    await endpoint.deleteQueue(name);
  }
  const MessageAttributes = { x: { DataType: 'Number', StringValue: '1' } };
  await endpoint.client.send(new PublishCommand({ TopicArn: topic, Message: 'dead', MessageAttributes }));
  const received = await endpoint.receive('dlq');
  const raw = received.find(({ body }) => body === 'dead');
  const enveloped = received.find(({ body }) => body !== 'dead');
  expect(raw?.attributes).toEqual(MessageAttributes);
  expect(JSON.parse(enveloped!.body)).toMatchObject({ Message: 'dead', MessageAttributes: { x: { Type: 'Number' } } });
});

it('MessageStructure json gives each protocol its message', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  await subscribed(endpoint, topic, 'q', { RawMessageDelivery: 'true' });
  await endpoint.query('Subscribe', { TopicArn: topic, Protocol: 'sms', Endpoint: '+15551230000' });
  const Message = JSON.stringify({ default: 'for all', sqs: 'for queues' });
  await endpoint.client.send(new PublishCommand({ TopicArn: topic, Message, MessageStructure: 'json' }));
  expect(await endpoint.receive('q')).toMatchObject([{ body: 'for queues' }]);
  if (!isOwn) return;
  expect(await endpoint.sns.mailbox.read()).toMatchObject([{ kind: 'sms', to: '+15551230000', body: 'for all' }]);
});

it('a batch is delivered in its order, with one answer for each entry', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  await subscribed(endpoint, topic, 'q', { RawMessageDelivery: 'true' });
  const PublishBatchRequestEntries = ['a', 'b', 'c'].map((Id) => ({ Id, Message: `message ${Id}` }));
  const { Successful, Failed } = await endpoint.client.send(
    new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries }),
  );
  expect(Successful?.map(({ Id }) => Id)).toEqual(['a', 'b', 'c']);
  expect(Failed).toEqual([]);
  expect((await endpoint.receive('q')).map(({ body }) => body)).toEqual(['message a', 'message b', 'message c']);
});

it('the group of a message and the trace header of its request reach the queue', async () => {
  await using endpoint = await snsEndpoint();
  const topic = await endpoint.topic();
  await subscribed(endpoint, topic, 'q');
  const body = new URLSearchParams({ Action: 'Publish', TopicArn: topic, Message: 'm', MessageGroupId: 'g' });
  const trace = 'Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1';
  await fetch(endpoint.url, { method: 'POST', body, headers: { 'x-amzn-trace-id': trace } });
  const [received] = await endpoint.receive('q');
  expect(received?.system).toMatchObject({ MessageGroupId: 'g', AWSTraceHeader: trace });
});
