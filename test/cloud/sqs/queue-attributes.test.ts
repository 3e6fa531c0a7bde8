// GetQueueAttributes and SetQueueAttributes.

import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { account, testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';
import { invalid, missing, noSuchQueue, queryRefusalOf, refusalOf, sqsError, takesWrongKinds } from './refusals.ts';
import type { Refusal } from './refusals.ts';

const QueueUrl = `http://queue.test/${account}/q`;
const arn = (name: string): string => `arn:aws:sqs:us-east-1:${account}:${name}`;

async function withQueue(attributes: Record<string, string> = {}): Promise<TestEndpoint> {
  const endpoint = await testEndpoint();
  await endpoint.json('CreateQueue', { QueueName: 'q', Attributes: attributes });
  return endpoint;
}

async function attributesOf(endpoint: TestEndpoint, ...names: string[]): Promise<Record<string, string> | undefined> {
  return (await endpoint.json('GetQueueAttributes', { QueueUrl, AttributeNames: names })).body.Attributes;
}

async function set(endpoint: TestEndpoint, Attributes: Record<string, string>): Promise<void> {
  await endpoint.client().send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
}

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await withQueue();
    const read = { QueueUrl: 'String', AttributeNames: 'List', 'AttributeNames.0': 'String' } as const;
    expect(await takesWrongKinds(endpoint, 'GetQueueAttributes', read)).toEqual([]);
    const changed = { QueueUrl: 'String', Attributes: 'Map' } as const;
    expect(await takesWrongKinds(endpoint, 'SetQueueAttributes', changed)).toEqual([]);
  });

  it('takes attributes from a form, and gives them as elements', async () => {
    await using endpoint = await withQueue();
    const change = { Action: 'SetQueueAttributes', 'Attribute.Name': 'VisibilityTimeout', 'Attribute.Value': '35' };
    expect((await endpoint.query(change, `/${account}/q`)).status).toBe(200);
    const { text } = await endpoint.query({
      Action: 'GetQueueAttributes',
      QueueUrl,
      'AttributeName.1': 'VisibilityTimeout',
      'AttributeName.2': 'DelaySeconds',
    });
    expect(text).toContain(
      '<GetQueueAttributesResult><Attribute><Name>VisibilityTimeout</Name><Value>35</Value></Attribute>' +
        '<Attribute><Name>DelaySeconds</Name><Value>0</Value></Attribute></GetQueueAttributesResult>',
    );
  });
});

