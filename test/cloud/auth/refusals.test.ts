// What is said to who signs badly, or not at all, on each wire; and to whom nothing has to be said.

import { CreateQueueCommand, ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../endpoint.ts';
import { accessKey, guardedEndpoint, other, region, shop } from './endpoint.ts';
import type { GuardedEndpoint, Signing } from './endpoint.ts';

let endpoint: GuardedEndpoint;
beforeAll(async () => {
  const temporary = { ...accessKey('TEMPORARY', shop), sessionToken: 'a token' };
  endpoint = await guardedEndpoint({ keys: [accessKey('SHOPKEY', shop), accessKey('OTHERKEY', other), temporary] });
});
afterAll(() => endpoint[Symbol.asyncDispose]());

const json10 = (action: string) => ({
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
  body: '{}',
});
const json11 = {
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Kinesis_20131202.ListStreams' },
  body: '{}',
};
const cbor = {
  headers: { 'content-type': 'application/x-amz-cbor-1.1', 'x-amz-target': 'Kinesis_20131202.ListStreams' },
  body: Buffer.from([0xa0]),
};
const form = (action: string, version: string) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: `Action=${action}&Version=${version}`,
});

const wires = [
  ['SQS in JSON', 'sqs', json10('ListQueues'), 403],
  ['SQS in XML', 'sqs', form('ListQueues', '2012-11-05'), 403],
  ['SNS in XML', 'sns', form('ListTopics', '2010-03-31'), 403],
  ['Kinesis in JSON', 'kinesis', json11, 400],
  ['Kinesis in CBOR', 'kinesis', cbor, 400],
] as const;

const day = 24 * 3_600_000;
const mistakes: readonly (readonly [
  what: string,
  type: string,
  code: string,
  message: RegExp,
  signing: Partial<Signing>,
  change: (headers: Record<string, string>) => void,
])[] = [
  [
    'no signature',
    'MissingAuthenticationTokenException',
    'MissingAuthenticationToken',
    // As the services say it that were on the Query wire, and as Kinesis does.
    /^(Request is missing|Missing) Authentication Token$/,
    {},
    (headers) => delete headers['authorization'],
  ],
  [
    'an unknown key',
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    /^The security token included in the request is invalid\.$/,
    { id: 'NOBODY' },
    () => {},
  ],
  [
    'a wrong secret',
    'InvalidSignatureException',
    'SignatureDoesNotMatch',
    /^The request signature we calculated does not match the signature you provided\. /,
    { secret: 'guessed' },
    () => {},
  ],
  [
    'a clock of yesterday',
    'InvalidSignatureException',
    'SignatureDoesNotMatch',
    /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/,
    { at: Date.now() - day },
    () => {},
  ],
];

