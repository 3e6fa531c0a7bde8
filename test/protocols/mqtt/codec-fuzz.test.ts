// Everything that reads packets, under streams that no client means, cut anywhere: what is not a packet is refused with a
// reason code, and nothing else is thrown.

import { expect } from 'vitest';
import { readAcknowledgement } from '../../../broker/protocols/mqtt/codec/acknowledgement.ts';
import { readConnect, readVersion } from '../../../broker/protocols/mqtt/codec/connect.ts';
import { readAuth, readDisconnect } from '../../../broker/protocols/mqtt/codec/disconnect.ts';
import { FieldReader } from '../../../broker/protocols/mqtt/codec/field-reader.ts';
import type { ProtocolLevel } from '../../../broker/protocols/mqtt/codec/fixed-header.ts';
import { FrameReader } from '../../../broker/protocols/mqtt/codec/frame-reader.ts';
import { readPublish } from '../../../broker/protocols/mqtt/codec/publish.ts';
import { WireError } from '../../../broker/protocols/mqtt/codec/reason.ts';
import { readSubscribe, readUnsubscribe } from '../../../broker/protocols/mqtt/codec/subscribe.ts';
import { fuzzTest } from '../../support/fuzz.ts';
import { randomOf, spoiledSession } from './spoiled-session.ts';

/** By packet type; PINGREQ has nothing to read. */
const readers: Readonly<Record<number, (frame: FrameReader, level: ProtocolLevel) => unknown>> = {
  3: readPublish,
  4: readAcknowledgement,
  5: readAcknowledgement,
  6: readAcknowledgement,
  7: readAcknowledgement,
  8: readSubscribe,
  10: readUnsubscribe,
  14: readDisconnect,
  15: readAuth,
};

/** @returns how many packets were read. @throws WireError. */
function readAll(bytes: Buffer, random: (below: number) => number): number {
  const frames = new FrameReader(100_000);
  let level: ProtocolLevel | undefined;
  let packets = 0;
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random(random(3) === 0 ? 5 : 40_000);
    frames.push(bytes.subarray(at, at + length));
    at += length;
    while (frames.next()) {
      if (level === undefined) {
        const fields = new FieldReader('CONNECT', frames);
        const version = readVersion(fields);
        if (typeof version !== 'number') return packets;
        level = version;
        frames.accept(level);
        readConnect(fields, level);
      } else {
        readers[frames.type]?.(frames, level);
      }
      packets++;
    }
  }
  return packets;
}

fuzzTest('reads spoiled streams, or refuses them', { cases: 10_000, seed: 1_884 }, ({ cases, seed }) => {
  const random = randomOf(seed);
  const outcomes = { packets: 0, whole: 0, refused: 0 };
  for (let number = 0; number < cases; number++) {
    const bytes = spoiledSession(random);
    try {
      outcomes.packets += readAll(bytes, random);
      outcomes.whole++;
    } catch (error) {
      if (!(error instanceof WireError)) throw new Error(`case ${number}: ${bytes.toString('hex')}`, { cause: error });
      outcomes.refused++;
    }
  }
  expect(outcomes.packets).toBeGreaterThan(cases);
  expect(outcomes.whole).toBeGreaterThan(cases / 10);
  expect(outcomes.refused).toBeGreaterThan(cases / 10);
});