describe('validation', () => {
  it('refuses to read an attribute that no queue has', async () => {
    await using endpoint = await withQueue();
    const unknown = sqsError('InvalidAttributeName', 'Unknown Attribute Bogus.');
    const input = { QueueUrl, AttributeNames: ['All', 'Bogus'] };
    expect(await refusalOf(endpoint, 'GetQueueAttributes', input)).toEqual(unknown);
    const { status, code, message } = unknown;
    const form = { Action: 'GetQueueAttributes', 'AttributeName.1': 'Bogus' };
    expect(await queryRefusalOf(endpoint, form)).toEqual({ status, code, message });
  });

  const unknown = (name: string): Refusal => sqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  const value = (name: string, reason = ''): Refusal =>
    sqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.${reason}`);

  it.each([
    ['a queue that is not there', { QueueUrl: `${QueueUrl}x`, Attributes: {} }, noSuchQueue],
    ['no attributes', { QueueUrl }, missing('Attribute.Name')],
    ['an unknown attribute', { QueueUrl, Attributes: { Bogus: '1' } }, unknown('Bogus')],
    ['an attribute that the service sets', { QueueUrl, Attributes: { QueueArn: 'x' } }, unknown('QueueArn')],
    ['FifoQueue', { QueueUrl, Attributes: { FifoQueue: 'false' } }, unknown('FifoQueue')],
    [
      'ContentBasedDeduplication',
      { QueueUrl, Attributes: { ContentBasedDeduplication: 'true' } },
      unknown('ContentBasedDeduplication'),
    ],
    ['a value out of range', { QueueUrl, Attributes: { VisibilityTimeout: '99999' } }, value('VisibilityTimeout')],
    [
      'a redrive policy that is no object',
      { QueueUrl, Attributes: { RedrivePolicy: '[]' } },
      value('RedrivePolicy', ' Reason: Redrive policy is not a valid JSON map.'),
    ],
  ])('refuses to set %s', async (_what, input, refusal) => {
    await using endpoint = await withQueue();
    expect(await refusalOf(endpoint, 'SetQueueAttributes', input)).toEqual(refusal);
  });

  const target = arn('dlq');
  const policy = (members: object): string => JSON.stringify(members);
  it.each([
    [policy({}), 'Redrive policy does not contain mandatory attribute: maxReceiveCount.'],
    [policy({ maxReceiveCount: 5 }), 'Redrive policy does not contain mandatory attribute: deadLetterTargetArn.'],
    [
      policy({ deadLetterTargetArn: target, maxReceiveCount: 5, x: 1 }),
      'Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].',
    ],
    ...[0, -36, 1001, 4023, 'many'].map((count) => [
      policy({ deadLetterTargetArn: target, maxReceiveCount: count }),
      `Invalid value for maxReceiveCount: ${count}, valid values are from 1 to 1000 both inclusive.`,
    ]),
    [policy({ deadLetterTargetArn: 'dlq', maxReceiveCount: 5 }), 'Invalid value for deadLetterTargetArn.'],
    [
      policy({ deadLetterTargetArn: `arn:aws:sns:us-east-1:${account}:t`, maxReceiveCount: 5 }),
      'Only SQS queues are valid resources for deadLetterTargetArn.',
    ],
    [
      policy({ deadLetterTargetArn: `${target}.fifo`, maxReceiveCount: 5 }),
      'Dead-letter queue must be same type of queue as the source..',
    ],
    [policy({ deadLetterTargetArn: arn('nope'), maxReceiveCount: 5 }), 'Dead letter target does not exist.'],
    [
      policy({ deadLetterTargetArn: `arn:aws:sqs:eu-west-1:${account}:dlq`, maxReceiveCount: 5 }),
      'Dead-letter target must be in same region as the source.',
    ],
    [
      policy({ deadLetterTargetArn: 'arn:aws:sqs:us-east-1:123456789012:dlq', maxReceiveCount: 5 }),
      'Dead-letter target owner should be same as the source.',
    ],
  ])('refuses the redrive policy %s', async (text = '', reason = '') => {
    await using endpoint = await withQueue();
    await endpoint.json('CreateQueue', { QueueName: 'dlq' });
    expect(await refusalOf(endpoint, 'SetQueueAttributes', { QueueUrl, Attributes: { RedrivePolicy: text } })).toEqual(
      invalid(`Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`),
    );
  });

  const format = value(
    'RedriveAllowPolicy',
    " Reason: Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.",
  );
  const cannot = (text: string, why: string): Refusal =>
    invalid(
      `Value ${text} for parameter RedriveAllowPolicy is invalid. Reason: Amazon SQS can't create the redrive allow policy. ${why}`,
    );
  const needsSources =
    'When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.';
  const needsByQueue = 'To specify one or more source queue ARNs, you must set redrivePermission to byQueue.';
  const byQueue = policy({ redrivePermission: 'byQueue' });
  const noSources = policy({ redrivePermission: 'byQueue', sourceQueueArns: [] });
  const allowAll = policy({ redrivePermission: 'allowAll', sourceQueueArns: [target] });
  const denyAll = policy({ redrivePermission: 'denyAll', sourceQueueArns: [target] });
  const tooMany = policy({ redrivePermission: 'byQueue', sourceQueueArns: Array.from({ length: 11 }, () => target) });
  it.each([
    ['badjson', format],
    ['[]', format],
    ['{}', format],
    [policy({ redrivePermission: 'dummy' }), format],
    [policy({ redrivePermission: 'allowAll', dummy: 'value' }), format],
    [policy({ redrivePermission: 'byQueue', sourceQueueArns: 'arn' }), format],
    [policy({ redrivePermission: 'byQueue', sourceQueueArns: [{}] }), format],
    [byQueue, cannot(byQueue, needsSources)],
    [noSources, cannot(noSources, needsSources)],
    [allowAll, cannot(allowAll, needsByQueue)],
    [denyAll, cannot(denyAll, needsByQueue)],
    [tooMany, cannot(tooMany, 'The maximum number of source queue ARNs you can specify is 10.')],
  ])('refuses the redrive allow policy %s', async (text, refusal) => {
    await using endpoint = await withQueue();
    const input = { QueueUrl, Attributes: { RedriveAllowPolicy: text } };
    expect(await refusalOf(endpoint, 'SetQueueAttributes', input)).toEqual(refusal);
  });
});