describe.each(wires)('%s', (_wire, service, request, status) => {
  it.each(mistakes)('refuses %s', async (_what, type, code, message, signing, change) => {
    const answer = await endpoint.signed(request, { service, ...signing }, change);
    expect(answer.status).toBe(status);
    if (request === cbor) {
      expect(answer.text).toContain(type);
      return;
    }
    if (answer.text.startsWith('<')) {
      expect(textOf(answer.text, 'Code')).toBe(code);
      expect(textOf(answer.text, 'Message')).toMatch(message);
      return;
    }
    const body = JSON.parse(answer.text);
    expect(body.__type).toBe(service === 'sqs' ? `com.amazon.coral.service#${type}` : type);
    expect(body.message).toMatch(message);
    expect(answer.headers.get('x-amzn-query-error')).toBe(service === 'sqs' ? `${code};Sender` : null);
  });

  it('refuses half a signature with 400', async () => {
    const answer = await endpoint.signed(request, { service }, (headers) => {
      headers['authorization'] = 'AWS4-HMAC-SHA256 Credential=a';
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("Authorization header requires 'Signature' parameter. ");
  });

  it('refuses what is no signature at all as half of one', async () => {
    const answer = await endpoint.signed(request, { service }, (headers) => {
      headers['authorization'] = 'Bearer hello';
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Authorization=Bearer hello');
  });

  it('refuses a signature that was made for another service', async () => {
    const answer = await endpoint.signed(request, { service: 's3' });
    expect(answer.status).toBe(status);
    // Of services that go by the scope alone, it might be another's request.
    expect(answer.text).toContain('Credential should be scoped to correct service: ');
  });

  it('takes what is signed well', async () => {
    expect((await endpoint.signed(request, { service })).status).toBe(200);
  });

  it('takes temporary credentials with their token, and not without', async () => {
    expect((await endpoint.signed(request, { service, id: 'TEMPORARY', token: 'a token' })).status).toBe(200);
    expect((await endpoint.signed(request, { service, id: 'TEMPORARY', token: 'another' })).status).toBe(status);
    expect((await endpoint.signed(request, { service, id: 'TEMPORARY' })).status).toBe(status);
    expect((await endpoint.signed(request, { service, token: 'a token' })).status).toBe(status);
  });
});

describe('a signature', () => {
  it('covers the headers that it names', async () => {
    const signed = await endpoint.signed(json10('ListQueues'), { service: 'sqs' }, (headers) => {
      headers['x-amz-target'] = 'AmazonSQS.CreateQueue';
    });
    expect(signed.status).toBe(403);
  });

  it('may leave the body out, if it says so', async () => {
    const headers = { ...json10('ListQueues').headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const answer = await endpoint.signed({ headers, body: '{"MaxResults":1}' }, { service: 'sqs' });
    expect(answer.status).toBe(200);
  });

  it('says the account', async () => {
    const { QueueUrl: url } = await endpoint.sqs('OTHERKEY').send(new CreateQueueCommand({ QueueName: 'q' }));
    expect(url).toBe(`${endpoint.url}/${other}/q`);
    expect((await endpoint.sqs().send(new ListQueuesCommand({}))).QueueUrls).toBeUndefined();
  });

  it('is needed by nobody who follows a link of SNS', async () => {
    const topic = `arn:aws:sns:${region}:${shop}:none`;
    const response = await fetch(
      `${endpoint.url}/?Action=ConfirmSubscription&TopicArn=${topic}&Token=${'0'.repeat(64)}`,
    );
    expect(textOf(await response.text(), 'Code')).not.toBe('MissingAuthenticationToken');
  });

  it('lets in where anonymous callers are not', async () => {
    await using closed = await guardedEndpoint({ anonymous: false });
    await closed.sqs().send(new ListQueuesCommand({}));
    const unsigned = await closed.signed(json10('ListQueues'), { service: 'sqs' }, (headers) => {
      delete headers['authorization'];
    });
    expect(unsigned.status).toBe(403);
  });
});

describe('a presigned URL', () => {
  const list = { query: { Action: 'ListQueues', Version: '2012-11-05', QueueNamePrefix: 'a b+c/ü' } };

  it('is good as it is', async () => {
    const response = await fetch(await endpoint.presigned(list, { service: 'sqs' }));
    expect(await response.text()).toContain('<ListQueuesResponse');
    expect(response.status).toBe(200);
  });

  it('is good for the path of a queue', async () => {
    await endpoint.sqs().send(new CreateQueueCommand({ QueueName: 'presigned' }));
    const receive = { path: `/${shop}/presigned`, query: { Action: 'ReceiveMessage', Version: '2012-11-05' } };
    expect((await fetch(await endpoint.presigned(receive, { service: 'sqs' }))).status).toBe(200);
  });

  it('is not good with anything changed', async () => {
    const url = await endpoint.presigned(list, { service: 'sqs' });
    const response = await fetch(url.replace('ListQueues', 'ListDeadLetterSourceQueues'));
    expect(response.status).toBe(403);
    expect(textOf(await response.text(), 'Code')).toBe('SignatureDoesNotMatch');
  });

  it('expires when it says', async () => {
    const url = await endpoint.presigned(list, { service: 'sqs', at: Date.now() - 61_000, expiresIn: 60 });
    const response = await fetch(url);
    expect(response.status).toBe(400);
    expect(textOf(await response.text(), 'Code')).toBe('RequestExpired');
  });

  it('may be older than a quarter of an hour', async () => {
    const url = await endpoint.presigned(list, { service: 'sqs', at: Date.now() - 3_600_000, expiresIn: 7200 });
    expect((await fetch(url)).status).toBe(200);
  });

  it('brings its session token along', async () => {
    const signing = { service: 'sqs', id: 'TEMPORARY', token: 'a token' };
    expect((await fetch(await endpoint.presigned(list, signing))).status).toBe(200);
    const wrong = await fetch(await endpoint.presigned(list, { ...signing, token: 'another' }));
    expect(textOf(await wrong.text(), 'Code')).toBe('InvalidClientTokenId');
  });

  it.each(['0', '604801', 'x'])('lasts no %s seconds', async (seconds) => {
    const url = await endpoint.presigned(list, { service: 'sqs' });
    const response = await fetch(url.replace(/X-Amz-Expires=\d+/, `X-Amz-Expires=${seconds}`));
    expect(response.status).toBe(400);
    expect(textOf(await response.text(), 'Code')).toBe('IncompleteSignature');
  });
});
