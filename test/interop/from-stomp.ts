// What becomes of a message that is sent over STOMP.

import { stompViewOfSent } from './ends/stomp.ts';
import type { StompMessage } from './ends/stomp.ts';
import { asSent } from './row.ts';
import type { Cell, Row, Table } from './row.ts';
import { arrival, newId, secondsToCome, sentAt, packed } from './view.ts';

function sends(headers: Readonly<Record<string, string>>, body = 'hello'): StompMessage {
  return { headers, body };
}

function row(
  field: string,
  headers: Readonly<Record<string, string>>,
  cells: Omit<Row<StompMessage>, 'field' | 'send'>,
): Row<StompMessage> {
  return { field, send: sends(headers), ...cells };
}

const empty: Cell = { body: '""' };

export const fromStomp: Table<StompMessage> = {
  from: 'stomp',
  to: ['amqp', 'mqtt', 'mqtt5', 'stomp', 'sqs'],
  address: { destination: '/topic/shop.orders' },
  viewOfSent: stompViewOfSent,
  rows: [
    row(
      'the least',
      {},
      {
        amqp: {
          'message annotation x-opt-jms-dest': 'byte 1',
          'message annotation x-opt-jms-msg-type': 'byte 5',
          'first-acquirer': 'true',
          'message-id': { says: 'string, *new identifier*', matches: (value) => /^"ID:.+"$/.test(value) },
          to: 'topic://shop.orders',
          'creation-time': arrival,
          body: 'value "hello"',
        },
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
    ),
    row('message id', { 'message-id': 'order-1' }, {}),
    row(
      'persistent',
      { persistent: 'true' },
      { amqp: { durable: 'true' }, mqtt: { QoS: '1' }, stomp: asSent, sqs: { 'attribute durable': undefined } },
    ),
    row(
      'priority',
      { priority: '7' },
      { amqp: { priority: '7' }, stomp: asSent, sqs: { 'attribute priority': 'Number 7' } },
    ),
    row(
      'expires',
      { expires: '4102444800000' },
      {
        mqtt5: { 'message expiry': secondsToCome },
        amqp: { ttl: '4294967295', 'absolute-expiry-time': '4102444800000' },
        stomp: asSent,
        sqs: { 'attribute expires-at': 'Number 4102444800000' },
      },
    ),
    row(
      'timestamp',
      { timestamp: '1700000000000' },
      {
        amqp: { 'creation-time': '1700000000000' },
        stomp: asSent,
        sqs: { 'attribute timestamp': 'Number 1700000000000' },
      },
    ),
    row(
      'correlation id',
      { 'correlation-id': 'c-1' },
      {
        mqtt5: { 'correlation data': '"c-1"' },
        amqp: { 'correlation-id': '"c-1"' },
        stomp: asSent,
        sqs: { 'attribute correlation-id': 'String "c-1"' },
      },
    ),
    row(
      'reply-to: a queue',
      { 'reply-to': '/queue/replies' },
      {
        amqp: { 'reply-to': 'queue://replies', 'message annotation x-opt-jms-reply-to': 'byte 0' },
        stomp: asSent,
        sqs: { 'attribute reply-to': 'String "queue://replies"' },
      },
    ),
    row(
      'reply-to: a topic',
      { 'reply-to': '/topic/replies' },
      {
        mqtt5: { 'response topic': 'replies' },
        amqp: { 'reply-to': 'topic://replies', 'message annotation x-opt-jms-reply-to': 'byte 1' },
        stomp: asSent,
        sqs: { 'attribute reply-to': 'String "topic://replies"' },
      },
    ),
    row(
      'reply-to: an address elsewhere',
      { 'reply-to': 'mailto:ann@example.org' },
      {
        amqp: { 'reply-to': 'mailto:ann@example.org' },
        stomp: asSent,
        sqs: { 'attribute reply-to': 'String "mailto:ann@example.org"' },
      },
    ),
    row(
      'content type',
      { 'content-type': 'text/plain' },
      {
        mqtt5: { 'content type': 'text/plain' },
        amqp: { 'content-type': 'text/plain' },
        stomp: asSent,
        sqs: { 'attribute content-type': 'String "text/plain"' },
      },
    ),
    row(
      'content encoding',
      { 'content-encoding': 'gzip' },
      {
        amqp: { 'content-encoding': 'gzip' },
        stomp: asSent,
        sqs: { 'attribute content-encoding': 'String "gzip"' },
      },
    ),
    row(
      'type',
      { type: 'OrderPlaced' },
      { amqp: { subject: 'OrderPlaced' }, stomp: asSent, sqs: { 'attribute type': 'String "OrderPlaced"' } },
    ),
    row(
      'group',
      { JMSXGroupID: 'customer-7', JMSXGroupSeq: '3' },
      {
        amqp: { 'group-id': 'customer-7', 'group-sequence': '3' },
        stomp: asSent,
        sqs: { 'attribute group-id': 'String "customer-7"', 'attribute group-sequence': 'Number 3' },
      },
    ),
    row('user id', { JMSXUserID: 'ann' }, {}),
    row('delay', { AMQ_SCHEDULED_DELAY: '20' }, {}),
    row(
      'any other header',
      { colour: 'red' },
      {
        mqtt5: { 'user property colour': '"red"' },
        amqp: { 'property colour': '"red"' },
        stomp: asSent,
        sqs: { 'attribute colour': 'String "red"' },
      },
    ),
    row(
      'header of no text',
      { colour: '' },
      {
        mqtt5: { 'user property colour': '""' },
        amqp: { 'property colour': '""' },
        stomp: asSent,
        sqs: packed(['colour', 'string', '']),
      },
    ),
    row(
      'header with a colon in its name',
      { 'my:key': 'red' },
      {
        mqtt5: { 'user property my:key': '"red"' },
        amqp: { 'property my:key': '"red"' },
        stomp: asSent,
        sqs: packed(['my:key', 'string', 'red']),
      },
    ),
    {
      field: 'body with a content-length: bytes',
      send: sends({ 'content-length': '5' }),
      mqtt5: { 'payload format': undefined },
      amqp: { body: 'data "hello"', 'message annotation x-opt-jms-msg-type': 'byte 3' },
      stomp: asSent,
      sqs: { 'attribute causeway.body-encoding': 'String "utf-8"' },
    },
    {
      field: 'the same, said to be text',
      send: sends({ 'content-length': '5', 'amq-msg-type': 'text' }),
      mqtt5: { 'user property amq-msg-type': '"text"' },
      amqp: { 'property amq-msg-type': '"text"' },
      stomp: { 'amq-msg-type': 'text' },
      sqs: { 'attribute amq-msg-type': 'String "text"' },
    },
    {
      field: 'body that is not text',
      send: { headers: { 'content-length': '2' }, body: Buffer.from([0xff, 0x00]) },
      mqtt5: { 'payload format': undefined, body: '0xff00' },
      amqp: { body: 'data 0xff00', 'message annotation x-opt-jms-msg-type': 'byte 3' },
      mqtt: { body: '0xff00' },
      stomp: asSent,
      sqs: { 'attribute causeway.body-encoding': 'String "base64"', body: '"/wA="' },
    },
    {
      field: 'empty body',
      send: sends({}, ''),
      amqp: { body: 'value ""' },
      mqtt: empty,
      stomp: empty,
      sqs: { refused: 'SQS takes no empty message' },
    },
  ],
};
