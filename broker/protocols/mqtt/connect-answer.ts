// What a CONNECT settles between client and server (MQTT 5, 3.1.2.11 and 3.2.2.3): the client's terms, and ours in CONNACK.
// What is not said there is as the specification has it: QoS 2, retained messages, wildcards, Subscription Identifiers and
// shared subscriptions are there.

import type { DialectLimits } from '../../core/dialect.ts';
import type { Connect } from './codec/connect.ts';
import { emptySection, property, PropertyWriter } from './codec/properties.ts';
import type { Attempt } from './handle-connect.ts';
import type { MqttOptions } from './hub.ts';
import type { Terms } from './replies.ts';

const largestPacket = 268_435_460;
const largestReceiveMaximum = 65_535;
/** Response topics are made of it (MQTT 5, 4.10.1). */
const responsePrefix = 'responses/';

export function termsOf({ level, properties }: Connect): Terms {
  return {
    level,
    receiveMaximum: properties.receiveMaximum ?? largestReceiveMaximum,
    maximumPacketSize: Math.min(properties.maximumPacketSize ?? largestPacket, largestPacket),
    topicAliasMaximum: properties.topicAliasMaximum ?? 0,
    wantsSentences: properties.requestProblemInformation !== 0,
  };
}

/**
 * `serverSeconds`: what the client is told to use instead of its own; undefined: nothing. `graceSeconds`: what it is held to.
 * Clients are about that do not heed what they are told, as paho-mqtt 1.6: nothing is gained by throwing them out.
 */
export function keepAliveOf(
  { level, keepAliveSeconds }: Connect,
  { maxKeepAliveSeconds }: MqttOptions,
): { readonly serverSeconds: number | undefined; readonly graceSeconds: number } {
  const isTooLong = maxKeepAliveSeconds > 0 && keepAliveSeconds > maxKeepAliveSeconds;
  return { serverSeconds: level === 5 && isTooLong ? maxKeepAliveSeconds : undefined, graceSeconds: keepAliveSeconds };
}

/** With their length. */
export function connackProperties(attempt: Attempt, limits: DialectLimits, options: MqttOptions): Buffer {
  const { connect, clientId, expirySeconds, authenticationData } = attempt;
  const { level, properties: asked } = connect;
  if (level < 5) return emptySection;
  const properties = new PropertyWriter()
    .integer(property.receiveMaximum, options.receiveMaximum)
    .long(property.maximumPacketSize, Math.min(limits.maxMessageBytes, largestPacket))
    .integer(property.topicAliasMaximum, options.topicAliasMaximum);
  if (expirySeconds !== (asked.sessionExpiry ?? 0)) properties.long(property.sessionExpiry, expirySeconds);
  // [MQTT-3.1.3-7 of 5], [MQTT-3.2.2-16 of 5]
  if (connect.clientId === '') properties.text(property.assignedClientIdentifier, clientId);
  const { serverSeconds } = keepAliveOf(connect, options);
  if (serverSeconds !== undefined) properties.integer(property.serverKeepAlive, serverSeconds);
  // [MQTT-3.1.2-28 of 5]
  if (asked.requestResponseInformation === 1 && !/[+#]/.test(clientId)) {
    properties.text(property.responseInformation, responsePrefix + clientId);
  }
  // [MQTT-4.12.0-5 of 5], [MQTT-4.12.0-6 of 5]
  if (asked.authenticationMethod !== undefined && authenticationData !== undefined) {
    properties.text(property.authenticationMethod, asked.authenticationMethod);
    properties.binary(property.authenticationData, authenticationData);
  }
  return properties.finish();
}
