// boto3 as Debian has it: it parses every answer by the service's model.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianPython } from '../../support/debian.ts';
import { snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

const boto3 = debianPython('python3-boto3', 'boto3');

const prelude = `
import json, sys, boto3
from botocore.config import Config
from botocore.exceptions import ClientError
def client(service, validate=True):
    return boto3.client(service, endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='test',
                        aws_secret_access_key='test', config=Config(retries={'max_attempts': 0}, parameter_validation=validate))
sns, sqs = client('sns'), client('sqs')
def queue(name):
    url = sqs.create_queue(QueueName=name)['QueueUrl']
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['QueueArn'])['Attributes']['QueueArn']
def refusal(call):
    try:
        call()
    except ClientError as error:
        return [error.response['Error']['Code'], error.response['Error']['Type'], error.response['Error']['Message'],
                error.response['ResponseMetadata']['HTTPStatusCode']]
def plain(answer):
    answer.pop('ResponseMetadata')
    return answer
def done(value):
    print(json.dumps(value, default=lambda other: list(other)))
`;

describe.skipIf(!boto3.present)('boto3', () => {
  let endpoint: SnsEndpoint;
  beforeAll(async () => {
    endpoint = await snsEndpoint();
  });
  afterAll(() => endpoint[Symbol.asyncDispose]());

  async function run(script: string): Promise<unknown> {
    const env = { PATH: '/usr/bin:/bin', AWS_EC2_METADATA_DISABLED: 'true' };
    const { stdout } = await promisify(execFile)(boto3.path, ['-c', prelude + script, endpoint.url], { env });
    return JSON.parse(stdout);
  }

  it('makes topics, subscribes, publishes and receives', async () => {
    const result = await run(`
topic = sns.create_topic(Name='whole', Attributes={'DisplayName': 'Whole'}, Tags=[{'Key': 'team', 'Value': 'shop'}])['TopicArn']
url, arn = queue('whole')
subscription = sns.subscribe(TopicArn=topic, Protocol='sqs', Endpoint=arn, ReturnSubscriptionArn=True,
                             Attributes={'FilterPolicy': json.dumps({'kind': ['order', {'prefix': 'x-'}]})})['SubscriptionArn']
kind = lambda value: {'kind': {'DataType': 'String', 'StringValue': value}, 'b': {'DataType': 'Binary', 'BinaryValue': bytes([0, 255])}}
sns.publish(TopicArn=topic, Message='no', MessageAttributes=kind('other'))
sent = sns.publish(TopicArn=topic, Message='é <&>', Subject='s', MessageAttributes=kind('x-1'))
batch = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{'Id': 'a', 'Message': 'batched', 'MessageAttributes': kind('order')}])
bodies = [json.loads(m['Body']) for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)['Messages']]
tags = sns.list_tags_for_resource(ResourceArn=topic)['Tags']
sns.tag_resource(ResourceArn=topic, Tags=[{'Key': 'a', 'Value': ''}])
sns.untag_resource(ResourceArn=topic, TagKeys=['team'])
listed = plain(sns.list_subscriptions_by_topic(TopicArn=topic))
sns.unsubscribe(SubscriptionArn=subscription)
done([[(b['Message'], b.get('Subject')) for b in bodies], bodies[0]['MessageId'] == sent['MessageId'], bodies[0]['MessageAttributes'],
      len(batch['Successful']), batch['Failed'], tags, sns.list_tags_for_resource(ResourceArn=topic)['Tags'],
      listed['Subscriptions'][0]['SubscriptionArn'] == subscription, plain(sns.list_subscriptions()),
      sns.get_topic_attributes(TopicArn=topic)['Attributes']['SubscriptionsDeleted']])
`);
    expect(result).toEqual([
      [
        ['é <&>', 's'],
        ['batched', null],
      ],
      true,
      { kind: { Type: 'String', Value: 'x-1' }, b: { Type: 'Binary', Value: 'AP8=' } },
      1,
      [],
      [{ Key: 'team', Value: 'shop' }],
      [{ Key: 'a', Value: '' }],
      true,
      { Subscriptions: [] },
      '1',
    ]);
  });

  it('sees refusals with their codes, types and statuses', async () => {
    const result = await run(`
loose = client('sns', validate=False)
done([
  refusal(lambda: sns.publish(TopicArn='arn:aws:sns:us-east-1:000000000000:none', Message='m')),
  refusal(lambda: sns.create_topic(Name='bad name')),
  refusal(lambda: loose.unsubscribe()),
  refusal(lambda: sns.list_tags_for_resource(ResourceArn='not-existing-topic')),
  refusal(lambda: sns.create_platform_application(Name='x', Platform='ADM', Attributes={})),
  refusal(lambda: sns.subscribe(TopicArn=sns.create_topic(Name='t')['TopicArn'], Protocol='sms', Endpoint='+1555',
                                Attributes={'FilterPolicy': json.dumps({'a': [1000000001]})})),
])
`);
    expect(result).toEqual([
      ['NotFound', 'Sender', 'Topic does not exist', 404],
      ['InvalidParameter', 'Sender', 'Invalid parameter: Topic Name', 400],
      ['InvalidParameter', 'Sender', 'Invalid parameter: SubscriptionArn Reason: no value for required parameter', 400],
      ['ResourceNotFound', 'Sender', 'Resource does not exist', 404],
      [
        'ValidationError',
        'Sender',
        "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: Member must not be null",
        400,
      ],
      ['InternalError', 'Receiver', 'Unknown', 500],
    ]);
  });

  it('goes through pages, and reads every answer that has members', async () => {
    const result = await run(`
made = {sns.create_topic(Name='page-%d' % i)['TopicArn'] for i in range(110)}
listed = [t['TopicArn'] for page in sns.get_paginator('list_topics').paginate() for t in page['Topics']]
app = sns.create_platform_application(Name='app', Platform='GCM', Attributes={'PlatformCredential': 'key'})['PlatformApplicationArn']
device = sns.create_platform_endpoint(PlatformApplicationArn=app, Token='t', CustomUserData='d')['EndpointArn']
sns.set_sms_attributes(attributes={'DefaultSMSType': 'Transactional'})
sns.create_sms_sandbox_phone_number(PhoneNumber='+15550001111')
done([made <= set(listed), len(listed) == len(set(listed)),
      plain(sns.list_platform_applications())['PlatformApplications'] == [{'PlatformApplicationArn': app, 'Attributes': {'Enabled': 'true'}}],
      sns.list_endpoints_by_platform_application(PlatformApplicationArn=app)['Endpoints'][0]['EndpointArn'] == device,
      sns.get_endpoint_attributes(EndpointArn=device)['Attributes'], plain(sns.get_sms_attributes()),
      sns.check_if_phone_number_is_opted_out(phoneNumber='+15550001111')['isOptedOut'], plain(sns.list_phone_numbers_opted_out()),
      plain(sns.list_origination_numbers()), plain(sns.get_sms_sandbox_account_status()), plain(sns.list_sms_sandbox_phone_numbers()),
      'MessageId' in sns.publish(TargetArn=device, Message='m'), 'MessageId' in sns.publish(PhoneNumber='+15550001111', Message='m')])
`);
    expect(result).toEqual([
      true,
      true,
      true,
      true,
      { Enabled: 'true', Token: 't', CustomUserData: 'd' },
      { attributes: { MonthlySpendLimit: '1', DefaultSMSType: 'Transactional' } },
      false,
      { phoneNumbers: [] },
      { PhoneNumbers: [] },
      { IsInSandbox: false },
      { PhoneNumbers: [{ PhoneNumber: '+15550001111', Status: 'Pending' }] },
      true,
      true,
    ]);
  });

  it('publishes to FIFO topics', async () => {
    const result = await run(`
topic = sns.create_topic(Name='t.fifo', Attributes={'FifoTopic': 'true', 'ContentBasedDeduplication': 'true'})['TopicArn']
first = sns.publish(TopicArn=topic, Message='m', MessageGroupId='g')
again = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{'Id': '1', 'Message': 'm', 'MessageGroupId': 'g'}])['Successful'][0]
done([len(first['SequenceNumber']), again['SequenceNumber'] == first['SequenceNumber'], again['MessageId'] == first['MessageId']])
`);
    expect(result).toEqual([20, true, true]);
  });
});
