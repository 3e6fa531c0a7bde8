// Spoiled requests of S3: whatever comes, the answer is an error of S3's or a closed connection, no file is left of it, and the
// next request is served. Spoiled documents: read, or not, and nothing else.

import { connect } from 'node:net';
import { crc32 } from 'node:zlib';
import { describe, expect } from 'vitest';
import { readXml } from '../../../broker/cloud/s3/wire/xml-document.ts';
import { silent } from '../../../broker/util/log.ts';
import { fuzzTest } from '../../support/fuzz.ts';
import { waitUntil } from '../../support/wait.ts';
import { Mutator } from '../mutation.ts';
import { s3Endpoint } from './endpoint.ts';

const sum = (body: string): string => Buffer.from(crc32(body).toString(16).padStart(8, '0'), 'hex').toString('base64');

function request(method: string, path: string, headers: readonly string[], body: string): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1:4566', ...headers, length, '', body].join('\r\n');
}

const remove = '<?xml version="1.0"?><Delete xmlns="x"><Object><Key>a&amp;b</Key></Object><Quiet>true</Quiet></Delete>';
const complete =
  '<CompleteMultipartUpload><Part><ETag>"0"</ETag><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>';
const pieces = `4\r\nbody\r\n3\r\nmor\r\n0\r\nx-amz-checksum-crc32:${sum('bodymor')}\r\n\r\n`;
const signed = `5;chunk-signature=${'a'.repeat(64)}\r\nhello\r\n0;chunk-signature=${'b'.repeat(64)}\r\n\r\n`;

/** One good request of each kind. */
const requests: readonly string[] = [
  request(
    'PUT',
    '/things/a%20key?x-id=PutObject',
    ['Content-Type: text/plain', `x-amz-checksum-crc32: ${sum('body')}`],
    'body',
  ),
  request('PUT', '/things/k', ['Content-MD5: hBotaJrYa9FhFEdFPCLG/A==', 'x-amz-meta-a: b', 'If-None-Match: *'], 'body'),
  request(
    'PUT',
    '/things/streamed',
    [
      'x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length: 7',
      'x-amz-trailer: x-amz-checksum-crc32',
      'content-encoding: aws-chunked',
    ],
    pieces,
  ),
  request(
    'PUT',
    '/things/signed',
    ['x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'x-amz-decoded-content-length: 5'],
    signed,
  ),
  request('PUT', '/things/copy', ['x-amz-copy-source: /things/there', 'x-amz-metadata-directive: REPLACE'], ''),
  request('GET', '/things/there', ['Range: bytes=1-3', 'If-None-Match: "0"', 'x-amz-checksum-mode: ENABLED'], ''),
  request('HEAD', '/things/there?partNumber=1', ['If-Modified-Since: Sat, 21 Nov 2026 10:00:00 GMT'], ''),
  request('GET', '/things?list-type=2&prefix=a&delimiter=%2F&max-keys=3&encoding-type=url&start-after=a', [], ''),
  request('GET', '/things?uploads&key-marker=a&upload-id-marker=b', [], ''),
  request('GET', '/things/k?uploadId=abc&part-number-marker=1&max-parts=2', [], ''),
  request('POST', '/things?delete', [`x-amz-checksum-crc32: ${sum(remove)}`], remove),
  request('POST', '/things/k?uploadId=abc', [], complete),
  request('POST', '/things/k?uploads', ['x-amz-checksum-algorithm: CRC64NVME', 'x-amz-checksum-type: FULL_OBJECT'], ''),
  request('DELETE', '/things/k', ['If-Match: "0"'], ''),
];

/** Sends the bytes, ends, and gives back what came until the other side closed. */
function send(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (received += text));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
    socket.end(bytes);
  });
}

describe('spoiled requests', () => {
  fuzzTest(
    'are answered, or their connection is closed, and leave no file',
    { cases: 6000, seed: 20_261_122, mostRounds: 10 },
    async ({ cases, seed }) => {
      const errors: unknown[] = [];
      const log = { ...silent, error: (told: unknown) => void errors.push(told), child: () => log };
      await using endpoint = await s3Endpoint({ log, limits: { headersMs: 500, idleMs: 200, stalledMs: 500 } });
      await endpoint.ask('PUT', '/things');
      await endpoint.ask('PUT', '/things/there', { body: 'there it is' });
      const mutator = new Mutator(seed);
      const statuses = new Map<string, number>();
      for (let round = 0; round < cases / 16; round++) {
        const batch = Array.from({ length: 16 }, () => mutator.mutate(Buffer.from(mutator.from(requests))));
        const answers = await Promise.all(batch.map((bytes) => send(endpoint.port, bytes)));
        for (const [index, answer] of answers.entries()) {
          const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? (answer === '' ? 'closed' : 'other');
          expect(status, batch[index]!.toString()).toMatch(
            /^(200|204|206|304|400|403|404|405|408|409|411|412|413|416|431|501|503|100|closed)$/,
          );
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }
      expect(errors).toEqual([]);
      for (const status of ['200', '206', '400', '404']) expect(statuses.get(status), status).toBeGreaterThan(20);
      // Each that there is has its object. What was cut off may be at work yet.
      await waitUntil(async () => {
        const listed = await endpoint.ask('GET', '/things?list-type=2');
        const count = Number(/<KeyCount>(\d+)/.exec(listed.text)?.[1]);
        return (await endpoint.files()).length === count;
      });
      expect((await endpoint.ask('GET', '/things/there')).status).toBe(200);
    },
  );
});

describe('spoiled documents', () => {
  fuzzTest('are read, or are none', { cases: 20_000, seed: 20_261_123 }, ({ cases, seed }) => {
    const mutator = new Mutator(seed);
    let readable = 0;
    for (let index = 0; index < cases; index++) {
      const text = mutator.mutate(Buffer.from(mutator.from([remove, complete]))).toString();
      if (readXml(text) !== undefined) readable++;
    }
    expect(readable).toBeGreaterThan(cases / 50);
    const started = performance.now();
    for (const long of [
      '<a>'.repeat(200_000),
      '<a b="'.repeat(100_000),
      '&'.repeat(500_000),
      `<a ${'b="c" '.repeat(100_000)}`,
    ]) {
      expect(readXml(long)).toBeUndefined();
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
