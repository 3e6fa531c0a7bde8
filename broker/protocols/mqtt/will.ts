// Wills (MQTT 3.1.1, 3.1.2.5): what is published when a connection ends without a DISCONNECT. A will is in the store from
// CONNECT on, and leaves it with its publication or with the DISCONNECT: it is published after a crash, and once.

import { encodeMessage, readMessage } from '../../core/message-codec.ts';
import type { Message } from '../../core/message.ts';
import { addToTransaction, applicationMessage } from './application-message.ts';
import type { WillFields } from './codec/connect.ts';
import type { Hub } from './hub.ts';
import { recordType } from './session-records.ts';
import type { Session } from './session.ts';
import { swapNames, topicOf } from './topic-names.ts';

export interface Will {
  readonly clientId: string;
  readonly message: Message;
  readonly retain: boolean;
}

/** @throws BrokerError `invalid` for a topic that cannot be published to. */
export function willOf(hub: Hub, clientId: string, { topic, qos, payload, retain }: WillFields): Will {
  return { clientId, message: applicationMessage(hub, topicOf(topic), qos, payload), retain };
}

/** Stores it [MQTT-3.1.2-8]. @throws BrokerError as Store.write does. */
export async function storeWill(hub: Hub, { clientId, message, retain }: Will): Promise<void> {
  const value = Buffer.concat([Buffer.from([retain ? 1 : 0]), encodeMessage(message)]);
  await hub.context.broker.store.write([{ kind: 'record', type: recordType.will, key: clientId, value }]);
}

/** The client said DISCONNECT [MQTT-3.1.2-10], [MQTT-3.14.4-3]. */
export function discardWill(hub: Hub, clientId: string): Promise<void> {
  return hub.context.broker.store.write([{ kind: 'record', type: recordType.will, key: clientId, value: undefined }]);
}

export function publishWill(hub: Hub, will: Will, publisher: Session | undefined): Promise<void> {
  const { broker, clock } = hub.context;
  const { clientId, message, retain } = will;
  const transaction = broker.transaction();
  const topic = topicOf(swapNames(message.to.slice('topic://'.length)));
  const undo = addToTransaction(hub, transaction, topic, { ...message, timestamp: clock.now() }, { retain, publisher });
  transaction.record(recordType.will, clientId, undefined);
  return transaction.commit().catch((error: unknown) => {
    undo?.();
    throw error;
  });
}

/** Those whose connections ended with the engine before this one. */
export async function publishLeftWills(hub: Hub): Promise<void> {
  const records = await hub.context.broker.store.readRecords(recordType.will);
  await Promise.all(
    records.map(({ key, value }) => {
      const will = { clientId: key, message: readMessage(value.subarray(1)), retain: value[0] === 1 };
      return publishWill(hub, will, undefined);
    }),
  );
}
