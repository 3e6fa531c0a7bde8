// The parser under bytes that no client means: mutated recordings and noise. It refuses with its own error or waits
// for more; it throws nothing else, and keeps no more than its limits.

import { expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { defaultFrameLimits } from '../../../broker/protocols/stomp/wire/frame.ts';
import { Parser } from '../../../broker/protocols/stomp/wire/parser.ts';
import type { Version } from '../../../broker/protocols/stomp/wire/version.ts';
import { fuzzTest } from '../../support/fuzz.ts';

const mebibyte = 1024 * 1024;

const recordings = [
  'CONNECT\naccept-version:1.0,1.1,1.2\nhost:localhost\nheart-beat:10000,10000\nlogin:a\npasscode:b\n\n\0\n',
  'STOMP\r\naccept-version:1.2\r\nhost:localhost\r\n\r\n\0\r\n',
  'SEND\ndestination:/queue/a\ncontent-type:text/plain\nreceipt:r-1\npersistent:true\n\nhello\0\n\n',
  'SEND\ndestination:/queue/ä\\c\\n\\\\\ncontent-length:11\n\nhel\0lo\nworld\0',
  'SUBSCRIBE\nid:0\ndestination:/topic/a.*.>\nack:client-individual\nselector:a = 1\n\n\0',
  'ACK\nid:12\ntransaction:tx1\n\n\0NACK\nid:13\n\n\0BEGIN\ntransaction:tx1\n\n\0COMMIT\ntransaction:tx1\n\n\0',
  'UNSUBSCRIBE\nid:0\n\n\0DISCONNECT\nreceipt:77\n\n\0',
  `SEND\n${'a:1\n'.repeat(40)}__proto__:x\ncontent-length:0\n\n\0`,
].map((text) => Buffer.from(text));

const telling = [0, 10, 13, 32, 45, 48, 57, 58, 92, 99, 110, 114, 127, 128, 0xc0, 0xe2, 0xed, 0xff];

/** mulberry32: the same numbers from the same seed, everywhere. */
function randomOf(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function pick<Item>(items: readonly Item[], random: (below: number) => number): Item {
  return items[random(items.length)]!;
}

type Mutation = (bytes: Buffer, random: (below: number) => number) => Buffer;

const mutations: Mutation[] = [
  (bytes, random) => {
    bytes[random(bytes.length)] = random(256);
    return bytes;
  },
  (bytes, random) => {
    bytes[random(bytes.length)] = pick(telling, random);
    return bytes;
  },
  (bytes, random) => {
    bytes[random(bytes.length)]! ^= 1 << random(8);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, 1 + random(bytes.length)),
  (bytes, random) => bytes.subarray(random(bytes.length)),
  (bytes, random) => {
    const at = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([pick(telling, random)]), bytes.subarray(at)]);
  },
  (bytes, random) => {
    const at = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))]);
  },
  (bytes, random) => {
    const at = random(bytes.length);
    const piece = bytes.subarray(at, at + 1 + random(40));
    return Buffer.concat([bytes.subarray(0, at), piece, piece, piece, bytes.subarray(at)]);
  },
  (bytes, random) => Buffer.concat([bytes, pick(recordings, random)]),
  (_, random) => Buffer.from(Array.from({ length: 1 + random(200) }, () => pick(telling, random))),
];

function mutated(random: (below: number) => number): Buffer {
  let bytes = Buffer.from(pick(recordings, random));
  for (let times = 1 + random(4); times > 0; times--) {
    if (bytes.length === 0) return bytes;
    bytes = Buffer.from(pick(mutations, random)(bytes, random));
  }
  return bytes;
}

function isRefusal(error: unknown): boolean {
  return error instanceof BrokerError && (error.code === 'invalid' || error.code === 'too-large');
}

fuzzTest('refuses mutated streams with its own error or waits', { cases: 10_000, seed: 61_613 }, ({ cases, seed }) => {
  const random = randomOf(seed);
  const limits = { ...defaultFrameLimits, bodyBytes: 4096 };
  const outcomes = { frames: 0, refused: 0, waiting: 0 };
  for (let number = 0; number < cases; number++) {
    const version = pick<Version | 'connecting'>(['1.2', '1.1', '1.0', 'connecting'], random);
    const bytes = mutated(random);
    const parser = new Parser(limits);
    if (version !== 'connecting') parser.accept(version);
    let taken = 0;
    try {
      for (let at = 0; at < bytes.length;) {
        const end = at + 1 + random(random(3) === 0 ? 8 : 400);
        parser.push(bytes.subarray(at, end));
        at = end;
        for (let frame = parser.next(); frame; frame = parser.next()) {
          outcomes.frames += 1;
          taken += frame.body.length;
        }
      }
      outcomes.waiting += 1;
    } catch (error) {
      if (!isRefusal(error)) {
        // The stream and the case's number say what to run again.
        throw new Error(`case ${number}: ${bytes.toString('hex')}`, { cause: error });
      }
      outcomes.refused += 1;
    }
    expect(taken).toBeLessThanOrEqual(bytes.length);
  }
  // A fuzz test that only ever sees one outcome tests nothing.
  expect(outcomes.frames).toBeGreaterThan(cases / 4);
  expect(outcomes.refused).toBeGreaterThan(cases / 10);
  expect(outcomes.waiting).toBeGreaterThan(cases / 10);
});

/** Memory for bytes that feeding `chunks` keeps alive, at its highest. */
function highestKept(parser: Parser, chunks: Iterable<Buffer>): number {
  const before = process.memoryUsage().arrayBuffers;
  let highest = 0;
  for (const chunk of chunks) {
    parser.push(chunk);
    parser.next();
    highest = Math.max(highest, process.memoryUsage().arrayBuffers - before);
  }
  return highest;
}

it('keeps about what arrived of a body that is announced large and comes slowly', () => {
  const parser = new Parser();
  parser.accept('1.2');
  function* slowly(): Generator<Buffer> {
    yield Buffer.from(`SEND\ncontent-length:${100 * mebibyte}\n\n`);
    for (let octet = 0; octet < 20_000; octet++) yield Buffer.alloc(1, 1);
  }
  expect(highestKept(parser, slowly())).toBeLessThan(mebibyte);
});

it('keeps no more than its limit of a body without an end', () => {
  const parser = new Parser({ ...defaultFrameLimits, bodyBytes: 8 * mebibyte });
  parser.accept('1.2');
  const chunk = Buffer.alloc(65_536, 1);
  function* endlessly(): Generator<Buffer> {
    yield Buffer.from('SEND\nfoo:bar\n\n');
    for (;;) yield chunk;
  }
  let highest = 0;
  expect(() => {
    highest = highestKept(parser, endlessly());
  }).toThrow('body longer than 8388608 bytes');
  expect(highest).toBeLessThan(24 * mebibyte);
});

it('reads a head that comes byte by byte in time that grows with its length, not with its square', () => {
  const parser = new Parser();
  parser.accept('1.2');
  const head = Buffer.from(`SEND\n${`name:${'v'.repeat(1000)}\n`.repeat(999)}\n\0`);
  const started = performance.now();
  let read = 0;
  for (let at = 0; at < head.length; at++) {
    parser.push(head.subarray(at, at + 1));
    if (parser.next()) read += 1;
  }
  expect(read).toBe(1);
  // A copy of what is there for each of a million bytes would take minutes.
  expect(performance.now() - started).toBeLessThan(10_000);
});
