// The subprotocols of WebSocket (RFC 6455, 1.9) that stand for our dialects, and how each uses messages.

import type { Dialect } from '../../core/dialect.ts';

export interface Subprotocol {
  readonly dialect: Dialect['name'];
  /** `binary`: a text message is a fault. `frames`: one message for each frame, as text where it is text. */
  readonly messages: 'binary' | 'frames';
}

const mqtt: Subprotocol = { dialect: 'mqtt', messages: 'binary' }; // [MQTT-6.0.0-1]
const amqp: Subprotocol = { dialect: 'amqp', messages: 'binary' };
const stomp: Subprotocol = { dialect: 'stomp', messages: 'frames' };

const subprotocols: ReadonlyMap<string, Subprotocol> = new Map([
  ['mqtt', mqtt], // [MQTT-6.0.0-3], [MQTT-6.0.0-4]
  ['mqttv3.1', mqtt],
  ['amqp', amqp], // AMQP 1.0 WebSocket Binding, 2.1
  ['AMQPWSB10', amqp], // its draft
  ['v12.stomp', stomp],
  ['v11.stomp', stomp],
  ['v10.stomp', stomp],
  ['stomp', stomp],
]);

/**
 * The first of those offered that is known. Clients that offer none are taken to speak STOMP, as ActiveMQ does: STOMP
 * alone does not ask for one.
 * @param offered the header Sec-WebSocket-Protocol.
 * @returns undefined if all that are offered are unknown.
 */
export function chooseSubprotocol(
  offered: string | undefined,
): { readonly name: string | undefined; readonly subprotocol: Subprotocol } | undefined {
  const names = (offered ?? '').split(',').map((name) => name.trim());
  for (const name of names) {
    const subprotocol = subprotocols.get(name);
    if (subprotocol !== undefined) return { name, subprotocol };
  }
  return offered === undefined ? { name: undefined, subprotocol: stomp } : undefined;
}
