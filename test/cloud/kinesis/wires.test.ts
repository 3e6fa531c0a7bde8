import { connect as connectHttp2 } from 'node:http2';
import type { IncomingHttpHeaders } from 'node:http2';
import { ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { CborDecoder } from '../../../broker/cloud/wire/cbor-decoder.ts';
import { CborEncoder } from '../../../broker/cloud/wire/cbor-encoder.ts';
import { onlyAtItsOwn } from '../far-endpoint.ts';
import { exchange } from '../raw-http.ts';
import { isOwn } from '../target.ts';
import { account, kinesisEndpoint } from './endpoint.ts';
import type { KinesisEndpoint } from './endpoint.ts';

const cbor = 'application/x-amz-cbor-1.1';
const json = 'application/x-amz-json-1.1';

/** A structure of texts, numbers and bytes. */
function encode(input: Readonly<Record<string, string | number | Buffer>>): Buffer {
  const encoder = new CborEncoder();
  const members = Object.entries(input);
  encoder.map(members.length);
  for (const [name, value] of members) {
    encoder.text(name);
    if (typeof value === 'string') encoder.text(value);
    else if (typeof value === 'number') encoder.integer(value);
    else encoder.bytes(value);
  }
  return encoder.take();
}

async function post(
  endpoint: KinesisEndpoint,
  headers: Record<string, string>,
  body: string | Buffer,
): Promise<{ readonly status: number; readonly headers: Headers; readonly bytes: Buffer }> {
  const response = await fetch(endpoint.url, { method: 'POST', headers, body: Uint8Array.from(Buffer.from(body)) });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

async function postCbor(
  endpoint: KinesisEndpoint,
  action: string,
  input: Parameters<typeof encode>[0],
): Promise<unknown> {
  const headers = { 'content-type': cbor, 'x-amz-target': `Kinesis_20131202.${action}` };
  const { headers: answered, bytes } = await post(endpoint, headers, encode(input));
  expect(answered.get('content-type')).toBe(cbor);
  return bytes.length === 0 ? undefined : new CborDecoder(bytes).whole();
}

describe('CBOR', () => {
  it('puts and gets records', async () => {
    await using endpoint = await kinesisEndpoint();
    expect(await postCbor(endpoint, 'CreateStream', { StreamName: 's', ShardCount: 1 })).toBeUndefined();
    const put = await postCbor(endpoint, 'PutRecord', {
      StreamName: 's',
      PartitionKey: 'k',
      Data: Buffer.from([0, 255]),
    });
    expect(put).toEqual(
      new Map([
        ['ShardId', 'shardId-000000000000'],
        ['SequenceNumber', expect.any(String)],
      ]),
    );
    const place = { StreamName: 's', ShardId: 'shardId-0', ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await endpoint.ok('GetShardIterator', place);
    const got = await postCbor(endpoint, 'GetRecords', { ShardIterator, Limit: 10 });
    const [record] = (got as Map<string, Map<string, unknown>[]>).get('Records') ?? [];
    expect(record?.get('Data')).toEqual(Buffer.from([0, 255]));
    const arrived = record?.get('ApproximateArrivalTimestamp');
    expect(Math.abs(Number(arrived) - Date.now())).toBeLessThan(10_000);
    expect(Number.isInteger(arrived)).toBe(true);
  });

  it('names exceptions', async () => {
    await using endpoint = await kinesisEndpoint();
    expect(await postCbor(endpoint, 'DescribeStream', { StreamName: 'none' })).toEqual(
      new Map([
        ['__type', 'ResourceNotFoundException'],
        ['message', `Stream none under account ${account} not found.`],
      ]),
    );
  });
});

describe('a request', () => {
  const target = { 'x-amz-target': 'Kinesis_20131202.ListStreams' };

  it('has ids', async () => {
    await using endpoint = await kinesisEndpoint();
    const { headers } = await endpoint.json('ListStreams', {});
    expect(headers.get('content-type')).toBe(json);
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(Buffer.from(headers.get('x-amz-id-2') ?? '', 'base64').length).toBe(72);
  });

  it.each([
    ['no body', { ...target, 'content-type': json }, '', 400, json, '{"__type":"SerializationException"}'],
    ['no JSON', { ...target, 'content-type': json }, 'hello', 400, json, '{"__type":"SerializationException"}'],
    ['a list', { ...target, 'content-type': json }, '[]', 400, json, '{"__type":"SerializationException"}'],
    [
      'a parameter of its type',
      { ...target, 'content-type': `  ${json} ; any` },
      'x',
      400,
      json,
      '{"__type":"SerializationException"}',
    ],
    [
      'an unknown operation',
      { 'x-amz-target': 'Kinesis_20131202.Whatever', 'content-type': json },
      '{}',
      400,
      json,
      '{"__type":"UnknownOperationException"}',
    ],
    ['another type', { ...target, 'content-type': 'text/plain' }, '{}', 404, null, '<UnknownOperationException/>\n'],
    [
      'an older type',
      { ...target, 'content-type': 'application/json' },
      '{}',
      404,
      'application/json',
      '{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}',
    ],
  ] as const)('with %s', async (_, headers, body, status, type, text) => {
    await using endpoint = await kinesisEndpoint();
    const answer = await post(endpoint, headers, body);
    expect([answer.status, answer.headers.get('content-type'), answer.bytes.toString()]).toEqual([status, type, text]);
  });

  it('that is empty is answered in CBOR', async () => {
    await using endpoint = await kinesisEndpoint();
    const answer = await post(endpoint, target, '');
    expect(answer.headers.get('content-type')).toBe(cbor);
    expect(new CborDecoder(answer.bytes).whole()).toEqual(new Map([['__type', 'SerializationException']]));
  });

  it('without a target is known by its signature', async () => {
    await using endpoint = await kinesisEndpoint();
    const authorization =
      'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=a, Signature=b';
    const answer = await post(endpoint, { authorization }, '');
    expect(new CborDecoder(answer.bytes).whole()).toEqual(new Map([['__type', 'UnknownOperationException']]));
    const got = await fetch(endpoint.url, { headers: { authorization } });
    expect([got.status, await got.text()]).toEqual([
      403,
      '<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n' +
        '</AccessDeniedException>\n',
    ]);
  });
});

describe('HTTP/2', () => {
  it('is spoken by the SDK, and HTTP/1.1 on the same port', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const answer = await endpoint.client().send(new ListStreamsCommand({}));
    expect(answer.StreamNames).toEqual(['s']);
    expect(answer.$metadata.extendedRequestId).toBeTypeOf('string');
  });

  it('carries many requests at once, and bodies of any size', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1, MaxRecordSizeInKiB: 10_240 });
    // What the client has on its way at once is bounded on its side, too.
    const session = connectHttp2(endpoint.url, { maxSessionMemory: 1000 });
    const send = (action: string, input: object): Promise<readonly [IncomingHttpHeaders, string]> =>
      new Promise((resolve, reject) => {
        const request = session.request({
          ':method': 'POST',
          'content-type': json,
          'x-amz-target': `Kinesis_20131202.${action}`,
        });
        let headers: IncomingHttpHeaders = {};
        let text = '';
        request.setEncoding('utf8');
        request.on('response', (answered) => (headers = answered));
        request.on('data', (chunk: string) => (text += chunk));
        request.on('end', () => resolve([headers, text]));
        request.on('error', reject);
        request.end(JSON.stringify(input));
      });
    const puts = Array.from({ length: 50 }, (_, i) =>
      send('PutRecord', {
        StreamName: 's',
        PartitionKey: String(i),
        Data: Buffer.alloc(i * 20_000).toString('base64'),
      }),
    );
    for (const [headers, text] of await Promise.all(puts)) {
      expect([headers[':status'], text]).toEqual([200, expect.stringContaining('SequenceNumber')]);
    }
    if (isOwn) {
      const [tooLarge] = await send('PutRecord', { StreamName: 's', Data: 'A'.repeat(17 * 1024 * 1024) });
      expect(tooLarge[':status']).toBe(413);
    }
    session.close();
  });

  it('ends sessions when the endpoint closes', async () => {
    onlyAtItsOwn('connections');
    const endpoint = await kinesisEndpoint();
    const session = connectHttp2(endpoint.url);
    await new Promise((resolve) => session.once('connect', resolve));
    const closed = new Promise((resolve) => session.once('close', resolve));
    await endpoint[Symbol.asyncDispose]();
    await closed;
  });

  it('survives what is no HTTP/2 after its preface', async () => {
    onlyAtItsOwn('connections');
    await using endpoint = await kinesisEndpoint();
    const garbage = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(1000, 0x7f)]);
    expect(await exchange(endpoint.port, garbage)).toBeTypeOf('string');
    expect((await endpoint.ok('ListStreams')).StreamNames).toEqual([]);
  });
});
