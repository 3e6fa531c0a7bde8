import { expect, test } from 'vitest';
import { decimalText } from '../../../../broker/protocols/amqp/message/decimal.ts';
import { hex } from '../codec/bytes.ts';

test.each([
  ['32800001', '1'],
  ['b2800001', '-1'],
  ['3200000f', '1.5'],
  ['30000001', '0.00001'],
  ['2f800001', '0.000001'],
  ['2f000001', '1e-7'],
  ['33800007', '7e2'],
  ['6cb8967f', '9999999'],
  ['78000000', 'Infinity'],
  ['f8000000', '-Infinity'],
  ['7c000000', 'NaN'],
  ['31c0000000000001', '1'],
  ['31800000000004d2', '12.34'],
  ['6c7386f26fc0ffff', '9999999999999999'],
  ['30400000000000000000000000000001', '1'],
  ['303c000000000000000000000000007b', '1.23'],
])('%s is %s', (octets, text) => {
  expect(decimalText(hex(octets))).toBe(text);
});
