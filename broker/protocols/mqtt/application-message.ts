// Application messages on their way in: from a PUBLISH or a will to the engine's Message, and into a transaction together
// with what is retained of it.

import type { Message, Property } from '../../core/message.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { Qos } from './codec/qos.ts';
import { exactlyOnce } from './delivery-qos.ts';
import type { Hub } from './hub.ts';
import type { Session } from './session.ts';
import type { Topic } from './topic-names.ts';

const none: readonly Property[] = [];
/** Where the sender cannot say (JMS 2.0, 3.4.9). */
const defaultPriority = 4;

export function applicationMessage(hub: Hub, topic: Topic, qos: Qos, body: Buffer): Message {
  return {
    id: hub.nextMessageId(),
    to: topic.address,
    body,
    bodyType: 'bytes',
    durable: qos > 0,
    priority: defaultPriority,
    timestamp: hub.context.clock.now(),
    properties: qos === 2 ? exactlyOnce : none,
  };
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
  const undo = options.retain ? hub.context.broker.retained.keep(transaction, destination.name, message) : undefined;
  // [MQTT-3.3.1-9]: to subscriptions that exist, it goes as any other.
  hub.context.broker.send(transaction, destination, message, options);
  return undo;
}
