// What becomes of a message that is published over MQTT 3.1.1.

import { mqttViewOfSent } from './ends/mqtt.ts';
import type { MqttMessage } from './ends/mqtt.ts';
import { asSent } from './row.ts';
import type { Table } from './row.ts';
import { arrival, newId, sentAt } from './view.ts';

export const mqttTopic = 'shop/orders';

export const fromMqtt: Table<MqttMessage> = {
  from: 'mqtt',
  to: ['amqp', 'mqtt', 'mqtt5', 'stomp', 'sqs'],
  address: {},
  viewOfSent: (sent) => mqttViewOfSent(mqttTopic, sent),
  rows: [
    {
      field: 'the least: QoS 0',
      send: { payload: 'hello' },
      amqp: {
        'message annotation x-opt-jms-dest': 'byte 1',
        'message annotation x-opt-jms-msg-type': 'byte 3',
        'first-acquirer': 'true',
        'message-id': { says: 'string, *new identifier*', matches: (value) => /^"ID:.+"$/.test(value) },
        to: 'topic://shop.orders',
        'creation-time': arrival,
        body: 'data "hello"',
      },
      mqtt: { topic: 'shop/orders', QoS: '0', body: '"hello"' },
      stomp: {
        destination: '/topic/shop.orders',
        'message-id': newId,
        'content-length': '5',
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
        'attribute causeway.body-encoding': 'String "utf-8"',
        body: '"hello"',
      },
    },
    {
      field: 'QoS 1',
      send: { payload: 'hello', qos: 1 },
      amqp: { durable: 'true' },
      mqtt: asSent,
      stomp: { persistent: 'true' },
      sqs: { 'attribute durable': undefined },
    },
    {
      field: 'QoS 2',
      send: { payload: 'hello', qos: 2 },
      amqp: { durable: 'true', 'property ActiveMQ.MQTT.QoS': 'int 2' },
      mqtt: asSent,
      stomp: { persistent: 'true', 'ActiveMQ.MQTT.QoS': '2' },
      sqs: { 'attribute ActiveMQ.MQTT.QoS': 'Number.int 2', 'attribute durable': undefined },
    },
    {
      field: 'retain, to those who are there',
      send: { payload: 'hello', retain: true },
      amqp: { 'property ActiveMQ.Retain': 'boolean true' },
      stomp: { 'ActiveMQ.Retain': 'true' },
      sqs: { 'attribute ActiveMQ.Retain': 'String.boolean "true"' },
    },
    {
      field: 'payload that is not text',
      send: { payload: Buffer.from([0xff, 0x00]) },
      amqp: { body: 'data 0xff00' },
      mqtt: asSent,
      stomp: { 'content-length': '2', body: '0xff00' },
      sqs: { 'attribute causeway.body-encoding': 'String "base64"', body: '"/wA="' },
    },
    {
      field: 'empty payload',
      send: { payload: '' },
      amqp: { body: 'data ""' },
      mqtt: asSent,
      stomp: { 'content-length': '0', body: '""' },
      sqs: { refused: 'SQS takes no empty message' },
    },
  ],
};
