// The AWS SDK for JavaScript, version 2: its own readers of JSON, XML and digests, its error codes, its waiters and pages.

import { expect, it } from 'vitest';
import { target } from '../target.ts';
import type { Target } from '../target.ts';
import { sdk2 } from './sdk-2.ts';
import type { Answer2, Client2 } from './sdk-2.ts';

function clients(aws: Target): Readonly<Record<'sqs' | 'sns' | 'kinesis', Client2>> {
  const config = { ...aws.config, maxRetries: 0 };
  return { sqs: new sdk2.SQS(config), sns: new sdk2.SNS(config), kinesis: new sdk2.Kinesis(config) };
}

/** Code and status of a refusal. */
async function refusalOf(sent: { promise(): Promise<unknown> }): Promise<readonly [string, number, string]> {
  try {
    await sent.promise();
  } catch (error) {
    const { code, statusCode, message } = error as { code: string; statusCode: number; message: string };
    return [code, statusCode, message];
  }
  return ['', 200, 'nothing was refused'];
}

it('sends, receives, hides and deletes, verifying digests', async () => {
  await using aws = await target();
  const { sqs } = clients(aws);
  const { QueueUrl } = await sqs.createQueue!({ QueueName: aws.name('q'), tags: { team: 'shop' } }).promise();
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'é <&> "' },
    count: { DataType: 'Number', StringValue: '12' },
    bytes: { DataType: 'Binary', BinaryValue: Buffer.of(0, 255, 30) },
  };
  const MessageBody = '{"é": "<&>\r\n\t 😀"}';
  const sent = await sqs.sendMessage!({ QueueUrl, MessageBody, MessageAttributes }).promise();
  const query = { QueueUrl, WaitTimeSeconds: 2, MessageAttributeNames: ['All'], AttributeNames: ['All'] };
  const { Messages } = await sqs.receiveMessage!(query).promise();
  expect(Messages).toMatchObject([{ MessageId: sent['MessageId'], Body: MessageBody, MessageAttributes }]);
  const { ReceiptHandle } = Messages[0];
  await sqs.changeMessageVisibility!({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }).promise();
  const again = await sqs.receiveMessage!(query).promise();
  expect(again['Messages'][0].Attributes.ApproximateReceiveCount).toBe('2');
  await sqs.deleteMessage!({ QueueUrl, ReceiptHandle: again['Messages'][0].ReceiptHandle }).promise();
  const Entries = Array.from({ length: 3 }, (_, index) => ({ Id: `e${index}`, MessageBody: `b${index}` }));
  const batch = await sqs.sendMessageBatch!({ QueueUrl, Entries }).promise();
  expect([batch['Successful'].length, batch['Failed'].length]).toEqual([3, 0]);
  expect((await sqs.listQueueTags!({ QueueUrl }).promise())['Tags']).toEqual({ team: 'shop' });
});

it('knows refusals of SQS by the codes of the Query wire', async () => {
  await using aws = await target();
  const { sqs } = clients(aws);
  const QueueName = aws.name('q');
  const { QueueUrl } = await sqs.createQueue!({ QueueName }).promise();
  expect(await refusalOf(sqs.getQueueUrl!({ QueueName: aws.name('none') }))).toEqual([
    'AWS.SimpleQueueService.NonExistentQueue',
    400,
    'The specified queue does not exist.',
  ]);
  const other = { QueueName, Attributes: { DelaySeconds: '5' } };
  expect((await refusalOf(sqs.createQueue!(other)))[0]).toBe('QueueAlreadyExists');
  expect((await refusalOf(sqs.deleteMessage!({ QueueUrl, ReceiptHandle: 'x' })))[0]).toBe('ReceiptHandleIsInvalid');
});

it('publishes to a queue, with and without the envelope, and knows refusals', async () => {
  await using aws = await target();
  const { sqs, sns } = clients(aws);
  const { TopicArn } = await sns.createTopic!({ Name: aws.name('t'), Tags: [{ Key: 'a', Value: 'b' }] }).promise();
  const { QueueUrl } = await sqs.createQueue!({ QueueName: aws.name('q') }).promise();
  const { Attributes } = await sqs.getQueueAttributes!({ QueueUrl, AttributeNames: ['QueueArn'] }).promise();
  const { QueueArn } = Attributes;
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: QueueArn }],
  });
  await sqs.setQueueAttributes!({ QueueUrl, Attributes: { Policy } }).promise();
  const subscribe = { TopicArn, Protocol: 'sqs', Endpoint: QueueArn, ReturnSubscriptionArn: true };
  const { SubscriptionArn } = await sns.subscribe!(subscribe).promise();
  await sns.publish!({ TopicArn, Message: '<é & "ü">', Subject: 's' }).promise();
  const one = await sqs.receiveMessage!({ QueueUrl, WaitTimeSeconds: 5 }).promise();
  expect(JSON.parse(one['Messages'][0].Body)).toMatchObject({ Message: '<é & "ü">', Subject: 's', TopicArn });
  const raw = { SubscriptionArn, AttributeName: 'RawMessageDelivery', AttributeValue: 'true' };
  await sns.setSubscriptionAttributes!(raw).promise();
  expect((await sns.listTagsForResource!({ ResourceArn: TopicArn }).promise())['Tags']).toEqual([
    { Key: 'a', Value: 'b' },
  ]);
  expect(await refusalOf(sns.publish!({ TopicArn: `${TopicArn}x`, Message: 'm' }))).toEqual([
    'NotFound',
    404,
    'Topic does not exist',
  ]);
  expect((await refusalOf(sns.publish!({ TopicArn, Message: '' })))[0]).toBe('InvalidParameter');
});

it('puts and gets records over HTTP/1.1, waits for streams, and knows refusals', async () => {
  await using aws = await target();
  const { kinesis } = clients(aws);
  const StreamName = aws.name('s');
  await kinesis.createStream!({ StreamName, ShardCount: 1 }).promise();
  const wait = kinesis.waitFor as unknown as (state: string, input: object) => { promise(): Promise<Answer2> };
  const { StreamDescription } = await wait.call(kinesis, 'streamExists', { StreamName }).promise();
  expect(StreamDescription.StreamCreationTimestamp).toBeInstanceOf(Date);
  const Records = Array.from({ length: 5 }, (_, index) => ({ PartitionKey: 'k', Data: Buffer.of(index, 255) }));
  expect((await kinesis.putRecords!({ StreamName, Records }).promise())['FailedRecordCount']).toBe(0);
  const place = { StreamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
  const { ShardIterator } = await kinesis.getShardIterator!(place).promise();
  const found = await kinesis.getRecords!({ ShardIterator }).promise();
  expect(found['Records'].map(({ Data }: { Data: Buffer }) => [...Data])).toEqual([
    [0, 255],
    [1, 255],
    [2, 255],
    [3, 255],
    [4, 255],
  ]);
  const [code, status] = await refusalOf(kinesis.describeStream!({ StreamName: aws.name('none') }));
  expect([code, status]).toEqual(['ResourceNotFoundException', 400]);
});
