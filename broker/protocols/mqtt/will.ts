// Wills (MQTT 3.1.1 and 5, 3.1.2.5): what is published when a connection ends without a DISCONNECT, at once or after a delay.
// A will is in the store from CONNECT on, and leaves it with its publication or its end: it is published after a crash, and once.

import type { Principal } from '../../core/access.ts';
import { BrokerError } from '../../core/errors.ts';
import { Expiries } from '../../core/expiries.ts';
import type { Message } from '../../core/message.ts';
import { encodeMessage, readMessage } from '../../core/message-codec.ts';
import { applicationMessage } from './application-message.ts';
import { isUtf8 } from 'node:buffer';
import { reason, WireError } from './codec/reason.ts';
import type { WillFields } from './codec/connect.ts';
import type { Hub } from './hub.ts';
import { recordType } from './session-records.ts';
import type { Session } from './session.ts';
import { swapNames, topicOf } from './topic-names.ts';

export interface Will {
  readonly clientId: string;
  /** As it would be sent now. */
  readonly message: Message;
  readonly delaySeconds: number;
  /** Of the message, from when it is published; undefined: it does not expire. */
  readonly expirySeconds: number | undefined;
  /** Who left it. */
  readonly user: string;
  /** As whom it is published; undefined: there is no such user any more. */
  readonly principal: Principal | undefined;
}

interface Waiting {
  readonly will: Will;
  /** When it is published, milliseconds since the epoch. */
  readonly dueAt: number;
  readonly publisher: Session | undefined;
}

/** @throws WireError for a topic that cannot be published to, BrokerError `unauthorized`. */
export function willOf(hub: Hub, clientId: string, fields: WillFields, principal: Principal): Will {
  const { qos, retain, payload, properties } = fields;
  const topic = topicOf(fields.topic);
  if (topic.isReserved) throw new BrokerError('unauthorized', 'a will to a topic of the server');
  principal.authorize('write', topic.destination);
  if (properties.payloadFormat === 1 && !isUtf8(payload)) {
    throw new WireError(reason.payloadFormatInvalid, 'a will whose payload is not the text that it says it is');
  }
  const { willDelay = 0, messageExpiry, ...lasting } = properties;
  const sender = hub.context.populateUserId === true ? principal : undefined;
  const message = applicationMessage(hub, topic, qos, retain, payload, lasting, sender);
  const { user } = principal;
  return { clientId, message, delaySeconds: willDelay, expirySeconds: messageExpiry, user, principal };
}

export class Wills {
  readonly #hub: Hub;
  readonly #waiting = new Map<string, Waiting>();
  readonly #delays: Expiries<Waiting>;

