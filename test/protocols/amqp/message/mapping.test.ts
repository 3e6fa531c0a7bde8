// What becomes of each part of an AMQP message in the engine, and of each part of another dialect's message in AMQP.

import rhea from 'rhea';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../../../broker/core/message.ts';
import { messageFromSections } from '../../../../broker/protocols/amqp/message/from-sections.ts';
import { Sections } from '../../../../broker/protocols/amqp/message/sections.ts';
import {
  deliverySections,
  forwardedSections,
  type Delivered,
} from '../../../../broker/protocols/amqp/message/to-sections.ts';
import { message as testMessage } from '../../../support/messages.ts';
import { hex } from '../codec/bytes.ts';

const now = 1_700_000_000_000;
const { types } = rhea;
const value = '0053 77 a1 02 6869';

function received(bytes: Buffer) {
  return messageFromSections(new Sections(bytes), 'queue://orders', () => 'ID:new', now);
}

function encoded(message: object): Message {
  return received(rhea.message.encode({ body: 'hi', ...message })).message;
}

describe('from AMQP', () => {
  test.each([
    ['message-id, a string', { message_id: 'ID:1' }, { id: 'ID:1' }],
    ['message-id, a ulong', { message_id: types.wrap_ulong(7) }, { id: '7' }],
    [
      'message-id, a uuid',
      { message_id: types.wrap_uuid(hex('00112233445566778899aabbccddeeff')) },
      { id: '00112233-4455-6677-8899-aabbccddeeff' },
    ],
    ['message-id, binary', { message_id: types.wrap_binary(hex('fbff')) }, { id: '+/8=' }],
    ['no message-id', {}, { id: 'ID:new' }],
    ['to, which is where it was sent', { to: 'elsewhere' }, { to: 'queue://orders' }],
    ['subject', { subject: 'type' }, { type: 'type' }],
    ['reply-to, a plain name', { reply_to: 'r' }, { replyTo: 'queue://r' }],
    ['reply-to, an address', { reply_to: 'topic://r' }, { replyTo: 'topic://r' }],
    [
      'reply-to, a topic by its annotation',
      { reply_to: 'r', message_annotations: { 'x-opt-jms-reply-to': types.wrap_byte(1) } },
      { replyTo: 'topic://r' },
    ],
    ['correlation-id', { correlation_id: types.wrap_ulong(8) }, { correlationId: '8' }],
    ['content-type', { content_type: 'text/plain' }, { contentType: 'text/plain' }],
    ['content-encoding', { content_encoding: 'gzip' }, { contentEncoding: 'gzip' }],
    ['user-id', { user_id: Buffer.from('ann') }, { userId: 'ann' }],
    ['group-id and group-sequence', { group_id: 'g', group_sequence: 3 }, { groupId: 'g', groupSequence: 3 }],
    ['creation-time', { creation_time: 1000 }, { timestamp: 1000 }],
    ['no creation-time', {}, { timestamp: now }],
    ['durable', { durable: true }, { durable: true }],
    ['not durable', { durable: false }, { durable: false }],
    ['no header, whose default is not durable', {}, { durable: false, priority: 4, expiresAt: undefined }],
    ['priority', { priority: 9 }, { priority: 9 }],
    ['priority above nine', { priority: 200 }, { priority: 9 }],
    ['ttl', { ttl: 500 }, { expiresAt: now + 500 }],
    [
      'absolute-expiry-time, which comes before ttl',
      { ttl: 500, absolute_expiry_time: now + 9 },
      { expiresAt: now + 9 },
    ],
  ])('%s', (_, sent, expected) => {
    expect(encoded(sent)).toMatchObject(expected);
  });

  test.each([
    ['string', 'text', 'string', 'text'],
    ['boolean', true, 'boolean', true],
    ['byte', types.wrap_byte(-1), 'byte', -1],
    ['ubyte', types.wrap_ubyte(255), 'short', 255],
    ['short', types.wrap_short(-2), 'short', -2],
    ['ushort', types.wrap_ushort(65_535), 'int', 65_535],
    ['int', types.wrap_int(-3), 'int', -3],
    ['uint', types.wrap_uint(0xffffffff), 'long', 0xffffffff],
    ['long', types.wrap_long(-4), 'long', -4],
    ['ulong', types.wrap_ulong(5), 'long', 5],
    ['float', types.wrap_float(1.5), 'float', 1.5],
    ['double', types.wrap_double(0.1), 'double', 0.1],
    ['char', types.wrap_char(0x1f600), 'string', '\u{1f600}'],
    ['symbol', types.wrap_symbol('s'), 'string', 's'],
    ['timestamp', types.wrap_timestamp(5), 'timestamp', 5],
    ['binary', types.wrap_binary(hex('01ff')), 'binary', hex('01ff')],
    [
      'uuid',
      types.wrap_uuid(hex('00112233445566778899aabbccddeeff')),
      'string',
      '00112233-4455-6677-8899-aabbccddeeff',
    ],
    ['null', null, 'null', null],
    ['list, which is not allowed there', types.wrap_list([1, 'a']), 'string', '[1,"a"]'],
  ])('an application property that is a %s', (_, sent, type, expected) => {
    expect(encoded({ application_properties: { p: sent } }).properties).toEqual([{ name: 'p', type, value: expected }]);
  });

  test('an application property that is a long beyond what a number holds', () => {
    const sections = hex(`00 53 74 c1 0d 02 a10170 81 7fffffffffffffff ${value}`);
    expect(received(sections).message.properties).toEqual([{ name: 'p', type: 'long', value: 2n ** 63n - 1n }]);
  });

  test('an application property that is a ulong beyond any long', () => {
    const sections = hex(`00 53 74 c1 0d 02 a10170 80 ffffffffffffffff ${value}`);
    expect(received(sections).message.properties).toEqual([
      { name: 'p', type: 'decimal', value: '18446744073709551615' },
    ]);
  });

  test('an application property that is a decimal', () => {
    const sections = hex(`00 53 74 c1 09 02 a10170 74 3200000f ${value}`);
    expect(received(sections).message.properties).toEqual([{ name: 'p', type: 'decimal', value: '1.5' }]);
  });

  test.each([
    ['a string value', value, undefined, 'text', 'hi'],
    ['a null value', '0053 77 40', undefined, 'text', ''],
    ['a binary value', '0053 77 a0 02 6869', undefined, 'bytes', 'hi'],
    ['data', '0053 75 a0 02 6869', undefined, 'bytes', 'hi'],
    ['data of a binary type', '0053 75 a0 02 6869', 'application/octet-stream', 'bytes', 'hi'],
    ['data of a text type', '0053 75 a0 02 6869', 'text/plain', 'text', 'hi'],
    ['data of JSON', '0053 75 a0 02 7b7d', 'application/json', 'text', '{}'],
    ['data of a text type that is not UTF-8', '0053 75 a0 02 c328', 'text/plain', 'bytes', undefined],
    ['data of a text type in another encoding', '0053 75 a0 02 6869', 'text/plain; charset=utf-16', 'bytes', 'hi'],
    ['several data sections', '0053 75 a0 01 68 0053 75 a0 01 69', 'text/plain; charset=UTF-8', 'text', 'hi'],
    ['a number', '0053 77 81 7fffffffffffffff', undefined, 'value', '9223372036854775807'],
    ['a list', '0053 77 c0 09 05 41 40 a1 01 61 54 05 43', undefined, 'value', '[true,null,"a",5,0]'],
    ['a map', '0053 77 c1 07 02 a101 6b a0 01 ff', undefined, 'value', '{"k":"/w=="}'],
    ['a timestamp', '0053 77 83 0000000000000000', undefined, 'value', '"1970-01-01T00:00:00.000Z"'],
    ['an infinite double', '0053 77 82 7ff0000000000000', undefined, 'value', '"Infinity"'],
    ['sequences', '0053 76 c0 03 01 5401 0053 76 c0 03 01 5402', undefined, 'value', '[1,2]'],
    ['nothing', '0053 70 45', undefined, 'bytes', ''],
  ])('a body that is %s', (_, octets, contentType, bodyType, body) => {
    const properties =
      contentType === undefined
        ? ''
        : `00 53 73 c0 ${(10 + contentType.length - 1).toString(16).padStart(2, '0')} 07 40404040 4040 a3 ${contentType.length.toString(16).padStart(2, '0')} ${Buffer.from(contentType).toString('hex')}`;
    const { message } = received(hex(properties + octets));
    expect(message).toMatchObject({ bodyType, contentType });
    expect(message.body).toEqual(body === undefined ? hex('c328') : Buffer.from(body));
  });

  test('the body is a view of the original where it is one run of octets', () => {
    for (const octets of [value, '0053 75 a0 02 6869']) {
      const { body, original } = received(hex(octets)).message;
      expect(body.buffer).toBe(original?.bytes.buffer);
    }
  });

  test.each([
    ['x-opt-delivery-delay', types.wrap_long(500), 500],
    ['x-opt-delivery-time', types.wrap_long(now + 700), 700],
    ['x-opt-delivery-time in the past', types.wrap_long(now - 700), 0],
  ])('%s delays the delivery', (name, milliseconds, expected) => {
    const annotations = { [name.split(' ')[0] as string]: milliseconds };
    const bytes = rhea.message.encode({ body: 'hi', message_annotations: annotations });
    expect(received(bytes).when?.delayMs ?? 0).toBe(expected);
  });
});

