// Our codec beside mqtt-packet's, which was written by others: what one writes, the other reads; and how the frame reader
// cuts the stream, whatever pieces it comes in.

import * as fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import type { Packet } from 'mqtt-packet';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readAcknowledgement } from '../../../broker/protocols/mqtt/codec/acknowledgement.ts';
import { connack, readConnect, readVersion } from '../../../broker/protocols/mqtt/codec/connect.ts';
import type { Connect } from '../../../broker/protocols/mqtt/codec/connect.ts';
import { auth, disconnect, readAuth, readDisconnect } from '../../../broker/protocols/mqtt/codec/disconnect.ts';
import { FieldReader } from '../../../broker/protocols/mqtt/codec/field-reader.ts';
import type { ProtocolLevel } from '../../../broker/protocols/mqtt/codec/fixed-header.ts';
import { emptySection, property, PropertyWriter } from '../../../broker/protocols/mqtt/codec/properties.ts';
import { FrameReader } from '../../../broker/protocols/mqtt/codec/frame-reader.ts';
import { readPublish } from '../../../broker/protocols/mqtt/codec/publish.ts';
import { readSubscribe, readUnsubscribe, suback, unsuback } from '../../../broker/protocols/mqtt/codec/subscribe.ts';
import { PacketWriter, shortPacket } from '../../../broker/protocols/mqtt/packet-writer.ts';

const seed = 20_261_121;
const maxBytes = 10_000_000;

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).filter((value) => !value.includes('\0'));
const bytes = fc.uint8Array({ maxLength: 40_000 }).map((value) => Buffer.from(value));
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);
const packetId = fc.integer({ min: 1, max: 65_535 });

const namesAndValues = fc
  .array(fc.tuple(text, text), { maxLength: 5 })
  .map((pairs) => pairs.map(([name, value]) => ({ name: `n${name}`, value })));
