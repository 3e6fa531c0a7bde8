// Message annotations of Apache's AMQP JMS Mapping: what JMS clients want to know that AMQP does not say.

import type { Message } from '../../../core/message.ts';
import { symbol, type MapEntries, type Value } from '../codec/value.ts';

/** Kinds of destinations in annotations, by their number. */
export const jmsKinds = ['queue', 'topic', 'temp-queue', 'temp-topic'] as const;
/** BytesMessage and TextMessage: a value of another dialect is its text. */
const jmsMessageTypes = { bytes: 3, text: 5, value: 5 } as const;

/** For a message of another dialect: what its addresses are, and of which kind it is. */
export function jmsAnnotations({ to, replyTo, bodyType }: Message): MapEntries {
  const annotations: [Value, Value][] = [[symbol('x-opt-jms-msg-type'), byte(jmsMessageTypes[bodyType])]];
  const addresses = { 'x-opt-jms-dest': to, 'x-opt-jms-reply-to': replyTo };
  for (const [name, address] of Object.entries(addresses)) {
    const kind = jmsKinds.findIndex((scheme) => address?.startsWith(`${scheme}://`));
    if (kind >= 0) annotations.push([symbol(name), byte(kind)]);
  }
  return annotations;
}

function byte(value: number): Value {
  return { type: 'byte', value };
}
