// Our codec beside mqtt-packet's, which was written by others: what one writes, the other reads; and how the frame reader
// cuts the stream, whatever pieces it comes in.

import * as fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import type { Packet } from 'mqtt-packet';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { connack, readConnect } from '../../../broker/protocols/mqtt/codec/connect.ts';
import { FrameReader } from '../../../broker/protocols/mqtt/codec/frame-reader.ts';
import { readPublish } from '../../../broker/protocols/mqtt/codec/publish.ts';
import { readSubscribe, readUnsubscribe, suback } from '../../../broker/protocols/mqtt/codec/subscribe.ts';
import { PacketWriter, shortPacket } from '../../../broker/protocols/mqtt/packet-writer.ts';

const seed = 20_261_121;
const maxBytes = 10_000_000;

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).filter((value) => !value.includes('\0'));
const bytes = fc.uint8Array({ maxLength: 40_000 }).map((value) => Buffer.from(value));
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);
const packetId = fc.integer({ min: 1, max: 65_535 });

function reader(connected = true): FrameReader {
  const frames = new FrameReader(maxBytes);
  if (connected) frames.accept(4);
  return frames;
}

/** Cuts the bytes at the places, each a part of the whole. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => Math.floor(place * whole.length)).toSorted((a, b) => a - b), whole.length];
  return at.slice(1).map((end, i) => whole.subarray(at[i], end));
}

function frame(packet: Packet, connected = true): FrameReader {
  const frames = reader(connected);
  frames.push(mqttPacket.generate(packet));
  expect(frames.next()).toBe(true);
  return frames;
}

function parsed(bytesWritten: Buffer): Packet[] {
  const packets: Packet[] = [];
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  parser.on('packet', (packet) => packets.push(packet));
  parser.on('error', (error: Error) => {
    throw error;
  });
  parser.parse(bytesWritten);
  return packets;
}

/** What a writer writes in one turn. */
function written(write: (writer: PacketWriter) => void): Buffer {
  const chunks: Buffer[] = [];
  const socket = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk);
      done();
    },
  });
  const writer = new PacketWriter(socket, () => {});
  write(writer);
  const { unsentBytes } = writer;
  writer.flush();
  const all = Buffer.concat(chunks);
  expect(unsentBytes).toBe(all.length);
  expect(writer.unsentBytes).toBe(0);
  return all;
}

