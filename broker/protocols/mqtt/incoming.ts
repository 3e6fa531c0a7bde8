// What a client publishes: into core, one transaction for all packets that came together, and acknowledged after its commit,
// in the order of the packets [MQTT-4.6.0-2], [MQTT-4.6.0-3]. Also the receiver's side of QoS 2 (MQTT 3.1.1 and 5, 4.3.3).

import { isUtf8 } from 'node:buffer';
import type { Principal } from '../../core/access.ts';
import type { Destination } from '../../core/address.ts';
import type { SendOptions } from '../../core/broker.ts';
import { BrokerError } from '../../core/errors.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { messageSize } from '../../core/message.ts';
import type { Transaction } from '../../core/transaction.ts';
import { SparseSet } from '../../util/sparse.ts';
import { applicationMessage } from './application-message.ts';
import type { FrameReader } from './codec/frame-reader.ts';
import type { ProtocolLevel } from './codec/fixed-header.ts';
import { readPublish } from './codec/publish.ts';
import type { Publish } from './codec/publish.ts';
import { reason, reasonOf, WireError } from './codec/reason.ts';
import type { Reason } from './codec/reason.ts';
import type { Hub } from './hub.ts';
import { shortPacket } from './packet-writer.ts';
import type { PendingWork } from './pending-work.ts';
import type { Replies } from './replies.ts';
import type { Session } from './session.ts';
import { IncomingAliases } from './topic-aliases.ts';
import type { Topic } from './topic-names.ts';

export interface IncomingEvents {
  /** Nothing of what came together is stored: it cannot be acknowledged. */
  readonly onFailed: (error: unknown) => void;
  /** It is not held back any more. */
  readonly onRoom: () => void;
}

/** An answer with a reason. */
interface Told {
  readonly firstByte: number;
  readonly id: number;
  readonly code: Reason;
  readonly sentence: string | undefined;
}

interface Batch {
  readonly transaction: Transaction;
  /** In turn: first byte and packet identifier of those that say no more than that. */
  readonly answers: (number | Told)[];
  /** What memory is to forget if the store refuses. */
  readonly undo: (() => void)[];
  count: number;
  bytes: number;
  /** Of the last message. */
  destination: Destination | undefined;
  /** PUBCOMP, which cannot say that it was refused. */
  releases: number;
  /** QoS 2 messages. */
  receives: number;
  done: boolean;
}

