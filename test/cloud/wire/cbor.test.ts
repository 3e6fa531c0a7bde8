import { describe, expect, it } from 'vitest';
import { AwsError, commonErrors, malformedInput } from '../../../broker/cloud/errors.ts';
import { operation } from '../../../broker/cloud/service.ts';
import type { Service } from '../../../broker/cloud/service.ts';
import {
  blob,
  boolean,
  integer,
  list,
  map,
  required,
  string,
  structure,
  timestamp,
} from '../../../broker/cloud/shape.ts';
import { cbor11 } from '../../../broker/cloud/wire/cbor.ts';
import { CborDecoder } from '../../../broker/cloud/wire/cbor-decoder.ts';
import { Mutator } from '../mutation.ts';

const shape = structure({
  Text: string(),
  Count: integer(),
  Flag: boolean(),
  At: timestamp(),
  Data: blob(),
  Items: list(structure({ Name: required(string()) })),
  Tags: map(string()),
});

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function parse(body: Buffer): unknown {
  return cbor11.parse(shape, { body, parameters: undefined });
}

const act = operation('Act', structure({}), shape, async () => ({}));
const service = {} as Service;

function serialise(output: object): Buffer {
  return Buffer.from(cbor11.serialise(service, act, output, 'id').body);
}

describe('reading', () => {
  // RFC 8949, appendix A, and the ways in which SDKs write.
  it.each([
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1000000],
    ['1b000000e8d4a51000', 1000000000000],
    ['20', -1],
    ['3903e7', -1000],
    ['f90000', 0],
    ['f93c00', 1],
    ['f97bff', 65504],
    ['f90001', 5.960464477539063e-8],
    ['f9c400', -4],
    ['f97c00', Infinity],
    ['fa47c35000', 100000],
    ['fb3ff199999999999a', 1.1],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['f7', null],
    ['c11a514b67b0', 1363896240],
    ['6449455446', 'IETF'],
    ['62c3bc', 'ü'],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['80', []],
    ['83010203', [1, 2, 3]],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    [
      'a26161016162820203',
      new Map<unknown, unknown>([
        ['a', 1],
        ['b', [2, 3]],
      ]),
    ],
    [
      'bf61610161629f0203ffff',
      new Map<unknown, unknown>([
        ['a', 1],
        ['b', [2, 3]],
      ]),
    ],
  ])('%s', (hex, value) => {
    expect(new CborDecoder(bytes(hex)).whole()).toEqual(value);
  });

  it('gives byte strings as they are, in one piece or several', () => {
    expect(new CborDecoder(bytes('4401020304')).whole()).toEqual(Buffer.from([1, 2, 3, 4]));
    expect(new CborDecoder(bytes('5f42010243030405ff')).whole()).toEqual(Buffer.from([1, 2, 3, 4, 5]));
  });

  it.each([
    ['nothing', ''],
    ['a value that is cut short', '1a0000'],
    ['more than one value', '0000'],
    ['a text that ends too early', '6a6161'],
    ['an array that announces 2^64 items', '9bffffffffffffffff'],
    ['a map that announces 2^32 pairs', 'bbffffffff00000000'],
    ['a byte string that announces 2^63 bytes', '5b7fffffffffffffff00'],
    ['a break where none belongs', 'ff'],
    ['an indefinite text of another kind', '7f4101ff'],
    ['a reserved length', '1c'],
    ['an unknown simple value', 'f8ff'],
    ['arrays within arrays', '81'.repeat(1000) + '00'],
    ['tags upon tags', 'c1'.repeat(1000) + '00'],
  ])('refuses %s', (_, hex) => {
    expect(() => new CborDecoder(bytes(hex)).whole()).toThrow(AwsError);
  });

  it('refuses members of the wrong kind, and what is no structure', () => {
    const text = (name: string): string => (0x60 + name.length).toString(16) + Buffer.from(name).toString('hex');
    for (const [name, value] of [
      ['Text', '01'],
      ['Count', '6161'],
      ['Flag', '01'],
      ['At', '6161'],
      ['Data', '6161'],
    ]) {
      expect(() => parse(bytes(`a1${text(name!)}${value}`))).toThrow(AwsError);
    }
    for (const hex of ['01', '80', 'f6']) expect(() => parse(bytes(hex))).toThrow(AwsError);
    expect(parse(bytes(`a1${text('Text')}f6`))).toEqual({});
  });
});

describe('writing', () => {
  const value = {
    Text: 'ü'.repeat(300),
    Count: 70_000,
    Flag: true,
    At: 1_700_000_000_123,
    Data: Buffer.alloc(70_000, 5),
    Items: [{ Name: 'a' }, { Name: 'b' }],
    Tags: new Map([['k', 'v']]),
  };

  it('is read again as it was', () => {
    expect(parse(serialise(value))).toEqual(value);
    expect(parse(serialise({ Items: [] }))).toEqual({ Items: [] });
  });

  it('writes timestamps as whole milliseconds, tagged', () => {
    expect(serialise({ At: 1_700_000_000_123 })).toEqual(bytes('a1 624174 c1 1b0000018bcfe5687b'));
  });

  it('names refusals without a namespace', () => {
    const refusal = cbor11.refuse(service, malformedInput(), 'id');
    expect(refusal.status).toBe(400);
    expect(new CborDecoder(Buffer.from(refusal.body)).whole()).toEqual(new Map([['__type', 'SerializationException']]));
    const denied = cbor11.refuse(service, new AwsError(commonErrors.accessDenied, 'no'), 'id');
    expect(new CborDecoder(Buffer.from(denied.body)).whole()).toEqual(
      new Map([
        ['__type', 'AccessDeniedException'],
        ['message', 'no'],
      ]),
    );
  });

  it('survives whatever is made of it', () => {
    const seed = 20_261_121;
    const mutator = new Mutator(seed);
    const original = serialise({ ...value, Data: Buffer.alloc(20, 5), Text: 'text' });
    let refused = 0;
    for (let i = 0; i < 20_000; i++) {
      const mutated = mutator.mutate(original);
      try {
        parse(mutated);
      } catch (error) {
        const what = `seed ${seed}, round ${i}: ${mutated.toString('hex')}`;
        expect(error, what).toBeInstanceOf(AwsError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(10_000);
  });
});