const uint16 = fc.integer({ min: 1, max: 65_535 });
const uint32 = fc.integer({ min: 1, max: 0xffff_ffff });
/** Those of messages, as mqtt-packet has them. */
const messageProperties = fc.record(
  {
    payloadFormatIndicator: fc.boolean(),
    messageExpiryInterval: uint32,
    contentType: text,
    responseTopic: text.filter((topic) => !/[+#]/.test(topic)),
    correlationData: bytes,
  },
  { requiredKeys: [] },
);

/** As mqtt-packet takes them: each name once, with all its values. */
function asObject(pairs: readonly { readonly name: string; readonly value: string }[]) {
  const userProperties: Record<string, string[]> = {};
  for (const { name, value } of pairs) (userProperties[name] ??= []).push(value);
  return pairs.length === 0 ? {} : { userProperties };
}

/** In the order in which mqtt-packet writes them. */
function inItsOrder(pairs: readonly { readonly name: string; readonly value: string }[]) {
  const { userProperties: all = {} } = asObject(pairs);
  return Object.entries(all).flatMap(([name, values]) => values.map((value) => ({ name, value })));
}

function reader(level: ProtocolLevel | undefined = 4): FrameReader {
  const frames = new FrameReader(maxBytes);
  if (level !== undefined) frames.accept(level);
  return frames;
}

function readWhole(frames: FrameReader): Connect {
  const fields = new FieldReader('CONNECT', frames);
  const level = readVersion(fields);
  if (typeof level !== 'number') throw new Error(`level ${level.level}`);
  return readConnect(fields, level);
}

/** Cuts the bytes at the places, each a part of the whole. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => Math.floor(place * whole.length)).toSorted((a, b) => a - b), whole.length];
  return at.slice(1).map((end, i) => whole.subarray(at[i], end));
}

function frame(packet: Packet, level: ProtocolLevel = 4): FrameReader {
  const frames = packet.cmd === 'connect' ? new FrameReader(maxBytes) : reader(level);
  frames.push(mqttPacket.generate(packet, { protocolVersion: level }));
  expect(frames.next()).toBe(true);
  return frames;
}

function parsed(bytesWritten: Buffer, protocolVersion: 4 | 5 = 4): Packet[] {
  const packets: Packet[] = [];
  const parser = mqttPacket.parser({ protocolVersion });
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
  const writer = new PacketWriter(
    socket,
    () => {},
    () => {},
  );
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
        const frames = frame({ cmd: 'connect', protocolId, protocolVersion, ...fields, ...credentials });
        expect(readWhole(frames)).toEqual({
          level: protocolVersion,
          clean: fields.clean,
          keepAliveSeconds: fields.keepalive,
          clientId: fields.clientId,
          will: fields.will && { ...fields.will, properties: {} },
          properties: {},
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
        const { topicStart, topicEnd, ...fields } = readPublish(frames, 4);
        expect(frames.bytes.toString('utf8', topicStart, topicEnd)).toBe(topic);
        expect(fields).toEqual({ ...flags, dup: false, id: flags.qos === 0 ? 0 : messageId, payload });
      }),
      { seed },
    );
  });

  it('SUBSCRIBE and UNSUBSCRIBE', () => {
    const requests = fc.array(fc.record({ topic: text, qos }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(requests, packetId, (subscriptions, messageId) => {
        const asked = subscriptions.map(({ topic, qos: granted }) => ({
          filter: topic,
          options: { qos: granted, noLocal: false, retainAsPublished: false, identifier: 0 },
          retainHandling: 0,
        }));
        const subscribe = frame({ cmd: 'subscribe', messageId, subscriptions });
        expect(readSubscribe(subscribe, 4)).toEqual({ id: messageId, requests: asked });
        const filters = subscriptions.map(({ topic }) => topic);
        const unsubscribe = frame({ cmd: 'unsubscribe', messageId, unsubscriptions: filters });
        expect(readUnsubscribe(unsubscribe, 4)).toEqual({ id: messageId, filters });
      }),
      { seed },
    );
  });
});

describe('reads what mqtt-packet writes in MQTT 5', () => {
  it('CONNECT', () => {
    const properties = fc.record(
      {
        sessionExpiryInterval: uint32,
        receiveMaximum: uint16,
        maximumPacketSize: uint32,
        topicAliasMaximum: uint16,
        requestResponseInformation: fc.boolean(),
        requestProblemInformation: fc.boolean(),
        authenticationMethod: text,
      },
      { requiredKeys: [] },
    );
    const will = fc.record({
      topic: text,
      payload: bytes,
      qos,
      retain: fc.boolean(),
      properties: messageProperties,
      delay: uint32,
    });
    fc.assert(
      fc.property(text, properties, will, namesAndValues, (clientId, asked, { delay, ...left }, pairs) => {
        const connect = readWhole(
          frame(
            {
              cmd: 'connect',
              protocolId: 'MQTT',
              protocolVersion: 5,
              clientId,
              clean: true,
              keepalive: 7,
              properties: { ...asked, ...asObject(pairs) },
              will: { ...left, properties: { ...left.properties, willDelayInterval: delay } },
            },
            5,
          ),
        );
        const flag = (value: boolean | undefined): number | undefined =>
          value === undefined ? undefined : Number(value);
        expect(connect.properties).toEqual(
          withoutHoles({
            sessionExpiry: asked.sessionExpiryInterval,
            receiveMaximum: asked.receiveMaximum,
            maximumPacketSize: asked.maximumPacketSize,
            topicAliasMaximum: asked.topicAliasMaximum,
            requestResponseInformation: flag(asked.requestResponseInformation),
            requestProblemInformation: flag(asked.requestProblemInformation),
            authenticationMethod: asked.authenticationMethod,
            userProperties: pairs.length === 0 ? undefined : inItsOrder(pairs),
          }),
        );
        expect(connect.will?.properties).toMatchObject({ ...messageFields(left.properties), willDelay: delay });
      }),
      { seed },
    );
  });

  it('PUBLISH', () => {
    fc.assert(
      fc.property(text, bytes, messageProperties, namesAndValues, (topic, payload, asked, pairs) => {
        const published = {
          cmd: 'publish' as const,
          topic,
          payload,
          qos: 1 as const,
          dup: false,
          retain: false,
          messageId: 3,
          properties: { ...asked, ...asObject(pairs) },
        };
        const read = readPublish(frame(published, 5), 5);
        expect(read.payload).toEqual(payload);
        const { forwarded, ...properties } = read.properties ?? {};
        const expected = {
          ...messageFields(asked),
          ...(pairs.length === 0 ? {} : { userProperties: inItsOrder(pairs) }),
        };
        expect(properties).toEqual(expected);
        // What is forwarded says the same to the next reader, but for the expiry.
        const { messageExpiryInterval: _, ...lasting } = published.properties;
        const [again] = parsed(
          written((writer) =>
            writer.publish({
              topic: Buffer.from(topic),
              payload,
              qos: 1,
              dup: false,
              retain: false,
              id: 3,
              properties: new PropertyWriter().encoded(forwarded ?? Buffer.alloc(0)).finish(),
            }),
          ),
          5,
        );
        const [direct] = parsed(mqttPacket.generate({ ...published, properties: lasting }, { protocolVersion: 5 }), 5);
        expect({ ...again, length: 0 }).toEqual({ ...direct, length: 0 });
      }),
      { seed },
    );
  });

  it('SUBSCRIBE, with all its options', () => {
    const request = fc.record({ topic: text, qos, nl: fc.boolean(), rap: fc.boolean(), rh: fc.constantFrom(0, 1, 2) });
    const requests = fc.array(request, { minLength: 1, maxLength: 20 });
    const identifier = fc.integer({ min: 1, max: 268_435_455 });
    fc.assert(
      fc.property(requests, identifier, (subscriptions, subscriptionIdentifier) => {
        const properties = { subscriptionIdentifier };
        const subscribe = frame({ cmd: 'subscribe', messageId: 9, subscriptions, properties }, 5);
        expect(readSubscribe(subscribe, 5).requests).toEqual(
          subscriptions.map(({ topic, qos: asked, nl, rap, rh }) => ({
            filter: topic,
            options: { qos: asked, noLocal: nl, retainAsPublished: rap, identifier: subscriptionIdentifier },
            retainHandling: rh,
          })),
        );
      }),
      { seed },
    );
  });

  it.each(['puback', 'pubrec', 'pubrel', 'pubcomp'] as const)('%s', (cmd) => {
    const code = cmd === 'pubrel' || cmd === 'pubcomp' ? 0x92 : 0x97;
    const properties = { reasonString: 'no', userProperties: { a: 'b' } };
    for (const reasonCode of [0, code]) {
      const read = frame({ cmd, messageId: 513, reasonCode, properties }, 5);
      expect(readAcknowledgement(read, 5)).toEqual({ id: 513, code: reasonCode });
    }
  });

  it('DISCONNECT and AUTH', () => {
    const left = frame({ cmd: 'disconnect', reasonCode: 4, properties: { sessionExpiryInterval: 9 } }, 5);
    expect(readDisconnect(left, 5)).toEqual({ code: 4, properties: { sessionExpiry: 9 } });
    const authenticationData = Buffer.from([1, 2]);
    const proof = frame(
      { cmd: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'm', authenticationData } },
      5,
    );
    expect(readAuth(proof)).toEqual({ code: 0x18, properties: { authenticationMethod: 'm', authenticationData } });
  });
});

function withoutHoles(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** As our codec names what mqtt-packet reads of messages. */
function messageFields(properties: {
  readonly payloadFormatIndicator?: boolean;
  readonly messageExpiryInterval?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Buffer;
}): Record<string, unknown> {
  const { payloadFormatIndicator, messageExpiryInterval, ...others } = properties;
  const payloadFormat = payloadFormatIndicator === undefined ? undefined : Number(payloadFormatIndicator);
  return withoutHoles({ ...others, payloadFormat, messageExpiry: messageExpiryInterval });
}

describe('writes what mqtt-packet reads in MQTT 5', () => {
  it('CONNACK, SUBACK, UNSUBACK, DISCONNECT and AUTH', () => {
    const properties = new PropertyWriter()
      .integer(property.receiveMaximum, 1000)
      .long(property.maximumPacketSize, 70_000)
      .text(property.assignedClientIdentifier, 'me')
      .text(property.reasonString, 'because');
    expect(parsed(connack(5, 0x87, true, properties.finish()), 5)).toMatchObject([
      {
        cmd: 'connack',
        reasonCode: 0x87,
        properties: {
          receiveMaximum: 1000,
          maximumPacketSize: 70_000,
          assignedClientIdentifier: 'me',
          reasonString: 'because',
        },
      },
    ]);
    const because = new PropertyWriter().text(property.reasonString, 'because').finish();
    expect(parsed(suback(513, [0, 0x87], because), 5)).toMatchObject([
      { cmd: 'suback', messageId: 513, granted: [0, 0x87], properties: { reasonString: 'because' } },
    ]);
    expect(parsed(unsuback(513, [0, 0x11], emptySection), 5)).toMatchObject([
      { cmd: 'unsuback', messageId: 513, granted: [0, 0x11] },
    ]);
    expect(parsed(disconnect(0x8e, because), 5)).toMatchObject([
      { cmd: 'disconnect', reasonCode: 0x8e, properties: { reasonString: 'because' } },
    ]);
    expect(parsed(disconnect(0x8b, emptySection), 5)).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x8b }]);
    expect(parsed(auth(0x18, 'm', Buffer.from('x')), 5)).toMatchObject([
      {
        cmd: 'auth',
        reasonCode: 0x18,
        properties: { authenticationMethod: 'm', authenticationData: Buffer.from('x') },
      },
    ]);
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
      kind: fc.constantFrom('puback', 'pubrec', 'pubrel', 'pubcomp'),
      id: packetId,
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(publish, short), { minLength: 1, maxLength: 20 }), (packets) => {
        const all = written((writer) => {
          for (const packet of packets) {
            if ('kind' in packet) writer.short(shortPacket[packet.kind], packet.id);
            else writer.publish({ ...packet, topic: Buffer.from(packet.topic), properties: undefined });
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
    expect(parsed(connack(4, 0, true, emptySection))).toMatchObject([
      { cmd: 'connack', returnCode: 0, sessionPresent: true },
    ]);
    expect(parsed(connack(4, 0x87, false, emptySection))).toMatchObject([
      { cmd: 'connack', returnCode: 5, sessionPresent: false },
    ]);
    for (const count of [1, 2, 125, 126, 127, 128, 20_000]) {
      const granted = Array.from({ length: count }, (_, i) => [0, 1, 2, 0x80][i % 4]!);
      expect(parsed(suback(513, granted, undefined))).toMatchObject([{ cmd: 'suback', messageId: 513, granted }]);
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
          while (frames.next()) found.push(readPublish(frames, 4).payload);
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
