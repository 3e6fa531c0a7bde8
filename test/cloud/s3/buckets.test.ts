// Buckets, by the AWS SDK: made, found, listed, deleted, and refused.

import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { refusalOf, s3Endpoint } from './endpoint.ts';

describe('a bucket', () => {
  it('is made, found, listed and deleted', async () => {
    await using endpoint = await s3Endpoint();
    const s3 = endpoint.client();
    for (const Bucket of ['two', 'one.with-dots']) await s3.send(new CreateBucketCommand({ Bucket }));
    expect(await s3.send(new CreateBucketCommand({ Bucket: 'two' }))).toMatchObject({
      Location: '/two',
      BucketArn: 'arn:aws:s3:::two',
    });
    const { Buckets, Owner } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name, BucketRegion, BucketArn }) => [Name, BucketRegion, BucketArn])).toEqual([
      ['one.with-dots', 'us-east-1', 'arn:aws:s3:::one.with-dots'],
      ['two', 'us-east-1', 'arn:aws:s3:::two'],
    ]);
    expect(Owner?.ID).toMatch(/^[\da-f]{64}$/);
    expect((await s3.send(new HeadBucketCommand({ Bucket: 'two' }))).BucketRegion).toBe('us-east-1');
    expect((await s3.send(new GetBucketLocationCommand({ Bucket: 'two' }))).LocationConstraint).toBeUndefined();
    await s3.send(new DeleteBucketCommand({ Bucket: 'two' }));
    expect(await refusalOf(s3.send(new HeadBucketCommand({ Bucket: 'two' })))).toEqual(['NotFound', 404]);
    expect(await refusalOf(s3.send(new DeleteBucketCommand({ Bucket: 'two' })))).toEqual(['NoSuchBucket', 404]);
  });

  it('is listed page by page', async () => {
    await using endpoint = await s3Endpoint();
    const s3 = endpoint.client();
    for (const Bucket of ['aaa', 'abb', 'bbb', 'abc']) await s3.send(new CreateBucketCommand({ Bucket }));
    const first = await s3.send(new ListBucketsCommand({ MaxBuckets: 2, Prefix: 'a' }));
    expect(first.Buckets?.map(({ Name }) => Name)).toEqual(['aaa', 'abb']);
    const next = new ListBucketsCommand({ MaxBuckets: 2, Prefix: 'a', ContinuationToken: first.ContinuationToken });
    const second = await s3.send(next);
    expect(second.Buckets?.map(({ Name }) => Name)).toEqual(['abc']);
    expect(second.ContinuationToken).toBeUndefined();
    const nowhere = s3.send(new ListBucketsCommand({ BucketRegion: 'eu-east-1' }));
    await expect(nowhere).rejects.toMatchObject({
      message: 'Argument value eu-east-1 is not a valid AWS Region',
      ArgumentName: 'bucket-region',
    });
  });

  it('is in the region that is asked for, and only there', async () => {
    await using endpoint = await s3Endpoint();
    const west = endpoint.client({ region: 'eu-west-1' });
    // The SDK names the region itself.
    await west.send(new CreateBucketCommand({ Bucket: 'western' }));
    expect((await west.send(new GetBucketLocationCommand({ Bucket: 'western' }))).LocationConstraint).toBe('eu-west-1');
    expect(await refusalOf(west.send(new CreateBucketCommand({ Bucket: 'western' })))).toEqual([
      'BucketAlreadyOwnedByYou',
      409,
    ]);
    const elsewhere = { LocationConstraint: 'eu-central-1' } as const;
    const command = new CreateBucketCommand({ Bucket: 'central', CreateBucketConfiguration: elsewhere });
    expect(await refusalOf(west.send(command))).toEqual(['IllegalLocationConstraintException', 400]);
    const { Location } = await endpoint.client().send(command);
    // An address has no hosts below it.
    expect(Location).toBe(`${endpoint.url}/central/`);
    const named = new CreateBucketCommand({ Bucket: 'old', CreateBucketConfiguration: { LocationConstraint: 'EU' } });
    await endpoint.client().send(named);
    const old = { Bucket: 'old' };
    expect(await endpoint.client().send(new GetBucketLocationCommand(old))).toMatchObject({ LocationConstraint: 'EU' });
    expect(await west.send(new HeadBucketCommand(old))).toMatchObject({ BucketRegion: 'eu-west-1' });
    const byName = endpoint.client({ region: 'eu-west-3', endpoint: `http://localhost:${endpoint.port}` });
    const made = await byName.send(new CreateBucketCommand({ Bucket: 'paris' }));
    expect(made.Location).toBe(`http://paris.localhost:${endpoint.port}/`);
    const first = new CreateBucketCommand({
      Bucket: 'eastern',
      CreateBucketConfiguration: { LocationConstraint: 'us-east-1' as 'us-east-2' },
    });
    expect(await refusalOf(west.send(first))).toEqual(['IllegalLocationConstraintException', 400]);
    expect(await refusalOf(endpoint.client().send(first))).toEqual(['InvalidLocationConstraint', 400]);
    const headers = {
      authorization:
        'AWS4-HMAC-SHA256 Credential=a/20261121/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0',
    };
    expect((await endpoint.ask('PUT', '/unsaid', { headers })).code).toBe('IllegalLocationConstraintException');
  });

  it('belongs to an account', async () => {
    await using endpoint = await s3Endpoint();
    const of = (accessKeyId: string) => endpoint.client({ credentials: { accessKeyId, secretAccessKey: 'x' } });
    await of('111122223333').send(new CreateBucketCommand({ Bucket: 'things' }));
    const again = of('444455556666').send(new CreateBucketCommand({ Bucket: 'things' }));
    expect(await refusalOf(again)).toEqual(['BucketAlreadyExists', 409]);
    expect((await of('444455556666').send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
    const expected = new HeadBucketCommand({ Bucket: 'things', ExpectedBucketOwner: '444455556666' });
    expect((await refusalOf(of('111122223333').send(expected)))[1]).toBe(403);
    const nobody = new GetBucketLocationCommand({ Bucket: 'things', ExpectedBucketOwner: 'me' });
    expect(await refusalOf(of('111122223333').send(nobody))).toEqual(['InvalidBucketOwnerAWSAccountID', 400]);
  });

  it.each([
    'ab',
    'Upper',
    'under_score',
    '-first',
    'last-',
    'two..dots',
    '192.168.1.1',
    'xn--a',
    'x-s3alias',
    'x'.repeat(64),
  ])('is not named %j', async (name) => {
    await using endpoint = await s3Endpoint();
    const headers = {
      authorization:
        'AWS4-HMAC-SHA256 Credential=a/20261121/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
    };
    const answer = await endpoint.ask('PUT', `/${name}`, { headers });
    expect([answer.code, answer.status]).toEqual(['InvalidBucketName', 400]);
  });

  it('is deleted only when it is empty, whatever uploads are under way', async () => {
    await using endpoint = await s3Endpoint();
    const s3 = endpoint.client();
    await s3.send(new CreateBucketCommand({ Bucket: 'things' }));
    await s3.send(new PutObjectCommand({ Bucket: 'things', Key: 'one', Body: '1' }));
    await s3.send(new CreateMultipartUploadCommand({ Bucket: 'things', Key: 'two' }));
    const remove = new DeleteBucketCommand({ Bucket: 'things' });
    expect(await refusalOf(s3.send(remove))).toEqual(['BucketNotEmpty', 409]);
    await s3.send(new DeleteObjectCommand({ Bucket: 'things', Key: 'one' }));
    await s3.send(remove);
    expect(await refusalOf(s3.send(new GetObjectCommand({ Bucket: 'things', Key: 'one' })))).toEqual([
      'NoSuchBucket',
      404,
    ]);
  });

  it('is put into by name of host too', async () => {
    await using endpoint = await s3Endpoint();
    const s3 = endpoint.client();
    await s3.send(new CreateBucketCommand({ Bucket: 'things' }));
    const { request } = await import('node:http');
    const statusOf = (host: string, method: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const options = { port: endpoint.port, host: '127.0.0.1', path: '/a/b', method, headers: { host } };
        const sent = request(options, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('error', reject);
        sent.end(method === 'PUT' ? 'body' : undefined);
      });
    expect(await statusOf('things.s3.localhost:4566', 'PUT')).toBe(200);
    expect(await statusOf('things.localhost:4566', 'GET')).toBe(200);
    expect(await statusOf('things.s3.eu-west-1.amazonaws.com', 'GET')).toBe(200);
    expect(await statusOf('other.s3.localhost', 'GET')).toBe(404);
    const got = await s3.send(new GetObjectCommand({ Bucket: 'things', Key: 'a/b' }));
    expect(await got.Body?.transformToString()).toBe('body');
  });

  it('has no versions, policies or tags: these are not implemented', async () => {
    await using endpoint = await s3Endpoint();
    const s3 = endpoint.client();
    await s3.send(new CreateBucketCommand({ Bucket: 'things' }));
    expect(await refusalOf(s3.send(new GetBucketVersioningCommand({ Bucket: 'things' })))).toEqual([
      'NotImplemented',
      501,
    ]);
    const tagged = new PutObjectCommand({ Bucket: 'things', Key: 'k', Body: 'b', Tagging: 'a=b' });
    expect(await refusalOf(s3.send(tagged))).toEqual(['NotImplemented', 501]);
    const open = new PutObjectCommand({ Bucket: 'things', Key: 'k', Body: 'b', ACL: 'public-read' });
    expect(await refusalOf(s3.send(open))).toEqual(['AccessControlListNotSupported', 400]);
  });
});
