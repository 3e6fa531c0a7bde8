// Ends of routes at other brokers, by the type of the remote: what they are made of.

import { amqpSource } from './bridge/endpoints/brokers/amqp-source.ts';
import { amqpTarget } from './bridge/endpoints/brokers/amqp-target.ts';
import type { Timing } from './bridge/endpoints/brokers/far-broker.ts';
import { mqttSource } from './bridge/endpoints/brokers/mqtt-source.ts';
import { mqttTarget } from './bridge/endpoints/brokers/mqtt-target.ts';
import { stompSource } from './bridge/endpoints/brokers/stomp-source.ts';
import { stompTarget } from './bridge/endpoints/brokers/stomp-target.ts';
import type { MappingRules } from './bridge/mapping.ts';
import type { RemoteTarget } from './bridge/remote.ts';
import type { Source } from './bridge/source.ts';
import type { RemoteBroker } from './config-remotes.ts';
import { amqpCodec, mqttCodec, stompCodec } from './far-codecs.ts';
import type { Clock } from './util/clock.ts';
import type { Log } from './util/log.ts';

export interface FarEnd {
  readonly address: string;
  readonly kind: 'queue' | 'topic';
  readonly name: string;
  /** Of the remote. */
  readonly remote: string;
  readonly broker: RemoteBroker;
  readonly clock: Clock;
  readonly log: Log;
  /** Tests wait for less. */
  readonly timing?: Timing | undefined;
}

export function farTarget({ remote, broker, ...end }: FarEnd, rules: MappingRules): RemoteTarget {
  const options = { ...end, broker: { ...broker, name: remote }, rules };
  switch (broker.type) {
    case 'amqp':
      return amqpTarget({ ...options, encode: amqpCodec.encode });
    case 'mqtt':
      return mqttTarget({ ...options, ...mqttCodec });
    case 'stomp':
      return stompTarget({ ...options, codec: stompCodec });
  }
}

export function farSource({ remote, broker, ...end }: FarEnd, route: string): Source {
  const options = { ...end, broker: { ...broker, name: remote }, route };
  switch (broker.type) {
    case 'amqp':
      return amqpSource({ ...options, decode: amqpCodec.decode });
    case 'mqtt':
      return mqttSource({ ...options, ...mqttCodec });
    case 'stomp':
      return stompSource({ ...options, codec: stompCodec });
  }
}
