// What becomes of an AMQP 1.0 message. `value`, `data` and `sequence` are the kinds of its body.

import rhea from 'rhea';
import { amqpViewOfSent } from './ends/amqp.ts';
import type { AmqpMessage } from './ends/amqp.ts';
import { asSent } from './row.ts';
import type { Cell, Row, Table } from './row.ts';
import { aMinuteLeft, arrival, inAMinute, newId, secondsOfAMinute, secondsToCome, sentAt, packed } from './view.ts';

const { types, message } = rhea;
const uuid = Buffer.from('0b2f1c3d4e5f40718293a4b5c6d7e8f9', 'hex');
const uuidText = '0b2f1c3d-4e5f-4071-8293-a4b5c6d7e8f9';
const binary = Buffer.from([0xff, 0x00]);

function sends(fields: AmqpMessage): AmqpMessage {
  return { body: 'hello', ...fields };
}

/** A row of one application property: text in STOMP and MQTT 5, an attribute in SQS, unchanged in AMQP. */
function property(type: string, value: unknown, stomp: string, sqs: string): Row<AmqpMessage> {
  const row = {
    field: `property: ${type}`,
    send: sends({ application_properties: { p: value } }),
    amqp: asSent,
    ...(value === null ? {} : { mqtt5: { 'user property p': JSON.stringify(stomp) } }),
    stomp: { p: stomp },
  } as const;
  return { ...row, sqs: { 'attribute p': sqs } };
}

/** MQTT 5 does not say that it is text. */
const notText: Cell = { 'payload format': undefined };

const utf8: Cell = { 'attribute causeway.body-encoding': 'String "utf-8"' };
const base64: Cell = { 'attribute causeway.body-encoding': 'String "base64"', body: '"/wA="' };

/** A body that is a typed value, and JSON wherever there are no types. */
function valueBody(field: string, value: unknown, json: string): Row<AmqpMessage> {
  const body = `"${json}"`;
  return {
    field,
    send: { body: value },
    amqp: asSent,
    mqtt: { body },
    mqtt5: { body, 'content type': 'application/json' },
    stomp: { body, 'content-type': 'application/json' },
    sqs: {
      body,
      'attribute content-type': 'String "application/json"',
      'attribute causeway.body-encoding': 'String "value"',
    },
  };
}

