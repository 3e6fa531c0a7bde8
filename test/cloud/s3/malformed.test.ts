// What is no good request: an error of S3's, nothing left behind, and the connection still of use.

import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.ts';
import { closed, exchange, open } from '../raw-http.ts';
import { s3Endpoint } from './endpoint.ts';
import type { Answer, S3Endpoint } from './endpoint.ts';

async function withBucket(): Promise<S3Endpoint> {
  const endpoint = await s3Endpoint();
  await endpoint.ask('PUT', '/things');
  return endpoint;
}

function put(headers: Record<string, string>, body: string | Buffer = 'body'): (s3: S3Endpoint) => Promise<Answer> {
  return (endpoint) => endpoint.ask('PUT', '/things/k', { headers, body });
}

const streamed = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'content-encoding': 'aws-chunked' };
const four = { ...streamed, 'x-amz-decoded-content-length': '4', 'x-amz-trailer': 'x-amz-checksum-crc32' };

describe('a body', () => {
  it.each([
    ['another MD5', put({ 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }), 400, 'BadDigest'],
    ['no MD5', put({ 'content-md5': 'hello' }), 400, 'InvalidDigest'],
    ['another SHA-256', put({ 'x-amz-content-sha256': '0'.repeat(64) }), 400, 'XAmzContentSHA256Mismatch'],
    ['no SHA-256', put({ 'x-amz-content-sha256': 'hello' }), 400, 'InvalidArgument'],
    [
      'a signature of keys that are not shared',
      put({ 'x-amz-content-sha256': 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' }),
      501,
      'NotImplemented',
    ],
    ['another checksum', put({ 'x-amz-checksum-crc32': 'AAAAAA==' }), 400, 'BadDigest'],
    ['a checksum that is too long', put({ 'x-amz-checksum-crc32': 'AAAAAAAAAAA=' }), 400, 'InvalidRequest'],
    ['a checksum that nobody knows', put({ 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' }), 501, 'NotImplemented'],
    [
      'two checksums',
      put({ 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-crc32c': 'AAAAAA==' }),
      400,
      'InvalidRequest',
    ],
    ['a checksum that is announced', put({ 'x-amz-sdk-checksum-algorithm': 'CRC32' }), 400, 'InvalidRequest'],
    ['too much metadata', put({ 'x-amz-meta-a': 'x'.repeat(2048) }), 400, 'MetadataTooLarge'],
    ['a storage class that is slow', put({ 'x-amz-storage-class': 'GLACIER' }), 400, 'InvalidStorageClass'],
    ['encryption of another kind', put({ 'x-amz-server-side-encryption': 'rot13' }), 400, 'InvalidArgument'],
    ['a key of its own', put({ 'x-amz-server-side-encryption-customer-key': 'x' }), 501, 'NotImplemented'],
    [
      'pieces of no length',
      put({ ...four, 'x-amz-decoded-content-length': '' }, '0\r\n\r\n'),
      411,
      'MissingContentLength',
    ],
    ['pieces that are none', put(four, 'hello'), 400, 'IncompleteBody'],
    ['a piece that is short', put(four, '8\r\nbody'), 400, 'IncompleteBody'],
    ['a piece without an end', put(four, '4\r\nbody0\r\n\r\n'), 400, 'IncompleteBody'],
    [
      'more than was announced',
      put(four, '5\r\nbody!\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'),
      400,
      'IncompleteBody',
    ],
    [
      'less than was announced',
      put(four, '3\r\nbod\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'),
      400,
      'IncompleteBody',
    ],
    ['a piece of endless length', put(four, `${'f'.repeat(16)}\r\n`), 400, 'IncompleteBody'],
    ['a head without an end', put(four, 'x'.repeat(10_000)), 400, 'IncompleteBody'],
    [
      'another checksum behind it',
      put(four, '4\r\nbody\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'),
      400,
      'BadDigest',
    ],
    ['no checksum behind it', put(four, '4\r\nbody\r\n0\r\n\r\n'), 400, 'MalformedTrailerError'],
    ['a trailer that is none', put(four, '4\r\nbody\r\n0\r\nhello\r\n\r\n'), 400, 'MalformedTrailerError'],
    [
      'something behind the trailer',
      put(four, '4\r\nbody\r\n0\r\nx-amz-checksum-crc32:Yf9lQQ==\r\n\r\nmore'),
      400,
      'IncompleteBody',
    ],
  ] as const)('with %s is refused', async (_what, ask, status, code) => {
    await using endpoint = await withBucket();
    const answer = await ask(endpoint);
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect((await endpoint.ask('GET', '/things/k')).code).toBe('NoSuchKey');
    await waitUntil(async () => (await endpoint.files()).length === 0);
  });

  it('of more than 5 GiB is refused before it is read', async () => {
    await using endpoint = await withBucket();
    const answer = await exchange(
      endpoint.port,
      'PUT /things/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5368709121\r\n\r\n',
    );
    expect(answer).toContain('HTTP/1.1 400');
    expect(answer).toContain('<Code>EntityTooLarge</Code>');
    expect(answer).toContain('<MaxSizeAllowed>5368709120</MaxSizeAllowed>');
  });

  it('without a length is refused', async () => {
    await using endpoint = await withBucket();
    expect(await exchange(endpoint.port, 'PUT /things/k HTTP/1.1\r\nHost: x\r\n\r\n')).toContain(
      '<Code>MissingContentLength</Code>',
    );
    const chunked = 'PUT /things/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n';
    expect(await exchange(endpoint.port, chunked)).toContain('<Code>NotImplemented</Code>');
  });

  it('whose sender goes leaves nothing', async () => {
    await using endpoint = await withBucket();
    const socket = await open(endpoint.port);
    socket.write(`PUT /things/k HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(100_000)}`);
    await waitUntil(async () => (await endpoint.files()).length === 1);
    const gone = closed(socket);
    socket.destroy();
    await gone;
    await waitUntil(async () => (await endpoint.files()).length === 0);
    expect((await endpoint.ask('GET', '/things/k')).code).toBe('NoSuchKey');
  });

  it('that nobody wants does not end the connection', async () => {
    await using endpoint = await withBucket();
    const socket = await open(endpoint.port);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const body = 'x'.repeat(300_000);
    socket.write(`PUT /none/k HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    socket.write('PUT /things/k HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody');
    await waitUntil(() => text.includes('HTTP/1.1 200 OK'));
    expect(text).toContain('<Code>NoSuchBucket</Code>');
    socket.destroy();
  });
});

describe('a path', () => {
  it.each([
    ['/things/%ff', 'InvalidURI'],
    [`/things/${'x'.repeat(1025)}`, 'KeyTooLongError'],
    ['/things/%E0%A4%A', 'InvalidURI'],
    ['/no..bucket/k', 'InvalidBucketName'],
    ['/none/k', 'NoSuchBucket'],
    ['/things/k?versionId=3', 'NotImplemented'],
    ['/things/k?acl', 'NotImplemented'],
    ['/things?policy', 'NotImplemented'],
    ['/things/k?partNumber=0', 'NoSuchKey'],
    ['/things/k?uploadId=..', 'NoSuchUpload'],
  ])('%s is refused with %s', async (path, code) => {
    await using endpoint = await withBucket();
    const answer = await exchange(endpoint.port, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(/<Code>([^<]*)/.exec(answer)?.[1]).toBe(code);
  });

  it('that climbs names a key, and no file', async () => {
    await using endpoint = await withBucket();
    const climb = '/things/../../../../etc/%2e%2e/passwd';
    const request = `PUT ${climb} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody`;
    expect(await exchange(endpoint.port, request)).toContain('HTTP/1.1 200 OK');
    const listed = await endpoint.ask('GET', '/things?list-type=2');
    expect(listed.text).toContain('<Key>../../../../etc/../passwd</Key>');
  });

  it('has no method of another kind', async () => {
    await using endpoint = await withBucket();
    expect(await endpoint.ask('PATCH', '/things/k', { body: 'x' })).toMatchObject({
      status: 405,
      code: 'MethodNotAllowed',
    });
    const form = { 'content-type': 'multipart/form-data; boundary=x' };
    expect(await endpoint.ask('POST', '/things', { headers: form, body: 'x' })).toMatchObject({
      status: 501,
      code: 'NotImplemented',
    });
  });

  it('of another service stays with it', async () => {
    await using endpoint = await withBucket();
    expect((await endpoint.ask('GET', '/000000000000/queue')).text).toContain('UnknownOperationException');
    expect((await endpoint.ask('GET', '/')).text).toContain('UnknownOperationException');
    expect((await endpoint.ask('GET', '/?Action=ListQueues&Version=2012-11-05')).text).toContain('ListQueuesResponse');
    expect((await endpoint.ask('POST', '/', { body: 'Action=ListQueues' })).text).toContain('ListQueuesResponse');
  });
});

describe('a document', () => {
  const checked = { 'x-amz-checksum-crc32': '' };
  const remove = async (endpoint: S3Endpoint, body: string): Promise<Answer> => {
    const { crc32 } = await import('node:zlib');
    const sum = Buffer.from(crc32(body).toString(16).padStart(8, '0'), 'hex').toString('base64');
    return endpoint.ask('POST', '/things?delete', { headers: { ...checked, 'x-amz-checksum-crc32': sum }, body });
  };

  it.each([
    ['none', ''],
    ['text', 'hello'],
    ['another', '<Other/>'],
    ['not closed', '<Delete><Object>'],
    ['crossed', '<Delete><Object><Key>a</Object></Key></Delete>'],
    ['two', '<Delete/><Delete/>'],
    ['an entity of its own', '<!DOCTYPE Delete [<!ENTITY a "b">]><Delete><Object><Key>&a;</Key></Object></Delete>'],
    ['an entity that is not there', '<Delete><Object><Key>&a;</Key></Object></Delete>'],
    ['too deep', `<Delete>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</Delete>`],
    ['without objects', '<Delete><Quiet>true</Quiet></Delete>'],
    ['with too many', `<Delete>${'<Object><Key>a</Key></Object>'.repeat(1001)}</Delete>`],
  ])('that is %s is refused', async (_what, body) => {
    await using endpoint = await withBucket();
    const answer = await remove(endpoint, body);
    expect([answer.status, answer.code]).toEqual([400, 'MalformedXML']);
  });

  it('is read with its entities, comments and namespaces', async () => {
    await using endpoint = await withBucket();
    const body =
      '\uFEFF<?xml version="1.0"?>\n<!-- all --><s3:Delete xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/">' +
      "<Object a='b'><Key>&lt;&#x41;&#66;&amp;<![CDATA[<c>]]></Key></Object></s3:Delete>";
    expect((await remove(endpoint, body)).text).toContain('<Key>&lt;AB&amp;&lt;c&gt;</Key>');
  });

  it('without a checksum deletes nothing', async () => {
    await using endpoint = await withBucket();
    const body = '<Delete><Object><Key>a</Key></Object></Delete>';
    expect(await endpoint.ask('POST', '/things?delete', { body })).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
  });
});

describe('a reader', () => {
  it('who goes before, or while, it is answered holds no file', async () => {
    await using endpoint = await withBucket();
    await endpoint.ask('PUT', '/things/k', { body: Buffer.alloc(4 * 1024 * 1024) });
    for (let index = 0; index < 20; index++) {
      const socket = await open(endpoint.port);
      const gone = closed(socket);
      socket.write('GET /things/k HTTP/1.1\r\nHost: x\r\n\r\n');
      if (index % 2 === 0) socket.once('data', () => socket.destroy());
      else socket.destroy();
      await gone;
    }
    await endpoint.ask('DELETE', '/things/k');
    // It is removed once nobody reads it.
    await waitUntil(async () => (await endpoint.files()).length === 0);
  });
});
