// Who may do what: signatures of requests, of URLs and of pieces of bodies; policies of users.

import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createHmac, hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../broker/util/clock.ts';
import { accessKey, secretOf, shop } from '../auth/endpoint.ts';
import { refusalOf, s3Endpoint } from './endpoint.ts';
import type { S3Endpoint } from './endpoint.ts';

const Bucket = 'things';
const allow = (Action: string | string[], Resource: string | string[], more: object = {}) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action, Resource, ...more },
});
const keys = [
  accessKey('ROOTKEY', shop),
  accessKey('READER', shop, 'reader', allow('s3:GetObject', `arn:aws:s3:::${Bucket}/open/*`)),
  accessKey(
    'LISTER',
    shop,
    'lister',
    allow(['s3:ListBucket'], `arn:aws:s3:::${Bucket}`, { Condition: { StringLike: { 's3:prefix': 'open/*' } } }),
    allow(['s3:DeleteObject', 's3:PutObject'], `arn:aws:s3:::${Bucket}/open/*`),
  ),
];

const as = (endpoint: S3Endpoint, id: string, secretAccessKey = secretOf(id)) =>
  endpoint.client({ credentials: { accessKeyId: id, secretAccessKey } });

async function guarded(iam: 'off' | 'enforce' = 'off'): Promise<S3Endpoint> {
  const endpoint = await s3Endpoint({ keys, iam });
  const s3 = as(endpoint, 'ROOTKEY');
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of ['open/a b+ü', 'closed/b']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  return endpoint;
}

describe('a signed request', () => {
  it('is let in with the right secret, whatever its path', async () => {
    await using endpoint = await guarded();
    const s3 = as(endpoint, 'ROOTKEY');
    for (const Key of ['a//b/../c', "x'(y)*!~z", 'é & ?=#']) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: Readable.from(['a', 'b']), ContentLength: 2 }));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      expect(await Body?.transformToString()).toBe('ab');
    }
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets).toMatchObject([{ Name: Bucket }]);
  });

  it('is refused in the words of S3', async () => {
    await using endpoint = await guarded();
    const list = new ListBucketsCommand({});
    expect(await refusalOf(as(endpoint, 'ROOTKEY', 'wrong').send(list))).toEqual(['SignatureDoesNotMatch', 403]);
    expect(await refusalOf(as(endpoint, 'NOBODY').send(list))).toEqual(['InvalidAccessKeyId', 403]);
    expect(await endpoint.ask('GET', `/${Bucket}/open/a`)).toMatchObject({ code: 'AccessDenied', status: 403 });
    const scope = 'Credential=ROOTKEY/20261121/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
    const headers = { authorization: `AWS4-HMAC-SHA256 ${scope}`, 'x-amz-date': '20200101T000000Z' };
    expect((await endpoint.ask('GET', '/', { headers })).code).toBe('RequestTimeTooSkewed');
    const half = { authorization: 'AWS4-HMAC-SHA256 Credential=a/20261121/us-east-1/s3/aws4_request' };
    expect((await endpoint.ask('GET', '/', { headers: half })).code).toBe('AuthorizationHeaderMalformed');
    const old = { authorization: 'AWS ROOTKEY:frJIUN8DYpKDtOLCwo//yllqDzg=' };
    expect((await endpoint.ask('GET', `/${Bucket}`, { headers: old })).code).toBe('InvalidRequest');
  });

  it('is refused with a body other than the signed one', async () => {
    await using endpoint = await guarded();
    const s3 = as(endpoint, 'ROOTKEY');
    s3.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: unknown };
        if (request.body === 'signed') request.body = 'other!';
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low', name: 'swap' },
    );
    const put = new PutObjectCommand({ Bucket, Key: 'k', Body: 'signed' });
    expect((await refusalOf(s3.send(put)))[1]).toBe(400);
    expect((await refusalOf(s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))))[0]).toBe('NoSuchKey');
  });
});

