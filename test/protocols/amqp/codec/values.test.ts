import { describe, expect, test } from 'vitest';
import { checkValue } from '../../../../broker/protocols/amqp/codec/check.ts';
import { maxDepth, readValue } from '../../../../broker/protocols/amqp/codec/decode.ts';
import { writeValue } from '../../../../broker/protocols/amqp/codec/encode.ts';
import { maxEmptyItems, Reader } from '../../../../broker/protocols/amqp/codec/reader.ts';
import type { PrimitiveType, PrimitiveValue, Value } from '../../../../broker/protocols/amqp/codec/value.ts';
import { Writer } from '../../../../broker/protocols/amqp/codec/writer.ts';
import { hex } from './bytes.ts';

const symbol = (value: string): Value => ({ type: 'symbol', value });
const string = (value: string): Value => ({ type: 'string', value });
const int = (value: number): PrimitiveValue => ({ type: 'int', value });
const ulong = (value: bigint): Value => ({ type: 'ulong', value });
const list = (...value: Value[]): Value => ({ type: 'list', value });
const array = (element: PrimitiveType, ...items: PrimitiveValue[]): Value => ({
  type: 'array',
  value: { element, items },
});
const long256 = 'x'.repeat(256);
const long256Hex = '78'.repeat(256);

/** Section of part 1, value, and its octets; where there are several encodings, the shortest. */
const shortest: [string, Value, string][] = [
  ['1.6.1 null', { type: 'null', value: null }, '40'],
  ['1.6.2 boolean true', { type: 'boolean', value: true }, '41'],
  ['1.6.2 boolean false', { type: 'boolean', value: false }, '42'],
  ['1.6.3 ubyte', { type: 'ubyte', value: 0xfe }, '50 fe'],
  ['1.6.4 ushort', { type: 'ushort', value: 0xfedc }, '60 fedc'],
  ['1.6.5 uint 0', { type: 'uint', value: 0 }, '43'],
  ['1.6.5 smalluint, lowest', { type: 'uint', value: 1 }, '52 01'],
  ['1.6.5 smalluint, highest', { type: 'uint', value: 255 }, '52 ff'],
  ['1.6.5 uint, lowest', { type: 'uint', value: 256 }, '70 00000100'],
  ['1.6.5 uint, highest', { type: 'uint', value: 0xffffffff }, '70 ffffffff'],
  ['1.6.6 ulong 0', ulong(0n), '44'],
  ['1.6.6 smallulong', ulong(255n), '53 ff'],
  ['1.6.6 ulong', ulong(256n), '80 0000000000000100'],
  ['1.6.6 ulong, highest', ulong(2n ** 64n - 1n), '80 ffffffffffffffff'],
  ['1.6.7 byte', { type: 'byte', value: -1 }, '51 ff'],
  ['1.6.8 short', { type: 'short', value: -2 }, '61 fffe'],
  ['1.6.9 smallint, lowest', int(-128), '54 80'],
  ['1.6.9 smallint, highest', int(127), '54 7f'],
  ['1.6.9 int above smallint', int(128), '71 00000080'],
  ['1.6.9 int below smallint', int(-129), '71 ffffff7f'],
  ['1.6.9 int, lowest', int(-(2 ** 31)), '71 80000000'],
  ['1.6.10 smalllong', { type: 'long', value: -1n }, '55 ff'],
  ['1.6.10 long', { type: 'long', value: 2n ** 53n + 1n }, '81 0020000000000001'],
  ['1.6.10 long, lowest', { type: 'long', value: -(2n ** 63n) }, '81 8000000000000000'],
  ['1.6.11 float', { type: 'float', value: 1.5 }, '72 3fc00000'],
  ['1.6.12 double', { type: 'double', value: -0.1 }, '82 bfb999999999999a'],
  ['1.6.13 decimal32', { type: 'decimal32', value: hex('22500001') }, '74 22500001'],
  ['1.6.14 decimal64', { type: 'decimal64', value: hex('2238000000000001') }, '84 2238000000000001'],
  [
    '1.6.15 decimal128',
    { type: 'decimal128', value: hex('22080000000000000000000000000001') },
    '94 22080000000000000000000000000001',
  ],
  ['1.6.16 char', { type: 'char', value: 0x1f600 }, '73 0001f600'],
  ['1.6.17 timestamp', { type: 'timestamp', value: 1311704463521n }, '83 0000013167adb8a1'],
  ['1.6.17 timestamp before 1970', { type: 'timestamp', value: -1n }, '83 ffffffffffffffff'],
  [
    '1.6.18 uuid',
    { type: 'uuid', value: hex('00112233445566778899aabbccddeeff') },
    '98 00112233445566778899aabbccddeeff',
  ],
  ['1.6.19 vbin8', { type: 'binary', value: hex('00ff') }, 'a0 02 00ff'],
  ['1.6.19 vbin8, empty', { type: 'binary', value: hex('') }, 'a0 00'],
  ['1.6.19 vbin32', { type: 'binary', value: hex(long256Hex) }, `b0 00000100 ${long256Hex}`],
  ['1.6.20 str8-utf8', string('Grüße'), 'a1 07 4772c3bcc39f65'],
  ['1.6.20 str8-utf8, longest', string('x'.repeat(255)), `a1 ff ${'78'.repeat(255)}`],
  ['1.6.20 str8-utf8 of three-octet characters', string('\u20ac'.repeat(85)), `a1 ff ${'e282ac'.repeat(85)}`],
  ['1.6.20 str32-utf8', string(long256), `b1 00000100 ${long256Hex}`],
  ['1.6.20 str32-utf8 of few characters', string('\u20ac'.repeat(86)), `b1 00000102 ${'e282ac'.repeat(86)}`],
  ['1.6.20 U+FFFD itself', string('\ufffd'), 'a1 03 efbfbd'],
  ['1.6.21 sym8', symbol('amqp'), 'a3 04 616d7170'],
  ['1.6.21 sym32', symbol(long256), `b3 00000100 ${long256Hex}`],
  ['1.6.22 list0', list(), '45'],
  ['1.6.22 list8', list({ type: 'null', value: null }, list(int(1))), 'c0 07 02 40 c0 03 01 5401'],
  ['1.6.22 list32 by its size', list(string(long256)), `d0 00000109 00000001 b1 00000100 ${long256Hex}`],
  [
    '1.6.22 list32 by its count',
    list(...Array.from({ length: 256 }, (): Value => ({ type: 'null', value: null }))),
    `d0 00000104 00000100 ${'40'.repeat(256)}`,
  ],
  ['1.6.23 map8', { type: 'map', value: [[symbol('a'), int(1)]] }, 'c1 06 02 a30161 5401'],
  ['1.6.23 map8, empty', { type: 'map', value: [] }, 'c1 01 00'],
  [
    '1.6.23 map32',
    { type: 'map', value: [[symbol('a'), string(long256)]] },
    `d1 0000010c 00000002 a30161 b1 00000100 ${long256Hex}`,
  ],
  ['1.6.24 array8 of narrow items', array('int', int(1), int(-1)), 'e0 04 02 54 01 ff'],
  ['1.6.24 array8 whose widest item decides', array('int', int(1), int(256)), 'e0 0a 02 71 00000001 00000100'],
  [
    '1.6.24 array8 of booleans',
    array('boolean', { type: 'boolean', value: true }, { type: 'boolean', value: false }),
    'e0 04 02 56 01 00',
  ],
  ['1.6.24 array8 of symbols', array('symbol', { type: 'symbol', value: 'a' }), 'e0 04 01 a3 0161'],
  ['1.6.24 array8, empty', array('symbol'), 'e0 02 00 a3'],
  [
    '1.6.24 array8 of lists',
    array('list', { type: 'list', value: [int(1)] }, { type: 'list', value: [] }),
    'e0 14 02 d0 00000006 00000001 5401 00000004 00000000',
  ],
  [
    '1.6.24 array32',
    array('binary', { type: 'binary', value: hex(long256Hex) }),
    `f0 00000109 00000001 b0 00000100 ${long256Hex}`,
  ],
  [
    '1.2.4 array of described values',
    { type: 'array', value: { element: 'uint', descriptor: symbol('t'), items: [{ type: 'uint', value: 7 }] } },
    'e0 07 01 00 a30174 52 07',
  ],
  [
    '1.1.2 described value',
    { type: 'described', value: { descriptor: symbol('url'), value: string('http://x') } },
    '00 a303 75726c a108 687474703a2f2f78',
  ],
];

