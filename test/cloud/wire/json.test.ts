// The JSON wire on its own: what it reads, what it refuses and in which words, what it writes.

import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../broker/cloud/errors.ts';
import { operation } from '../../../broker/cloud/service.ts';
import type { Service } from '../../../broker/cloud/service.ts';
import { blob, boolean, integer, list, map, string, structure } from '../../../broker/cloud/shape.ts';
import { json10 } from '../../../broker/cloud/wire/json.ts';

const everything = structure({
  Text: string(),
  Number: integer(),
  Flag: boolean(),
  Bytes: blob(),
  List: list(string()),
  Map: map(string()),
  Typed: map(integer()),
  Inner: structure({ Text: string() }),
});

function parse(text: string): unknown {
  return json10.parse(everything, { body: Buffer.from(text), parameters: undefined });
}

function refusal(text: string): AwsError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
  throw new Error(`not refused: ${text}`);
}

describe('reading', () => {
  it('makes values of each kind', () => {
    const text =
      '{"Text":"é\\u0000","Number":-7,"Flag":false,"Bytes":"AP8=","List":["a","b"],"Map":{"x":"y"},"Inner":{"Text":"t"}}';
    expect(parse(text)).toEqual({
      Text: 'é\0',
      Number: -7,
      Flag: false,
      Bytes: Buffer.of(0, 255),
      List: ['a', 'b'],
      Map: new Map([['x', 'y']]),
      Inner: { Text: 't' },
    });
  });

  it.each([
    ['an empty body', '', {}],
    ['null members', '{"Text":null,"List":null,"Inner":null}', {}],
    ['null among the items of a list', '{"List":["a",null]}', { List: ['a'] }],
    ['null among the values of a map', '{"Map":{"a":null,"b":"c"}}', { Map: new Map([['b', 'c']]) }],
    ['unknown members', '{"Other":{"deep":[1]},"Text":"t"}', { Text: 't' }],
    ['a member whose name objects inherit', '{"constructor":"x","toString":1}', {}],
    ['a whole number written as a fraction', '{"Number":5.0}', { Number: 5 }],
    ['a fraction, truncated', '{"Number":5.9}', { Number: 5 }],
    ['a number beyond 32 bits, at the bound', '{"Number":1e99}', { Number: 2_147_483_647 }],
    [
      'numbers and booleans in a map of strings',
      '{"Map":{"a":400,"b":true}}',
      {
        Map: new Map([
          ['a', '400'],
          ['b', 'true'],
        ]),
      },
    ],
    ['the last of two members of the same name', '{"Text":"a","Text":"b"}', { Text: 'b' }],
  ])('takes %s', (_what, text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it('keeps a key that objects inherit as a key of a map', () => {
    expect(parse('{"Map":{"__proto__":"x","constructor":"y"}}')).toEqual({
      Map: new Map([
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ]),
    });
  });
});

describe('refusing', () => {
  it.each(['{', '[]', '"x"', 'null', '5', 'not json', '{"Text":"x"} trailing', '\u{FEFF}{'])(
    '%s has no message',
    (text) => {
      const { kind, message } = refusal(text);
      expect(kind).toMatchObject({
        type: 'com.amazon.coral.service#SerializationException',
        code: 'MalformedInput',
        status: 400,
      });
      expect(message).toBe('');
    },
  );

  const list_ = 'Start of list found where not expected';
  const object = 'Start of structure or map found where not expected.';
  it.each([
    ['{"Text":23}', 'NUMBER_VALUE can not be converted to a String'],
    ['{"Text":2.5}', 'DECIMAL_VALUE can not be converted to a String'],
    ['{"Text":true}', 'TRUE_VALUE can not be converted to a String'],
    ['{"Text":[]}', list_],
    ['{"Text":{}}', object],
    ['{"Number":"23"}', 'STRING_VALUE can not be converted to an Integer'],
    ['{"Number":false}', 'FALSE_VALUE can not be converted to an Integer'],
    ['{"Number":[]}', list_],
    ['{"Number":{}}', object],
    ['{"Flag":"true"}', 'STRING_VALUE can not be converted to a Boolean'],
    ['{"Bytes":5}', 'NUMBER_VALUE can not be converted to a Blob'],
    [
      '{"Bytes":"23456"}',
      "'23456' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5",
    ],
    ['{"Bytes":"=+/="}', "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='"],
    ['{"Bytes":"+/+="}', "'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected"],
    ['{"List":"a"}', 'Expected list or null'],
    ['{"List":{}}', object],
    ['{"List":[1]}', 'NUMBER_VALUE can not be converted to a String'],
    ['{"Map":"a"}', 'Expected map or null'],
    ['{"Map":[]}', list_],
    ['{"Map":{"a":[]}}', 'Unrecognized collection type class java.lang.String'],
    ['{"Map":{"a":{}}}', object],
    ['{"Typed":{"a":"1"}}', 'STRING_VALUE can not be converted to an Integer'],
    ['{"Inner":"a"}', 'Expected null'],
    ['{"Inner":[]}', list_],
  ])('%s says %s', (text, message) => {
    const error = refusal(text);
    expect(error.kind.type).toBe('com.amazon.coral.service#SerializationException');
    expect(error.message).toBe(message);
  });
});

describe('writing', () => {
  const service = { xmlNamespace: 'http://example.com/' } as Service;
  const act = operation('Act', structure({}), everything, async () => ({}));

  it('writes members in the order of the shape, and leaves out what is absent or empty', () => {
    const value = { Number: 5, Text: '"\u2028é', List: [], Map: new Map(), Bytes: Buffer.of(0, 255), Inner: {} };
    expect(json10.serialise(service, act, value, 'id')).toEqual({
      status: 200,
      contentType: 'application/x-amz-json-1.0',
      body: `{"Text":${JSON.stringify('"\u2028é')},"Number":5,"Bytes":"AP8=","Inner":{}}`,
    });
  });

  it('writes nothing for an operation without an answer', () => {
    expect(json10.serialise(service, { ...act, output: undefined }, undefined, 'id').body).toBe('');
  });

  it('writes a map in its own order', () => {
    const answer = json10.serialise(
      service,
      act,
      {
        Map: new Map([
          ['2', 'b'],
          ['1', 'a'],
        ]),
      },
      'id',
    );
    expect(answer.body).toBe('{"Map":{"2":"b","1":"a"}}');
  });
});
