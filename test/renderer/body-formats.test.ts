import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, hexOf, isJson, layOutJson } from '../../renderer/views/destination/body-formats.ts';

function laidOut(text: string): string {
  return layOutJson(text)
    .map((token) => token.text)
    .join('');
}

describe('JSON', () => {
  it('is set out as JSON.stringify would', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(laidOut(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
        expect(laidOut(JSON.stringify(value, null, '\t '))).toBe(JSON.stringify(value, null, 2));
      }),
      { seed: 20_261_121, numRuns: 500 },
    );
  });

  it('keeps every digit, escape and repeated member as it was sent', () => {
    const text = String.raw`{"id":12345678901234567890,"a":1.0,"a":1e400,"s":"\u00fc\/\"{}","e":{},"l":[ ]}`;
    expect(laidOut(text)).toBe(
      [
        '{',
        '  "id": 12345678901234567890,',
        '  "a": 1.0,',
        '  "a": 1e400,',
        String.raw`  "s": "\u00fc\/\"{}",`,
        '  "e": {},',
        '  "l": []',
        '}',
      ].join('\n'),
    );
  });

  it('tells keys from strings, numbers and words', () => {
    const kinds = layOutJson('{"a":["b",1,-2.5,true,null]}')
      .filter(({ kind }) => kind !== 'plain')
      .map(({ kind, text }) => `${kind} ${text}`);
    expect(kinds).toEqual(['key "a"', 'string "b"', 'number 1', 'number -2.5', 'word true', 'word null']);
  });

  it.each([
    ['{"a":1}', true],
    [' [1] ', true],
    ['"x"', true],
    ['-1', true],
    ['null', true],
    ['', false],
    ['plain text', false],
    ['{a:1}', false],
    ['{"a":1', false],
    ['<a/>', false],
  ])('%j: %s', (text, expected) => {
    expect(isJson(text)).toBe(expected);
  });
});

it('shows bytes in lines of sixteen with their characters', () => {
  const bytes = Uint8Array.from([...new TextEncoder().encode('Hello, wörld'), 0, 1, 127, 255, 0x7e]);
  expect(hexOf(bytes)).toBe(
    [
      '000000  48 65 6c 6c 6f 2c 20 77  c3 b6 72 6c 64 00 01 7f  Hello, w..rld...',
      '000010  ff 7e                                             .~',
    ].join('\n'),
  );
  expect(hexOf(new Uint8Array())).toBe('');
});

it('decodes base64 of any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes);
    }),
    { seed: 20_261_121 },
  );
});