describe('function', () => {
  it('reads none of the attributes if none is named', async () => {
    await using endpoint = await withQueue();
    const sqs = endpoint.client();
    expect((await sqs.send(new GetQueueAttributesCommand({ QueueUrl }))).Attributes).toBeUndefined();
    expect(
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['FifoQueue'] }))).Attributes,
    ).toBeUndefined();
  });

  it('changes what is named, leaves the rest, and notes when', async () => {
    const clock = new ManualClock();
    await using endpoint = await testEndpoint({ clock });
    await endpoint.client().send(
      new CreateQueueCommand({
        QueueName: 'q',
        Attributes: { MessageRetentionPeriod: '604800', VisibilityTimeout: '20' },
      }),
    );
    clock.turn(61_000);
    await set(endpoint, { VisibilityTimeout: '69', DelaySeconds: '420' });
    const attributes = (await attributesOf(endpoint, 'All')) ?? {};
    expect(attributes).toMatchObject({
      VisibilityTimeout: '69',
      DelaySeconds: '420',
      MessageRetentionPeriod: '604800',
    });
    expect(Number(attributes['LastModifiedTimestamp']) - Number(attributes['CreatedTimestamp'])).toBe(61);
  });

  it('counts what is there, in flight and delayed', async () => {
    await using endpoint = await withQueue();
    for (const DelaySeconds of [0, 0, 0, 900]) {
      await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm', DelaySeconds });
    }
    await endpoint.json('ReceiveMessage', { QueueUrl });
    expect(await attributesOf(endpoint, 'All')).toMatchObject({
      ApproximateNumberOfMessages: '2',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
    });
  });

  it('keeps one kind of encryption at a time', async () => {
    await using endpoint = await withQueue();
    const names = ['KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled'];
    await set(endpoint, { KmsMasterKeyId: 'testKeyId', KmsDataKeyReusePeriodSeconds: '6000' });
    expect(await attributesOf(endpoint, ...names)).toEqual({
      KmsMasterKeyId: 'testKeyId',
      KmsDataKeyReusePeriodSeconds: '6000',
      SqsManagedSseEnabled: 'false',
    });
    await set(endpoint, { KmsMasterKeyId: '', KmsDataKeyReusePeriodSeconds: '300' });
    expect(await attributesOf(endpoint, ...names)).toEqual({ SqsManagedSseEnabled: 'false' });
    await set(endpoint, { KmsMasterKeyId: 'again' });
    await set(endpoint, { SqsManagedSseEnabled: 'true' });
    expect(await attributesOf(endpoint, ...names)).toEqual({ SqsManagedSseEnabled: 'true' });
  });

  it('gives policies back in one form, and unsets them with nothing', async () => {
    await using endpoint = await withQueue();
    await endpoint.json('CreateQueue', { QueueName: 'dlq' });
    const policies = {
      Policy: `{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "${arn('q')}" } }`,
      RedrivePolicy: ` { "maxReceiveCount" : "3", "deadLetterTargetArn" : "${arn('dlq')}" } `,
      RedriveAllowPolicy: `{ "sourceQueueArns": ["${arn('x')}"], "redrivePermission": "byQueue" }`,
    };
    await set(endpoint, policies);
    expect(await attributesOf(endpoint, ...Object.keys(policies))).toEqual({
      Policy: policies.Policy,
      RedrivePolicy: `{"deadLetterTargetArn":"${arn('dlq')}","maxReceiveCount":3}`,
      RedriveAllowPolicy: `{"redrivePermission":"byQueue","sourceQueueArns":["${arn('x')}"]}`,
    });
    await set(endpoint, { Policy: '', RedrivePolicy: '', RedriveAllowPolicy: '' });
    expect(await attributesOf(endpoint, ...Object.keys(policies))).toBeUndefined();
  });

  it('lets a dead-letter queue say who may use it', async () => {
    await using endpoint = await withQueue();
    const allow = async (policy: object): Promise<Refusal | undefined> => {
      const RedriveAllowPolicy = JSON.stringify(policy);
      await endpoint.json('CreateQueue', { QueueName: 'dlq' });
      const url = QueueUrl.replace(/q$/, 'dlq');
      await endpoint.json('SetQueueAttributes', { QueueUrl: url, Attributes: { RedriveAllowPolicy } });
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dlq'), maxReceiveCount: 1 });
      const refusal = await refusalOf(endpoint, 'SetQueueAttributes', { QueueUrl, Attributes: { RedrivePolicy } });
      return refusal.status === 200 ? undefined : refusal;
    };
    expect(await allow({ redrivePermission: 'denyAll' })).toMatchObject({ status: 400, code: 'InvalidParameterValue' });
    expect(await allow({ redrivePermission: 'byQueue', sourceQueueArns: [arn('other')] })).toMatchObject({
      status: 400,
    });
    expect(await allow({ redrivePermission: 'byQueue', sourceQueueArns: [arn('q')] })).toBeUndefined();
    expect(await allow({ redrivePermission: 'allowAll' })).toBeUndefined();
  });

  it('changes nothing when the store refuses', async () => {
    await using endpoint = await withQueue({ VisibilityTimeout: '7' });
    endpoint.store.fail(new BrokerError('store-failed', 'the disk is gone'));
    const Attributes = { VisibilityTimeout: '8', MessageRetentionPeriod: '60' };
    expect((await endpoint.json('SetQueueAttributes', { QueueUrl, Attributes })).status).toBe(503);
    endpoint.store.fail(undefined);
    expect(await attributesOf(endpoint, 'VisibilityTimeout')).toEqual({ VisibilityTimeout: '7' });
    expect(endpoint.queues.find({ account, region: 'us-east-1' }, 'q')?.core.policy.retentionMs).toBe(345_600_000);
  });
});
