// Policies at work, through the AWS SDK: what is refused, in whose words, and what is only counted.

import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  PutRecordCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-kinesis';
import {
  AddPermissionCommand as AddTopicPermissionCommand,
  CreateTopicCommand,
  ListTopicsCommand,
  PublishCommand,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  AddPermissionCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { IamMode } from '../../../broker/cloud/auth/guard.ts';
import { textOf } from '../endpoint.ts';
import { accessKey, guardedEndpoint, other, refusalOf, region, shop } from './endpoint.ts';

const statement = (effect: string, action: string, resource = '*') => ({
  Statement: { Effect: effect, Action: action, Resource: resource },
});
const keys = [
  accessKey('SHOPKEY', shop),
  accessKey('ANN', shop, 'ann', statement('Allow', 'sqs:SendMessage', `arn:aws:sqs:*:${shop}:orders`)),
  accessKey('EVE', shop, 'eve', statement('Allow', '*'), statement('Deny', '*:*Send*')),
  accessKey('OTHERKEY', other),
  accessKey('BOB', other, 'bob', statement('Allow', '*')),
];
const guarded = (iam: IamMode = 'enforce') => guardedEndpoint({ keys, iam });

const orders = `arn:aws:sqs:${region}:${shop}:orders`;

describe('SQS', () => {
  it('is refused by the policies of users', async () => {
    await using endpoint = await guarded();
    const { QueueUrl } = await endpoint.sqs().send(new CreateQueueCommand({ QueueName: 'orders' }));
    const message = { QueueUrl, MessageBody: 'm' };
    await endpoint.sqs('ANN').send(new SendMessageCommand(message));
    await endpoint.sqs('ANN').send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'm' }] }));
    expect(await refusalOf(endpoint.sqs('ANN').send(new ReceiveMessageCommand({ QueueUrl })))).toEqual([
      'AccessDenied',
      `User: arn:aws:iam::${shop}:user/ann is not authorized to perform: sqs:receivemessage on resource: ${orders} ` +
        'because no identity-based policy allows the sqs:receivemessage action',
      403,
    ]);
    expect(await refusalOf(endpoint.sqs('EVE').send(new SendMessageCommand(message)))).toEqual([
      'AccessDenied',
      `User: arn:aws:iam::${shop}:user/eve is not authorized to perform: sqs:sendmessage on resource: ${orders} ` +
        'with an explicit deny in an identity-based policy',
      403,
    ]);
    expect(await refusalOf(endpoint.sqs('ANN').send(new ListQueuesCommand({})))).toMatchObject({
      1: expect.stringContaining(`sqs:listqueues on resource: arn:aws:sqs:${region}:${shop}: because`),
    });
  });

  it('is opened to another account by the policy of the queue', async () => {
    await using endpoint = await guarded();
    const { QueueUrl } = await endpoint.sqs().send(new CreateQueueCommand({ QueueName: 'orders' }));
    const send = () => endpoint.sqs('BOB').send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
    expect(await refusalOf(send())).toEqual([
      'AccessDenied',
      `User: arn:aws:iam::${other}:user/bob is not authorized to perform: sqs:sendmessage on resource: ${orders} ` +
        'because no resource-based policy allows the sqs:sendmessage action',
      403,
    ]);
    const permission = { QueueUrl, Label: 'other', AWSAccountIds: [other], Actions: ['SendMessage'] };
    await endpoint.sqs().send(new AddPermissionCommand(permission));
    await send();
    expect(await refusalOf(endpoint.sqs('BOB').send(new ReceiveMessageCommand({ QueueUrl })))).toMatchObject({
      2: 403,
    });
  });

  it('keeps some operations for the owner', async () => {
    await using endpoint = await guarded();
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: orders } });
    const { QueueUrl } = await endpoint
      .sqs()
      .send(new CreateQueueCommand({ QueueName: 'orders', Attributes: { Policy } }));
    await endpoint.sqs('OTHERKEY').send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
    expect(await refusalOf(endpoint.sqs('OTHERKEY').send(new DeleteQueueCommand({ QueueUrl })))).toMatchObject({
      2: 403,
    });
  });

  it('takes who signs nothing where the policy of the queue does', async () => {
    await using endpoint = await guarded();
    const { QueueUrl = '' } = await endpoint.sqs().send(new CreateQueueCommand({ QueueName: 'orders' }));
    const send = async () => {
      const body = new URLSearchParams({ Action: 'SendMessage', Version: '2012-11-05', MessageBody: 'm' });
      const response = await fetch(QueueUrl, { method: 'POST', body });
      return { status: response.status, text: await response.text() };
    };
    const refused = await send();
    expect([refused.status, textOf(refused.text, 'Code'), textOf(refused.text, 'Message')]).toEqual([
      403,
      'AccessDenied',
      `Access to the resource ${endpoint.url}/ is denied.`,
    ]);
    const Policy = JSON.stringify({
      Statement: {
        Effect: 'Allow',
        Principal: '*',
        Action: 'sqs:SendMessage',
        Resource: orders,
        Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } },
      },
    });
    await endpoint.sqs().send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    expect((await send()).status).toBe(200);
  });
});

