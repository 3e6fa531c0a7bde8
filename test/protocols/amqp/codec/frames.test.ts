import { describe, expect, test } from 'vitest';
import { FrameReader } from '../../../../broker/protocols/amqp/codec/frame-reader.ts';
import { FrameWriter } from '../../../../broker/protocols/amqp/codec/frame-writer.ts';
import { hex } from './bytes.ts';

class Record {
  readonly seen: string[] = [];

  header(octets: Buffer): void {
    this.seen.push(`header ${octets.toString('hex')}`);
  }

  frame(type: number, channel: number, body: Buffer): void {
    this.seen.push(`frame ${type} ${channel} ${body.toString('hex')}`);
  }
}

const stream = hex(`414d515000010000
  00000008 02 00 0000
  0000000a 02 00 0102 aabb
  00000010 03 01 0000 ffffffff 01020304
  0000000c 02 00 ffff 0102`);
const seen = [
  'header 414d515000010000',
  'frame 0 0 ',
  'frame 0 258 aabb',
  'frame 1 0 01020304',
  // The last frame says it is 12 octets and has 10 so far.
];

describe('cuts the stream into a protocol header and frames', () => {
  test('2.3.1 size, data offset with an extended header, type and channel', () => {
    const record = new Record();
    new FrameReader(record, 512).push(stream);
    expect(record.seen).toEqual(seen);
  });

  test.each(Array.from({ length: stream.length }, (_, i) => i))('split after octet %i', (at) => {
    const record = new Record();
    const reader = new FrameReader(record, 512);
    reader.push(stream.subarray(0, at));
    reader.push(stream.subarray(at));
    expect(record.seen).toEqual(seen);
    reader.push(hex('0304'));
    expect(record.seen.at(-1)).toBe('frame 0 65535 01020304');
  });

  test('octet by octet', () => {
    const record = new Record();
    const reader = new FrameReader(record, 512);
    for (const octet of stream) reader.push(Buffer.of(octet));
    expect(record.seen).toEqual(seen);
  });

  test('nothing after it was stopped, within a chunk too', () => {
    const record = new Record();
    const stopped = new FrameReader({ header: () => stopped.stop(), frame: (...frame) => record.frame(...frame) }, 512);
    stopped.push(stream);
    stopped.push(stream);
    expect(record.seen).toEqual([]);
  });
});

describe('refuses as a framing error, before the body has arrived', () => {
  test.each([
    ['2.3.1 a size of 0', '00000000 02 00 0000'],
    ['2.3.1 a size below the frame header', '00000007 02 00 0000'],
    ['2.3.1 a data offset of 1', '00000010 01 00 0000'],
    ['2.3.1 a data offset beyond the frame', '0000000c 04 00 0000'],
    ['2.3.1 a size above the limit', '00000201 02 00 0000'],
    ['2.3.1 a size of four gigabytes', 'ffffffff 02 00 0000'],
  ])('%s', (_, octets) => {
    const reader = new FrameReader(new Record(), 512);
    reader.expectsHeader = false;
    expect(() => reader.push(hex(octets))).toThrow(
      expect.objectContaining({ condition: 'amqp:connection:framing-error', scope: 'connection' }),
    );
  });
});

describe('writes', () => {
  test('2.3.1 a frame with its size', () => {
    const writer = new FrameWriter(8);
    writer.frame(258, 'end', {});
    expect(writer.detach(8).toString('hex')).toBe('0000000c0200010200531745');
  });

  test('2.7.5 a transfer with its payload', () => {
    const writer = new FrameWriter(8);
    writer.transfer(0, { handle: 0, more: true }, [hex('0102'), hex('03')]);
    expect(writer.detach(8)).toEqual(hex('00000017 02 00 0000 00 53 14 c0 07 06 43 40 40 40 40 41 010203'));
  });

  test('2.4.5 a frame without a body, and 5.3.1 a SASL frame', () => {
    const writer = new FrameWriter(8);
    writer.heartbeat();
    writer.sasl('saslOutcome', { code: 0 });
    expect(writer.detach(8)).toEqual(hex('00000008 02 00 0000 00000010 02 01 0000 00 53 44 c0 03 01 5000'));
  });
});
