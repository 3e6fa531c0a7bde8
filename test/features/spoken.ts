// What is spoken at all, and over what.

import { no, none, row, there, yes } from './row.ts';
import type { Feature } from './row.ts';

export const spoken: readonly Feature[] = [
  row('AMQP 1.0', 'yes', '4: yes; 3: plugin', 'no', yes('protocols/amqp/proton: gets every type back as it sent it')),
  row('AMQP 0-9-1', 'no', 'yes', 'no', no({ plainly: 'amqp091' })),
  row('MQTT 3.1 and 3.1.1', 'yes', 'plugin', 'yes', yes('protocols/mqtt/paho: plays its part in version %s')),
  row('MQTT 5', 'no', 'plugin, from 3.13', 'yes', yes('protocols/mqtt/paho: plays its part in version 5')),
  row('STOMP 1.0 to 1.2', 'yes', 'plugin', 'no', yes('protocols/stomp/stomp-py: plays its part in version %s')),
  row('OpenWire', 'yes', 'no', 'no', no({ absence: 'OpenWire' })),
  row(
    'TLS',
    'yes',
    'yes',
    'yes',
    there(
      'yes, 1.2 and 1.3',
      'protocols/listener-tls: carries MQTT, AMQP and STOMP',
      'protocols/listener-tls: refuses TLS 1.1 and older',
    ),
  ),
  row(
    'MQTT over WebSocket',
    'yes',
    'plugin',
    'yes',
    yes('protocols/listener-websocket: takes MQTT packets however messages cut them'),
  ),
  row(
    'STOMP over WebSocket',
    'yes',
    'plugin',
    none,
    yes(
      'protocols/listener-websocket: takes STOMP as text and binary, and sends a message for each frame: text if that is what it is',
    ),
  ),
  row(
    'AMQP 1.0 over WebSocket',
    'yes',
    'commercial',
    none,
    yes('protocols/listener-websocket: carries MQTT, AMQP and STOMP'),
  ),
  row(
    'one port for all',
    'yes (`auto`)',
    'AMQP 1.0 and 0-9-1',
    none,
    yes('protocols/listener-sniffing: takes AMQP, MQTT, STOMP and WebSocket'),
  ),
  row('one name space for all', 'yes', 'by exchanges', none, yes('interop/destinations: received from %s over AMQP')),
];
