// What becomes of the properties of a message that is published over MQTT 5; what it has no properties for is as in MQTT 3.1.1.

import { mqttViewOfSent } from './ends/mqtt.ts';
import type { MqttMessage } from './ends/mqtt.ts';
import { fromMqtt, mqttTopic } from './from-mqtt.ts';
import { asSent } from './row.ts';
import type { Row, Table } from './row.ts';
import { aMinuteLeft, inAMinute, packed, secondsOfAMinute } from './view.ts';

function sends(field: string, properties: MqttMessage['properties'], cells: Omit<Row<MqttMessage>, 'field' | 'send'>) {
  return {
    field,
    send: { payload: 'hello', properties: properties ?? {} },
    mqtt5: asSent,
    mqtt: {},
    ...cells,
  } as const;
}

export const fromMqtt5: Table<MqttMessage> = {
  ...fromMqtt,
  from: 'mqtt5',
  viewOfSent: (sent) => mqttViewOfSent(mqttTopic, sent),
  rows: [
    fromMqtt.rows[0],
    sends(
      'payload format: text',
      { payloadFormatIndicator: true },
      {
        amqp: { body: 'value "hello"', 'message annotation x-opt-jms-msg-type': 'byte 5' },
        stomp: { 'content-length': undefined },
        sqs: { 'attribute causeway.body-encoding': undefined },
      },
    ),
    sends(
      'message expiry interval',
      { messageExpiryInterval: 60 },
      {
        amqp: { ttl: aMinuteLeft, 'absolute-expiry-time': inAMinute },
        mqtt5: { 'message expiry': secondsOfAMinute },
        stomp: { expires: inAMinute },
        sqs: {
          'attribute expires-at': {
            says: 'Number, *time in 60 s*',
            matches: (value, now) => inAMinute.matches(value.replace('Number ', ''), now),
          },
        },
      },
    ),
    sends(
      'content type',
      { contentType: 'text/plain' },
      {
        amqp: { 'content-type': 'text/plain' },
        stomp: { 'content-type': 'text/plain' },
        sqs: { 'attribute content-type': 'String "text/plain"' },
      },
    ),
    sends(
      'response topic',
      { responseTopic: 'answers/7' },
      {
        amqp: { 'reply-to': 'topic://answers.7', 'message annotation x-opt-jms-reply-to': 'byte 1' },
        stomp: { 'reply-to': '/topic/answers.7' },
        sqs: { 'attribute reply-to': 'String "topic://answers.7"' },
      },
    ),
    sends(
      'correlation data: text',
      { correlationData: Buffer.from('c-1') },
      {
        amqp: { 'correlation-id': '"c-1"' },
        stomp: { 'correlation-id': 'c-1' },
        sqs: { 'attribute correlation-id': 'String "c-1"' },
      },
    ),
    sends(
      'correlation data: bytes',
      { correlationData: Buffer.from([0xff, 0]) },
      {
        amqp: { 'correlation-id': '"ID:AMQP_BINARY:FF00"' },
        stomp: { 'correlation-id': 'ID:AMQP_BINARY:FF00' },
        sqs: { 'attribute correlation-id': 'String "ID:AMQP_BINARY:FF00"' },
      },
    ),
    sends(
      'user property',
      { userProperties: { colour: 'red' } },
      { amqp: { 'property colour': '"red"' }, stomp: { colour: 'red' }, sqs: { 'attribute colour': 'String "red"' } },
    ),
    sends(
      'user property, several times',
      { userProperties: { colour: ['red', 'blue'] } },
      {
        amqp: { 'property colour': '"blue"' },
        stomp: { colour: 'red' },
        sqs: { 'attribute colour': 'String "red"', ...packed(['colour', 'string', 'blue']) },
      },
    ),
  ],
};
