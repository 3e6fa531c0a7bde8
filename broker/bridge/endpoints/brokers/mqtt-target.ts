// A topic behind MQTT as a target: QoS 1, so many at once as the broker takes. Its reason codes (MQTT 5, 3.4.2.1) tell what
// became of a message; MQTT 3.1.1 has none, and acknowledges or ends the connection.

import { randomUUID } from 'node:crypto';
import type { IClientPublishOptions } from 'mqtt';
import type { Message } from '../../../core/message.ts';
import type { MappingRules } from '../../mapping.ts';
import type { Parcel, RemoteTarget, TroubleKind } from '../../remote.ts';
import { Answers } from './answers.ts';
import { usualTiming } from './far-broker.ts';
import type { FarEndOptions } from './far-broker.ts';
import { FarTarget } from './far-target.ts';
import type { Answer, Outlet } from './far-target.ts';
import { mapForMqtt } from './map-for-broker.ts';
import { codeOf, MqttLink, nameOf } from './mqtt-client.ts';
import type { MqttEnd, MqttLevel, MqttProperties } from './mqtt-client.ts';
import { messageOf } from '../../../util/network-words.ts';
import { troubleWith } from './open-socket.ts';

export interface MqttTargetOptions extends FarEndOptions {
  readonly rules: MappingRules;
  /** Of the engine's name; undefined: MQTT has none for it. */
  readonly topicOf: (name: string) => string | undefined;
  /** `now`: milliseconds since the epoch. */
  readonly propertiesOf: (message: Message, now: number) => MqttProperties;
  /** The broker is to keep it for subscribers that come later. */
  readonly isRetained: (message: Message) => boolean;
}

/** Of a level that is not yet known, the later one. */
export function mqttTarget(options: MqttTargetOptions): RemoteTarget {
  const { address, broker, name, rules } = options;
  let level: MqttLevel = 5;
  const mappedFor = new WeakMap<Message, MqttLevel>();
  return new FarTarget({
    address,
    broker,
    keepsOriginal: false,
    map: (message, crossing, notes) => {
      const mapped = mapForMqtt(message, `topic://${name}`, rules, level, crossing, notes);
      mappedFor.set(mapped, level);
      return mapped;
    },
    connect: async (signal) => {
      const link = await MqttLink.connect(
        { ...options, signal },
        { id: `causeway-${randomUUID()}`, isKept: false },
        level,
      );
      level = link.level;
      return new MqttOutlet(options, link);
    },
    misfit: (parcels) => {
      if (parcels.every(({ mapped }) => mappedFor.get(mapped) === level)) return undefined;
      // What its fields lose is in the ledger only if they are mapped for what is spoken.
      return troubleWith(broker, 'away', `it speaks MQTT ${level === 5 ? '5' : '3.1.1'}: messages are mapped anew`);
    },
  });
}

/** Reason codes that are about the message: it will never be taken. */
const refusing: ReadonlySet<number> = new Set([0x90, 0x95, 0x99]);
const troubling: ReadonlyMap<number, TroubleKind> = new Map([
  [0x87, 'not-allowed'],
  [0x96, 'throttled'],
  [0x97, 'throttled'],
]);
/** Packet identifiers that one client has. */
const mostIdentifiers = 65_535;

interface Queued {
  readonly parcel: Parcel;
  readonly index: number;
  readonly answer: (index: number, answer: Answer) => void;
  readonly isWanted: () => boolean;
}

class MqttOutlet implements Outlet {
  readonly #options: MqttTargetOptions;
  readonly #link: MqttLink;
  readonly #answers: Answers<never>;
  readonly #topic: string | undefined;
  readonly #window: number;
  readonly #largest: number;
  readonly #queued: Queued[] = [];
  #inFlight = 0;

