// boto3 as Debian has it, before an endpoint that verifies signatures: it signs by its own code, and reads each refusal by
// the service's model.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianPython } from '../../support/debian.ts';
import { guardedEndpoint, secretOf } from './endpoint.ts';
import type { GuardedEndpoint } from './endpoint.ts';

const boto3 = debianPython('python3-boto3', 'boto3');

const prelude = `
import json, sys, urllib.request, boto3
from botocore.config import Config
from botocore.exceptions import ClientError
def client(service, key='SHOPKEY', secret=sys.argv[2]):
    return boto3.client(service, endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id=key,
                        aws_secret_access_key=secret, config=Config(retries={'max_attempts': 0}))
def refusal(call):
    try:
        call()
    except ClientError as error:
        return [error.response['Error']['Code'], error.response['ResponseMetadata']['HTTPStatusCode']]
`;

describe.skipIf(!boto3.present)('boto3', () => {
  let endpoint: GuardedEndpoint;
  beforeAll(async () => {
    endpoint = await guardedEndpoint();
  });
  afterAll(() => endpoint[Symbol.asyncDispose]());

  async function run(script: string): Promise<unknown> {
    const environment = { PATH: '/usr/bin:/bin', AWS_EC2_METADATA_DISABLED: 'true' };
    const parameters = ['-c', prelude + script, endpoint.url, secretOf('SHOPKEY')];
    const { stdout } = await promisify(execFile)(boto3.path, parameters, { env: environment });
    return JSON.parse(stdout);
  }

  it('is let in with the right secret', async () => {
    const result = await run(`
sqs = client('sqs')
url = sqs.create_queue(QueueName='boto3')['QueueUrl']
sqs.send_message(QueueUrl=url, MessageBody='é <&> + %20')
body = sqs.receive_message(QueueUrl=url)['Messages'][0]['Body']
kinesis = client('kinesis')
kinesis.create_stream(StreamName='s', ShardCount=1)
topic = client('sns').create_topic(Name='news')['TopicArn']
print(json.dumps([body, kinesis.list_streams()['StreamNames'], topic]))
`);
    expect(result).toEqual(['é <&> + %20', ['s'], 'arn:aws:sns:us-east-1:111122223333:news']);
  });

  it('is refused with another', async () => {
    const result = await run(`
print(json.dumps([
    refusal(lambda: client('sqs', secret='guessed').list_queues()),
    refusal(lambda: client('sns', secret='guessed').list_topics()),
    refusal(lambda: client('kinesis', secret='guessed').list_streams()),
    refusal(lambda: client('sqs', key='NOBODY').list_queues()),
    refusal(lambda: client('kinesis', key='NOBODY').list_streams())]))
`);
    expect(result).toEqual([
      ['SignatureDoesNotMatch', 403],
      ['SignatureDoesNotMatch', 403],
      ['InvalidSignatureException', 400],
      ['InvalidClientTokenId', 403],
      ['UnrecognizedClientException', 400],
    ]);
  });

  it('presigns URLs that are good', async () => {
    const result = await run(`
url = client('sqs').generate_presigned_url('list_queues', Params={'QueueNamePrefix': 'a b+c/ü~'}, ExpiresIn=60, HttpMethod='GET')
answer = urllib.request.urlopen(url)
print(json.dumps([answer.status, '<ListQueuesResponse' in answer.read().decode()]))
`);
    expect(result).toEqual([200, true]);
  });
});
