// MQTT 3.1, 3.1.1 and 5. ActiveMQ Classic does not speak 5.

import { no, none, row, there, unknown, yes } from './row.ts';
import type { Feature, Own } from './row.ts';

function mqtt5(what: string, rabbitmq: string, mosquitto: string, causeway: Own): Feature {
  return row(what, none, rabbitmq, mosquitto, causeway);
}

export const overMqtt: readonly Feature[] = [
  row('QoS 0 and 1', 'yes', 'yes', 'yes', yes('protocols/mqtt/mosquitto: publish and subscribe at QoS %s')),
  row(
    'QoS 2',
    'yes',
    'no',
    'yes',
    yes('protocols/mqtt/incoming: is received only when it is stored, and released only when that is'),
  ),
  row(
    'acknowledged when it is on disk',
    'yes',
    'yes',
    'saved at intervals',
    yes('protocols/mqtt/incoming: is acknowledged only when it is stored'),
  ),
  row(
    'sessions are there after a restart',
    'yes',
    'yes',
    'if `persistence` is on',
    yes('protocols/mqtt/restart: durable sessions and their subscriptions are there'),
  ),
  row(
    'QoS 2 goes on after a crash where it was',
    unknown,
    none,
    unknown,
    yes(
      'protocols/mqtt/restart: QoS 2 messages under way to a client come as the same packets, in the phase that they were in',
      'protocols/mqtt/restart: a QoS 2 message that a client sends again is not stored again',
    ),
  ),
  row(
    'QoS 0 is kept for who is away',
    unknown,
    'yes',
    'if configured',
    no({ tests: ['protocols/mqtt/session: does not keep what would come at QoS 0'] }),
  ),
  row(
    'a bound on what is in flight to a client',
    'yes',
    'yes',
    'yes',
    yes('protocols/mqtt/outgoing: bounds what is sent at QoS %i without being acknowledged'),
  ),
  row(
    'what waits for a slow client beyond its bound',
    unknown,
    'is kept',
    'is dropped',
    there('is kept', 'protocols/mqtt/outgoing: is sent no more than the bound at QoS %i, and all of it in the end'),
  ),
  row(
    'retained messages',
    'yes',
    'for filters without wildcards',
    'yes',
    yes('protocols/mqtt/retained: of thousands of topics comes to a new subscription, each once'),
  ),
  row(
    'wills',
    'yes',
    'yes',
    'yes',
    yes('protocols/mqtt/will: is published when the connection is lost [MQTT-3.1.2-8]'),
  ),
  row(
    'the will of a broker that crashed',
    unknown,
    unknown,
    unknown,
    yes('protocols/mqtt/will: is published by the next engine when the engine fails'),
  ),
  row(
    'dots in names of topics',
    'yes',
    'no',
    'yes',
    yes('protocols/mqtt/topic-names: loses nothing in either direction'),
  ),
  row(
    '`$SYS`',
    'no',
    'no',
    'yes',
    yes('protocols/mqtt/statistics: comes as retained at first, and then what has changed, every ten seconds'),
  ),
  mqtt5(
    'session expiry',
    'yes',
    'yes',
    yes(
      'protocols/mqtt/session-expiry: is there until its time has passed, and gone after it [MQTT-3.1.2-5] [MQTT-3.1.2-23] [MQTT-4.1.0-2]',
    ),
  ),
  mqtt5(
    'message expiry',
    'yes',
    'yes',
    yes('protocols/mqtt/publish5: is not delivered after that, nor a dead letter [MQTT-3.3.2-5]'),
  ),
  mqtt5(
    'shared subscriptions',
    'no',
    'yes',
    yes('protocols/mqtt/shared: gives each message to one member, and to other subscriptions as well'),
  ),
  mqtt5(
    'subscription identifiers',
    'yes',
    'yes',
    yes(
      'protocols/mqtt/subscribe5: deliver once, at the highest QoS, with all identifiers [MQTT-3.3.4-2] [MQTT-3.3.4-3] [MQTT-3.3.4-4]',
    ),
  ),
  mqtt5(
    'No Local',
    'yes',
    'yes',
    yes('protocols/mqtt/subscribe5: keeps from a client what it publishes itself [MQTT-3.8.3-3]'),
  ),
  mqtt5(
    'Retain As Published, Retain Handling',
    'yes',
    'yes',
    yes(
      'protocols/mqtt/subscribe5: is the flag as it was, or none [MQTT-3.3.1-12] [MQTT-3.3.1-13]',
      'protocols/mqtt/subscribe5: %i sends what is retained to a new subscription, and to one that was there: %j [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]',
    ),
  ),
  mqtt5(
    'user properties, content type, response topic',
    'yes',
    'yes',
    yes('protocols/mqtt/mosquitto: speak MQTT 5, with properties'),
  ),
  mqtt5(
    'topic aliases from clients',
    'yes',
    'yes',
    yes('protocols/mqtt/mqtt-js: speaks MQTT 5: properties, identifiers, aliases, reasons'),
  ),
  mqtt5(
    'topic aliases to clients',
    'yes',
    'from 2.1',
    yes('protocols/mqtt/publish5: are given where it takes them, in place of names [MQTT-3.1.2-26] [MQTT-3.3.2-11]'),
  ),
  mqtt5(
    'Receive Maximum',
    'yes',
    'yes',
    yes(
      'protocols/mqtt/publish5: of a client is not exceeded, and holds nothing else up [MQTT-3.3.4-9] [MQTT-3.3.4-10] [MQTT-4.9.0-2]',
    ),
  ),
  mqtt5(
    'Maximum Packet Size',
    'yes',
    'yes',
    yes(
      'protocols/mqtt/publish5: of a client keeps larger messages from it, and from no one else [MQTT-3.1.2-24] [MQTT-3.1.2-25]',
    ),
  ),
  mqtt5('delay of the will', 'yes', 'yes', yes('protocols/mqtt/will5: passes before it is published [MQTT-3.1.2-8]')),
  mqtt5(
    'reason codes on acknowledgements',
    'yes',
    'yes',
    yes('protocols/mqtt/publish5: is told in PUBACK and PUBREC, with a sentence'),
  ),
  row(
    'sessions are their user’s',
    unknown,
    unknown,
    'no',
    yes('protocols/mqtt/ownership: is refused to others, as not authorized, and goes on; clean start: %s'),
  ),
  mqtt5('DISCONNECT from the server', 'yes', 'yes', yes('protocols/mqtt/connect5: tells of a takeover [MQTT-3.1.4-3]')),
  mqtt5(
    'Server Keep Alive',
    'no',
    'yes',
    yes('protocols/mqtt/connect5: asks to be heard of more often than a client wants [MQTT-3.2.2-22]'),
  ),
  mqtt5(
    'AUTH',
    'no',
    'by plugins',
    there(
      'SCRAM-SHA-256',
      'protocols/mqtt/authentication: lets a client in that proves its password, and proves ours [MQTT-4.12.0-2] [MQTT-4.12.0-3] [MQTT-4.12.0-5]',
    ),
  ),
];
