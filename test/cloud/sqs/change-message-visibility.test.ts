import { ChangeMessageVisibilityCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { waitUntil } from '../../support/wait.ts';
import { account, testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';
import { invalid, missing, noSuchQueue, refusalOf, sqsError, takesWrongKinds } from './refusals.ts';

const QueueUrl = `http://queue.test/${account}/q`;

async function withMessage(clock?: ManualClock): Promise<TestEndpoint> {
  const endpoint = await testEndpoint(clock === undefined ? {} : { clock });
  await endpoint.json('CreateQueue', { QueueName: 'q' });
  await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
  return endpoint;
}

async function receive(endpoint: TestEndpoint, members: object = {}): Promise<string> {
  const { body } = await endpoint.json('ReceiveMessage', { QueueUrl, ...members });
  return body.Messages?.[0].ReceiptHandle;
}

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await withMessage();
    const members = { QueueUrl: 'String', ReceiptHandle: 'String', VisibilityTimeout: 'Integer' } as const;
    expect(await takesWrongKinds(endpoint, 'ChangeMessageVisibility', members)).toEqual([]);
  });

  it('takes its members from a form', async () => {
    await using endpoint = await withMessage();
    const ReceiptHandle = await receive(endpoint);
    const form = { Action: 'ChangeMessageVisibility', ReceiptHandle, VisibilityTimeout: '0' };
    expect((await endpoint.query(form, `/${account}/q`)).status).toBe(200);
    expect(await receive(endpoint)).toBeDefined();
  });
});

describe('validation', () => {
  const range = (value: number) =>
    invalid(`Value ${value} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.`);
  const garbage = 'The input receipt handle "garbage" is not a valid receipt handle.';

  it.each([
    ['a queue that is not there', { QueueUrl: `${QueueUrl}x`, ReceiptHandle: 'x', VisibilityTimeout: 1 }, noSuchQueue],
    ['no handle', { QueueUrl, VisibilityTimeout: 1 }, missing('ReceiptHandle')],
    ['no timeout', { QueueUrl, ReceiptHandle: 'garbage' }, missing('VisibilityTimeout')],
    ['a negative timeout', { QueueUrl, ReceiptHandle: 'garbage', VisibilityTimeout: -1 }, range(-1)],
    ['a timeout beyond 12 hours', { QueueUrl, ReceiptHandle: 'garbage', VisibilityTimeout: 43_201 }, range(43_201)],
    [
      'what is no handle',
      { QueueUrl, ReceiptHandle: 'garbage', VisibilityTimeout: 1 },
      sqsError('ReceiptHandleIsInvalid', garbage, 'ReceiptHandleIsInvalid', 404),
    ],
  ])('refuses %s', async (_what, input, refusal) => {
    await using endpoint = await withMessage();
    expect(await refusalOf(endpoint, 'ChangeMessageVisibility', input)).toEqual(refusal);
  });

  it('refuses for a message that was deleted, or received again since', async () => {
    await using endpoint = await withMessage();
    const first = await receive(endpoint, { VisibilityTimeout: 0 });
    const second = await receive(endpoint);
    await endpoint.json('DeleteMessage', { QueueUrl, ReceiptHandle: second });
    for (const ReceiptHandle of [first, second]) {
      const input = { QueueUrl, ReceiptHandle, VisibilityTimeout: 42 };
      expect(await refusalOf(endpoint, 'ChangeMessageVisibility', input)).toEqual(
        invalid(
          `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not ` +
            'available for visibility timeout change.',
        ),
      );
    }
  });

  it('refuses what would hide the message for more than 12 hours since it was received', async () => {
    const clock = new ManualClock();
    await using endpoint = await withMessage(clock);
    const ReceiptHandle = await receive(endpoint, { VisibilityTimeout: 43_200 });
    clock.turn(3_600_000);
    const extend = (VisibilityTimeout: number): object => ({ QueueUrl, ReceiptHandle, VisibilityTimeout });
    expect(await refusalOf(endpoint, 'ChangeMessageVisibility', extend(39_601))).toEqual(
      invalid(
        'Value 39601 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is ' +
          'beyond the limit [43200 seconds].',
      ),
    );
    expect((await endpoint.json('ChangeMessageVisibility', extend(39_600))).status).toBe(200);
  });
});

describe('function', () => {
  it('shows a message again at once with 0', async () => {
    await using endpoint = await withMessage();
    const sqs = endpoint.client();
    const { Messages: [received] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const ReceiptHandle = received?.ReceiptHandle;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1);
  });

  it('wakes a waiting receive when it shows a message', async () => {
    await using endpoint = await withMessage();
    const ReceiptHandle = await receive(endpoint);
    const waiting = receive(endpoint, { WaitTimeSeconds: 20 });
    await waitUntil(() => endpoint.queues.find({ account, region: 'us-east-1' }, 'q')?.core.consumerCount === 1);
    await endpoint.json('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    expect(await waiting).toBeDefined();
  });

  it('hides a message again that had become visible, and counts no receive for it', async () => {
    await using endpoint = await withMessage();
    const ReceiptHandle = await receive(endpoint, { VisibilityTimeout: 0 });
    await endpoint.json('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 10 });
    expect(await receive(endpoint)).toBeUndefined();
    const { body } = await endpoint.json('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(body.Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '1',
    });
    await endpoint.json('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    const sqs = endpoint.client();
    const { Messages: [received] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['ApproximateReceiveCount'] }),
    );
    expect(received).toMatchObject({ Body: 'm', Attributes: { ApproximateReceiveCount: '2' } });
  });

  it('counts the timeout from now', async () => {
    const clock = new ManualClock();
    await using endpoint = await withMessage(clock);
    const ReceiptHandle = await receive(endpoint, { VisibilityTimeout: 10 });
    clock.turn(9000);
    await endpoint.json('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 10 });
    clock.turn(9999);
    expect(await receive(endpoint)).toBeUndefined();
    clock.turn(1);
    expect(await receive(endpoint)).toBeDefined();
  });

  it('shortens a timeout too', async () => {
    const clock = new ManualClock();
    await using endpoint = await withMessage(clock);
    const sqs = endpoint.client();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'second' }));
    const ReceiptHandle = await receive(endpoint, { VisibilityTimeout: 100 });
    await receive(endpoint, { VisibilityTimeout: 100 });
    await endpoint.json('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 5 });
    clock.turn(5000);
    const { body } = await endpoint.json('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
    expect(body.Messages.map(({ Body }: { Body: string }) => Body)).toEqual(['m']);
  });
});
