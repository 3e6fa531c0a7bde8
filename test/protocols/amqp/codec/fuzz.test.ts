// Mutated frames and messages, from a fixed seed: each is decoded, or refused with the condition for it. Nothing else
// is thrown, nothing takes long, and what is checked decodes.

import { expect } from 'vitest';
import { WireError } from '../../../../broker/protocols/amqp/conditions.ts';
import { Sections } from '../../../../broker/protocols/amqp/message/sections.ts';
import { readComposite } from '../../../../broker/protocols/amqp/codec/composite.ts';
import { FrameReader } from '../../../../broker/protocols/amqp/codec/frame-reader.ts';
import { FrameWriter } from '../../../../broker/protocols/amqp/codec/frame-writer.ts';
import { Reader } from '../../../../broker/protocols/amqp/codec/reader.ts';
import { tables, type CompositeKind } from '../../../../broker/protocols/amqp/codec/tables.ts';
import { hex } from './bytes.ts';
import { Mutator } from './mutator.ts';
import { fuzzTest } from '../../../support/fuzz.ts';

const usual = { cases: 10_000, seed: 0x0a3c5eed, timeout: 20_000 };
const conditions = new Set<string>(['amqp:decode-error', 'amqp:invalid-field', 'amqp:connection:framing-error']);
const kinds = Object.keys(tables) as CompositeKind[];

const frames = (() => {
  const writer = new FrameWriter(1024);
  const text = { type: 'string', value: 'queue://orders' } as const;
  writer.frame(0, 'open', {
    containerId: 'fuzz',
    desiredCapabilities: ['ANONYMOUS-RELAY', 'DELAYED_DELIVERY'],
    properties: [
      [
        { type: 'symbol', value: 'product' },
        { type: 'list', value: [text, { type: 'long', value: -1n }] },
      ],
    ],
  });
  writer.frame(0, 'begin', { nextOutgoingId: 0, incomingWindow: 2048, outgoingWindow: 2048 });
  writer.frame(0, 'attach', {
    name: 'link',
    handle: 0,
    role: false,
    unsettled: [
      [
        { type: 'binary', value: hex('01') },
        { type: 'null', value: null },
      ],
    ],
    properties: [
      [
        { type: 'symbol', value: 'a' },
        {
          type: 'array',
          value: {
            element: 'uint',
            items: [
              { type: 'uint', value: 300 },
              { type: 'uint', value: 1 },
            ],
          },
        },
      ],
    ],
  });
  writer.transfer(0, { handle: 0, deliveryId: 7, deliveryTag: hex('07'), messageFormat: 0 }, [hex('0053750a020102')]);
  writer.frame(0, 'disposition', { role: true, first: 1, last: 9, state: { kind: 'accepted' } });
  writer.sasl('saslInit', { mechanism: 'PLAIN', initialResponse: hex('00750070') });
  return writer.detach(8);
})();

const message = hex(`00 53 70 c0 02 01 41  00 53 71 c1 06 02 a30161 5401  00 53 72 c1 06 02 a30162 5402
  00 53 73 c0 04 01 a1 01 69  00 53 74 c1 0d 02 a10163 81 0020000000000001
  00 53 77 d0 0000001c 00000003 a1026869 c1 06 02 a30166 5401 f0 00000007 00000002 50 0102`);

fuzzTest('mutated frames', usual, ({ cases, seed }) => {
  const mutator = new Mutator(seed);
  let refused = 0;
  for (let i = 0; i < cases; i++) {
    const stream = mutator.mutate(frames);
    const sink = {
      header: () => undefined,
      frame: (_type: number, _channel: number, body: Buffer) => {
        if (body.length > 0) readComposite(new Reader(body), kinds);
      },
    };
    const reader = new FrameReader(sink, 4096);
    reader.expectsHeader = false;
    if (isRefused(() => reader.push(stream))) refused++;
  }
  expect(refused).toBeGreaterThan(cases / 4);
  expect(refused).toBeLessThan(cases);
});

fuzzTest('mutated messages', usual, ({ cases, seed }) => {
  const mutator = new Mutator(seed);
  let refused = 0;
  for (let i = 0; i < cases; i++) {
    const bytes = mutator.mutate(message);
    let sections: Sections | undefined;
    if (isRefused(() => (sections = new Sections(bytes)))) refused++;
    // What was not refused when it arrived must not fail later.
    sections?.body();
    sections?.deliveryAnnotations();
    sections?.messageAnnotations();
    sections?.applicationProperties();
    sections?.footer();
  }
  expect(refused).toBeGreaterThan(cases / 4);
  expect(refused).toBeLessThan(cases);
});

function isRefused(run: () => void): boolean {
  try {
    run();
    return false;
  } catch (error) {
    if (error instanceof WireError && conditions.has(error.condition)) return true;
    throw error;
  }
}
