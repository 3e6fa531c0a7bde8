// Application messages on their way in: from a PUBLISH or a will to the engine's Message, and into a transaction together
// with what is retained of it.

import type { Message, Property } from '../../core/message.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { Properties } from './codec/properties.ts';
import type { Qos } from './codec/qos.ts';
import type { Hub } from './hub.ts';
import { exactlyOnce, retainMark } from './marks.ts';
import { fieldsOf } from './message-properties.ts';
import type { Session } from './session.ts';
import type { Topic } from './topic-names.ts';

const none: readonly Property[] = [];
const qos2: readonly Property[] = [exactlyOnce];
/** Where the sender cannot say (JMS 2.0, 3.4.9). */
const defaultPriority = 4;

/** `properties`: undefined where there are none. */
export function applicationMessage(
  hub: Hub,
  topic: Topic,
  qos: Qos,
  retain: boolean,
  payload: Buffer,
  properties: Properties | undefined,
): Message {
  const now = hub.context.clock.now();
  const marks = qos === 2 ? qos2 : none;
  const plain: Message = {
    id: hub.nextMessageId(),
    to: topic.address,
    body: payload,
    bodyType: 'bytes',
    durable: qos > 0,
    priority: defaultPriority,
    timestamp: now,
    properties: retain ? [...marks, retainMark] : marks,
  };
  if (properties === undefined) return plain;
  const { userProperties, ...fields } = fieldsOf(properties, now);
  return { ...plain, ...fields, properties: [...userProperties, ...plain.properties] };
}

/** Returns what is to be called if the transaction fails. */
export function addToTransaction(
  hub: Hub,
  transaction: Transaction,
  topic: Topic,
  message: Message,
  options: { readonly retain: boolean; readonly publisher: Session | undefined },
): (() => void) | undefined {
  const { destination } = topic;
  const { broker } = hub.context;
  const undo = options.retain ? broker.retained.keep(transaction, destination.name, message) : undefined;
  // [MQTT-3.3.1-9]: to subscriptions that exist, it goes as any other.
  broker.send(transaction, destination, message, options);
  return undo;
}