  constructor(options: MqttTargetOptions, link: MqttLink) {
    const { clock, timing = usualTiming, topicOf, name } = options;
    const { receiveMaximum = mostIdentifiers, maximumPacketSize = Infinity } = link.connack?.properties ?? {};
    this.#options = options;
    this.#link = link;
    this.#topic = topicOf(name);
    this.#window = receiveMaximum; // [MQTT-3.3.4-9 of 5]
    this.#largest = maximumPacketSize; // [MQTT-3.2.2-15 of 5]
    this.#answers = new Answers(clock, timing.answerMs, () => link.fail('away', 'it does not answer'));
    link.onEnd(() => this.#answers.end());
  }

  get end(): MqttEnd | undefined {
    return this.#link.end;
  }

  send(parcels: readonly Parcel[], signal: AbortSignal): Promise<readonly (Answer | undefined)[]> {
    return this.#answers.collect(parcels.length, signal, (_, answer) => {
      for (const [index, parcel] of parcels.entries()) {
        this.#queued.push({ parcel, index, answer, isWanted: () => !signal.aborted });
      }
      this.#write();
    });
  }

  close(): void {
    this.#link.close();
    this.#answers.end();
  }

  #write(): void {
    while (this.#inFlight < this.#window && this.#link.end === undefined) {
      const next = this.#queued.shift();
      if (next === undefined) return;
      if (next.isWanted()) this.#publish(next);
    }
  }

  #publish({ parcel, index, answer }: Queued): void {
    const { mapped } = parcel;
    const { propertiesOf, isRetained, clock } = this.#options;
    const topic = this.#topic;
    if (topic === undefined) {
      answer(index, { outcome: 'refused', reason: 'MQTT has no topic of this name' });
      return;
    }
    const properties = this.#link.level === 5 ? propertiesOf(mapped, clock.now()) : undefined;
    if (sizeOf(topic, mapped.body, properties) > this.#largest) {
      answer(index, { outcome: 'refused', reason: `it takes packets of ${this.#largest} bytes at most` });
      return;
    }
    const options: IClientPublishOptions = {
      qos: 1,
      retain: isRetained(mapped),
      ...(properties === undefined ? {} : { properties: publishProperties(properties) }),
    };
    this.#inFlight++;
    this.#link.client.publish(topic, mapped.body, options, (error) => {
      this.#inFlight--;
      // Given up, it has no answer.
      if (this.#link.end === undefined || codeOf(error) > 0) answer(index, this.#answerOf(error));
      this.#write();
    });
  }

  #answerOf(error: unknown): Answer {
    if (error === undefined || error === null) return { outcome: 'sent' };
    const code = codeOf(error);
    const reason = code === 0 ? messageOf(error) : nameOf(code);
    const kind = troubling.get(code);
    if (kind === undefined) return { outcome: refusing.has(code) ? 'refused' : 'again', reason };
    const trouble = troubleWith(this.#options.broker, kind, `it takes no messages: ${reason}`);
    return { outcome: 'trouble', trouble };
  }
}

function publishProperties(properties: MqttProperties): NonNullable<IClientPublishOptions['properties']> {
  const { payloadFormat, messageExpiry, contentType, responseTopic, correlationData, userProperties } = properties;
  return {
    ...(payloadFormat === undefined ? {} : { payloadFormatIndicator: payloadFormat }),
    ...(messageExpiry === undefined ? {} : { messageExpiryInterval: messageExpiry }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlationData }),
    ...(userProperties === undefined ? {} : { userProperties: byName(userProperties) }),
  };
}

/** Each name once, as mqtt.js has it: those of one name keep their order. */
function byName(pairs: NonNullable<MqttProperties['userProperties']>): Record<string, string | string[]> {
  const named = new Map<string, string | string[]>();
  for (const { name, value } of pairs) {
    const known = named.get(name);
    if (known === undefined) named.set(name, value);
    else if (typeof known === 'string') named.set(name, [known, value]);
    else known.push(value);
  }
  return Object.fromEntries(named);
}

const fixedBytes = 16;

/** At least what the packet has. */
function sizeOf(topic: string, body: Buffer, properties: MqttProperties | undefined): number {
  let bytes = fixedBytes + Buffer.byteLength(topic) + body.length;
  if (properties === undefined) return bytes;
  const { contentType = '', responseTopic = '', correlationData, userProperties = [] } = properties;
  bytes +=
    fixedBytes + Buffer.byteLength(contentType) + Buffer.byteLength(responseTopic) + (correlationData?.length ?? 0);
  for (const { name, value } of userProperties) bytes += 5 + Buffer.byteLength(name) + Buffer.byteLength(value);
  return bytes;
}
