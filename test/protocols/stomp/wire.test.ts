// The wire, clause by clause: tables of bytes and of the frames or the error that they are, in wire/*.json. Each case
// is read whole, byte by byte, and cut in two at every place.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { encodeHead, FrameWriter } from '../../../broker/protocols/stomp/wire/encoder.ts';
import { defaultFrameLimits } from '../../../broker/protocols/stomp/wire/frame.ts';
import type { FrameLimits } from '../../../broker/protocols/stomp/wire/frame.ts';
import { Parser } from '../../../broker/protocols/stomp/wire/parser.ts';
import type { Version } from '../../../broker/protocols/stomp/wire/version.ts';

interface WireFrame {
  command: string;
  headers: [string, string][];
  body?: string;
  bodyHex?: string;
}

interface ReadCase {
  title: string;
  version: Version | 'connecting';
  limits?: FrameLimits;
  bytes?: string;
  hex?: string;
  frames?: WireFrame[];
  error?: { code: string; message: string };
}

interface WriteCase {
  title: string;
  version: Version;
  frame: WireFrame;
  bytes: string;
}

const readTables = ['frames', 'escaping', 'line-ends', 'content-length', 'limits', 'utf-8'];

function table<Case>(name: string): Case[] {
  return JSON.parse(readFileSync(new URL(`wire/${name}.json`, import.meta.url), 'utf8')) as Case[];
}

function bodyOf({ body, bodyHex }: WireFrame): string {
  return bodyHex ?? Buffer.from(body ?? '').toString('hex');
}

interface Outcome {
  frames: { command: string; headers: [string, string][]; body: string }[];
  error: BrokerError | undefined;
  /** After an error: asks once more. */
  fails: () => unknown;
}

function read({ version, limits = defaultFrameLimits }: ReadCase, chunks: Iterable<Buffer>): Outcome {
  const parser = new Parser(limits);
  if (version !== 'connecting') parser.accept(version);
  const frames: Outcome['frames'] = [];
  try {
    for (const chunk of chunks) {
      parser.push(chunk);
      for (let frame = parser.next(); frame; frame = parser.next()) {
        frames.push({ command: frame.command, headers: [...frame.headers], body: frame.body.toString('hex') });
      }
    }
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    return { frames, error, fails: () => parser.next() };
  }
  return { frames, error: undefined, fails: () => undefined };
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof BrokerError ? error.code : 'not a BrokerError';
  }
}

function* divisions(bytes: Buffer): Generator<Buffer[]> {
  yield [bytes];
  yield [...bytes].map((octet) => Buffer.from([octet]));
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

describe.each(readTables)('reads as the specification says: %s', (name) => {
  it.each(table<ReadCase>(name))('$title', (example) => {
    const bytes = example.hex === undefined ? Buffer.from(example.bytes ?? '') : Buffer.from(example.hex, 'hex');
    for (const chunks of divisions(bytes)) {
      const { frames, error, fails } = read(example, chunks);
      const expected = example.frames ?? [];
      expect(frames).toEqual(
        expected.map((frame) => ({ command: frame.command, headers: frame.headers, body: bodyOf(frame) })),
      );
      expect(error?.code).toBe(example.error?.code);
      expect(error?.message ?? '').toContain(example.error?.message ?? '');
      expect(codeOf(fails), 'fails for good').toBe(example.error?.code);
    }
  });
});

describe('writes as the specification says', () => {
  it.each(table<WriteCase>('encoding'))('$title', ({ version, frame, bytes }) => {
    const written: Buffer[] = [];
    const writer = new FrameWriter((part) => written.push(part));
    writer.write(encodeHead(frame.command, frame.headers, version), Buffer.from(bodyOf(frame), 'hex'));
    writer.flush();
    expect(Buffer.concat(written).toString()).toBe(bytes);
  });
});
