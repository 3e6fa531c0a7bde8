// What ends of routes at other brokers need of the dialects: messages as the bytes, frames and packets of each protocol, made
// and read by the code that does it for this engine's own clients. Wiring: bridges and dialects do not know each other.

import { BrokerError } from './core/errors.ts';
import type { Message } from './core/message.ts';
import type { DecodedAmqp } from './bridge/endpoints/brokers/amqp-source.ts';
import type { MqttProperties } from './bridge/endpoints/brokers/mqtt-client.ts';
import type { Published } from './bridge/endpoints/brokers/mqtt-source.ts';
import type { StompCodec } from './bridge/endpoints/brokers/stomp-client.ts';
import { messageFromSections } from './protocols/amqp/message/from-sections.ts';
import { Sections } from './protocols/amqp/message/sections.ts';
import { deliverySections, forwardedSections } from './protocols/amqp/message/to-sections.ts';
import { FieldReader } from './protocols/mqtt/codec/field-reader.ts';
import { property, PropertyWriter, readProperties, variableBytes } from './protocols/mqtt/codec/properties.ts';
import { isRetainedCopy, retainMark, wasToBeRetained } from './protocols/mqtt/marks.ts';
import { deliveryProperties, fieldsOf } from './protocols/mqtt/message-properties.ts';
import { swapNames, wireName } from './protocols/mqtt/topic-names.ts';
import { Destinations } from './protocols/stomp/destination.ts';
import { messageFromFrame } from './protocols/stomp/message-from-frame.ts';
import { headersOfMessage } from './protocols/stomp/message-to-frame.ts';
import { encodeHead, FrameWriter } from './protocols/stomp/wire/encoder.ts';
import { Parser } from './protocols/stomp/wire/parser.ts';

/** It is sent for the first time, whatever happened to it here. */
const undelivered = { attempts: 0, redelivered: false, abandoned: false, dead: undefined } as const;
const topicScheme = 'topic://';

export const amqpCodec = {
  /** All sections, byte for byte those that the message came with from its annotations on, if it came in AMQP. */
  encode: (message: Message, now: number): Buffer =>
    Buffer.concat([deliverySections(message, undelivered, now), forwardedSections(message)]),

  /** @throws BrokerError for bytes that are no message. */
  decode: (bytes: Buffer, to: string, newId: () => string, now: number): DecodedAmqp => {
    const sections = new Sections(bytes);
    const { header, properties } = sections;
    const sentTo = properties?.to?.type === 'string' ? properties.to.value : '';
    const hasId = properties?.messageId !== undefined && properties.messageId.type !== 'null';
    const isTopic = to.startsWith(topicScheme) && sentTo.startsWith(topicScheme);
    const { message } = messageFromSections(sections, isTopic ? sentTo : to, newId, now);
    return {
      message,
      hasId,
      isRedelivered: header !== undefined && ((header.deliveryCount ?? 0) > 0 || !header.firstAcquirer),
    };
  },
};

/** Temporary destinations are the other broker's. */
function newNames(): Destinations {
  return new Destinations(() => {
    throw new BrokerError('unsupported', 'a temporary destination of another broker');
  });
}

const stompNames = newNames();
const temporaryPrefix = /^\/temp-(?:queue|topic)\//;

export const stompCodec: StompCodec = {
  parser: () => new Parser(),
  writer: (sink) => new FrameWriter(sink),
  head: (command, headers) => encodeHead(command, headers, '1.2'),
  sendHead: (message, first) => {
    // What a server says of its own: the id, which comes first, and the user.
    const headers = headersOfMessage({ ...message, userId: undefined }, '1.2', stompNames, undefined);
    const own = headers.slice(headers.indexOf('\n') + 1);
    return `${encodeHead('SEND', first, '1.2').slice(0, -1)}${own}\n`;
  },
  read: (frame, to, id, now) => {
    const replyTo = frame.headers.get('reply-to');
    const isTemporary = replyTo !== undefined && temporaryPrefix.test(replyTo);
    const headers = isTemporary ? new Map(frame.headers) : frame.headers;
    if (headers instanceof Map && isTemporary) headers.delete('reply-to');
    const { message } = messageFromFrame({ ...frame, headers }, to, id, now, stompNames);
    const userId = frame.headers.get('JMSXUserID');
    return { ...message, ...(isTemporary ? { replyTo } : {}), ...(userId === undefined ? {} : { userId }) };
  },
};

export const mqttCodec = {
  /** Undefined: MQTT has none for it. */
  topicOf: (name: string): string | undefined => wireName(name)?.toString(),
  filterOf: swapNames,
  isRetained: (message: Message): boolean => wasToBeRetained(message) || isRetainedCopy(message),

  propertiesOf: (message: Message, now: number): MqttProperties => {
    const bytes = deliveryProperties(message, undefined, now);
    if (bytes === undefined) return {};
    const section = Buffer.concat([Buffer.from(variableBytes(bytes.length)), bytes]);
    const { payloadFormat, ...rest } = readProperties(
      new FieldReader('PUBLISH', { bytes: section, start: 0, end: section.length }),
      'publish',
    );
    return payloadFormat === undefined ? rest : { ...rest, payloadFormat: payloadFormat === 1 };
  },

  read: ({ topic, payload, qos, retain, properties }: Published, id: string, now: number): Message => {
    const plain: Message = {
      id,
      to: topicScheme + swapNames(topic),
      body: payload,
      bodyType: 'bytes',
      durable: qos > 0,
      priority: 4,
      timestamp: now,
      properties: retain ? [retainMark] : [],
    };
    if (properties === undefined) return plain;
    const { payloadFormat, userProperties = [], ...rest } = properties;
    const { userProperties: own, ...fields } = fieldsOf(
      {
        ...rest,
        ...(payloadFormat === undefined ? {} : { payloadFormat: payloadFormat ? 1 : 0 }),
        userProperties: [...userProperties],
        forwarded: forwardedOf(properties),
      },
      now,
    );
    return { ...plain, ...fields, properties: [...own, ...plain.properties] };
  },
};

/** The bytes of those that a message bears wherever it goes, as its sender's client would have written them. */
function forwardedOf(properties: MqttProperties): Buffer {
  const { payloadFormat, contentType, responseTopic, correlationData, userProperties = [] } = properties;
  const writer = new PropertyWriter();
  if (payloadFormat !== undefined) writer.byte(property.payloadFormat, payloadFormat ? 1 : 0);
  if (contentType !== undefined) writer.text(property.contentType, contentType);
  if (responseTopic !== undefined) writer.text(property.responseTopic, responseTopic);
  if (correlationData !== undefined) writer.binary(property.correlationData, correlationData);
  for (const { name, value } of userProperties) writer.pair(property.userProperty, name, value);
  return writer.body();
}
