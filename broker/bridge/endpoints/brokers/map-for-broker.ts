// A message on its way to another broker, by protocol: what each of its fields becomes there. The bytes are made by the
// dialects' own code; this says, field by field, what that keeps.

import type { Message, Property } from '../../../core/message.ts';
import { allHeaders, isTold } from '../../mapping.ts';
import type { Header, MappingRules, Notes, Outcome } from '../../mapping.ts';
import type { Crossing } from '../../target.ts';
import { mapToBroker } from '../broker.ts';
import type { MqttLevel } from './mqtt-client.ts';

interface Loss {
  readonly outcome: Outcome;
  readonly reason: string;
}

/** What a protocol does not keep as it is. */
interface Losses {
  header(header: Header, mapped: Message): Loss | undefined;
  property(property: Property): Loss | undefined;
  body(mapped: Message): Loss | undefined;
}

function dropped(reason: string): Loss {
  return { outcome: 'dropped', reason };
}

function changed(reason: string): Loss {
  return { outcome: 'changed', reason };
}

const ownTarget = changed('it says where the route sent it');

const asciiOnly = /^[\0-\x7f]*$/;

const amqp: Losses = {
  header: (header, mapped) => {
    if (header === 'to') return ownTarget;
    if (header !== 'contentType' && header !== 'contentEncoding') return undefined;
    return asciiOnly.test(mapped[header] ?? '') ? undefined : dropped('AMQP has it in ASCII only');
  },
  property: ({ type, label }) => {
    if (type === 'decimal') return changed('AMQP has it as a string');
    return label === undefined ? undefined : changed('only SQS has labels of types');
  },
  body: () => undefined,
};

/** Of ActiveMQ, and of most others. */
const frameHeaders: ReadonlySet<string> = new Set([
  '',
  'content-length',
  'subscription',
  'ack',
  'redelivered',
  'destination',
  'message-id',
  'receipt',
  'transaction',
]);

const stomp: Losses = {
  header: (header) => {
    if (header === 'to') return ownTarget;
    if (header === 'id') return dropped('the broker gives it one of its own');
    if (header === 'userId') return dropped('the broker says who sent it');
    return undefined;
  },
  property: ({ name, type }) => {
    if (frameHeaders.has(name)) return dropped('STOMP has a header of this name');
    return type === 'string' ? undefined : changed('STOMP has text only');
  },
  body: ({ bodyType }) => (bodyType === 'value' ? changed('a typed value goes as its JSON') : undefined),
};

const mqttKeeps: ReadonlySet<Header> = new Set<Header>(['contentType', 'correlationId', 'expiresAt']);
const qosMark = 'ActiveMQ.MQTT.QoS';
const retainMarks: ReadonlySet<string> = new Set(['ActiveMQ.Retain', 'ActiveMQ.Retained']);

const mqtt5: Losses = {
  header: (header, { replyTo }) => {
    if (mqttKeeps.has(header)) return undefined;
    if (header === 'to') return ownTarget;
    if (header === 'durable') return changed('it goes at QoS 1');
    if (header === 'replyTo' && /^topic:\/\/[^*>]+$/.test(replyTo ?? '')) return undefined;
    return dropped(header === 'replyTo' ? 'MQTT has topics only' : 'MQTT has no such field');
  },
  property: ({ name, type, value }) => {
    if (retainMarks.has(name)) return undefined;
    if (name === qosMark) return changed('it goes at QoS 1');
    if (value === null) return dropped('MQTT has text only');
    if (!isMqttText(name) || (typeof value === 'string' && !isMqttText(value))) {
      return dropped('MQTT has no such text');
    }
    return type === 'string' ? undefined : changed('MQTT has text only');
  },
  body: ({ bodyType }) => (bodyType === 'value' ? changed('a typed value goes as its JSON') : undefined),
};

const mqtt311: Losses = {
  header: (header) => {
    if (header === 'to') return ownTarget;
    if (header === 'durable') return changed('it goes at QoS 1');
    return dropped('MQTT 3.1.1 has no such field');
  },
  property: ({ name }) => {
    if (name === 'ActiveMQ.Retain') return undefined;
    return name === qosMark ? changed('it goes at QoS 1') : dropped('MQTT 3.1.1 has no properties');
  },
  body: ({ bodyType }) => (bodyType === 'value' ? changed('a typed value goes as its JSON') : undefined),
};

const mostTextBytes = 65_535;

function isMqttText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed() && Buffer.byteLength(text) <= mostTextBytes;
}

type Path = Pick<Crossing, 'path'>;

export function mapForAmqp(message: Message, to: string, rules: MappingRules, crossing: Path, notes: Notes): Message {
  const isAsItWas = rules.rename.size === 0 && message.original?.dialect === 'amqp';
  return map(message, to, rules, crossing, isAsItWas ? nothing : amqp, notes);
}

export function mapForStomp(message: Message, to: string, rules: MappingRules, crossing: Path, notes: Notes): Message {
  return map(message, to, rules, crossing, stomp, notes);
}

export function mapForMqtt(
  message: Message,
  to: string,
  rules: MappingRules,
  level: MqttLevel,
  crossing: Path,
  notes: Notes,
): Message {
  return map(message, to, rules, crossing, level === 5 ? mqtt5 : mqtt311, notes);
}

const nothing: Losses = { header: () => undefined, property: () => undefined, body: () => undefined };

function map(message: Message, to: string, rules: MappingRules, crossing: Path, losses: Losses, notes: Notes): Message {
  const lost = new LostFields(message, losses, notes);
  return mapToBroker(message, to, rules, crossing, lost);
}

/** Of what the broker's own form keeps, says what the protocol does not. Headers are noted before properties. */
class LostFields implements Notes {
  readonly #message: Message;
  readonly #losses: Losses;
  readonly #notes: Notes;
  readonly #headers: Header[];
  /** Properties that were noted. */
  #count = 0;
  #hasBody = false;

  constructor(message: Message, losses: Losses, notes: Notes) {
    this.#message = message;
    this.#losses = losses;
    this.#notes = notes;
    this.#headers = allHeaders.filter((header) => isTold(message, header));
  }

  note(field: string, outcome: Outcome, reason: string, value?: unknown): void {
    const message = this.#message;
    const header = this.#headers.find((one) => one === field);
    let loss: Loss | undefined;
    let seen = value;
    if (header !== undefined) {
      this.#headers.splice(this.#headers.indexOf(header), 1);
      // Under a new name it is a property.
      loss =
        outcome === 'kept'
          ? this.#losses.header(header, message)
          : this.#losses.property({ name: field, type: 'string', value: String(message[header]) });
      seen = message[header];
    } else if (field === 'body' && !this.#hasBody) {
      this.#hasBody = true;
      loss = this.#losses.body(message);
      seen = undefined;
    } else {
      const property = message.properties[this.#count++];
      if (property !== undefined) loss = this.#losses.property(property);
      seen = property?.value;
    }
    if (loss === undefined || outcome === 'dropped') this.#notes.note(field, outcome, reason, value);
    else this.#notes.note(field, loss.outcome, loss.reason, seen);
  }
}
