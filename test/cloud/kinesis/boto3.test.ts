// boto3 as Debian has it (JSON 1.1 over HTTP/1.1): it parses every answer by the service's model, and event streams too.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { debianPython } from '../../support/debian.ts';
import { account, kinesisEndpoint } from './endpoint.ts';

const boto3 = debianPython('python3-boto3', 'boto3');

const prelude = `
import json, sys, boto3, datetime
from botocore.config import Config
from botocore.exceptions import ClientError
kinesis = boto3.client('kinesis', endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='test',
                       aws_secret_access_key='test', config=Config(retries={'max_attempts': 0}))
def refusal(call):
    try:
        call()
    except ClientError as error:
        return [error.response['Error']['Code'], error.response['Error']['Message']]
def done(value):
    print(json.dumps(value, default=str))
`;

describe.skipIf(!boto3.present)('boto3', () => {
  async function run(script: string): Promise<unknown> {
    await using endpoint = await kinesisEndpoint();
    const { stdout } = await promisify(execFile)(boto3.path, ['-c', prelude + script, endpoint.url], {
      env: { PATH: '/usr/bin:/bin', AWS_EC2_METADATA_DISABLED: 'true' },
    });
    return JSON.parse(stdout);
  }

  it('creates, waits, puts, gets, scales and deletes', async () => {
    const result = await run(`
kinesis.create_stream(StreamName='s', ShardCount=2)
kinesis.get_waiter('stream_exists').wait(StreamName='s', WaiterConfig={'Delay': 1})
data = [('ünicödé 统一码 💣'.encode(), 'a'), (bytes(range(256)), 'b'), (b'', 'c')]
put = kinesis.put_records(StreamName='s', Records=[{'Data': d, 'PartitionKey': k} for d, k in data])
found = []
for shard in kinesis.list_shards(StreamName='s')['Shards']:
    iterator = kinesis.get_shard_iterator(StreamName='s', ShardId=shard['ShardId'], ShardIteratorType='AT_TIMESTAMP',
                                          Timestamp=datetime.datetime(2015, 1, 1))['ShardIterator']
    found += [(r['Data'], r['PartitionKey']) for r in kinesis.get_records(ShardIterator=iterator)['Records']]
kinesis.update_shard_count(StreamName='s', TargetShardCount=4, ScalingType='UNIFORM_SCALING')
count = kinesis.describe_stream_summary(StreamName='s')['StreamDescriptionSummary']['OpenShardCount']
page = kinesis.list_shards(StreamName='s', MaxResults=4)
pages = [len(page['Shards']), len(kinesis.list_shards(NextToken=page['NextToken'])['Shards'])]
missing = refusal(lambda: kinesis.describe_stream(StreamName='none'))
kinesis.delete_stream(StreamName='s')
kinesis.get_waiter('stream_not_exists').wait(StreamName='s', WaiterConfig={'Delay': 1})
done([put['FailedRecordCount'], sorted(found, key=lambda x: x[1]) == data, count, pages, missing])
`);
    expect(result).toEqual([
      0,
      true,
      4,
      [4, 2],
      ['ResourceNotFoundException', `Stream none under account ${account} not found.`],
    ]);
  });

  it('subscribes to a shard', async () => {
    const result = await run(`
kinesis.create_stream(StreamName='s', ShardCount=1)
arn = kinesis.describe_stream(StreamName='s')['StreamDescription']['StreamARN']
consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName='c')['Consumer']['ConsumerARN']
stream = kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId='shardId-000000000000',
                                    StartingPosition={'Type': 'TRIM_HORIZON'})['EventStream']
kinesis.put_records(StreamName='s', Records=[{'Data': f'Hello {i}', 'PartitionKey': '1'} for i in range(5)])
found = []
for event in stream:
    event = event['SubscribeToShardEvent']
    found += [r['Data'].decode() for r in event['Records']]
    if len(found) >= 5:
        break
done([found, event['MillisBehindLatest']])
`);
    expect(result).toEqual([['Hello 0', 'Hello 1', 'Hello 2', 'Hello 3', 'Hello 4'], 0]);
  });
});
