// The constraints of shapes, in the words that AWS has for them.

import { describe, expect, it } from 'vitest';
import { checkConstraints, validationMessage } from '../../broker/cloud/constraints.ts';
import { blob, boolean, integer, list, map, required, string, structure } from '../../broker/cloud/shape.ts';

const record = structure({ PartitionKey: required(string({ min: 1, max: 4 })), Data: blob({ max: 2 }) });

const shape = structure({
  StreamName: required(string({ min: 1, max: 8, pattern: /^[a-zA-Z0-9_.-]+$/ })),
  Limit: integer({ min: 1, max: 10 }),
  Mode: string({ oneOf: ['ON', 'OFF'] }),
  Flag: boolean(),
  Records: list(record, { min: 1, max: 3 }),
  Tags: map(string({ max: 3 })),
});

function message(value: object): string {
  return validationMessage(checkConstraints(shape, value));
}

describe('a value that breaks a constraint', () => {
  const at = (path: string, value: string, rule: string): string =>
    `1 validation error detected: Value ${value}${value === '' ? '' : ' '}at '${path}' failed to satisfy constraint: ${rule}`;

  it.each([
    [{}, at('streamName', 'null', 'Member must not be null')],
    [{ StreamName: 'abcdefghi' }, at('streamName', "'abcdefghi'", 'Member must have length less than or equal to 8')],
    [{ StreamName: 'a', Limit: 0 }, at('limit', "'0'", 'Member must have value greater than or equal to 1')],
    [{ StreamName: 'a', Limit: 11 }, at('limit', "'11'", 'Member must have value less than or equal to 10')],
    [{ StreamName: 'a', Mode: 'AUTO' }, at('mode', "'AUTO'", 'Member must satisfy enum value set: [ON, OFF]')],
    [{ StreamName: 'a', Records: [] }, at('records', "'[]'", 'Member must have length greater than or equal to 1')],
    [
      { StreamName: 'a', Records: [{ PartitionKey: 'a' }, { PartitionKey: 'abcde' }] },
      at('records.2.member.partitionKey', "'abcde'", 'Member must have length less than or equal to 4'),
    ],
    [
      { StreamName: 'a', Records: [{ PartitionKey: 'a', Data: Buffer.alloc(3) }] },
      at('records.1.member.data', '', 'Member must have length less than or equal to 2'),
    ],
    [
      { StreamName: 'a', Tags: new Map([['k', 'long']]) },
      at('tags', "'{k=long}'", 'Map value must satisfy constraint: [Member must have length less than or equal to 3]'),
    ],
  ])('%j', (value, expected) => {
    expect(message(value)).toBe(expected);
  });

  it('is named with every constraint that it breaks', () => {
    expect(message({ StreamName: '' })).toBe(
      "2 validation errors detected: Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular " +
        "expression pattern: ^[a-zA-Z0-9_.-]+$; Value '' at 'streamName' failed to satisfy constraint: Member must have " +
        'length greater than or equal to 1',
    );
  });

  it('is one of ten at most', () => {
    const records = Array.from({ length: 30 }, () => ({}));
    expect(checkConstraints(shape, { StreamName: 'a', Records: records })).toHaveLength(10);
  });

  it('is named as the service calls it', () => {
    const labelled = structure({ Attributes: required(map(string()), 'Attribute.Name') });
    expect(checkConstraints(labelled, {})).toMatchObject([{ constraint: 'missing', label: 'Attribute.Name' }]);
  });
});

it('a value within its constraints breaks none', () => {
  const value = {
    StreamName: 'orders',
    Limit: 10,
    Mode: 'ON',
    Flag: false,
    Records: [{ PartitionKey: 'k', Data: Buffer.alloc(2) }],
    Tags: new Map([['a-key-of-any-length', 'abc']]),
  };
  expect(checkConstraints(shape, value)).toEqual([]);
});
