// Which messages a filter policy lets through: every operator, on attributes and on bodies.

import { describe, expect, it } from 'vitest';
import {
  accepts,
  compileFilter,
  fieldsOfAttributes,
  fieldsOfBody,
} from '../../../broker/cloud/sns/model/filter-policy.ts';
import { entries, snsEndpoint } from './endpoint.ts';

function bodyPasses(policy: object, body: unknown): boolean {
  const fields = fieldsOfBody(typeof body === 'string' ? body : JSON.stringify(body));
  return fields !== undefined && accepts(compileFilter(JSON.stringify(policy), 'MessageBody'), fields);
}

function attributePasses(policy: object, attributes: Record<string, readonly [string, string]>): boolean {
  const given = Object.entries(attributes).map(
    ([name, [DataType, value]]) =>
      [
        name,
        DataType === 'Binary' ? { DataType, BinaryValue: Buffer.from(value) } : { DataType, StringValue: value },
      ] as const,
  );
  return accepts(compileFilter(JSON.stringify(policy), 'MessageAttributes'), fieldsOfAttributes(new Map(given)));
}

describe('operators on a value', () => {
  it.each<readonly [unknown, readonly unknown[], readonly unknown[]]>([
    ['a', ['a'], ['b', 'A', 1, null]],
    [1, [1, 1.000001], ['1', 2, 1.1]],
    [true, [true], ['true', false, 1]],
    [null, [null], ['null', 0, '']],
    [{ prefix: 'ab' }, ['ab', 'abc'], ['a', 'xab', 1]],
    [{ suffix: 'yz' }, ['yz', 'xyz'], ['yzx', 'z']],
    [{ prefix: { 'equals-ignore-case': 'AB' } }, ['abc', 'Abc'], ['xab']],
    [{ suffix: { 'equals-ignore-case': 'YZ' } }, ['xyz', 'xYz'], ['yzx']],
    [{ 'equals-ignore-case': 'TeNNis' }, ['tennis', 'TENNIS'], ['tenni']],
    [{ wildcard: 'a*c*e' }, ['ace', 'abcde', 'a*c*e'], ['ac', 'aec', 'abce!']],
    [{ wildcard: '*.png' }, ['.png', 'x.png'], ['x.pngx']],
    [{ wildcard: 'a*a' }, ['aa', 'aba'], ['a']],
    [{ wildcard: '5\\*5' }, ['5*5'], ['555']],
    [{ numeric: ['=', 3.5] }, [3.5, 3.500001], [3.6, '3.5']],
    [{ numeric: ['<', 10] }, [9.99999, -1e9], [10, -1e9 - 1]],
    [{ numeric: ['<=', 10] }, [10], [10.00001]],
    [{ numeric: ['>', 0] }, [0.00001, 1e9], [0, 1e9 + 1]],
    [{ numeric: ['>=', 0] }, [0], [-0.00001]],
    [{ numeric: ['>', 0, '<=', 100] }, [1, 100], [0, 101]],
    [{ cidr: '10.0.0.0/24' }, ['10.0.0.255'], ['10.0.1.0', '10.0.0.256', '::a00:1', 10]],
    [{ cidr: '2001:db8:1234:1a00::/64' }, ['2001:0db8:1234:1a00:0:0:0:1'], ['2001:0db8:123f:1a01::']],
    [{ 'anything-but': 'a' }, ['b', 1, null], ['a']],
    [{ 'anything-but': ['a', 'b'] }, ['c'], ['a', 'b']],
    [{ 'anything-but': [1, 2] }, [3, '1'], [1, 2]],
    [{ 'anything-but': { prefix: 'a' } }, ['b'], ['a', 'ab']],
    [{ 'anything-but': { prefix: ['a', 'b'] } }, ['c'], ['a1', 'b1']],
    [{ 'anything-but': { wildcard: 'a*z' } }, ['abc'], ['az', 'abz']],
    [{ 'anything-but': { 'equals-ignore-case': ['A', 'B'] } }, ['c'], ['a', 'b']],
    [{ exists: true }, ['', 0, false, null], []],
  ])('%j', (pattern, passing, others) => {
    for (const value of passing) expect([value, bodyPasses({ key: [pattern] }, { key: value })]).toEqual([value, true]);
    for (const value of others) expect([value, bodyPasses({ key: [pattern] }, { key: value })]).toEqual([value, false]);
  });

  it('only exists: false passes without the key', () => {
    for (const pattern of ['a', { 'anything-but': 'a' }, { exists: true }, null]) {
      expect(bodyPasses({ key: [pattern] }, { other: 'x' })).toBe(false);
    }
    expect(bodyPasses({ key: [{ exists: false }] }, { other: 'x' })).toBe(true);
    expect(bodyPasses({ key: [{ exists: false }] }, { key: null })).toBe(false);
    expect(bodyPasses({ key: [{ exists: false }] }, { key: [] })).toBe(true);
  });
});