describe('a presigned URL', () => {
  it('is good for what it says, and as long', async () => {
    let later = 0;
    const clock = { ...systemClock, now: () => Date.now() + later };
    await using endpoint = await s3Endpoint({ keys, clock });
    const s3 = as(endpoint, 'ROOTKEY');
    await s3.send(new CreateBucketCommand({ Bucket }));
    const Key = 'a b/ü+(1)';
    const signingDate = new Date();
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key }), { expiresIn: 60, signingDate });
    const headers = { 'content-type': 'text/plain' };
    expect((await fetch(put, { method: 'PUT', body: 'body', headers })).status).toBe(200);
    const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60, signingDate });
    const got = await fetch(get);
    expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([200, 'text/plain', 'body']);
    expect((await fetch(get, { method: 'DELETE' })).status).toBe(403);
    expect(await (await fetch(get.replace('/things/a', '/things/b'))).text()).toContain('SignatureDoesNotMatch');
    const named = new GetObjectCommand({ Bucket, Key, ResponseContentType: 'text/html' });
    const asked = await fetch(await getSignedUrl(s3, named, { expiresIn: 60, signingDate }));
    expect(asked.headers.get('content-type')).toBe('text/html');
    later = 61_000;
    const late = await fetch(get);
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });
});

describe('a body in signed pieces', () => {
  const timestamp = (): string => `${new Date().toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const body = Buffer.alloc(20_000, 'piece ');

  /** As the AWS SDK for Java sends it; `spoil` changes what is sent. */
  async function send(endpoint: S3Endpoint, trailer: boolean, spoil: (sent: Buffer) => Buffer = (sent) => sent) {
    const at = timestamp();
    const scope = `${at.slice(0, 8)}/us-east-1/s3/aws4_request`;
    const key = ['us-east-1', 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secretOf('ROOTKEY')}`, at.slice(0, 8)));
    const payload = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer ? '-TRAILER' : ''}`;
    const signed: Record<string, string> = {
      host: `127.0.0.1:${endpoint.port}`,
      'x-amz-content-sha256': payload,
      'x-amz-date': at,
      'x-amz-decoded-content-length': String(body.length),
      ...(trailer ? { 'x-amz-trailer': 'x-amz-checksum-crc32' } : {}),
    };
    const names = Object.keys(signed).join(';');
    const head = Object.entries(signed)
      .map(([name, value]) => `${name}:${value}\n`)
      .join('');
    const canonical = `PUT\n/${Bucket}/pieces\n\n${head}\n${names}\n${payload}`;
    const seed = hmac(key, `AWS4-HMAC-SHA256\n${at}\n${scope}\n${hash('sha256', canonical, 'hex')}`).toString('hex');
    let previous = seed;
    const sign = (kind: string, digests: string): string => {
      previous = hmac(key, `AWS4-HMAC-SHA256-${kind}\n${at}\n${scope}\n${previous}\n${digests}`).toString('hex');
      return previous;
    };
    const pieces: Buffer[] = [];
    for (const piece of [body.subarray(0, 16_384), body.subarray(16_384), Buffer.alloc(0)]) {
      const signature = sign('PAYLOAD', `${hash('sha256', '', 'hex')}\n${hash('sha256', piece, 'hex')}`);
      const isLast = piece.length === 0;
      const end = isLast && trailer ? '' : '\r\n';
      pieces.push(
        Buffer.from(`${piece.length.toString(16)};chunk-signature=${signature}\r\n`),
        piece,
        Buffer.from(end),
      );
    }
    if (trailer) {
      const sum = Buffer.from(crc32(body).toString(16).padStart(8, '0'), 'hex').toString('base64');
      const field = `x-amz-checksum-crc32:${sum}`;
      const signature = sign('TRAILER', hash('sha256', `${field}\n`, 'hex'));
      pieces.push(Buffer.from(`${field}\r\nx-amz-trailer-signature:${signature}\r\n\r\n`));
    }
    const { host: _, ...headers } = signed;
    return endpoint.ask('PUT', `/${Bucket}/pieces`, {
      headers: {
        ...headers,
        'content-encoding': 'aws-chunked',
        authorization: `AWS4-HMAC-SHA256 Credential=ROOTKEY/${scope}, SignedHeaders=${names}, Signature=${seed}`,
      },
      body: spoil(Buffer.concat(pieces)),
    });
  }

  it.each([false, true])('is taken (with a trailer: %s)', async (trailer) => {
    await using endpoint = await guarded();
    expect((await send(endpoint, trailer)).status).toBe(200);
    const got = await as(endpoint, 'ROOTKEY').send(new GetObjectCommand({ Bucket, Key: 'pieces' }));
    expect(got.ContentEncoding).toBeUndefined();
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
  });

  it.each([
    [
      'another byte',
      (sent: Buffer) => Buffer.from(sent.toString('latin1').replace('piece', 'pIece'), 'latin1'),
      'SignatureDoesNotMatch',
    ],
    [
      'another signature',
      (sent: Buffer) => Buffer.from(sent.toString('latin1').replace(/signature=.{4}/, 'signature=0000'), 'latin1'),
      'SignatureDoesNotMatch',
    ],
    [
      'no signature',
      (sent: Buffer) => Buffer.from(sent.toString('latin1').replace(/;chunk-signature=\w+/, ''), 'latin1'),
      'IncompleteBody',
    ],
    ['an end that is missing', (sent: Buffer) => sent.subarray(0, -100), 'IncompleteBody'],
    [
      'another checksum',
      (sent: Buffer) => Buffer.from(sent.toString('latin1').replace(/crc32:..../, 'crc32:AAAA'), 'latin1'),
      'SignatureDoesNotMatch',
    ],
    [
      'no checksum',
      (sent: Buffer) => Buffer.from(sent.toString('latin1').replace(/x-amz-checksum-crc32.*\r\n/, ''), 'latin1'),
      'SignatureDoesNotMatch',
    ],
  ])('is refused with %s', async (_what, spoil, code) => {
    await using endpoint = await guarded();
    const answer = await send(endpoint, true, spoil);
    expect([answer.code, (await endpoint.files()).length]).toEqual([code, 2]);
  });
});

describe('a policy', () => {
  it('says what a user may read', async () => {
    await using endpoint = await guarded('enforce');
    const reader = as(endpoint, 'READER');
    const { Body } = await reader.send(new GetObjectCommand({ Bucket, Key: 'open/a b+ü' }));
    expect(await Body?.transformToString()).toBe('open/a b+ü');
    const denied = reader.send(new GetObjectCommand({ Bucket, Key: 'closed/b' }));
    await expect(denied).rejects.toThrow(
      'User: arn:aws:iam::111122223333:user/reader is not authorized to perform: s3:GetObject on resource: ' +
        'arn:aws:s3:::things/closed/b because no identity-based policy allows the s3:GetObject action',
    );
    const put = new PutObjectCommand({ Bucket, Key: 'open/c', Body: 'c' });
    expect(await refusalOf(reader.send(put))).toEqual(['AccessDenied', 403]);
    expect(await endpoint.ask('GET', `/${Bucket}/open/a`)).toMatchObject({ code: 'AccessDenied', status: 403 });
  });

  it('may ask for a prefix, and is asked about each object that is deleted', async () => {
    await using endpoint = await guarded('enforce');
    const lister = as(endpoint, 'LISTER');
    const listed = await lister.send(new ListObjectsV2Command({ Bucket, Prefix: 'open/' }));
    expect(listed.KeyCount).toBe(1);
    expect((await refusalOf(lister.send(new ListObjectsV2Command({ Bucket }))))[0]).toBe('AccessDenied');
    const Objects = [{ Key: 'open/a b+ü' }, { Key: 'closed/b' }];
    const { Deleted, Errors } = await lister.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toEqual([{ Key: 'open/a b+ü' }]);
    expect(Errors).toMatchObject([{ Key: 'closed/b', Code: 'AccessDenied' }]);
  });
});
