// Digests that AWS answered with (recorded from the service in 2024-2026), and those of its documentation.

import { describe, expect, it } from 'vitest';
import { md5OfAttributes, md5OfBody } from '../../../broker/cloud/sqs/md5.ts';
import type { DigestedAttribute } from '../../../broker/cloud/sqs/md5.ts';

function text(value: string, DataType = 'String'): DigestedAttribute {
  return { DataType, StringValue: value };
}

describe('MD5OfMessageBody', () => {
  it.each([
    ['hello', '5d41402abc4b2a76b9719d911017c592'],
    ['message', '78e731027d8fd50ed642340b7c9a63b3'],
    ['0', 'cfcd208495d565ef66e7dff9f98764da'],
  ])('of %s', (body, digest) => {
    expect(md5OfBody(body)).toBe(digest);
    expect(md5OfBody(Buffer.from(body))).toBe(digest);
  });

  it('is of the UTF-8 of the text', () => {
    expect(md5OfBody('hällo')).toBe(md5OfBody(Buffer.of(0x68, 0xc3, 0xa4, 0x6c, 0x6c, 0x6f)));
  });
});

describe('MD5OfMessageAttributes', () => {
  const greetings = new Map([
    ['Help.Me', text('Me')],
    ['Hello', text('There')],
    ['General', text('Kenobi')],
  ]);

  it.each([
    ['several of type String', greetings, '4c360f3fdafd970e05fae2f149d997f5'],
    ['one that was selected', new Map([['Hello', text('There')]]), 'a311262e065454b75da111d535b8dacd'],
    ['some that were selected', new Map([...greetings].slice(1)), 'fca026605781cb4126a1e9044df24232'],
    ['those with a prefix', new Map([...greetings].slice(0, 2)), '83fee93c1bcd8b9a5a923ffacdc636c7'],
    [
      'each of the three types',
      new Map([
        ['color', text('blue')],
        ['count', text('3', 'Number')],
        ['blob', { DataType: 'Binary', BinaryValue: Buffer.of(1, 2, 3) }],
      ]),
      'd838729972a4b70e2d2acd9d59ac847c',
    ],
    [
      'a custom type',
      new Map([['UserId', text('1234567890123456789012', 'Number.bigint')]]),
      '797ab158d73dcb5242dedc4412c8e855',
    ],
  ])('of %s', (_what, attributes, digest) => {
    expect(md5OfAttributes(attributes)).toBe(digest);
  });

  it('does not depend on the order in which they were sent', () => {
    expect(md5OfAttributes(new Map([...greetings].reverse()))).toBe('4c360f3fdafd970e05fae2f149d997f5');
  });

  it('is not there for none', () => {
    expect(md5OfAttributes(new Map())).toBeUndefined();
  });
});

it('MD5OfMessageSystemAttributes is made the same way', () => {
  expect(md5OfAttributes(new Map([['AWSTraceHeader', text('some-trace-id')]]))).toBe(
    'fdce4f2818803f2f73becc09a54792c0',
  );
});