test.each([
  ['every second, three times', { repeat: types.wrap_int(3), period: types.wrap_long(1000) }, {}, 0],
  ['by a cron expression', { cron: '0 * * * *' }, {}, 0],
  ['by properties', {}, { REPEAT: 3, PERIOD: '1000', DELAY: types.wrap_long(7) }, 7],
])('a message that is to be sent %s', (_, annotations, properties, delayMs) => {
  const named = (prefix: string, values: object) =>
    Object.fromEntries(Object.entries(values).map(([name, one]) => [prefix + name, one]));
  const { when } = received(
    rhea.message.encode({
      body: 'hi',
      message_annotations: named('x-opt-delivery-', annotations),
      application_properties: named('AMQ_SCHEDULED_', properties),
    }),
  );
  const schedule = 'cron' in annotations ? { cron: '0 * * * *' } : { repeat: 3, periodMs: 1000 };
  expect(when).toMatchObject({ delayMs, schedule });
});

test.each([
  ['x-opt-delivery-delay', 'soon'],
  ['x-opt-delivery-cron', types.wrap_int(3)],
  ['x-opt-delivery-period', types.wrap_list([])],
])('%s %s is refused', (name, annotation) => {
  const bytes = rhea.message.encode({ body: 'hi', message_annotations: { [name]: annotation } });
  expect(() => received(bytes)).toThrow(expect.objectContaining({ code: 'invalid' }));
});