/** Encodings that are longer than need be: decoded, never made. */
const longer: [string, Value, string][] = [
  ['1.6.2 boolean in an octet, true', { type: 'boolean', value: true }, '56 01'],
  ['1.6.2 boolean in an octet, false', { type: 'boolean', value: false }, '56 00'],
  ['1.6.5 uint of a small value', { type: 'uint', value: 1 }, '70 00000001'],
  ['1.6.6 ulong of a small value', ulong(1n), '80 0000000000000001'],
  ['1.6.9 int of a small value', int(-1), '71 ffffffff'],
  ['1.6.10 long of a small value', { type: 'long', value: -1n }, '81 ffffffffffffffff'],
  ['1.6.20 str32 of a short string', string('a'), 'b1 00000001 61'],
  ['1.6.22 list32, empty', list(), 'd0 00000004 00000000'],
  ['1.6.22 list8, empty', list(), 'c0 01 00'],
  ['1.6.23 map32, empty', { type: 'map', value: [] }, 'd1 00000004 00000000'],
  ['1.6.24 array of uint0', array('uint', { type: 'uint', value: 0 }, { type: 'uint', value: 0 }), 'e0 02 02 43'],
];

const malformed: [string, string][] = [
  ['nothing', ''],
  ['1.2 a format code that means nothing', '3f'],
  ['1.2 a described value without a value', '00 a30161'],
  ['1.6.2 a boolean of 2', '56 02'],
  ['1.6.4 a ushort cut short', '60 00'],
  ['1.6.19 binary longer than what is there', 'a0 05 00'],
  ['1.6.19 binary of four gigabytes', 'b0 ffffffff 00'],
  ['1.6.20 a string that is not UTF-8', 'a1 02 c328'],
  ['1.6.20 a long string that is not UTF-8', `a1 28 ${'61'.repeat(38)} c328`],
  ['1.6.20 an overlong UTF-8 sequence', 'a1 02 c080'],
  ['1.6.21 a symbol that is not ASCII', 'a3 02 c3a4'],
  ['1.6.22 a list whose size runs past the end', 'c0 09 01 40'],
  ['1.6.22 a list longer than its items', 'c0 03 01 40 40'],
  ['1.6.22 a list shorter than its items', 'c0 02 02 40 40'],
  ['1.6.22 a list of four thousand million nulls', 'd0 00000005 ffffffff 40'],
  ['1.6.23 a map with a key without a value', 'c1 02 01 40'],
  ['1.6.24 an array of thirty million nulls', 'f0 00000005 01c9c380 40'],
  ['1.6.24 an array without a constructor', 'e0 01 00'],
  ['1.2.4 an array of values described twice', 'e0 08 01 00 a30174 00 a30174 43'],
];

