// The bytes that newer boto3 sends, and the bytes of the answers: status, headers, and whole bodies.

import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { exchange } from '../raw-http.ts';
import { isOwn, target } from '../target.ts';
import type { Target } from '../target.ts';
import { after, before, boto3Requests } from './boto3-requests.ts';
import type { Boto3Request } from './boto3-requests.ts';

const contentTypes = { sqs: 'application/x-amz-json-1.0', sns: 'text/xml', kinesis: 'application/x-amz-json-1.1' };
const long = 'x'.repeat(257);

function bytesOf({ service, headers, body }: Boto3Request, host: string): Buffer {
  const fill = (text: string): string =>
    text.replaceAll('{host}', host).replaceAll('{service}', service).replaceAll('{long}', long);
  const content = fill(body);
  const lines = [...before, ...headers, ...after, `Content-Length: ${Buffer.byteLength(content)}`, '', content];
  return Buffer.from(lines.map(fill).join('\r\n'));
}

/** Words in braces are patterns; all else stands for itself. */
function patternOf(answer: string, host: string): RegExp {
  const patterns: Readonly<Record<string, string>> = {
    uuid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
    base64: '[A-Za-z0-9+/]+=*',
    digits: '[0-9]{56}',
    host: escaped(host),
    long,
  };
  const source = answer.replace(/\{(\w+)\}|[^{]+|\{/g, (text, word?: string) => patterns[word ?? ''] ?? escaped(text));
  return new RegExp(`^${source}$`, 's');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

describe.skipIf(!isOwn)('boto3', () => {
  let aws: Target;
  beforeAll(async () => {
    aws = await target();
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  it.each(boto3Requests.map((request) => [request.what, request] as const))('%s', async (_, request) => {
    const { host, port } = new URL(aws.url!);
    // What comes off the socket is given as latin1.
    const text = Buffer.from(await exchange(Number(port), bytesOf(request, host)), 'latin1').toString();
    const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
    const [status = '', ...lines] = head.split('\r\n');
    expect(status).toMatch(new RegExp(`^HTTP/1\\.1 ${request.status} `));
    expect(body).toMatch(patternOf(request.answer, host));
    const headers = new Map(lines.map((line) => line.split(/: (.*)/s) as [string, string]));
    expect(headers.get('x-amzn-RequestId')).toMatch(patternOf('{uuid}', host));
    expect(headers.get('Content-Type')).toBe(contentTypes[request.service]);
    expect(headers.get('Content-Length')).toBe(String(Buffer.byteLength(body)));
    expect(headers.get('x-amzn-query-error')).toBe(request.queryError);
    expect(headers.has('x-amz-id-2')).toBe(request.service === 'kinesis');
    // The id of the request is the same wherever it is told.
    const told = /<RequestId>(.*)<\/RequestId>/.exec(body)?.[1];
    expect(told ?? headers.get('x-amzn-RequestId')).toBe(headers.get('x-amzn-RequestId'));
  });
});
