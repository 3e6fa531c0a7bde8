// Filter policies that are refused: the words, and the position at which the reader gives up, as AWS has been recorded.

import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../../broker/cloud/sns/model/filter-policy.ts';

function refusalOf(policy: object | string, scope: 'MessageAttributes' | 'MessageBody' = 'MessageAttributes'): string {
  try {
    compileFilter(typeof policy === 'string' ? policy : JSON.stringify(policy), scope);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
}

const at = (column: number): string =>
  `\n at [Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: 1, column: ${column}]`;

describe('recorded from AWS, 2024 to 2026', () => {
  it.each([
    [[['value']], `Match value must be String, number, true, false, or null${at(10)}`],
    [[{ 'wrong-operator': true }], `Unrecognized match type wrong-operator${at(31)}`],
    [[{ suffix: 'value', prefix: 'value2' }], `Only one key allowed in match expression${at(37)}`],
    [[], `Empty arrays are not allowed${at(10)}`],
    [[{ suffix: 100 }], `suffix match pattern must be a string${at(22)}`],
    [[{ suffix: null }], `suffix match pattern must be a string${at(23)}`],
    [{ suffix: 'value' }, `"suffix" must be an object or an array${at(19)}`],
    [[{ suffix: [] }], `suffix match pattern must be a string${at(20)}`],
    [[{ suffix: ['test', 'test2'] }], `suffix match pattern must be a string${at(20)}`],
    [{ 'not-an-operator': 'value' }, `"not-an-operator" must be an object or an array${at(28)}`],
    [[{ cidr: ['bad-filter'] }], `prefix match pattern must be a string${at(18)}`],
    [[{ cidr: 'bad-filter' }], "Malformed CIDR, one '/' required"],
    [[{ cidr: 'bad-filter/64' }], 'Nonstandard IP address: bad-filter'],
    [[{ cidr: 'bad-/64filter' }], 'Malformed CIDR, mask bits must be an integer'],
    [[{ cidr: 'xx.11.xx/8' }], 'Nonstandard IP address: xx.11.xx'],
    [[{ cidr: 'xxxx:db8:1234:1a00::/64' }], 'Nonstandard IP address: xxxx:db8:1234:1a00::'],
    [[{ numeric: [] }], `Invalid member in numeric match: ]${at(22)}`],
    [[{ numeric: ['operator'] }], `Unrecognized numeric range operator: operator${at(32)}`],
    [[{ numeric: [1, '<='] }], `Invalid member in numeric match: 1${at(22)}`],
    [[{ numeric: ['=', '000'] }], `Value of equals must be numeric${at(26)}`],
    [[{ numeric: ['>='] }], `Value of >= must be numeric${at(26)}`],
    [[{ numeric: ['<', 100, '>', 10] }], `Too many elements in numeric expression${at(30)}`],
    [[{ numeric: ['>=', 1, '>', 2] }], `Bad numeric range operator: >${at(31)}`],
    [[{ numeric: ['>', 3, '<', 1] }], `Bottom must be less than top${at(33)}`],
    [[{ numeric: ['>', 20, '<='] }], `Value of <= must be numeric${at(33)}`],
    [[{ numeric: ['>', 20, 30] }], `Bad value in numeric range: 30${at(30)}`],
    [[{ numeric: ['>', 20, 'test'] }], `Bad numeric range operator: test${at(34)}`],
    [[{ numeric: ['>', '20', '<', '30'] }], `Value of > must be numeric${at(26)}`],
    [[{ numeric: ['>', 20, '<', '30'] }], `Value of < must be numeric${at(33)}`],
    [[{ numeric: ['>', 20, '<', 30, '<', 50] }], `Too many terms in numeric range expression${at(36)}`],
    [[{ exists: null }], `exists match pattern must be either true or false.${at(23)}`],
    [[{ exists: 'no' }], `exists match pattern must be either true or false.${at(20)}`],
    [[{ 'anything-but': { 'wrong-operator': null } }], `Unsupported anything-but pattern: wrong-operator${at(47)}`],
    [[{ 'anything-but': { suffix: 'test' } }], `Unsupported anything-but pattern: suffix${at(36)}`],
    [[{ 'anything-but': { exists: false } }], `Unsupported anything-but pattern: exists${at(40)}`],
    [[{ 'anything-but': { prefix: false } }], `prefix match pattern must be a string${at(40)}`],
  ])('{"key":%j}', (key, refusal) => {
    expect(refusalOf({ key })).toBe(`FilterPolicy: ${refusal}`);
    // As Python and people write it: the position is the same.
    expect(refusalOf(JSON.stringify({ key }, undefined, 1))).toBe(`FilterPolicy: ${refusal}`);
  });

  it.each([
    ['{invalidjson}', `Unexpected character ('i' (code 105)): was expecting double-quote to start field name${at(2)}`],
    [
      'invalid-json',
      `Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')${at(8)}`,
    ],
  ])('%s', (text, refusal) => {
    expect(refusalOf(text)).toBe(`FilterPolicy: failed to parse JSON. ${refusal}`);
  });
});

describe('limits', () => {
  const values = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `value${index}`);

  it('150 combinations of values, each counted as deep as it lies', () => {
    expect(refusalOf({ key: values(150) })).toBe('accepted');
    expect(refusalOf({ key: values(151) })).toBe('FilterPolicy: Filter policy is too complex');
    expect(refusalOf({ key1: values(100), key2: values(51) })).toBe('FilterPolicy: Filter policy is too complex');
    const nested = { a: { b: { c: values(4) } }, d: { e: values(3) }, f: values(3) };
    expect(refusalOf(nested, 'MessageBody')).toBe('FilterPolicy: Filter policy is too complex');
  });

  it('five keys', () => {
    const keys = (count: number): object => Object.fromEntries(values(count).map((key) => [key, ['v']]));
    expect(refusalOf(keys(5))).toBe('accepted');
    expect(refusalOf(keys(6))).toBe('FilterPolicy: Filter policy can not have more than 5 keys');
  });

  it('alternatives are counted together', () => {
    const flat = (sources: number, spaces: number): object => ({
      source: values(sources),
      $or: [
        { metricName: values(6) },
        { metricType: values(4), $or: [{ metricId: [1, 2, 3, 4] }, { spaceId: values(spaces) }] },
      ],
    });
    expect(refusalOf(flat(4, 4))).toBe('FilterPolicy: Filter policy is too complex');
    expect(refusalOf(flat(3, 7))).toBe('accepted');
    const nested = {
      $or: [{ metricName: values(3) }, { namespace: values(2) }],
      detail: { scope: values(2), $or: [{ source: values(1) }, { type: values(3) }] },
    };
    expect(refusalOf(nested, 'MessageBody')).toBe('FilterPolicy: Filter policy is too complex');
  });

  it('attributes have no members', () => {
    expect(refusalOf({ a: { b: ['c'] } })).toBe(
      'Filter policy scope MessageAttributes does not support nested filter policy',
    );
    expect(refusalOf({ a: { b: ['c'] } }, 'MessageBody')).toBe('accepted');
  });

  it('256 KiB', () => {
    expect(refusalOf({ key: ['x'.repeat(300_000)] })).toBe('FilterPolicy: Filter policy is too large');
  });
});