describe('encodes in the shortest form', () => {
  test.each(shortest)('%s', (_, value, octets) => {
    const writer = new Writer(1);
    writeValue(writer, value);
    expect(writer.copy().toString('hex')).toBe(hex(octets).toString('hex'));
  });
});

describe('decodes, and goes past without decoding', () => {
  test.each([...shortest, ...longer])('%s', (_, value, octets) => {
    const bytes = hex(`${octets} ff`);
    const reader = new Reader(bytes);
    expect(readValue(reader)).toEqual(value);
    expect(reader.position).toBe(bytes.length - 1);
    const checker = new Reader(bytes);
    checkValue(checker);
    expect(checker.position).toBe(bytes.length - 1);
  });
});

describe('refuses, decoding and checking', () => {
  test.each(malformed)('%s', (_, octets) => {
    const refusal = expect.objectContaining({ condition: 'amqp:decode-error', scope: 'connection' });
    expect(thrown(() => readValue(new Reader(hex(octets))))).toEqual(refusal);
    expect(thrown(() => checkValue(new Reader(hex(octets))))).toEqual(refusal);
  });

  test(`values nested deeper than ${maxDepth}`, () => {
    const nested = (depth: number): Value => (depth === 0 ? int(1) : list(nested(depth - 1)));
    const writer = new Writer();
    writeValue(writer, nested(maxDepth));
    expect(readValue(new Reader(writer.copy()))).toEqual(nested(maxDepth));
    writer.reset();
    writeValue(writer, nested(maxDepth + 1));
    expect(thrown(() => readValue(new Reader(writer.view())))).toMatchObject({ condition: 'amqp:decode-error' });
    expect(thrown(() => checkValue(new Reader(writer.view())))).toMatchObject({ condition: 'amqp:decode-error' });
  });

  test('descriptors nested without end', () => {
    expect(thrown(() => readValue(new Reader(Buffer.alloc(100_000))))).toMatchObject({
      condition: 'amqp:decode-error',
    });
  });

  test(`more than ${maxEmptyItems} items without octets, summed over arrays`, () => {
    const half = maxEmptyItems / 2;
    const empty = `f0 00000005 ${half.toString(16).padStart(8, '0')} 40`;
    const lists = (arrays: number) => hex(`c0 ${(1 + 10 * arrays).toString(16)} 0${arrays} ${empty.repeat(arrays)}`);
    checkValue(new Reader(lists(2)));
    expect(thrown(() => checkValue(new Reader(lists(3))))).toMatchObject({ condition: 'amqp:decode-error' });
    expect(thrown(() => readValue(new Reader(lists(3))))).toMatchObject({ condition: 'amqp:decode-error' });
  });
});

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