describe('bodies', () => {
  it('one value of each key must pass', () => {
    const policy = { a: ['x', 'y'], b: [1] };
    expect(bodyPasses(policy, { a: 'y', b: 1 })).toBe(true);
    expect(bodyPasses(policy, { a: 'y', b: 2 })).toBe(false);
    expect(bodyPasses(policy, { a: ['z', 'x'], b: [3, 1] })).toBe(true);
  });

  it('keys are paths, however they are nested', () => {
    const policy = { 'object.nested.test': ['v'] };
    for (const body of [
      { object: { nested: { test: 'v' } } },
      { 'object.nested.test': 'v' },
      { 'object.nested': { test: 'v' } },
      { object: { 'nested.test': 'v' } },
    ]) {
      expect(bodyPasses(policy, body)).toBe(true);
    }
    expect(bodyPasses(policy, { object: { nested: { test: 'other' } } })).toBe(false);
  });

  it('what lies in one array must be of one element', () => {
    const policy = { Records: { s3: { object: { key: [{ prefix: 'auto-' }] } }, eventName: [{ prefix: 'Created:' }] } };
    const record = (eventName: string, key: string): object => ({ eventName, s3: { object: [[{ key }]] } });
    expect(bodyPasses(policy, { Records: [record('Created:Put', 'auto-1'), record('Removed:Delete', 'home-1')] })).toBe(
      true,
    );
    expect(bodyPasses(policy, { Records: [record('Created:Put', 'home-1'), record('Removed:Delete', 'auto-1')] })).toBe(
      false,
    );
  });

  it('$or, also within and beside others', () => {
    const policy = {
      $or: [{ metricName: ['CPU', 'Read'] }, { namespace: ['EC2'] }],
      detail: { scope: ['Service'], $or: [{ source: ['aws'] }, { type: ['Alarm'] }] },
    };
    expect(bodyPasses(policy, { metricName: 'CPU', detail: { scope: 'Service', source: 'aws' } })).toBe(true);
    expect(bodyPasses(policy, { namespace: 'EC2', detail: { scope: 'Service', type: 'Alarm' } })).toBe(true);
    expect(bodyPasses(policy, { metricName: 'CPU', detail: { scope: 'Service' } })).toBe(false);
    expect(bodyPasses(policy, { detail: { scope: 'Service', source: 'aws' } })).toBe(false);
  });

  it('what is no JSON object passes no filter', () => {
    for (const body of ['text', '"text"', '[{"a":"b"}]', 'null', '']) {
      expect(bodyPasses({ a: [{ exists: false }] }, body)).toBe(false);
    }
  });

  it('deep and wide ones take no time to speak of', () => {
    expect(bodyPasses({ a: ['x'] }, '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000))).toBe(false);
    const items = (name: string): unknown => Array.from({ length: 5000 }, (_, index) => ({ [name]: 1, index }));
    const body = { a: items('a'), b: items('b'), c: items('c') };
    const policy = { a: { a: [1] }, b: { b: [1] }, c: { none: ['x'] } };
    expect(bodyPasses(policy, body)).toBe(false);
  });
});

describe('attributes', () => {
  it('texts, numbers and arrays are looked at, binary values are not there', () => {
    expect(attributePasses({ a: ['x'] }, { a: ['String', 'x'] })).toBe(true);
    expect(attributePasses({ a: ['1'] }, { a: ['Number', '1'] })).toBe(false);
    expect(attributePasses({ a: [1] }, { a: ['Number', '1.0'] })).toBe(true);
    expect(attributePasses({ a: [1] }, { a: ['String', '1'] })).toBe(false);
    expect(attributePasses({ a: ['x'] }, { a: ['String.Array', '["w","x"]'] })).toBe(true);
    expect(attributePasses({ a: [2] }, { a: ['String.Array', '[1,2]'] })).toBe(true);
    expect(attributePasses({ a: [null] }, { a: ['String.Array', '[null,true]'] })).toBe(true);
    expect(attributePasses({ a: [100] }, { a: ['String.Array', '100'] })).toBe(true);
    expect(attributePasses({ a: ['x'] }, { a: ['String.Array', 'no array'] })).toBe(false);
    expect(
      attributePasses({ a: [{ 'anything-but': ['rugby'] }] }, { a: ['String.Array', '["rugby","baseball"]'] }),
    ).toBe(true);
    expect(attributePasses({ a: [{ exists: true }] }, { a: ['Binary', 'x'] })).toBe(false);
    expect(attributePasses({ a: [{ exists: false }] }, { a: ['Binary', 'x'] })).toBe(true);
  });

  it('a name with dots is a name', () => {
    expect(attributePasses({ 'a.b': ['x'] }, { 'a.b': ['String', 'x'] })).toBe(true);
  });
});

it('a subscription gets what its filter lets through, and all again when the filter is taken away', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  for (const [name, scope, policy] of [
    ['attributes', 'MessageAttributes', '{"color":["red"]}'],
    ['body', 'MessageBody', '{"color":["red"]}'],
  ] as const) {
    const Endpoint = await endpoint.queue(name);
    const told = { FilterPolicyScope: scope, FilterPolicy: policy, RawMessageDelivery: 'true' };
    await endpoint.query('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint, ...entries('Attributes', told) });
  }
  const color = (value: string): Record<string, string> => ({
    'MessageAttributes.entry.1.Name': 'color',
    'MessageAttributes.entry.1.Value.DataType': 'String',
    'MessageAttributes.entry.1.Value.StringValue': value,
  });
  await endpoint.query('Publish', { TopicArn, Message: '{"color":"blue"}', ...color('red') });
  await endpoint.query('Publish', { TopicArn, Message: '{"color":"red"}', ...color('blue') });
  expect((await endpoint.receive('attributes')).map(({ body }) => body)).toEqual(['{"color":"blue"}']);
  expect((await endpoint.receive('body')).map(({ body }) => body)).toEqual(['{"color":"red"}']);
  for (const SubscriptionArn of await endpoint.subscriptions(TopicArn)) {
    const given = { SubscriptionArn, AttributeName: 'FilterPolicy', AttributeValue: '' };
    await endpoint.query('SetSubscriptionAttributes', given);
  }
  await endpoint.query('Publish', { TopicArn, Message: 'any' });
  expect(await endpoint.receive('attributes')).toHaveLength(1);
  expect(await endpoint.receive('body')).toHaveLength(1);
});