describe('SNS', () => {
  it('is refused in its own words', async () => {
    await using endpoint = await guarded();
    const { TopicArn } = await endpoint.sns().send(new CreateTopicCommand({ Name: 'news' }));
    await endpoint.sns().send(new PublishCommand({ TopicArn, Message: 'm' }));
    const publish = () => endpoint.sns('BOB').send(new PublishCommand({ TopicArn, Message: 'm' }));
    expect(await refusalOf(publish())).toEqual([
      'AuthorizationErrorException',
      `User: arn:aws:iam::${other}:user/bob is not authorized to perform: SNS:Publish on resource: ${TopicArn} because ` +
        'no resource-based policy allows the SNS:Publish action',
      403,
    ]);
    expect(await refusalOf(endpoint.sns('ANN').send(new ListTopicsCommand({})))).toMatchObject({
      1: expect.stringContaining(`SNS:ListTopics on resource: arn:aws:sns:${region}:${shop}:* because`),
    });
    const permission = { TopicArn, Label: 'other', AWSAccountId: [other], ActionName: ['Publish'] };
    await endpoint.sns().send(new AddTopicPermissionCommand(permission));
    await publish();
  });

  it.each<[IamMode, boolean]>([
    ['enforce', false],
    ['observe', true],
    ['off', true],
  ])('with %s delivers into a queue whose policy says nothing: %o', async (iam, delivered) => {
    await using endpoint = await guarded(iam);
    const { QueueUrl } = await endpoint.sqs().send(new CreateQueueCommand({ QueueName: 'orders' }));
    const { TopicArn } = await endpoint.sns().send(new CreateTopicCommand({ Name: 'news' }));
    const { TopicArn: another } = await endpoint.sns().send(new CreateTopicCommand({ Name: 'gossip' }));
    for (const topic of [TopicArn, another]) {
      await endpoint.sns().send(new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: orders }));
    }
    const received = async () => {
      await endpoint.sns().send(new PublishCommand({ TopicArn, Message: 'm' }));
      await endpoint.sns().send(new PublishCommand({ TopicArn: another, Message: 'm' }));
      const { Messages = [] } = await endpoint
        .sqs()
        .send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      return Messages.map(({ Body = '' }) => JSON.parse(Body).TopicArn);
    };
    expect(await received()).toEqual(delivered ? [TopicArn, another] : []);
    const Policy = JSON.stringify({
      Statement: {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: orders,
        Condition: { ArnEquals: { 'aws:SourceArn': TopicArn }, StringEquals: { 'aws:SourceAccount': shop } },
      },
    });
    await endpoint.sqs().send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    expect(await received()).toEqual(delivered ? [TopicArn, another] : [TopicArn]);
  });

  it('logs a delivery that the queue does not allow', async () => {
    await using endpoint = await guarded();
    await endpoint.sqs().send(new CreateQueueCommand({ QueueName: 'orders' }));
    const { TopicArn } = await endpoint.sns().send(new CreateTopicCommand({ Name: 'news' }));
    await endpoint.sns().send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: orders }));
    await endpoint.sns().send(new PublishCommand({ TopicArn, Message: 'm' }));
    const log = await (await fetch(`${endpoint.url}/_causeway/sns/deliveries`)).text();
    expect(log).toContain('403');
    expect(log).toContain(`Access to the resource ${orders} is denied.`);
  });
});

