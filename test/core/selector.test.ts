// Message selectors: JMS 2.0, 3.8.1.

import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../broker/core/errors.ts';
import type { Message, Property } from '../../broker/core/message.ts';
import { compileSelector } from '../../broker/core/selector.ts';
import { message } from '../support/messages.ts';

const properties: Property[] = [
  { name: 'color', type: 'string', value: 'blue' },
  { name: 'quoted', type: 'string', value: "it's" },
  { name: 'text', type: 'string', value: '12' },
  { name: 'yes', type: 'boolean', value: true },
  { name: 'no', type: 'boolean', value: false },
  { name: 'seven', type: 'int', value: 7 },
  { name: 'half', type: 'double', value: 0.5 },
  { name: 'huge', type: 'long', value: 9_007_199_254_740_993n },
  { name: 'nan', type: 'double', value: NaN },
  { name: 'bytes', type: 'binary', value: Buffer.from('blue') },
  { name: 'nothing', type: 'null', value: null },
  { name: '_odd$name', type: 'int', value: 1 },
  { name: 'with-hyphen', type: 'int', value: 1 },
  { name: 'code', type: 'string', value: 'A_1%' },
];

const headers: Partial<Message> = {
  id: 'ID:1',
  correlationId: 'c',
  type: 'car',
  priority: 6,
  durable: true,
  groupId: 'g',
  to: 'queue://q',
};

const selected = message({ ...headers, properties });

/** Of `null`, neither the condition nor its negation selects: it is unknown. */
const table: readonly (readonly [selector: string, truth: boolean | null])[] = [
  // headers
  ["JMSType = 'car' AND color = 'blue'", true],
  ["JMSMessageID = 'ID:1'", true],
  ['JMSCorrelationID IS NOT NULL', true],
  ['JMSReplyTo IS NULL', true],
  ['JMSPriority >= 5', true],
  ["JMSDeliveryMode = 'PERSISTENT'", true],
  ["JMSXGroupID = 'g'", true],
  ['JMSExpiration = 0', true],
  ['JMSTimestamp > 0', true],
  // literals
  ["'it''s' = quoted", true],
  ['0x10 = 16', true],
  ['010 = 8', true],
  ['7L = 7', true],
  ['7. = 7', true],
  ['.5 = half', true],
  ['5E-1 = half', true],
  ['7E3 = 7000', true],
  ['9007199254740993 = huge', true],
  ['9007199254740992 = huge', false],
  ['TRUE', true],
  ['true = TRUE', true],
  ['FALSE', false],
  ['NULL', null],
  // identifiers
  ['Color IS NULL', true],
  ['_odd$name = 1', true],
  ['"with-hyphen" = 1', true],
  // comparison
  ['seven = 7', true],
  ['seven <> 7', false],
  ['seven != 8', true],
  ['seven > 6.5 AND seven < 7.5', true],
  ['seven <= 7 AND seven >= 7', true],
  ["color <> 'red'", true],
  ["color > 'a'", false],
  ["seven = '7'", false],
  ["seven <> '7'", false],
  ['color = 1', false],
  ['yes = TRUE', true],
  ['yes <> no', true],
  ['yes > no', false],
  ['nan = nan', false],
  ['nan <> 1', true],
  ['missing = 1', null],
  ['missing <> 1', null],
  ['bytes IS NULL', true],
  ['nothing IS NULL', true],
  // logic, three-valued
  ['NOT no', true],
  ['NOT missing = 1', null],
  ['missing = 1 AND FALSE', false],
  ['missing = 1 AND TRUE', null],
  ['missing = 1 OR TRUE', true],
  ['missing = 1 OR FALSE', null],
  ['yes OR no AND no', true],
  ['(yes OR no) AND no', false],
  ['NOT yes OR yes', true],
  ['NOT NOT yes', true],
  ['color', null],
  ['yes', true],
  // BETWEEN, IN, LIKE, IS NULL
  ['seven BETWEEN 7 AND 8', true],
  ['seven NOT BETWEEN 8 AND 9', true],
  ['seven BETWEEN 5 AND 6 OR yes', true],
  ['missing BETWEEN 1 AND 2', null],
  ["color IN ('red', 'blue')", true],
  ["color NOT IN ('red')", true],
  ["missing IN ('red')", null],
  ["missing NOT IN ('red')", null],
  ["seven IN ('7')", false],
  ["color LIKE 'bl%'", true],
  ["color LIKE '%u_'", true],
  ["color LIKE 'b_e'", false],
  ["color LIKE '%'", true],
  ["color LIKE 'blue%%'", true],
  ["color NOT LIKE 'r%'", true],
  ["code LIKE 'A\\_1\\%' ESCAPE '\\'", true],
  ["code LIKE 'Ax1%' ESCAPE 'x'", false],
  ["color LIKE 'b.ue'", false],
  ["missing LIKE '%'", null],
  ["seven LIKE '7'", false],
  ['missing IS NOT NULL', false],
  // arithmetic
  ['seven + 1 = 8', true],
  ['seven - 1 * 2 = 5', true],
  ['(seven - 1) * 2 = 12', true],
  ['seven / 2 = 3', true],
  ['seven / 2. = 3.5', true],
  ['-seven = -7', true],
  ['- -seven = +7', true],
  ['huge + 1 = 9007199254740994', true],
  ['missing + 1 = 1', null],
  ['color + 1 = 1', null],
  // layout
  ["  color\n=\t'blue' -- a remark", true],
  ["color = /* a remark */ 'blue'", true],
  ["color = 'blue' and not seven = 8", true],
];

