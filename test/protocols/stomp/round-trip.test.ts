// What the encoder writes, the parser reads back, however the bytes are cut: for every version, any text in headers
// and any bytes in bodies.

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeHead, FrameWriter } from '../../../broker/protocols/stomp/wire/encoder.ts';
import type { Frame } from '../../../broker/protocols/stomp/wire/frame.ts';
import { Parser } from '../../../broker/protocols/stomp/wire/parser.ts';
import type { Version } from '../../../broker/protocols/stomp/wire/version.ts';

const seed = 20_260_801;

// A NUL in a header is replaced in every version; what else a version cannot say is left out of its own texts.
const text12 = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));
const text11 = text12.map((text) => text.replaceAll('\r', ''));
const text10 = text12.map((text) => text.replaceAll(/[\r\n]/g, '').trim());
const texts: Record<Version, fc.Arbitrary<string>> = { '1.2': text12, '1.1': text11, '1.0': text10 };

function frameOf(version: Version): fc.Arbitrary<Frame> {
  const value = texts[version];
  const name = value.filter(
    (text) => text !== '' && text !== 'content-length' && !(version === '1.0' && text.includes(':')),
  );
  return fc
    .record({
      command: fc.constantFrom('SEND', 'MESSAGE', 'ERROR'),
      headers: fc.uniqueArray(fc.tuple(name, value), { selector: ([each]) => each, maxLength: 12 }),
      body: fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ minLength: 15_000, maxLength: 20_000 })),
      counted: fc.boolean(),
    })
    .map(({ command, headers, body, counted }) => {
      const mustCount = counted || body.includes(0);
      const all: [string, string][] = mustCount ? [...headers, ['content-length', `${body.length}`]] : headers;
      return { command, headers: new Map(all), body: Buffer.from(body) };
    });
}

function encode(frames: readonly Frame[], version: Version, eolBetween: boolean): Buffer {
  const parts: Buffer[] = [];
  const writer = new FrameWriter((part) => parts.push(part));
  for (const { command, headers, body } of frames) {
    writer.write(encodeHead(command, headers, version), body);
    if (eolBetween) writer.writeLineFeed();
  }
  writer.flush();
  return Buffer.concat(parts);
}

function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const end = at + (sizes[index % sizes.length] ?? bytes.length);
    yield bytes.subarray(at, end);
    at = end;
  }
}

it.each(['1.2', '1.1', '1.0'] as const)('reads what it wrote, in version %s', (version) => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 9000 })), {
    minLength: 1,
  });
  fc.assert(
    fc.property(fc.array(frameOf(version), { maxLength: 4 }), sizes, fc.boolean(), (frames, chunkSizes, eolBetween) => {
      const parser = new Parser();
      parser.accept(version);
      const read: Frame[] = [];
      for (const chunk of cut(encode(frames, version, eolBetween), chunkSizes)) {
        parser.push(chunk);
        for (let frame = parser.next(); frame; frame = parser.next()) read.push(frame);
      }
      expect(read).toEqual(frames);
    }),
    { seed, numRuns: 300 },
  );
});

it('leaves frames that were not asked for to a later call, also behind more bytes', () => {
  const parser = new Parser();
  parser.push(Buffer.from('CONNECT\naccept-version:1.2\n\n\0SEND\nfoo:a\\cb\n\nx\0SE'));
  expect(parser.next()?.command).toBe('CONNECT');
  parser.push(Buffer.from('ND\nfoo:c\n\ny\0'));
  parser.accept('1.2');
  expect(parser.next()?.headers.get('foo')).toBe('a:b');
  expect(parser.next()?.body.toString()).toBe('y');
  expect(parser.next()).toBeUndefined();
});

it('gives a body as a view of the chunk that it came in', () => {
  const parser = new Parser();
  parser.accept('1.2');
  const chunk = Buffer.from('SEND\nfoo:a\n\nhello\0');
  parser.push(chunk);
  const body = parser.next()?.body;
  expect(body?.buffer).toBe(chunk.buffer);
});