describe('Kinesis', () => {
  it('is refused, and opened to another account, by the policy of a stream', async () => {
    await using endpoint = await guarded();
    const StreamARN = `arn:aws:kinesis:${region}:${shop}:stream/clicks`;
    await endpoint.kinesis().send(new CreateStreamCommand({ StreamName: 'clicks', ShardCount: 1 }));
    const put = () =>
      endpoint.kinesis('BOB').send(new PutRecordCommand({ StreamARN, PartitionKey: 'k', Data: Buffer.from('d') }));
    expect(await refusalOf(put())).toEqual([
      'AccessDeniedException',
      `User: arn:aws:iam::${other}:user/bob is not authorized to perform: kinesis:PutRecord on resource: ${StreamARN} ` +
        'because no resource-based policy allows the kinesis:PutRecord action',
      400,
    ]);
    const Policy = JSON.stringify({
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: other },
        Action: ['kinesis:PutRecord', 'kinesis:GetShardIterator'],
        Resource: StreamARN,
      },
    });
    await endpoint.kinesis().send(new PutResourcePolicyCommand({ ResourceARN: StreamARN, Policy }));
    await put();
    const { ShardIterator } = await endpoint
      .kinesis('BOB')
      .send(
        new GetShardIteratorCommand({ StreamARN, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' }),
      );
    const own = `arn:aws:kinesis:${region}:${other}:stream/own`;
    const read = endpoint.kinesis('BOB').send(new GetRecordsCommand({ ShardIterator, StreamARN: own }));
    expect(await refusalOf(read)).toMatchObject({
      0: 'AccessDeniedException',
      1: expect.stringContaining(`kinesis:GetRecords on resource: ${StreamARN} because`),
    });
    expect(await refusalOf(endpoint.kinesis('ANN').send(new ListStreamsCommand({})))).toMatchObject({
      1: expect.stringContaining('kinesis:ListStreams on resource: * because no identity-based'),
    });
  });
});

describe('observing', () => {
  it('refuses nothing, and counts', async () => {
    await using endpoint = await guarded('observe');
    const { QueueUrl } = await endpoint.sqs().send(new CreateQueueCommand({ QueueName: 'orders' }));
    for (let sent = 0; sent < 2; sent++) await endpoint.sqs('BOB').send(new ReceiveMessageCommand({ QueueUrl }));
    await endpoint.sqs('ANN').send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
    expect([...(await endpoint.store.readCounters('iam/'))]).toEqual([[`iam/sqs:receivemessage/${orders}`, 2]]);
  });
});

describe('without access keys', () => {
  it('everybody is the root of the account that they name', async () => {
    await using endpoint = await guardedEndpoint({ keys: [], iam: 'enforce' });
    const { QueueUrl } = await endpoint.sqs(shop).send(new CreateQueueCommand({ QueueName: 'orders' }));
    await endpoint.sqs(shop).send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
    const refused = endpoint.sqs(other).send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
    expect(await refusalOf(refused)).toMatchObject({
      1: expect.stringContaining(`User: arn:aws:iam::${other}:root is not`),
    });
  });
});
