// boto3 as Debian has it (the Query wire): it parses every answer by the service's model, and verifies digests.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianPython } from '../../support/debian.ts';
import { testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';

const boto3 = debianPython('python3-boto3', 'boto3');

const prelude = `
import json, sys, boto3
from botocore.config import Config
from botocore.exceptions import ClientError
sqs = boto3.client('sqs', endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='test',
                   aws_secret_access_key='test', config=Config(retries={'max_attempts': 0}))
def refusal(call):
    try:
        call()
    except ClientError as error:
        return [error.response['Error']['Code'], error.response['Error']['Message'],
                error.response['ResponseMetadata']['HTTPStatusCode']]
def done(value):
    print(json.dumps(value, default=lambda other: list(other)))
`;

describe.skipIf(!boto3.present)('boto3', () => {
  let endpoint: TestEndpoint;
  beforeAll(async () => {
    endpoint = await testEndpoint();
  });
  afterAll(() => endpoint[Symbol.asyncDispose]());

  async function run(script: string): Promise<unknown> {
    const environment = { PATH: '/usr/bin:/bin', AWS_EC2_METADATA_DISABLED: 'true' };
    const { stdout } = await promisify(execFile)(boto3.path, ['-c', prelude + script, endpoint.url], {
      env: environment,
    });
    return JSON.parse(stdout);
  }

  it('creates, sends, receives, hides, shows and deletes', async () => {
    const result = await run(`
url = sqs.create_queue(QueueName='whole', Attributes={'VisibilityTimeout': '60'}, tags={'team': 'shop'})['QueueUrl']
attributes = {'text': {'DataType': 'String', 'StringValue': 'é <&> "'}, 'count': {'DataType': 'Number.int', 'StringValue': '12'},
              'bytes': {'DataType': 'Binary', 'BinaryValue': bytes([0, 255, 30])}}
sent = sqs.send_message(QueueUrl=url, MessageBody='{"é": "<&>\\r\\n\\t 😀"}', MessageAttributes=attributes)
received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, AttributeNames=['All'], MessageAttributeNames=['All'])['Messages'][0]
same = [received['MD5OfBody'] == sent['MD5OfMessageBody'], received['MD5OfMessageAttributes'] == sent['MD5OfMessageAttributes'],
        received['MessageId'] == sent['MessageId'], received['MessageAttributes'] == attributes]
hidden = sqs.receive_message(QueueUrl=url).get('Messages')
sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=received['ReceiptHandle'], VisibilityTimeout=0)
again = sqs.receive_message(QueueUrl=url, AttributeNames=['ApproximateReceiveCount'])['Messages'][0]
sqs.delete_message(QueueUrl=url, ReceiptHandle=again['ReceiptHandle'])
left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['ApproximateNumberOfMessagesNotVisible'])['Attributes']
done([received['Body'], same, hidden, again['Attributes'], left, sqs.list_queue_tags(QueueUrl=url)['Tags']])
`);
    expect(result).toEqual([
      '{"é": "<&>\r\n\t 😀"}',
      [true, true, true, true],
      null,
      { ApproximateReceiveCount: '2' },
      { ApproximateNumberOfMessagesNotVisible: '0' },
      { team: 'shop' },
    ]);
  });

  it('works in batches', async () => {
    const result = await run(`
url = sqs.create_queue(QueueName='batches')['QueueUrl']
sent = sqs.send_message_batch(QueueUrl=url, Entries=[{'Id': str(i), 'MessageBody': str(i)} for i in range(9)] + [{'Id': 'bad', 'MessageBody': chr(0)}])
received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)['Messages']
shown = sqs.change_message_visibility_batch(QueueUrl=url, Entries=[
    {'Id': str(i), 'ReceiptHandle': m['ReceiptHandle'], 'VisibilityTimeout': 0} for i, m in enumerate(received)])
received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)['Messages']
deleted = sqs.delete_message_batch(QueueUrl=url, Entries=[
    {'Id': str(i), 'ReceiptHandle': m['ReceiptHandle']} for i, m in enumerate(received)] + [{'Id': 'bad', 'ReceiptHandle': 'x'}])
sqs.purge_queue(QueueUrl=url)
done([len(sent['Successful']), sent['Failed'][0]['Code'], len(shown['Successful']), len(deleted['Successful']),
      deleted['Failed'][0]['Code'], deleted['Failed'][0]['SenderFault']])
`);
    expect(result).toEqual([9, 'InvalidMessageContents', 9, 9, 'ReceiptHandleIsInvalid', true]);
  });

  it('sees the errors of SQS, with their codes', async () => {
    const result = await run(`
url = sqs.create_queue(QueueName='errors')['QueueUrl']
done([
  refusal(lambda: sqs.get_queue_url(QueueName='nope')),
  refusal(lambda: sqs.create_queue(QueueName='errors', Attributes={'DelaySeconds': '5'})),
  refusal(lambda: sqs.delete_message(QueueUrl=url, ReceiptHandle='garbage')),
  refusal(lambda: sqs.send_message(QueueUrl=url, MessageBody='')),
  refusal(lambda: sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=11)),
  refusal(lambda: sqs.add_permission(QueueUrl=url, Label='l', AWSAccountIds=['1'], Actions=['*'])),
])
`);
    expect(result).toEqual([
      ['AWS.SimpleQueueService.NonExistentQueue', 'The specified queue does not exist for this wsdl version.', 400],
      [
        'QueueAlreadyExists',
        'A queue already exists with the same name and a different value for attribute DelaySeconds',
        400,
      ],
      ['ReceiptHandleIsInvalid', 'The input receipt handle "garbage" is not a valid receipt handle.', 404],
      ['MissingParameter', 'The request must contain the parameter MessageBody.', 400],
      [
        'InvalidParameterValue',
        'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
        400,
      ],
      ['InvalidParameterValue', 'Value [1] for parameter PrincipalId is invalid. Reason: Unable to verify.', 400],
    ]);
  });

  it('knows a queue that is not there by its exception', async () => {
    const result = await run(`
try:
    sqs.get_queue_url(QueueName='nope')
except sqs.exceptions.QueueDoesNotExist:
    done('QueueDoesNotExist')
`);
    expect(result).toBe('QueueDoesNotExist');
  });

  it('manages queues: attributes, tags, pages, dead-letter sources', async () => {
    const result = await run(`
arn = lambda url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['QueueArn'])['Attributes']['QueueArn']
dlq = sqs.create_queue(QueueName='managed-dlq')['QueueUrl']
url = sqs.create_queue(QueueName='managed')['QueueUrl']
sqs.set_queue_attributes(QueueUrl=url, Attributes={'DelaySeconds': '7',
    'RedrivePolicy': json.dumps({'deadLetterTargetArn': arn(dlq), 'maxReceiveCount': 3})})
sqs.tag_queue(QueueUrl=url, Tags={'a': '1', 'b': '2'})
sqs.untag_queue(QueueUrl=url, TagKeys=['a'])
pages = [page.get('QueueUrls') for page in
         sqs.get_paginator('list_queues').paginate(QueueNamePrefix='managed', PaginationConfig={'PageSize': 1})]
sources = sqs.list_dead_letter_source_queues(QueueUrl=dlq)['queueUrls']
tags = sqs.list_queue_tags(QueueUrl=url)['Tags']
attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['DelaySeconds', 'RedrivePolicy'])['Attributes']
sqs.delete_queue(QueueUrl=url)
done([pages == [[url], [dlq]], sources == [url], tags, attributes, sqs.list_queues(QueueNamePrefix='managed')['QueueUrls'] == [dlq]])
`);
    expect(result).toEqual([
      true,
      true,
      { b: '2' },
      {
        DelaySeconds: '7',
        RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:managed-dlq","maxReceiveCount":3}',
      },
      true,
    ]);
  });

  it('sends to FIFO queues once, and receives in order', async () => {
    const result = await run(`
attributes = {'FifoQueue': 'true', 'ContentBasedDeduplication': 'true'}
url = sqs.create_queue(QueueName='ordered.fifo', Attributes=attributes)['QueueUrl']
first = sqs.send_message(QueueUrl=url, MessageBody='a', MessageGroupId='g')
again = sqs.send_message(QueueUrl=url, MessageBody='a', MessageGroupId='g')
same = [first[name] == again[name] for name in ['MessageId', 'SequenceNumber']]
sqs.send_message_batch(QueueUrl=url, Entries=[
    {'Id': name, 'MessageBody': name, 'MessageGroupId': group} for name, group in [('x', 'h'), ('b', 'g'), ('c', 'g')]])
received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=['MessageGroupId'])['Messages']
order = [[message['Body'], message['Attributes']['MessageGroupId']] for message in received]
outcome = sqs.delete_message_batch(QueueUrl=url, Entries=[
    {'Id': message['Body'], 'ReceiptHandle': message['ReceiptHandle']} for message in received])
missing = refusal(lambda: sqs.send_message(QueueUrl=url, MessageBody='a'))
done([same, order, len(outcome['Successful']), missing])
`);
    expect(result).toEqual([
      [true, true],
      [
        ['a', 'g'],
        ['b', 'g'],
        ['c', 'g'],
        ['x', 'h'],
      ],
      4,
      ['MissingParameter', 'The request must contain the parameter MessageGroupId.', 400],
    ]);
  });
});