export const fromAmqp: Table<AmqpMessage> = {
  from: 'amqp',
  to: ['amqp', 'mqtt', 'mqtt5', 'stomp', 'sqs'],
  address: { 'address of the link': 'topic://shop.orders' },
  viewOfSent: amqpViewOfSent,
  rows: [
    {
      field: 'the least',
      send: sends({}),
      amqp: { 'first-acquirer': 'true', body: 'value "hello"' },
      mqtt: { topic: 'shop/orders', QoS: '0', body: '"hello"' },
      mqtt5: { topic: 'shop/orders', QoS: '0', 'payload format': '1', body: '"hello"' },
      stomp: {
        destination: '/topic/shop.orders',
        'message-id': newId,
        expires: '0',
        priority: '4',
        timestamp: arrival,
        body: '"hello"',
      },
      sqs: {
        MessageId: newId,
        SenderId: '000000000000',
        SentTimestamp: arrival,
        ApproximateReceiveCount: '1',
        ApproximateFirstReceiveTimestamp: arrival,
        'attribute message-id': {
          says: 'String, *new identifier*',
          matches: (value) => /^String "ID:.+"$/.test(value),
        },
        'attribute destination': 'String "topic://shop.orders"',
        'attribute timestamp': sentAt,
        'attribute durable': 'String.boolean "false"',
        body: '"hello"',
      },
    },
    {
      field: 'message id',
      send: sends({ message_id: 'order-1' }),
      amqp: asSent,
      stomp: { 'message-id': 'order-1' },
      sqs: { 'attribute message-id': 'String "order-1"' },
    },
    {
      field: 'message id: ulong',
      send: sends({ message_id: types.wrap_ulong(7) }),
      amqp: asSent,
      stomp: { 'message-id': '7' },
      sqs: { 'attribute message-id': 'String "7"' },
    },
    {
      field: 'message id: uuid',
      send: sends({ message_id: types.wrap_uuid(uuid) }),
      amqp: asSent,
      stomp: { 'message-id': uuidText },
      sqs: { 'attribute message-id': `String "${uuidText}"` },
    },
    {
      field: 'message id: binary',
      send: sends({ message_id: types.wrap_binary(binary) }),
      amqp: asSent,
      stomp: { 'message-id': '/wA=' },
      sqs: { 'attribute message-id': 'String "/wA="' },
    },
    { field: 'to', send: sends({ to: 'anywhere' }), amqp: asSent },
    {
      field: 'durable',
      send: sends({ durable: true }),
      amqp: asSent,
      mqtt: { QoS: '1' },
      stomp: { persistent: 'true' },
      sqs: { 'attribute durable': undefined },
    },
    {
      field: 'priority',
      send: sends({ priority: 7 }),
      amqp: asSent,
      stomp: { priority: '7' },
      sqs: { 'attribute priority': 'Number 7' },
    },
    {
      field: 'ttl',
      send: sends({ ttl: 60_000 }),
      amqp: { ttl: aMinuteLeft },
      mqtt5: { 'message expiry': secondsOfAMinute },
      stomp: { expires: inAMinute },
      sqs: {
        'attribute expires-at': {
          says: 'Number, *time in 60 s*',
          matches: (value, now) => inAMinute.matches(value.replace('Number ', ''), now),
        },
      },
    },
    {
      field: 'absolute expiry time',
      send: sends({ absolute_expiry_time: new Date(4_102_444_800_000) }),
      amqp: { ttl: '4294967295', 'absolute-expiry-time': '4102444800000' },
      mqtt5: { 'message expiry': secondsToCome },
      stomp: { expires: '4102444800000' },
      sqs: { 'attribute expires-at': 'Number 4102444800000' },
    },
    {
      field: 'creation time',
      send: sends({ creation_time: new Date(1_700_000_000_000) }),
      amqp: asSent,
      stomp: { timestamp: '1700000000000' },
      sqs: { 'attribute timestamp': 'Number 1700000000000' },
    },
    {
      field: 'correlation id',
      send: sends({ correlation_id: 'c-1' }),
      amqp: asSent,
      mqtt5: { 'correlation data': '"c-1"' },
      stomp: { 'correlation-id': 'c-1' },
      sqs: { 'attribute correlation-id': 'String "c-1"' },
    },
    {
      field: 'reply-to: a queue',
      send: sends({ reply_to: 'replies' }),
      amqp: asSent,
      stomp: { 'reply-to': '/queue/replies' },
      sqs: { 'attribute reply-to': 'String "queue://replies"' },
    },
    {
      field: 'reply-to: a topic',
      send: sends({ reply_to: 'topic://replies' }),
      amqp: asSent,
      mqtt5: { 'response topic': 'replies' },
      stomp: { 'reply-to': '/topic/replies' },
      sqs: { 'attribute reply-to': 'String "topic://replies"' },
    },
    {
      field: 'content type',
      send: sends({ content_type: 'text/plain' }),
      amqp: asSent,
      mqtt5: { 'content type': 'text/plain' },
      stomp: { 'content-type': 'text/plain' },
      sqs: { 'attribute content-type': 'String "text/plain"' },
    },
    {
      field: 'content encoding',
      send: sends({ content_encoding: 'gzip' }),
      amqp: asSent,
      stomp: { 'content-encoding': 'gzip' },
      sqs: { 'attribute content-encoding': 'String "gzip"' },
    },
    {
      field: 'subject',
      send: sends({ subject: 'OrderPlaced' }),
      amqp: asSent,
      stomp: { type: 'OrderPlaced' },
      sqs: { 'attribute type': 'String "OrderPlaced"' },
    },
    {
      field: 'group',
      send: sends({ group_id: 'customer-7', group_sequence: 3 }),
      amqp: asSent,
      stomp: { JMSXGroupID: 'customer-7', JMSXGroupSeq: '3' },
      sqs: { 'attribute group-id': 'String "customer-7"', 'attribute group-sequence': 'Number 3' },
    },
    { field: 'reply-to group', send: sends({ reply_to_group_id: 'customer-7' }), amqp: asSent },
    {
      field: 'user id',
      send: sends({ user_id: Buffer.from('ann') }),
      amqp: asSent,
      stomp: { JMSXUserID: 'ann' },
      sqs: { 'attribute user-id': 'String "ann"' },
    },
    {
      field: 'message annotation',
      send: sends({ message_annotations: { 'x-opt-colour': 'red' } }),
      amqp: asSent,
    },
    {
      field: 'delivery annotation',
      send: sends({ delivery_annotations: { 'x-opt-colour': 'red' } }),
    },
    property('string', 'red', 'red', 'String "red"'),
    { ...property('empty string', '', '', ''), sqs: packed(['p', 'string', '']) },
    property('symbol', types.wrap_symbol('red'), 'red', 'String "red"'),
    property('char', types.wrap_char(0x72), 'r', 'String "r"'),
    property('uuid', types.wrap_uuid(uuid), uuidText, `String "${uuidText}"`),
    property('boolean', true, 'true', 'String.boolean "true"'),
    property('byte', types.wrap_byte(-7), '-7', 'Number.byte -7'),
    property('short', types.wrap_short(-7), '-7', 'Number.short -7'),
    property('int', types.wrap_int(-7), '-7', 'Number.int -7'),
    property('long', types.wrap_long(-7), '-7', 'Number.long -7'),
    property('ubyte', types.wrap_ubyte(7), '7', 'Number.short 7'),
    property('ushort', types.wrap_ushort(7), '7', 'Number.int 7'),
    property('uint', types.wrap_uint(7), '7', 'Number.long 7'),
    property('ulong', types.wrap_ulong(7), '7', 'Number.long 7'),
    property('float', types.wrap_float(1.5), '1.5', 'Number.float 1.5'),
    property('double', types.wrap_double(0.1), '0.1', 'Number.double 0.1'),
    property('not a number', types.wrap_double(Number.NaN), 'NaN', 'String.double "NaN"'),
    property('timestamp', types.wrap_timestamp(1_700_000_000_000), '1700000000000', 'Number.timestamp 1700000000000'),
    property('binary', types.wrap_binary(binary), '/wA=', 'Binary 0xff00'),
    property('null', null, '', 'String.null "null"'),
    {
      field: 'property with a space in its name',
      send: sends({ application_properties: { 'my key': 'red' } }),
      amqp: asSent,
      mqtt5: { 'user property my key': '"red"' },
      stomp: { 'my key': 'red' },
      sqs: packed(['my key', 'string', 'red']),
    },
    {
      field: 'body: data',
      send: { body: message.data_section(Buffer.from('hello')) },
      amqp: asSent,
      mqtt5: notText,
      stomp: { 'content-length': '5' },
      sqs: utf8,
    },
    {
      field: 'body: data of a text type',
      send: { body: message.data_section(Buffer.from('hello')), content_type: 'text/plain' },
      amqp: asSent,
      mqtt5: { 'content type': 'text/plain' },
      stomp: { 'content-type': 'text/plain' },
      sqs: { 'attribute content-type': 'String "text/plain"' },
    },
    {
      field: 'body: data, not text',
      send: { body: message.data_section(binary) },
      amqp: asSent,
      mqtt5: { ...notText, body: '0xff00' },
      mqtt: { body: '0xff00' },
      stomp: { 'content-length': '2', body: '0xff00' },
      sqs: base64,
    },
    {
      field: 'body: two data sections',
      send: { body: message.data_sections([Buffer.from('hel'), Buffer.from('lo')]) },
      amqp: asSent,
      mqtt5: notText,
      stomp: { 'content-length': '5' },
      sqs: utf8,
    },
    {
      field: 'body: binary value',
      send: { body: types.wrap_binary(binary) },
      amqp: asSent,
      mqtt5: { ...notText, body: '0xff00' },
      mqtt: { body: '0xff00' },
      stomp: { 'content-length': '2', body: '0xff00' },
      sqs: base64,
    },
    valueBody('body: map', types.wrap_map({ a: types.wrap_int(1), b: 'x' }), '{"a":1,"b":"x"}'),
    valueBody('body: list', types.wrap_list([types.wrap_int(1), 'x']), '[1,"x"]'),
    valueBody('body: sequence', message.sequence_section([types.wrap_int(1), 'x']), '[1,"x"]'),
    valueBody('body: number', types.wrap_int(7), '7'),
    {
      field: 'body: text with U+0000',
      send: { body: 'a\0b' },
      amqp: asSent,
      mqtt: { body: '0x610062' },
      stomp: { 'content-length': '3', body: '0x610062' },
      sqs: { 'attribute causeway.body-encoding': 'String "base64-text"', body: '"YQBi"' },
    },
    {
      field: 'body: empty text',
      send: { body: '' },
      amqp: asSent,
      mqtt: { body: '""' },
      stomp: { body: '""' },
      sqs: { refused: 'SQS takes no empty message' },
    },
    {
      field: 'body: null',
      send: { body: null },
      amqp: asSent,
      mqtt: { body: '""' },
      stomp: { body: '""' },
      sqs: { refused: 'SQS takes no empty message' },
    },
  ],
};
