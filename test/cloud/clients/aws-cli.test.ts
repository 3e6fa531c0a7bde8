// The AWS CLI as Debian has it (the Query wire).

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { debian } from '../../support/debian.ts';
import { testEndpoint } from '../endpoint.ts';

const cli = debian('awscli', 'aws');

describe.skipIf(!cli.present)('the AWS CLI', () => {
  it('creates, sends, receives and deletes', async () => {
    await using endpoint = await testEndpoint();
    const env = {
      PATH: '/usr/bin:/bin',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const sqs = async (...parameters: string[]): Promise<Record<string, unknown>> => {
      const { stdout } = await promisify(execFile)(cli.path, ['--endpoint-url', endpoint.url, 'sqs', ...parameters], {
        env,
      });
      return stdout === '' ? {} : JSON.parse(stdout);
    };
    const { QueueUrl: url } = await sqs('create-queue', '--queue-name', 'q', '--attributes', 'VisibilityTimeout=60');
    expect(url).toBe(`${endpoint.url}/000000000000/q`);
    const queue = ['--queue-url', String(url)];
    const attributes = '{"color":{"DataType":"String","StringValue":"blue"}}';
    const sent = await sqs('send-message', ...queue, '--message-body', 'hällo', '--message-attributes', attributes);
    expect(sent['MD5OfMessageAttributes']).toBe('da1b33cc3cbfe8b1630921e78e6b9880');
    const { Messages } = (await sqs(
      'receive-message',
      ...queue,
      '--message-attribute-names',
      'All',
      '--attribute-names',
      'All',
    )) as {
      Messages: readonly { readonly Body: string; readonly ReceiptHandle: string; readonly MessageId: string }[];
    };
    expect(Messages).toMatchObject([
      {
        Body: 'hällo',
        MessageId: sent['MessageId'],
        MessageAttributes: { color: { StringValue: 'blue', DataType: 'String' } },
      },
    ]);
    await sqs('delete-message', ...queue, '--receipt-handle', Messages[0]!.ReceiptHandle);
    expect(await sqs('receive-message', ...queue)).toEqual({});
    await expect(sqs('get-queue-url', '--queue-name', 'nope')).rejects.toThrow(
      'An error occurred (AWS.SimpleQueueService.NonExistentQueue) when calling the GetQueueUrl operation: ' +
        'The specified queue does not exist for this wsdl version.',
    );
  }, 60_000);
});
