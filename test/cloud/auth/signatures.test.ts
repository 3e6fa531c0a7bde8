// Signature Version 4 against what AWS published: requests of its test suite, with the signatures that it gives for them.

import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { root } from '../../../broker/cloud/auth/caller.ts';
import { SignatureRefused } from '../../../broker/cloud/auth/refusals.ts';
import { Signatures } from '../../../broker/cloud/auth/signatures.ts';

const time = '20150830T123600Z';
const at = Date.parse('2015-08-30T12:36:00Z');
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const host = ['Host', 'example.amazonaws.com'];
const date = ['X-Amz-Date', time];
const form = ['Content-Type', 'application/x-www-form-urlencoded'];
const unreserved = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

interface Vector {
  readonly name: string;
  readonly method?: string;
  readonly target: string;
  readonly headers?: readonly string[];
  readonly signed?: string;
  readonly body?: string;
  readonly signature: string;
}

const vanilla = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';

const vectors: readonly Vector[] = [
  { name: 'get-vanilla', target: '/', signature: vanilla },
  { name: 'get-relative', target: '/example/..', signature: vanilla },
  { name: 'get-relative-relative', target: '/example1/example2/../..', signature: vanilla },
  { name: 'get-slash', target: '//', signature: vanilla },
  { name: 'get-slash-dot-slash', target: '/./', signature: vanilla },
  {
    name: 'get-space',
    target: '/example space/',
    signature: '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
  },
  {
    name: 'get-utf8',
    target: '/\u1234',
    signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  },
  {
    name: 'get-unreserved',
    target: `/${unreserved}`,
    signature: '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  },
  {
    name: 'get-vanilla-empty-query-key',
    target: '/?Param1=value1',
    signature: 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
  },
  {
    name: 'get-vanilla-query-order-key-case',
    target: '/?Param2=value2&Param1=value1',
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  {
    name: 'get-vanilla-query-unreserved',
    target: `/?${unreserved}=${unreserved}`,
    signature: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  },
  {
    name: 'post-vanilla',
    method: 'POST',
    target: '/',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-vanilla-query',
    method: 'POST',
    target: '/?Param1=value1',
    signature: '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
  },
  {
    name: 'post-header-value-case',
    method: 'POST',
    target: '/',
    headers: ['My-Header1', 'VALUE1'],
    signed: 'host;my-header1;x-amz-date',
    signature: 'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
  },
  {
    name: 'get-header-key-duplicate',
    target: '/',
    headers: ['My-Header1', 'value2', 'My-Header1', 'value2', 'My-Header1', 'value1'],
    signed: 'host;my-header1;x-amz-date',
    signature: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  },
  {
    name: 'get-header-value-trim',
    target: '/',
    headers: ['My-Header1', ' value1', 'My-Header2', ' "a   b   c"'],
    signed: 'host;my-header1;my-header2;x-amz-date',
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  {
    name: 'post-x-www-form-urlencoded',
    method: 'POST',
    target: '/',
    headers: form,
    signed: 'content-type;host;x-amz-date',
    body: 'Param1=value1',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
];

function signatures(now = at, sessionToken?: string): Signatures {
  const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey, sessionToken, caller: root('123456789012') };
  return new Signatures([key], { now: () => now, monotonic: () => now, after: () => ({ cancel: () => {} }) });
}

function request({ method = 'GET', target, headers = [], signed = 'host;x-amz-date', body = '', signature }: Vector) {
  const authorization =
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ` +
    `SignedHeaders=${signed}, Signature=${signature}`;
  const rawHeaders = [...host, ...date, ...headers, 'Authorization', authorization];
  return { method, target, rawHeaders, body: Buffer.from(body) };
}

describe('the published suite', () => {
  it.each(vectors)('$name', (vector) => {
    expect(signatures().verify(request(vector), 'service')).toMatchObject({
      accessKeyId: 'AKIDEXAMPLE',
      region: 'us-east-1',
      caller: { account: '123456789012', kind: 'root' },
    });
  });

  it.each(vectors)('$name with another body is refused', (vector) => {
    const changed = { ...request(vector), body: Buffer.from('x') };
    expect(() => signatures().verify(changed, 'service')).toThrow(/signature we calculated does not match/);
  });

  it('post-sts-header-before: the token is signed, and has to be the one that came with the key', () => {
    const token =
      'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwt' +
      'hAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVX' +
      'AkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';
    const vector = {
      name: '',
      method: 'POST',
      target: '/',
      headers: ['X-Amz-Security-Token', token],
      signed: 'host;x-amz-date;x-amz-security-token',
      signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    };
    expect(signatures(at, token).verify(request(vector), 'service')).toBeDefined();
    const unknown = 'The security token included in the request is invalid.';
    expect(() => signatures(at, 'another').verify(request(vector), 'service')).toThrow(unknown);
    expect(() => signatures(at).verify(request(vector), 'service')).toThrow(unknown);
  });
});

describe('time', () => {
  const vector = vectors[0]!;
  const minutes = 60_000;

  it.each([-15 * minutes, 0, 15 * minutes])('%d ms apart is near enough', (apart) => {
    expect(signatures(at + apart).verify(request(vector), 'service')).toBeDefined();
  });

  it('too late says so', () => {
    expect(() => signatures(at + 15 * minutes + 1000).verify(request(vector), 'service')).toThrow(
      'Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)',
    );
  });

  it('too early says so', () => {
    expect(() => signatures(at - 15 * minutes - 1000).verify(request(vector), 'service')).toThrow(
      'Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)',
    );
  });
});

describe('a claim', () => {
  const claim = (credential: string, signed = 'host', algorithm = 'AWS4-HMAC-SHA256') => ({
    method: 'GET',
    target: '/',
    rawHeaders: [
      ...host,
      ...date,
      'Authorization',
      `${algorithm} Credential=${credential}, SignedHeaders=${signed}, Signature=0`,
    ],
    body: Buffer.alloc(0),
  });
  const good = 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';

  it.each([
    ['four elements', claim('a/b/c/d'), /must have exactly 5 slash-delimited elements.*got 'a\/b\/c\/d'/],
    ['another algorithm', claim(good, 'host', 'AWS4-HMAC-SHA25'), /^Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25'/],
    ['no host', claim(good, 'x-amz-date'), "'Host' must be a 'SignedHeader' in the AWS Authorization."],
    [
      'another scope',
      claim('AKIDEXAMPLE/20150829/C/sqs/x'),
      "Credential should be scoped to a valid region, not 'C'. Credential should be scoped to correct service: 'service'. " +
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'x'. Date in Credential scope does not match " +
        "YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != '20150830', from '20150830T123600Z'.",
    ],
    ['an unknown key', claim('NOBODY/20150830/us-east-1/service/aws4_request'), /security token .* is invalid/],
    ['a date that is none', { ...claim(good), rawHeaders: claim(good).rawHeaders.toSpliced(3, 1, '201') }, /Got '201'/],
  ])('with %s is refused', (_what, made, message) => {
    expect(() => signatures().verify(made, 'service')).toThrow(message);
    expect(() => signatures().verify(made, 'service')).toThrow(SignatureRefused);
  });

  it('is not made by nothing, and half made by another scheme', () => {
    const bare = { method: 'GET', target: '/', rawHeaders: host, body: Buffer.alloc(0) };
    expect(signatures().verify(bare, 'service')).toBeUndefined();
    const other = { ...bare, rawHeaders: [...host, 'Authorization', 'Bearer abc'] };
    expect(() => signatures().verify(other, 'service')).toThrow(
      /^Authorization header requires 'Credential' parameter\./,
    );
  });

  it('is made once', () => {
    const both = { ...claim(good), target: '/?X-Amz-Algorithm=AWS4-HMAC-SHA256' };
    expect(() => signatures().verify(both, 'service')).toThrow(/^Found both 'X-Amz-Algorithm'/);
  });

  it('says what it lacks', () => {
    const half = { ...claim(good), rawHeaders: [...host, 'Authorization', 'AWS4-HMAC-SHA256 Credential=a'] };
    expect(() => signatures().verify(half, 'service')).toThrow(
      "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. " +
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " +
        'Authorization=AWS4-HMAC-SHA256 Credential=a',
    );
  });
});

describe('bad input', () => {
  const texts = oneof(
    string({ unit: 'binary', maxLength: 40 }),
    constantFrom(
      'AWS4-HMAC-SHA256',
      'Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request',
      time,
      '%',
      '%zz',
    ),
    constantFrom('SignedHeaders=host', 'Signature=0', 'X-Amz-Algorithm=', 'X-Amz-Date=', '&', '=', ';', ', ', '/../'),
  );
  const mangled = array(texts, { maxLength: 8 }).map((parts) => parts.join(''));
  // What a header and a target are made of, once they were read.
  const latin = mangled.map((text) => Buffer.from(text).toString('latin1'));

  it('is no signature, or a refused one', () => {
    assert(
      property(latin, latin, latin, (target, authorization, given) => {
        const rawHeaders = [...host, 'X-Amz-Date', given, 'Authorization', `AWS4-${authorization}`];
        for (const headers of [rawHeaders, rawHeaders.toSpliced(2, 2, ...date), host]) {
          const query = `/?X-Amz-Algorithm=AWS4-HMAC-SHA256&${target}`;
          for (const sent of [target, query]) {
            const made = { method: 'GET', target: sent, rawHeaders: headers, body: Buffer.alloc(0) };
            try {
              expect(signatures().verify(made, 'service')).toBeUndefined();
            } catch (error) {
              expect(error).toBeInstanceOf(SignatureRefused);
            }
          }
        }
      }),
      { numRuns: 2000, seed: 20_261_121 },
    );
  });
});