describe('to AMQP', () => {
  const entry: Delivered = { attempts: 0, redelivered: false, abandoned: false, dead: undefined };

  function sections(message: Message, of: Partial<Delivered> = {}): Sections {
    const delivery = deliverySections(message, { ...entry, ...of }, now);
    return new Sections(Buffer.concat([delivery, forwardedSections(message)]));
  }

  test('every field of a message of another dialect', () => {
    const message = testMessage({
      id: 'ID:1',
      to: 'queue://orders',
      text: 'Grüße',
      type: 'type',
      replyTo: 'queue://r',
      correlationId: 'c',
      contentType: 'text/plain',
      contentEncoding: 'gzip',
      userId: 'ann',
      groupId: 'g',
      groupSequence: -1,
      timestamp: now,
      expiresAt: now + 500,
      priority: 7,
    });
    const { header, properties, ...rest } = sections(message);
    expect(header).toMatchObject({ durable: true, priority: 7, ttl: 500, firstAcquirer: true, deliveryCount: 0 });
    expect(properties).toMatchObject({
      messageId: { type: 'string', value: 'ID:1' },
      userId: Buffer.from('ann'),
      to: { type: 'string', value: 'queue://orders' },
      subject: 'type',
      replyTo: { type: 'string', value: 'queue://r' },
      correlationId: { type: 'string', value: 'c' },
      contentType: 'text/plain',
      contentEncoding: 'gzip',
      absoluteExpiryTime: now + 500,
      creationTime: now,
      groupId: 'g',
      groupSequence: 0xffffffff,
    });
    expect(rest.bytes.includes(Buffer.from('Grüße'))).toBe(true);
  });

  test.each([
    ['text', 'text', { kind: 'text', octets: Buffer.from('hi') }],
    ['bytes', 'bytes', { kind: 'data', parts: [Buffer.from('hi')] }],
    ['a value, written as JSON', 'value', { kind: 'text', octets: Buffer.from('hi') }],
  ] as const)('a body that is %s', (_, bodyType, body) => {
    expect(sections(testMessage({ text: 'hi', bodyType })).body()).toEqual(body);
  });

  test.each([
    ['string', 's', { type: 'string', value: 's' }],
    ['boolean', true, { type: 'boolean', value: true }],
    ['byte', -1, { type: 'byte', value: -1 }],
    ['short', 2, { type: 'short', value: 2 }],
    ['int', 3, { type: 'int', value: 3 }],
    ['long', 4, { type: 'long', value: 4n }],
    ['long', 2n ** 60n, { type: 'long', value: 2n ** 60n }],
    ['float', 1.5, { type: 'float', value: 1.5 }],
    ['double', 0.1, { type: 'double', value: 0.1 }],
    ['decimal', '1.23', { type: 'string', value: '1.23' }],
    ['timestamp', 5, { type: 'timestamp', value: 5n }],
    ['binary', hex('01'), { type: 'binary', value: hex('01') }],
    ['null', null, { type: 'null', value: null }],
  ] as const)('a property that is a %s', (type, content, expected) => {
    const message = testMessage({ properties: [{ name: 'p', type, value: content }] });
    expect(sections(message).applicationProperties()).toEqual([[{ type: 'string', value: 'p' }, expected]]);
  });

  test('of properties with the same name, the last', () => {
    const property = (text: string) => ({ name: 'p', type: 'string', value: text }) as const;
    const message = testMessage({ properties: [property('a'), property('b')] });
    expect(sections(message).applicationProperties()).toEqual([
      [
        { type: 'string', value: 'p' },
        { type: 'string', value: 'b' },
      ],
    ]);
  });

  test('a redelivery says so, and how often the delivery failed', () => {
    const { header } = sections(testMessage(), { attempts: 2, redelivered: true });
    expect(header).toMatchObject({ deliveryCount: 2, firstAcquirer: false });
    const lost = sections(testMessage(), { redelivered: true, abandoned: true });
    expect(lost.header).toMatchObject({ deliveryCount: 1, firstAcquirer: false });
    const released = sections(testMessage(), { redelivered: true });
    expect(released.header).toMatchObject({ deliveryCount: 0, firstAcquirer: false });
  });

  test('a content type that no symbol can hold is left out', () => {
    expect(sections(testMessage({ contentType: 'text/größe' })).properties?.contentType).toBeUndefined();
  });

  test('an AMQP message byte for byte, but for header and delivery annotations', () => {
    const bare = `00 53 72 c1 06 02 a30162 5402 00 53 73 c0 04 01 a1 01 69
      00 53 74 d1 00000010 00000002 a10170 81 0000000000000001 00 53 77 b1 00000002 6869 00 53 78 c1 01 00`;
    const { message } = received(hex(`00 53 70 c0 04 02 41 50 03 00 53 71 c1 06 02 a30161 5401 ${bare}`));
    expect(forwardedSections(message)).toEqual(hex(bare));
    expect(deliverySections(message, entry, now)).toEqual(hex('00 53 70 c0 06 04 41 50 03 40 41'));
  });
});
