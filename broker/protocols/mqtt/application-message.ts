// Application messages on their way in: from a PUBLISH or a will to the engine's Message. One that is to be retained says so:
// the core keeps it [MQTT-3.3.1-5], and to subscriptions that exist it goes as any other [MQTT-3.3.1-9].

import type { Principal } from '../../core/access.ts';
import type { Message, Property } from '../../core/message.ts';
import type { Properties } from './codec/properties.ts';
import type { Qos } from './codec/qos.ts';
import type { Hub } from './hub.ts';
import { exactlyOnce, retainMark } from './marks.ts';
import { fieldsOf } from './message-properties.ts';
import type { Topic } from './topic-names.ts';

const none: readonly Property[] = [];
const qos2: readonly Property[] = [exactlyOnce];
/** Where the sender cannot say (JMS 2.0, 3.4.9). */
const defaultPriority = 4;

/** `properties`: undefined where there are none. `sender`: undefined where messages do not say who sent them. */
export function applicationMessage(
  hub: Hub,
  topic: Topic,
  qos: Qos,
  retain: boolean,
  payload: Buffer,
  properties: Properties | undefined,
  sender: Principal | undefined,
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
    userId: sender?.user,
    properties: retain ? [...marks, retainMark] : marks,
  };
  if (properties === undefined) return plain;
  const { userProperties, ...fields } = fieldsOf(properties, now);
  return { ...plain, ...fields, properties: [...userProperties, ...plain.properties] };
}
