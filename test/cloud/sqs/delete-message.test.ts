import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { account, testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';
import { missing, noSuchQueue, queryRefusalOf, refusalOf, sqsError, takesWrongKinds } from './refusals.ts';

const QueueUrl = `http://queue.test/${account}/q`;

async function withQueue(attributes: Record<string, string> = {}): Promise<TestEndpoint> {
  const endpoint = await testEndpoint();
  await endpoint.json('CreateQueue', { QueueName: 'q', Attributes: attributes });
  return endpoint;
}

async function receive(endpoint: TestEndpoint, members: object = {}): Promise<string> {
  const { body } = await endpoint.json('ReceiveMessage', { QueueUrl, ...members });
  return body.Messages?.[0].ReceiptHandle;
}

const garbage = sqsError(
  'ReceiptHandleIsInvalid',
  'The input receipt handle "garbage" is not a valid receipt handle.',
  'ReceiptHandleIsInvalid',
  404,
);

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await withQueue();
    const members = { QueueUrl: 'String', ReceiptHandle: 'String' } as const;
    expect(await takesWrongKinds(endpoint, 'DeleteMessage', members)).toEqual([]);
  });

  it('takes the handle from a form', async () => {
    await using endpoint = await withQueue();
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    const ReceiptHandle = await receive(endpoint, { VisibilityTimeout: 0 });
    const answer = await endpoint.query({ Action: 'DeleteMessage', ReceiptHandle }, `/${account}/q`);
    expect(answer.status).toBe(200);
    expect(await receive(endpoint)).toBeUndefined();
  });
});

describe('validation', () => {
  it.each([
    ['a queue that is not there', { QueueUrl: `${QueueUrl}x`, ReceiptHandle: 'x' }, noSuchQueue],
    ['no handle', { QueueUrl }, missing('ReceiptHandle')],
    ['an empty handle', { QueueUrl, ReceiptHandle: '' }, missing('ReceiptHandle')],
    ['what is no handle', { QueueUrl, ReceiptHandle: 'garbage' }, garbage],
  ])('refuses %s', async (_what, input, refusal) => {
    await using endpoint = await withQueue();
    expect(await refusalOf(endpoint, 'DeleteMessage', input)).toEqual(refusal);
  });

  it('refuses what is no handle on the Query wire with the same status', async () => {
    await using endpoint = await withQueue();
    const { status, code, message } = garbage;
    const refusal = await queryRefusalOf(endpoint, { Action: 'DeleteMessage', ReceiptHandle: 'garbage' });
    expect({ ...refusal, message: refusal.message.replaceAll('&quot;', '"') }).toEqual({ status, code, message });
  });

  it('refuses a handle of another queue', async () => {
    await using endpoint = await withQueue();
    await endpoint.json('CreateQueue', { QueueName: 'other' });
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    const ReceiptHandle = await receive(endpoint);
    const input = { QueueUrl: QueueUrl.replace(/q$/, 'other'), ReceiptHandle };
    expect(await refusalOf(endpoint, 'DeleteMessage', input)).toMatchObject({ code: 'ReceiptHandleIsInvalid' });
  });
});

describe('function', () => {
  it('deletes a message, any number of times', async () => {
    await using endpoint = await withQueue();
    const sqs = endpoint.client();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
    const { Messages: [received] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const ReceiptHandle = received?.ReceiptHandle;
    for (const _ of [1, 2, 3]) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    const { body } = await endpoint.json('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(body.Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
    expect(endpoint.broker.delivered).toBe(1);
  });

  it('deletes by the latest handle after its visibility timeout', async () => {
    await using endpoint = await withQueue({ VisibilityTimeout: '0' });
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    const ReceiptHandle = await receive(endpoint);
    expect((await endpoint.json('DeleteMessage', { QueueUrl, ReceiptHandle })).status).toBe(200);
    expect(await receive(endpoint)).toBeUndefined();
  });

  it('does nothing by the handle of an earlier receive, while somebody has the message', async () => {
    await using endpoint = await withQueue({ VisibilityTimeout: '0' });
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    const first = await receive(endpoint);
    const second = await receive(endpoint);
    expect(first).not.toBe(second);
    const change = { QueueUrl, ReceiptHandle: second };
    await endpoint.json('ChangeMessageVisibility', { ...change, VisibilityTimeout: 30 });
    expect((await endpoint.json('DeleteMessage', { QueueUrl, ReceiptHandle: first })).status).toBe(200);
    await endpoint.json('ChangeMessageVisibility', { ...change, VisibilityTimeout: 0 });
    expect(await receive(endpoint)).toBeDefined();
  });

  it('deletes by the handle of an earlier receive what nobody has', async () => {
    await using endpoint = await withQueue({ VisibilityTimeout: '0' });
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    const first = await receive(endpoint);
    await receive(endpoint);
    expect((await endpoint.json('DeleteMessage', { QueueUrl, ReceiptHandle: first })).status).toBe(200);
    expect(await receive(endpoint)).toBeUndefined();
  });

  it('answers once the deletion is stored, and leaves the message where it cannot be', async () => {
    await using endpoint = await withQueue();
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    const ReceiptHandle = await receive(endpoint);
    endpoint.store.fail(new BrokerError('store-failed', 'the disk is gone'));
    expect((await endpoint.json('DeleteMessage', { QueueUrl, ReceiptHandle })).status).toBe(503);
    endpoint.store.fail(undefined);
    await endpoint.json('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    expect(await receive(endpoint)).toBeDefined();
  });
});
