// A topic filter behind MQTT as a source: a session that outlives the connection, QoS 1, and PUBACK after the commit. mqtt.js
// would acknowledge in its own time and hold up everything behind a message until then: PUBACK is written here.

import { hash } from 'node:crypto';
import type { IPublishPacket } from 'mqtt';
import type { Message } from '../../../core/message.ts';
import type { Source } from '../../source.ts';
import { usualTiming } from './far-broker.ts';
import type { FarSourceOptions } from './far-broker.ts';
import { FarSource } from './far-source.ts';
import type { Feed, FeedEvents } from './far-source.ts';
import type { Delivery } from './taken-delivery.ts';
import { codeOf, MqttLink, nameOf } from './mqtt-client.ts';
import type { MqttProperties } from './mqtt-client.ts';
import { messageOf } from '../../../util/network-words.ts';

/** A PUBLISH. */
export interface Published {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** Undefined: none, or MQTT 3.1.1. */
  readonly properties: MqttProperties | undefined;
}

export interface MqttSourceOptions extends FarSourceOptions {
  /** Of the engine's name, with its wildcards. */
  readonly filterOf: (name: string) => string;
  /** `id`: the message's, new. `now`: milliseconds since the epoch. */
  readonly read: (published: Published, id: string, now: number) => Message;
}

export function mqttSource(options: MqttSourceOptions): Source {
  let count = 0;
  let known: Pick<MqttLink, 'level'> | undefined;
  const made = `${options.route}-${hash('sha256', `${options.clock.now()}${Math.random()}`, 'hex').slice(0, 12)}`;
  return new FarSource(options, async (events, window, signal) => {
    const { feed, link } = await open({ ...options, signal }, events, window, known, () => `${made}-${++count}`);
    known = link;
    return feed;
  });
}

/** What comes at QoS 0, and what MQTT 3.1.1 does not bound, may be more than was asked for. */
const mostHeld = 2000;
/** So that mqtt.js does not acknowledge. */
const notYet = new Error('acknowledged after the commit');
/** Retain Handling (MQTT 5, 3.8.3.1): what is retained comes with a new subscription only. */
const retainedOnce = 1;

/** `known`: the connection before, which has subscribed. */
async function open(
  options: MqttSourceOptions,
  events: FeedEvents,
  window: number,
  known: Pick<MqttLink, 'level'> | undefined,
  newId: () => string,
): Promise<{ readonly feed: Feed; readonly link: MqttLink }> {
  const { clock, timing = usualTiming, filterOf, name, route, read } = options;
  const filter = filterOf(name);
  // Another filter is another session: this one has subscribed to no other.
  const id = `causeway-${route}-${hash('sha256', filter, 'hex').slice(0, 8)}`;
  const pubacks = new Pubacks();
  let held = 0;
  let isPaused = false;
  let goOn: (() => void) | undefined;

  const deliveryOf = (packet: IPublishPacket): Delivery => {
    const { topic, payload, qos, retain, messageId, dup } = packet;
    const published = { topic, payload: Buffer.from(payload), qos, retain, properties: propertiesOf(packet) };
    return {
      message: read(published, newId(), clock.now()),
      // MQTT has no ids of messages: two that are alike are two.
      id: undefined,
      mark: qos === 0 ? undefined : `${topic} ${messageId}`,
      isRedelivered: dup,
      returns: qos > 0,
      acknowledge: () => {
        if (qos > 0 && messageId !== undefined) pubacks.add(messageId);
      },
    };
  };

  let isOpen = false;
  /** As long as there is room, and else nothing more is read. */
  const proceed = (): void => {
    if (isPaused || held >= mostHeld) return;
    const next = goOn;
    goOn = undefined;
    next?.();
  };
  const prepare = (made: MqttLink): void => {
    pubacks.write = (bytes) => {
      if (made.end === undefined) made.socket.write(bytes);
    };
    made.client.handleMessage = (packet, callback) => {
      held++;
      events.deliver(deliveryOf(packet));
      // MQTT 3.1.1 has no bound for what is unacknowledged.
      goOn = () => callback(notYet);
      proceed();
    };
  };
  const link = await MqttLink.connect(
    options,
    { id, isKept: true, receiveMaximum: window, prepare },
    known?.level ?? 5,
  );
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  link.onEnd(({ trouble }) => (isOpen ? events.onLost(trouble) : reject(trouble)));
  const isKept = link.connack?.sessionPresent === true;
  if (isKept && known !== undefined) resolve();
  else {
    link.client.subscribe(filter, { qos: 1, rap: true, rh: retainedOnce }, (error, granted) => {
      const code = granted?.[0]?.qos;
      if (error === null && (code === undefined || code < 0x80)) resolve();
      else {
        const reason = codeOf(error) > 0 ? nameOf(codeOf(error)) : messageOf(error ?? 'refused');
        link.fail('not-allowed', `it refuses the subscription to ${filter}: ${reason}`);
      }
    });
  }
  const timer = clock.after(timing.answerMs, () => link.fail('away', 'it does not answer SUBSCRIBE'));
  try {
    await promise;
  } finally {
    timer.cancel();
  }
  isOpen = true;
  const feed: Feed = {
    isNew: !isKept,
    freed: () => {
      held--;
      proceed();
    },
    pause: (paused) => {
      isPaused = paused;
      proceed();
    },
    close: () => {
      pubacks.flush();
      link.close();
    },
  };
  return { feed, link };
}

/** PUBACK (3.4) without a reason, which says success in both versions; those of one turn of the event loop go together. */
class Pubacks {
  write: (bytes: Buffer) => void = () => undefined;
  #ids: number[] = [];

  add(id: number): void {
    this.#ids.push(id);
    if (this.#ids.length === 1) queueMicrotask(() => this.flush());
  }

  flush(): void {
    const ids = this.#ids;
    if (ids.length === 0) return;
    this.#ids = [];
    this.write(Buffer.from(ids.flatMap((id) => [0x40, 2, id >> 8, id & 0xff])));
  }
}

function propertiesOf({ properties }: IPublishPacket): MqttProperties | undefined {
  if (properties === undefined) return undefined;
  const { payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic, correlationData, userProperties } =
    properties;
  return {
    ...(payloadFormatIndicator === undefined ? {} : { payloadFormat: payloadFormatIndicator }),
    ...(messageExpiryInterval === undefined ? {} : { messageExpiry: messageExpiryInterval }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlationData }),
    ...(userProperties === undefined ? {} : { userProperties: pairsOf(userProperties) }),
  };
}

function pairsOf(named: object): NonNullable<MqttProperties['userProperties']> {
  return Object.entries(named).flatMap(([name, values]: [string, unknown]) =>
    (Array.isArray(values) ? values : [values]).map((value) => ({ name, value: String(value) })),
  );
}
