import { CreateQueueCommand, GetQueueAttributesCommand, ListQueueTagsCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { testEndpoint, textOf } from '../endpoint.ts';
import { invalid, queryRefusalOf, refusalOf, sqsError, takesWrongKinds } from './refusals.ts';
import type { Refusal } from './refusals.ts';

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await testEndpoint();
    const members = { QueueName: 'String', Attributes: 'Map', tags: 'Map' } as const;
    expect(await takesWrongKinds(endpoint, 'CreateQueue', members)).toEqual([]);
  });

  it('takes attributes and tags from a form', async () => {
    await using endpoint = await testEndpoint();
    const answer = await endpoint.query({
      Action: 'CreateQueue',
      QueueName: 'q',
      'Attribute.1.Name': 'DelaySeconds',
      'Attribute.1.Value': '5',
      'Tag.1.Key': 'team',
      'Tag.1.Value': 'shop',
    });
    const url = textOf(answer.text, 'QueueUrl');
    expect(url).toBe(`${endpoint.url}/000000000000/q`);
    const sqs = endpoint.client();
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['DelaySeconds'] }),
    );
    expect(Attributes).toEqual({ DelaySeconds: '5' });
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl: url }))).Tags).toEqual({ team: 'shop' });
  });
});

describe('validation', () => {
  const unspecified = invalid('Value for parameter QueueName is invalid. Reason: Must specify a queue name.');
  const name = invalid('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
  const value = (attribute: string): Refusal =>
    sqsError('InvalidAttributeValue', `Invalid value for the parameter ${attribute}.`);
  const unknown = (attribute: string): Refusal => sqsError('InvalidAttributeName', `Unknown Attribute ${attribute}.`);

  it.each([
    ['no name', {}, unspecified],
    ['an empty name', { QueueName: '' }, invalid('Queue name cannot be empty')],
    ['a space in the name', { QueueName: 'a b' }, name],
    ['a dot in the name', { QueueName: 'in.fo' }, name],
    ['81 characters', { QueueName: 'x'.repeat(81) }, name],
    ['a name of a FIFO queue without the attribute', { QueueName: 'q.fifo' }, name],
    ['an unknown attribute', { QueueName: 'q', Attributes: { Bogus: '1' } }, unknown('Bogus')],
    ['an attribute that the service sets', { QueueName: 'q', Attributes: { QueueArn: 'x' } }, unknown('QueueArn')],
    [
      'an inherited name for an attribute',
      { QueueName: 'q', Attributes: { constructor: 'x' } },
      unknown('constructor'),
    ],
    ['FifoQueue false', { QueueName: 'q', Attributes: { FifoQueue: 'false' } }, unknown('FifoQueue')],
    [
      'an attribute of FIFO queues',
      { QueueName: 'q', Attributes: { DeduplicationScope: 'queue' } },
      sqsError('InvalidAttributeName', 'You can specify the DeduplicationScope only when FifoQueue is set to true.'),
    ],
    [
      'FifoQueue without the name',
      { QueueName: 'q', Attributes: { FifoQueue: 'true' } },
      invalid(
        'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with ' +
          '.fifo suffix and be 1 to 80 in length',
      ),
    ],
    [
      'FifoQueue for a name that is too long with its suffix',
      { QueueName: `${'q'.repeat(76)}.fifo`, Attributes: { FifoQueue: 'true' } },
      invalid(
        'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with ' +
          '.fifo suffix and be 1 to 80 in length',
      ),
    ],
    [
      'a throughput limit by group while duplicates are looked for in the queue',
      { QueueName: 'q.fifo', Attributes: { FifoQueue: 'true', FifoThroughputLimit: 'perMessageGroupId' } },
      sqsError(
        'InvalidAttributeValue',
        'Invalid value for the parameter FifoThroughputLimit. Reason: The perMessageGroupId value is allowed only ' +
          'when the value for DeduplicationScope is messageGroup',
      ),
    ],
    [
      'two kinds of encryption',
      { QueueName: 'q', Attributes: { SqsManagedSseEnabled: 'true', KmsMasterKeyId: 'k' } },
      sqsError(
        'InvalidAttributeName',
        'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
      ),
    ],
  ])('refuses %s', async (_what, input, refusal) => {
    await using endpoint = await testEndpoint();
    expect(await refusalOf(endpoint, 'CreateQueue', input)).toEqual(refusal);
    expect([...endpoint.broker.queues()]).toEqual([]);
  });

  it.each([
    ['VisibilityTimeout', ['-1', '43201', '', ' 2', '1.5', 'x', '1e2']],
    ['DelaySeconds', ['-1', '901', '', 'true']],
    ['MaximumMessageSize', ['1023', '1048577', '']],
    ['MessageRetentionPeriod', ['59', '1209601', '65.2']],
    ['ReceiveMessageWaitTimeSeconds', ['-1', '21', '']],
    ['KmsDataKeyReusePeriodSeconds', ['59', '86401', 'x']],
    ['SqsManagedSseEnabled', ['yes', '']],
    ['Policy', ['no json', '[]', 'null', '5']],
  ])('refuses values of %s that are out of its range', async (attribute, values) => {
    await using endpoint = await testEndpoint();
    for (const bad of values) {
      const input = { QueueName: 'q', Attributes: { [attribute]: bad } };
      expect(await refusalOf(endpoint, 'CreateQueue', input), bad).toEqual(value(attribute));
    }
  });

  it('refuses a missing name on the Query wire', async () => {
    await using endpoint = await testEndpoint();
    const answer = await endpoint.query({ Action: 'CreateQueue', FooBar: 'baz' });
    expect(textOf(answer.text, 'Code')).toBe('InvalidParameterValue');
    expect(textOf(answer.text, 'Message')).toBe(unspecified.message);
  });

  it('is not for the URL of a queue', async () => {
    await using endpoint = await testEndpoint();
    const message = 'The action CreateQueue is not valid for this endpoint.';
    const refusal = await queryRefusalOf(endpoint, { Action: 'CreateQueue', QueueName: 'q' });
    expect(refusal).toEqual({ status: 400, code: 'InvalidAction', message });
  });
});

describe('function', () => {
  it('makes a queue with the defaults of SQS', async () => {
    await using endpoint = await testEndpoint();
    const sqs = endpoint.client();
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    const { CreatedTimestamp, LastModifiedTimestamp, ...others } = Attributes;
    expect(others).toEqual({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      DelaySeconds: '0',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:q',
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '30',
    });
    expect(CreatedTimestamp).toMatch(/^\d{10}$/);
    expect(LastModifiedTimestamp).toBe(CreatedTimestamp);
  });

  it('finds the queue that is there, given the same attributes, or fewer', async () => {
    await using endpoint = await testEndpoint();
    const sqs = endpoint.client();
    const first = await sqs.send(new CreateQueueCommand({ QueueName: 'q', Attributes: { VisibilityTimeout: '20' } }));
    for (const Attributes of [{ VisibilityTimeout: '20' }, { DelaySeconds: '0' }, {}]) {
      const again = await sqs.send(new CreateQueueCommand({ QueueName: 'q', Attributes }));
      expect(again.QueueUrl).toBe(first.QueueUrl);
    }
  });

  it('refuses a name that is taken by a queue with another attribute', async () => {
    await using endpoint = await testEndpoint();
    const sqs = endpoint.client();
    await sqs.send(new CreateQueueCommand({ QueueName: 'q', Attributes: { VisibilityTimeout: '20' } }));
    await expect(
      sqs.send(new CreateQueueCommand({ QueueName: 'q', Attributes: { VisibilityTimeout: '21' } })),
    ).rejects.toMatchObject({
      name: 'QueueNameExists',
      message: 'A queue already exists with the same name and a different value for attribute VisibilityTimeout',
    });
  });

  it('answers once the queue is stored, whoever asks first', async () => {
    await using endpoint = await testEndpoint();
    endpoint.store.hold();
    const answered: string[] = [];
    const asked = ['first', 'second'].map(async (who) => {
      await endpoint.json('CreateQueue', { QueueName: 'q' });
      answered.push(who);
    });
    await endpoint.json('ListQueues', {});
    expect(answered).toEqual([]);
    endpoint.store.resume();
    await Promise.all(asked);
    expect(await endpoint.store.readQueues()).toMatchObject([{ namespace: 'aws/000000000000/us-east-1', name: 'q' }]);
  });

  it('leaves nothing behind when the store refuses', async () => {
    await using endpoint = await testEndpoint();
    endpoint.store.fail(new BrokerError('store-full', 'the disk is full'));
    const answer = await endpoint.json('CreateQueue', { QueueName: 'q' });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('x-amzn-query-error')).toBe('ServiceUnavailable;Receiver');
    endpoint.store.fail(undefined);
    expect((await endpoint.json('ListQueues', {})).body).toEqual({});
  });
});
