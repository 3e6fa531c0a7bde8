// Whatever comes to a port that finds out what is spoken, the engine goes on: each connection ends in time, and the next client is
// served. Beginnings are those of real clients, mutated; the seed is fixed.

import { connect } from 'node:net';
import { describe, expect } from 'vitest';
import { sniff } from '../../broker/protocols/transport/sniff.ts';
import { StompFrames } from '../../broker/protocols/transport/stomp-frames.ts';
import { openssl, TestAuthority } from '../support/certificates.ts';
import { temporaryDirectory } from '../support/engine-process.ts';
import { fuzzTest } from '../support/fuzz.ts';
import { closed, listening } from './listening.ts';
import { overMqtt, overStompit } from './round-trips.ts';

const usual = { cases: 1500, seed: 20_261_121 };
const atOnce = 50;

/** Mulberry32: small, and the same everywhere. */
function random(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const upgrade =
  'GET / HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
  'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: mqtt\r\n\r\n';
const beginnings = [
  'AMQP\x03\x01\0\0\0\0\0\x20\x02\x01\0\0\0\x53\x41\xc0\x13\x01\xa3\x09ANONYMOUS',
  '\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01a\xc0\0',
  '\n\nCONNECT\naccept-version:1.2\nhost:h\n\n\0SEND\ndestination:/queue/a\n\nx\0',
  upgrade,
  `${upgrade}\x82\x8f\0\0\0\0\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01a`,
  '\x16\x03\x01\0\xa5\x01\0\0\xa1\x03\x03',
].map((text) => Buffer.from(text, 'latin1'));

function mutated(next: (below: number) => number): Buffer {
  const bytes = Buffer.from(beginnings[next(beginnings.length)]!);
  for (let i = next(4); i > 0; i--) bytes[next(bytes.length)] = next(256);
  const kept = bytes.subarray(0, next(3) === 0 ? next(bytes.length) : bytes.length);
  const tail = Buffer.from(Array.from({ length: next(64) }, () => next(256)));
  return next(2) === 0 ? kept : Buffer.concat([kept, tail]);
}

function framesOf(messages: readonly Buffer[]): string[] {
  return messages.map((message) => message.toString('latin1').replace(/\n$/, '')).filter((frame) => frame !== '');
}

describe('fuzzing', () => {
  fuzzTest('ends connections that begin wrong', usual, async ({ cases, seed }) => {
    await using directory = await temporaryDirectory();
    const tls = openssl.present ? await (await TestAuthority.make(directory.path)).server() : undefined;
    const options = { handshakeTimeoutMs: 100, ...(tls === undefined ? {} : { tls }) };
    await using any = await listening('any', options);
    const next = random(seed);
    for (let batch = 0; batch < cases / atOnce; batch++) {
      const sent = Array.from({ length: atOnce }, () => mutated(next));
      await Promise.all(
        sent.map(async (bytes) => {
          const socket = connect({ host: '127.0.0.1', port: any.port });
          socket.on('error', () => undefined);
          socket.end(bytes);
          await closed(socket);
        }),
      );
    }
    expect(await overMqtt(`mqtt://127.0.0.1:${any.port}`)).toBe('Grüße');
    expect(await overMqtt(`ws://127.0.0.1:${any.port}`)).toBe('Grüße');
    expect(await overStompit({ host: '127.0.0.1', port: any.port })).toBe('Grüße');
  });

  fuzzTest('knows beginnings after 32 bytes, for good', { ...usual, cases: 75_000 }, ({ cases, seed }) => {
    const next = random(seed);
    for (let i = 0; i < cases; i++) {
      const bytes = mutated(next);
      const whole = sniff(Buffer.concat([bytes, Buffer.alloc(32)]).subarray(0, 32));
      expect(whole).not.toBe('undecided');
      const early = sniff(bytes.subarray(0, next(32)));
      if (early !== 'undecided' && bytes.length >= 32) expect(early).toBe(sniff(bytes.subarray(0, 32)));
    }
  });

  fuzzTest('finds the same STOMP frames however writes cut them', usual, ({ cases, seed }) => {
    const next = random(seed);
    for (let i = 0; i < cases; i++) {
      const expected = Array.from({ length: 1 + next(5) }, () => {
        const body = Buffer.from(Array.from({ length: next(40) }, () => (next(2) === 0 ? 0 : next(256))));
        const end = next(2) === 0 ? '\0\n' : '\0';
        const head = `MESSAGE\nmessage-id:${next(1000)}\ncontent-length:${body.length}\n\n`;
        return next(3) === 0
          ? Buffer.from(`RECEIPT\nreceipt-id:1\n\n${end}`)
          : Buffer.concat([Buffer.from(head), body, Buffer.from(end)]);
      });
      const stream = Buffer.concat(expected);
      const frames = new StompFrames();
      const found: Buffer[] = [];
      for (let at = 0; at < stream.length;) {
        const end = Math.min(stream.length, at + 1 + next(30));
        found.push(...frames.push(stream.subarray(at, end)));
        at = end;
      }
      // An end of line behind a frame is a message of its own where the cut is before it.
      expect(framesOf(found)).toEqual(framesOf(expected));
    }
  });
});