/** What the store may refuse while the connection goes on: the client hears of it, where its version can tell it. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['store-full', 'store-failed', 'limit']);

const payloadIsText = 1;

export class Incoming {
  readonly #hub: Hub;
  readonly #session: Session;
  readonly #level: ProtocolLevel;
  readonly #replies: Replies;
  readonly #work: PendingWork;
  readonly #events: IncomingEvents;
  readonly #aliases: IncomingAliases;
  readonly #sending: SendOptions;
  principal: Principal;
  #open: Batch | undefined;
  /** Handed to the store, the first handed over first. */
  readonly #underWay: Batch[] = [];
  /** QoS 1 packets that are not answered. */
  #unanswered = 0;
  /** QoS 2 packets of this connection that are not completed. */
  readonly #uncompleted = new SparseSet<number>();
  #isHeldBack = false;
  #closed = false;

  constructor(
    hub: Hub,
    session: Session,
    level: ProtocolLevel,
    principal: Principal,
    replies: Replies,
    work: PendingWork,
    events: IncomingEvents,
  ) {
    this.#hub = hub;
    this.#session = session;
    this.#level = level;
    this.principal = principal;
    this.#replies = replies;
    this.#work = work;
    this.#events = events;
    this.#sending = { publisher: session };
    this.#aliases = new IncomingAliases(hub.options.topicAliasMaximum);
  }

  /** @throws WireError. */
  publish(frame: FrameReader): void {
    this.#hub.traffic.publishIn++;
    const packet = readPublish(frame, this.#level);
    const { qos, id, retain } = packet;
    const topic = this.#topicOf(frame, packet);
    const batch = (this.#open ??= this.#newBatch());
    const isNew = qos < 2 || !this.#session.inbound.has(id);
    if (this.#level === 5 && isNew && qos > 0) this.#spendQuota(qos, id);
    // [MQTT-4.3.3-2], [MQTT-4.3.3-10 of 5]: until its PUBREL, the same identifier is the same message.
    const refused = isNew ? this.#refusalOf(topic, packet) : undefined;
    if (refused !== undefined) {
      this.#refuse(batch, packet, refused);
      return;
    }
    if (!isNew) {
      batch.answers.push({ firstByte: shortPacket.pubrec, id, code: reason.success, sentence: undefined });
      return;
    }
    if (qos > 0) batch.answers.push(this.#answer(packet, topic));
    if (qos === 2) this.#receive(batch, id);
    const message = applicationMessage(this.#hub, topic, qos, retain, packet.payload, packet.properties, this.#sender);
    const size = messageSize(message);
    batch.count++;
    batch.bytes += size;
    this.#work.take(size);
    batch.destination = topic.destination;
    this.#hub.context.broker.send(batch.transaction, topic.destination, message, this.#sending);
  }

  get #sender(): Principal | undefined {
    return this.#hub.context.populateUserId === true ? this.principal : undefined;
  }

  /** Its identifier is free for another message, once that is stored. */
  pubrel(id: number): void {
    const batch = (this.#open ??= this.#newBatch());
    const { inbound } = this.#session;
    const isKnown = inbound.delete(id);
    const firstByte = shortPacket.pubcomp;
    if (isKnown) batch.answers.push((firstByte << 16) | id);
    else batch.answers.push({ firstByte, id, code: reason.packetIdNotFound, sentence: undefined });
    batch.releases++;
    if (!isKnown) return;
    this.#session.recordInbound(batch.transaction, id, false);
    batch.undo.push(() => inbound.add(id));
  }

  /** Ends what came together. */
  commit(): void {
    const batch = this.#open;
    if (batch === undefined) return;
    this.#open = undefined;
    this.#underWay.push(batch);
    // Who gets its own QoS 2 message hears first that it was received: elsewhere it goes on only with its PUBREL.
    if (batch.receives > 0) batch.transaction.onceStored(() => this.#finish(batch));
    const commit = batch.transaction.commit().then(
      () => this.#finish(batch),
      (error: unknown) => this.#fail(batch, error),
    );
    this.#work.add(commit, batch.count, batch.bytes);
    if (batch.destination !== undefined) this.#holdBack(batch.destination);
  }

  /** No more is to be read from this client, until `onRoom`, or until some of its work is done. */
  get isHeldBack(): boolean {
    // Clients are about that do not heed the Receive Maximum. What it is for, TCP does as well, as long as it is we who are
    // to answer; what waits for a PUBREL has to be read.
    const mayAnswer = this.#level === 5 && this.#unanswered > 0;
    return this.#isHeldBack || (mayAnswer && this.#isQuotaSpent);
  }

  get #isQuotaSpent(): boolean {
    return this.#unanswered + this.#uncompleted.size >= this.#hub.options.receiveMaximum;
  }

  /** Answers nothing any more; what is under way still comes to its end. */
  close(): void {
    this.commit();
    this.#closed = true;
  }

  #holdBack(destination: Destination): void {
    const { broker } = this.#hub.context;
    const room = broker.heldBack(destination);
    if (room === undefined || this.#isHeldBack) return;
    this.#isHeldBack = true;
    const goOn = room.then(() => {
      this.#isHeldBack = false;
      if (!this.#closed) this.#events.onRoom();
    });
    broker.background(goOn, 'hold back an MQTT client');
  }

  #topicOf({ bytes }: FrameReader, { topicStart, topicEnd, properties }: Publish): Topic {
    const { topics } = this.#hub;
    if (this.#level < 5) return topics.read(bytes, topicStart, topicEnd);
    const named = topicStart === topicEnd ? undefined : topics.read(bytes, topicStart, topicEnd);
    return this.#aliases.resolve(properties?.topicAlias, named);
  }

  /** [MQTT-3.3.4-7 of 5]. Given back with the answer that ends the exchange. */
  #spendQuota(qos: number, id: number): void {
    if (this.#isQuotaSpent) {
      throw new WireError(reason.receiveMaximumExceeded, 'more packets than the Receive Maximum are unacknowledged');
    }
    if (qos === 1) this.#unanswered++;
    else this.#uncompleted.add(id);
  }

  /** Why the message is not taken; undefined: it is. */
  #refusalOf(topic: Topic, { payload, properties }: Publish): BrokerError | undefined {
    if (properties?.payloadFormat === payloadIsText && !isUtf8(payload)) {
      return new WireError(reason.payloadFormatInvalid, 'the payload is not the text that it is said to be');
    }
    if (topic.isReserved) return new BrokerError('unauthorized', 'clients do not publish to topics of the server');
    try {
      this.principal.authorize('write', topic.destination);
      return undefined;
    } catch (error) {
      if (error instanceof BrokerError && error.code === 'unauthorized') return error;
      throw error;
    }
  }

  /**
   * Drops the message. In MQTT 3.1.1 it is acknowledged all the same, as mosquitto does: there is no way to refuse it but to
   * end the connection, and the client would come back and send it again (3.3.5 there).
   */
  #refuse(batch: Batch, { qos, id }: Publish, error: BrokerError): void {
    this.#hub.traffic.publishDropped++;
    this.#hub.context.log.debug({ clientId: this.#session.clientId, reason: error.message }, 'a message was refused');
    const firstByte = qos === 1 ? shortPacket.puback : shortPacket.pubrec;
    if (qos > 0) batch.answers.push({ firstByte, id, code: reasonOf(error), sentence: error.message });
    else if (this.#level === 5 && error instanceof WireError) throw error;
    // Its PUBREL will come: nothing is known of it then, and that is what it needs to know.
  }

  /** [MQTT-4.3.2-4 of 5], [MQTT-4.3.3-8 of 5] */
  #answer({ qos, id }: Publish, { destination }: Topic): number | Told {
    const firstByte = qos === 1 ? shortPacket.puback : shortPacket.pubrec;
    if (this.#level < 5 || this.#hub.context.broker.topics.match(destination.name).length > 0) {
      return (firstByte << 16) | id;
    }
    return { firstByte, id, code: reason.noMatchingSubscribers, sentence: undefined };
  }

  #receive(batch: Batch, id: number): void {
    const { inbound } = this.#session;
    inbound.add(id);
    batch.receives++;
    this.#session.recordInbound(batch.transaction, id, true);
    batch.undo.push(() => inbound.delete(id));
  }

  /** Idempotent. */
  #finish(batch: Batch): void {
    batch.done = true;
    while (this.#underWay[0]?.done === true) {
      const { answers } = this.#underWay.shift()!;
      if (!this.#closed) for (const answer of answers) this.#send(answer);
    }
  }

  #send(answer: number | Told): void {
    if (typeof answer === 'number') {
      this.#replies.acknowledge(answer >> 16, answer & 0xffff, reason.success);
      this.#giveBack(answer >> 16, answer & 0xffff, reason.success);
    } else {
      const { firstByte, id, code, sentence } = answer;
      this.#replies.acknowledge(firstByte, id, code, sentence);
      this.#giveBack(firstByte, id, code);
    }
  }

  #giveBack(firstByte: number, id: number, code: Reason): void {
    if (this.#level < 5) return;
    if (firstByte === shortPacket.puback) this.#unanswered--;
    else if (firstByte === shortPacket.pubcomp || code >= reason.unspecified) this.#uncompleted.delete(id);
  }

  #fail(batch: Batch, error: unknown): void {
    for (const undo of batch.undo.reverse()) undo();
    const isRefusal = error instanceof BrokerError && refusals.has(error.code);
    if (this.#level === 5 && isRefusal && batch.releases === 0) {
      const code = reasonOf(error);
      for (const [i, answer] of batch.answers.entries()) {
        // What was refused already, and what came again and is stored, stay as they are.
        if (typeof answer !== 'number' && answer.code !== reason.noMatchingSubscribers) continue;
        const [firstByte, id] =
          typeof answer === 'number' ? [answer >> 16, answer & 0xffff] : [answer.firstByte, answer.id];
        batch.answers[i] = { firstByte, id, code, sentence: error.message };
      }
      this.#finish(batch);
      return;
    }
    // What was to be answered after it is not answered either.
    this.#closed = true;
    this.#events.onFailed(error);
  }

  #newBatch(): Batch {
    return {
      transaction: this.#hub.context.broker.transaction(),
      answers: [],
      undo: [],
      count: 0,
      bytes: 0,
      destination: undefined,
      releases: 0,
      receives: 0,
      done: false,
    };
  }
}