it.each([
  ['[1]', 'Filter is not an object'],
  ['{}', 'Empty objects are not allowed'],
  ['{"a":{}}', 'Empty objects are not allowed'],
  ['{"a":[{}]}', 'Match expression name not found'],
  ['{"a":["x"],"a":["y"]}', 'Path `a` cannot be allowed multiple times'],
  ['{"a":[{"wildcard":"a**b"}]}', 'Consecutive wildcard characters at pos 1'],
  ['{"a":[{"wildcard":"a\\\\b"}]}', 'Invalid escape character at pos 1'],
  [
    '{"a":[{"anything-but":[]}]}',
    'Inside anything but list, either all values are number or string, mixed type is not supported',
  ],
  [
    '{"a":[{"anything-but":["a",1]}]}',
    'Inside anything but list, either all values are number or string, mixed type is not supported',
  ],
  ['{"a":[{"anything-but":[null]}]}', 'Inside anything but list, start|null|boolean is not supported.'],
  ['{"a":[{"anything-but":true}]}', 'Value of anything-but must be an array or single string/number value.'],
  ['{"$or":[{"a":["b"]}]}', 'There must have at least 2 Objects in $or relationship.'],
  ['{"$or":[{"prefix":["b"]},{"a":["b"]}]}', 'prefix is Ruler reserved fieldName which cannot be used inside $or.'],
  ['{"a":["b"', 'failed to parse JSON. Unexpected end-of-input: expected close marker for Array'],
  ['{"a":["b', 'failed to parse JSON. Unexpected end-of-input: was expecting closing quote for a string value'],
  ['{"a":["b"]} x', "failed to parse JSON. Unrecognized token 'x'"],
])('%s', (text, refusal) => {
  expect(refusalOf(text, 'MessageBody')).toContain(`FilterPolicy: ${refusal}`);
});