describe('reads what mqtt-packet writes', () => {
  it('CONNECT', () => {
    const will = fc.record({ topic: text, payload: bytes, qos, retain: fc.boolean() });
    const connect = fc.record(
      { clientId: text, clean: fc.boolean(), keepalive: fc.nat(65_535), will, username: text, password: bytes },
      { requiredKeys: ['clientId', 'clean', 'keepalive'] },
    );
    fc.assert(
      fc.property(connect, fc.constantFrom(3 as const, 4 as const), ({ password, ...fields }, protocolVersion) => {
        const credentials = fields.username === undefined || password === undefined ? {} : { password };
        const protocolId = protocolVersion === 4 ? 'MQTT' : 'MQIsdp';
        const frames = frame({ cmd: 'connect', protocolId, protocolVersion, ...fields, ...credentials }, false);
        expect(readConnect(frames)).toEqual({
          level: protocolVersion,
          cleanSession: fields.clean,
          keepAliveSeconds: fields.keepalive,
          clientId: fields.clientId,
          will: fields.will,
          user: fields.username,
          password: credentials.password,
        });
      }),
      { seed },
    );
  });

  it('PUBLISH', () => {
    const publish = fc.record({ topic: text, payload: bytes, qos, retain: fc.boolean(), messageId: packetId });
    fc.assert(
      fc.property(publish, ({ topic, payload, messageId, ...flags }) => {
        const frames = frame({ cmd: 'publish', topic, payload, messageId, dup: false, ...flags });
        const { topicStart, topicEnd, ...fields } = readPublish(frames);
        expect(frames.bytes.toString('utf8', topicStart, topicEnd)).toBe(topic);
        expect(fields).toEqual({ ...flags, id: flags.qos === 0 ? 0 : messageId, payload });
      }),
      { seed },
    );
  });

  it('SUBSCRIBE and UNSUBSCRIBE', () => {
    const requests = fc.array(fc.record({ topic: text, qos }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(requests, packetId, (subscriptions, messageId) => {
        const asked = subscriptions.map(({ topic, qos: granted }) => ({ filter: topic, qos: granted }));
        const subscribe = frame({ cmd: 'subscribe', messageId, subscriptions });
        expect(readSubscribe(subscribe)).toEqual({ id: messageId, requests: asked });
        const filters = subscriptions.map(({ topic }) => topic);
        const unsubscribe = frame({ cmd: 'unsubscribe', messageId, unsubscriptions: filters });
        expect(readUnsubscribe(unsubscribe)).toEqual({ id: messageId, filters });
      }),
      { seed },
    );
  });
});

describe('writes what mqtt-packet reads', () => {
  it('PUBLISH and what answers it, many in a turn', () => {
    const publish = fc.record({
      topic: text,
      payload: bytes,
      qos,
      dup: fc.boolean(),
      retain: fc.boolean(),
      id: packetId,
    });
    const short = fc.record({
      kind: fc.constantFrom('puback', 'pubrec', 'pubrel', 'pubcomp', 'unsuback'),
      id: packetId,
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(publish, short), { minLength: 1, maxLength: 20 }), (packets) => {
        const all = written((writer) => {
          for (const packet of packets) {
            if ('kind' in packet) writer.short(shortPacket[packet.kind], packet.id);
            else writer.publish({ ...packet, topic: Buffer.from(packet.topic) });
          }
        });
        expect(parsed(all)).toMatchObject(
          packets.map((packet) => {
            if ('kind' in packet) return { cmd: packet.kind, messageId: packet.id };
            const { id, ...fields } = packet;
            return { cmd: 'publish', ...fields, ...(fields.qos === 0 ? {} : { messageId: id }) };
          }),
        );
      }),
      { seed },
    );
  });

  it('CONNACK and SUBACK', () => {
    expect(parsed(connack(0, true))).toMatchObject([{ cmd: 'connack', returnCode: 0, sessionPresent: true }]);
    expect(parsed(connack(5, false))).toMatchObject([{ cmd: 'connack', returnCode: 5, sessionPresent: false }]);
    for (const count of [1, 2, 125, 126, 127, 128, 20_000]) {
      const granted = Array.from({ length: count }, (_, i) => [0, 1, 2, 0x80][i % 4]!);
      expect(parsed(suback(513, granted))).toMatchObject([{ cmd: 'suback', messageId: 513, granted }]);
    }
  });
});

describe('the frame reader', () => {
  it('finds the same packets in any pieces', () => {
    const payloads = fc.array(bytes, { minLength: 1, maxLength: 12 });
    const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });
    fc.assert(
      fc.property(payloads, places, (all, where) => {
        const whole = Buffer.concat(
          all.map((payload) =>
            mqttPacket.generate({ cmd: 'publish', topic: 't', payload, qos: 0, dup: false, retain: false }),
          ),
        );
        const frames = reader();
        const found: Buffer[] = [];
        for (const piece of cut(whole, where)) {
          frames.push(piece);
          while (frames.next()) found.push(readPublish(frames).payload);
        }
        expect(found).toEqual(all);
      }),
      { seed },
    );
  });

  it('holds about as much as has come of a packet, not what it announces', () => {
    const before = process.memoryUsage().arrayBuffers;
    const all = Array.from({ length: 200 }, () => {
      const frames = new FrameReader(200_000_000);
      frames.accept(4);
      frames.push(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x3f, 0, 1]));
      expect(frames.next()).toBe(false);
      return frames;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
    expect(all).toHaveLength(200);
  });

  it('reads on where it was stopped when more comes', () => {
    const ping = Buffer.from([0xc0, 0]);
    const frames = reader();
    frames.push(Buffer.concat([ping, ping, ping.subarray(0, 1)]));
    expect(frames.next()).toBe(true);
    frames.push(Buffer.concat([ping.subarray(1), ping]));
    expect([frames.next(), frames.next(), frames.next(), frames.next()]).toEqual([true, true, true, false]);
  });
});
