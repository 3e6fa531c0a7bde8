// Message annotations of Apache's AMQP JMS Mapping: what JMS clients want to know that AMQP does not say.

import type { Message } from '../../../core/message.ts';
import { symbol, type MapEntries, type Value } from '../codec/value.ts';

/** Kinds of destinations in annotations, by their number. */
export const jmsKinds = ['queue', 'topic', 'temp-queue', 'temp-topic'] as const;
const jmsMessageTypes = { object: 1, map: 2, bytes: 3, stream: 4, text: 5 } as const;

/** For a message of another dialect: what its addresses are, and of which kind it is. `value`: its body, if that is typed. */
export function jmsAnnotations({ to, replyTo, bodyType }: Message, value: Value | undefined): MapEntries {
  const type = jmsMessageTypes[value === undefined ? (bodyType === 'bytes' ? 'bytes' : 'text') : kindOf(value)];
  const annotations: [Value, Value][] = [[symbol('x-opt-jms-msg-type'), byte(type)]];
  const addresses = { 'x-opt-jms-dest': to, 'x-opt-jms-reply-to': replyTo };
  for (const [name, address] of Object.entries(addresses)) {
    const kind = jmsKinds.findIndex((scheme) => address?.startsWith(`${scheme}://`));
    if (kind >= 0) annotations.push([symbol(name), byte(kind)]);
  }
  return annotations;
}

/** A map of names and values, a list of values, a text, or any other value: an object. */
function kindOf(value: Value): keyof typeof jmsMessageTypes {
  switch (value.type) {
    case 'map':
      return 'map';
    case 'list':
      return value.value.some(({ type }) => type === 'list' || type === 'map') ? 'object' : 'stream';
    case 'string':
      return 'text';
    default:
      return 'object';
  }
}

function byte(value: number): Value {
  return { type: 'byte', value };
}