describe('a selector', () => {
  it.each(table)('%s: %s', (text, truth) => {
    expect(compileSelector(text)(selected)).toBe(truth === true);
    expect(compileSelector(`NOT (${text.replace(/--.*/, '')})`)(selected)).toBe(truth === false);
  });

  it('selects everything when it is blank', () => {
    expect(compileSelector('  ')(selected)).toBe(true);
  });

  it.each([
    ["color = 'blue", 'unexpected'],
    ['color =', 'expected a value, not the end, at 8'],
    ['color = = 1', 'expected a value, not "=", at 9'],
    ['(color = 1', 'expected ), not the end'],
    ['color = 1)', 'expected the end, not ")"'],
    ['color IN (1)', 'expected a string in the list of IN'],
    ["color LIKE 'a' ESCAPE 'xy'", 'ESCAPE takes a single character'],
    ['color IS 1', 'expected NULL or NOT NULL after IS'],
    ['color NOT 1', 'expected BETWEEN, IN or LIKE after NOT'],
    ['color BETWEEN 1 OR 2', 'expected AND of BETWEEN'],
    ['a ; b', 'unexpected ";" at 3'],
    ['99999999999999999999 = 1', 'more than a long can hold'],
    ['('.repeat(1000), 'nested too deeply'],
    ['x'.repeat(70_000), 'longer than 64 KiB'],
    ['a.b = 1', '"." at 2'],
  ])('is refused with what is wrong and where: %s', (text, words) => {
    expect(() => compileSelector(text)).toThrow(BrokerError);
    expect(() => compileSelector(text)).toThrow(words);
  });

  it('takes strings as numbers and booleans where it is told to, as STOMP needs', () => {
    const stomp = (text: string): boolean => compileSelector(text, { convertStrings: true })(selected);
    expect(stomp('text = 12')).toBe(true);
    expect(stomp('text > 11.5')).toBe(true);
    expect(stomp('text + 1 = 13')).toBe(true);
    expect(stomp("text = '12'")).toBe(true);
    expect(stomp('color > 1')).toBe(false);
    expect(compileSelector('text = 12')(selected)).toBe(false);
  });

  it('takes no longer for a LIKE with many runs', () => {
    const long = message({ properties: [{ name: 'p', type: 'string', value: 'a'.repeat(10_000) }] });
    expect(compileSelector(`p LIKE '${'%a'.repeat(50)}b'`)(long)).toBe(false);
  });
});
