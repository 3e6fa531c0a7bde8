// The AWS CLI and boto3 as Debian has them.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { debian, debianPython } from '../../support/debian.ts';
import { temporaryDirectory } from '../../support/engine-process.ts';
import { accessKey, secretOf, shop } from '../auth/endpoint.ts';
import { s3Endpoint } from './endpoint.ts';

const cli = debian('awscli', 'aws');
const boto3 = debianPython('python3-boto3', 'boto3');
const run = promisify(execFile);
const env = {
  PATH: '/usr/bin:/bin',
  AWS_ACCESS_KEY_ID: 'KEY',
  AWS_SECRET_ACCESS_KEY: secretOf('KEY'),
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};
const keys = [accessKey('KEY', shop)];

describe.skipIf(!cli.present)('the AWS CLI', () => {
  it('copies files there and back, small and in parts, lists and removes them', async () => {
    await using endpoint = await s3Endpoint({ keys });
    await using directory = await temporaryDirectory();
    const aws = async (...parameters: string[]): Promise<string> => {
      const { stdout } = await run(cli.path, ['--endpoint-url', endpoint.url, ...parameters], { env });
      return stdout;
    };
    const [small, large, back] = ['small ü.txt', 'large', 'back'].map((name) => join(directory.path, name)) as [
      string,
      string,
      string,
    ];
    const bytes = Buffer.alloc(20 * 1024 * 1024 + 17, 'large ');
    await writeFile(small, 'small');
    await writeFile(large, bytes);
    await aws('s3', 'mb', 's3://things');
    await aws('s3', 'cp', small, 's3://things/folder/', '--metadata', 'a=1');
    await aws('s3', 'cp', large, 's3://things/folder/large');
    expect(endpoint.accesses.some(({ outcome }) => outcome?.operation === 'CompleteMultipartUpload')).toBe(true);
    expect(await aws('s3', 'ls', 's3://things/folder/')).toMatch(/ 20971537 large\n.* 5 small ü\.txt\n/);
    await aws('s3', 'cp', 's3://things/folder/large', back);
    expect((await readFile(back)).equals(bytes)).toBe(true);
    await aws('s3', 'cp', 's3://things/folder/large', 's3://things/copy');
    const head: unknown = JSON.parse(
      await aws('s3api', 'head-object', '--bucket', 'things', '--key', 'folder/small ü.txt'),
    );
    expect(head).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' }, ContentLength: 5 });
    const url = (await aws('s3', 'presign', 's3://things/folder/small ü.txt')).trim();
    expect(await (await fetch(url)).text()).toBe('small');
    await aws('s3', 'rm', 's3://things', '--recursive');
    await aws('s3', 'rb', 's3://things');
    await expect(aws('s3', 'ls', 's3://things')).rejects.toThrow(
      'An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist',
    );
  }, 120_000);
});

const program = `
import boto3, hashlib, io, sys
from botocore.config import Config
from botocore.exceptions import ClientError
from boto3.s3.transfer import TransferConfig

s3 = boto3.client('s3', endpoint_url=sys.argv[1], config=Config(s3={'addressing_style': 'path'}))
s3.create_bucket(Bucket='things')
made = s3.put_object(Bucket='things', Key='a/ü b', Body=b'body', ContentType='text/plain', Metadata={'x': '1'})
assert made['ETag'] == '"%s"' % hashlib.md5(b'body').hexdigest(), made
got = s3.get_object(Bucket='things', Key='a/ü b')
assert got['Body'].read() == b'body' and got['ContentType'] == 'text/plain' and got['Metadata'] == {'x': '1'}
assert s3.get_object(Bucket='things', Key='a/ü b', Range='bytes=1-2')['Body'].read() == b'od'
large = b'0123456789' * 1200000
parts = TransferConfig(multipart_threshold=6 * 1024 * 1024, multipart_chunksize=5 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(large), 'things', 'large', Config=parts)
back = io.BytesIO()
s3.download_fileobj('things', 'large', back, Config=parts)
assert back.getvalue() == large
listed = s3.list_objects_v2(Bucket='things', Delimiter='/')
assert [one['Key'] for one in listed['Contents']] == ['large'], listed
assert listed['CommonPrefixes'] == [{'Prefix': 'a/'}]
assert s3.list_objects(Bucket='things', MaxKeys=1)['IsTruncated']
s3.put_object(Bucket='things', Key='checked', Body=b'body', ChecksumAlgorithm='SHA256')
s3.copy_object(Bucket='things', Key='copy', CopySource={'Bucket': 'things', 'Key': 'a/ü b'})
try:
    s3.get_object(Bucket='things', Key='none')
    raise SystemExit('found')
except s3.exceptions.NoSuchKey as error:
    assert error.response['Error']['Message'] == 'The specified key does not exist.'
try:
    s3.delete_bucket(Bucket='things')
    raise SystemExit('deleted')
except ClientError as error:
    assert error.response['Error']['Code'] == 'BucketNotEmpty'
keys = [{'Key': one['Key']} for one in s3.list_objects_v2(Bucket='things')['Contents']]
deleted = s3.delete_objects(Bucket='things', Delete={'Objects': keys})
assert len(deleted['Deleted']) == 4 and 'Errors' not in deleted, deleted
s3.delete_bucket(Bucket='things')
print('done')
`;

describe.skipIf(!boto3.present)('boto3', () => {
  it('puts, reads, lists, copies and deletes', async () => {
    await using endpoint = await s3Endpoint({ keys });
    const { stdout } = await run(boto3.path, ['-c', program, endpoint.url], { env });
    expect(stdout).toBe('done\n');
  }, 60_000);
});