  constructor(hub: Hub) {
    this.#hub = hub;
    this.#delays = new Expiries(hub.context.clock, {
      endOf: (waiting) => (this.#waiting.get(waiting.will.clientId) === waiting ? waiting.dueAt : 0),
      onEnd: ({ will }) => {
        hub.context.broker.background(this.sessionEnded(will.clientId), `publish the will of "${will.clientId}"`);
      },
    });
  }

  /** Those whose connections ended with the engine before this one, or whose delay was under way. Sessions are there. */
  async restore(): Promise<void> {
    const { access, broker, clock } = this.#hub.context;
    const now = clock.now();
    for (const { key, value } of await broker.store.readRecords(recordType.will)) {
      const { will: left, dueAt } = decode(key, value);
      const will = { ...left, principal: access.principalOf(left.user) };
      const wait = Math.min(will.delaySeconds, this.#hub.sessions.lifeOf(key)) * 1000;
      const due = dueAt === 0 ? now + wait : dueAt;
      if (due <= now) await this.publish(will, undefined);
      else await this.#wait(will, due, undefined);
    }
  }

  close(): void {
    this.#delays.clear();
  }

  /** Stores it [MQTT-3.1.2-8]. @throws BrokerError as Store.write does. */
  keep(will: Will): Promise<void> {
    return this.#record(will.clientId, encode(will, 0));
  }

  /** The client said DISCONNECT [MQTT-3.1.2-10], [MQTT-3.14.4-3]. */
  discard(clientId: string): Promise<void> {
    return this.#record(clientId, undefined);
  }

  /** The connection ended in another way. `lifeSeconds`: how long its session lasts from now. */
  connectionEnded(will: Will, publisher: Session, lifeSeconds: number): Promise<void> {
    const wait = Math.min(will.delaySeconds, lifeSeconds) * 1000;
    if (wait === 0) return this.publish(will, publisher);
    return this.#wait(will, this.#hub.context.clock.now() + wait, publisher);
  }

  /** The client is back, and its session goes on [MQTT-3.1.3-9 of 5]. */
  async sessionGoesOn(clientId: string): Promise<void> {
    if (this.#waiting.delete(clientId)) await this.discard(clientId);
  }

  /** The delay, or the session, is over (MQTT 5, 3.1.3.2.2). */
  async sessionEnded(clientId: string): Promise<void> {
    const waiting = this.#waiting.get(clientId);
    if (waiting === undefined) return;
    this.#waiting.delete(clientId);
    await this.publish(waiting.will, waiting.publisher);
  }

  async publish(will: Will, publisher: Session | undefined): Promise<void> {
    const { broker, clock, log } = this.#hub.context;
    const { clientId, user, principal, expirySeconds } = will;
    const topic = topicOf(swapNames(will.message.to.slice('topic://'.length)));
    try {
      if (principal === undefined) throw new BrokerError('unauthorized', `user "${user}" is no longer there`);
      principal.authorize('write', topic.destination);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      log.info({ clientId, reason: error.message }, 'a will was not published');
      await this.discard(clientId);
      return;
    }
    const now = clock.now();
    const expiresAt = expirySeconds === undefined ? undefined : now + expirySeconds * 1000;
    const message = { ...will.message, timestamp: now, expiresAt };
    const transaction = broker.transaction();
    broker.send(transaction, topic.destination, message, { publisher });
    transaction.record(recordType.will, clientId, undefined);
    await transaction.commit();
  }

  #wait(will: Will, dueAt: number, publisher: Session | undefined): Promise<void> {
    const waiting = { will, dueAt, publisher };
    this.#waiting.set(will.clientId, waiting);
    this.#delays.watch(waiting);
    return this.#record(will.clientId, encode(will, dueAt));
  }

  #record(clientId: string, value: Buffer | undefined): Promise<void> {
    return this.#hub.context.broker.store.write([{ kind: 'record', type: recordType.will, key: clientId, value }]);
  }
}

const headerBytes = 19;
/** Where earlier engines had the message, which does not begin so: here its user comes before it. */
const userFollows = 0xff;
const userFollowsAt = 16;
const noExpiry = 0xffff_ffff;

/** `dueAt`: 0 while the connection lasts. */
function encode({ message, delaySeconds, expirySeconds = noExpiry, user }: Will, dueAt: number): Buffer {
  const name = Buffer.from(user);
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(delaySeconds, 0);
  header.writeUInt32BE(expirySeconds, 4);
  header.writeDoubleBE(dueAt, 8);
  header.writeUInt8(userFollows, userFollowsAt);
  header.writeUInt16BE(name.length, 17);
  return Buffer.concat([header, name, encodeMessage(message)]);
}

function decode(clientId: string, value: Buffer): { readonly will: Will; readonly dueAt: number } {
  const expirySeconds = value.readUInt32BE(4);
  const hasUser = value[userFollowsAt] === userFollows;
  const messageAt = hasUser ? headerBytes + value.readUInt16BE(17) : userFollowsAt;
  const will: Will = {
    clientId,
    message: readMessage(value.subarray(messageAt)),
    delaySeconds: value.readUInt32BE(0),
    expirySeconds: expirySeconds === noExpiry ? undefined : expirySeconds,
    user: hasUser ? value.toString('utf8', headerBytes, messageAt) : '',
    principal: undefined,
  };
  return { will, dueAt: value.readDoubleBE(8) };
}
