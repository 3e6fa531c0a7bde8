// What a client gets: its session's queue, and those of its shared subscriptions, consumed through one window of
// unacknowledged packets (MQTT 3.1.1 and 5, 4.3 and 4.4), held back while its socket is full. A QoS 2 packet is sent, and
// released, only once its identifier and phase are in the store: so it is the same packet after a crash, and delivered once.

import type { Consumer } from '../../core/consumer.ts';
import { Credit } from '../../core/credit.ts';
import type { Entry } from '../../core/entry.ts';
import { BrokerError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Change } from '../../core/store.ts';
import { SparseMap } from '../../util/sparse.ts';
import { firstFailure, reason } from './codec/reason.ts';
import type { Hub } from './hub.ts';
import { InFlight, isAwaiting } from './in-flight.ts';
import { grantMark } from './marks.ts';
import { OutgoingMessages } from './outgoing-message.ts';
import { awaiting, idOf, phaseOf, tokenOf } from './packet-token.ts';
import { shortPacket } from './packet-writer.ts';
import type { OutgoingPublish, PacketWriter } from './packet-writer.ts';
import type { PendingWork } from './pending-work.ts';
import type { Replies, Terms } from './replies.ts';
import type { Session, Share } from './session.ts';

export interface OutgoingEvents {
  /** There is something for the end of the turn to do. */
  readonly onPending: () => void;
  /** The store refused to record what the client did: it is to come back and do it again. */
  readonly onFailed: (error: unknown) => void;
}

/** A QoS 2 packet that the client has received, and its token before that. */
interface Received {
  readonly entry: Entry;
  readonly previous: number | undefined;
}

/** A QoS 2 packet whose identifier is not in the store yet. */
interface Unrecorded {
  readonly entry: Entry;
  /** Where the message was sent to. */
  readonly address: string;
  readonly packet: OutgoingPublish;
}

export class Outgoing {
  readonly #hub: Hub;
  readonly #session: Session;
  readonly #replies: Replies;
  readonly #writer: PacketWriter;
  readonly #work: PendingWork;
  readonly #events: OutgoingEvents;
  readonly #inFlight: InFlight;
  readonly #sending: OutgoingMessages;
  /** Of all queues that it draws from together. */
  readonly #credit = new Credit();
  /** Packets in flight at most. */
  readonly #window: number;
  #consumer: Consumer | undefined;
  /** By filter, `$share/…` and all. */
  readonly #shared = new SparseMap<string, Consumer>();
  /** QoS 2 messages on their way from a shared subscription's queue to the session's. */
  #onTheirWay = 0;
  /** What has come to its end since the last commit, and is to be settled with the next. */
  #settled: Entry[] = [];
  #received: Received[] = [];
  #unrecorded: Unrecorded[] = [];
  #unrecordedBytes = 0;
  #full = false;
  #closed = false;

  constructor(
    hub: Hub,
    session: Session,
    terms: Terms,
    replies: Replies,
    writer: PacketWriter,
    work: PendingWork,
    events: OutgoingEvents,
  ) {
    this.#hub = hub;
    this.#session = session;
    this.#replies = replies;
    this.#writer = writer;
    this.#work = work;
    this.#events = events;
    this.#inFlight = new InFlight(session);
    this.#sending = new OutgoingMessages(hub, session, terms, writer);
    // [MQTT-3.3.4-9 of 5], [MQTT-4.9.0-1 of 5]
    this.#window = Math.min(hub.options.maxInFlight, terms.receiveMaximum);
  }

  /** PUBLISH packets that were sent. */
  get messages(): number {
    return this.#sending.count;
  }

  /** Consumes the queues that there are by now; again after one was made anew, or came or went with a subscription. */
  start(): void {
    if (this.#closed) return;
    const { queue } = this.#session;
    if (queue !== undefined && this.#consumer?.queue !== queue) this.#consumeOwn(queue);
    for (const [filter, consumer] of this.#shared) {
      if (this.#session.shares.get(filter)?.group.queue !== consumer.queue) this.#leaveShared(filter, consumer);
    }
    for (const [filter, { group }] of this.#session.shares) {
      if (!this.#shared.has(filter)) this.#shared.set(filter, this.#consumeShared(filter, group.queue));
    }
    this.#refill();
  }

  /** The socket is full: `drained` is to be called as it empties. */
  get isHeldBack(): boolean {
    return this.#full;
  }

  drained(): void {
    // At half of the bound, so that it does not come and go with every packet.
    if (!this.#full || this.#unsentBytes > this.#hub.context.limits.maxUnsentBytes / 2) return;
    this.#full = false;
    this.#refill();
  }

  // ---- what the client says

  /**
   * Whatever its reason, the message was delivered [MQTT-4.4.0-2 of 5], [MQTT-4.8.2-6 of 5].
   * @throws WireError when it answers a packet of another QoS; so do the others.
   */
  puback(id: number): void {
    const entry = this.#inFlight.find(id, [awaiting.puback]);
    if (entry === undefined) return;
    this.#inFlight.remove(entry);
    this.#settled.push(entry);
  }

  /** It has the message, and must not be sent it again; with a failure, nothing follows. */
  pubrec(id: number, code: number): void {
    const entry = this.#inFlight.find(id, [awaiting.pubrec, awaiting.pubcomp]);
    if (code >= firstFailure) {
      if (entry !== undefined) this.#settled.push(entry);
      return;
    }
    if (entry !== undefined && isStored(entry)) this.#received.push({ entry, previous: entry.token });
    // Nothing to store; or nothing is known of it here, and the client is to forget it too.
    else {
      const known = entry === undefined ? reason.packetIdNotFound : reason.success;
      this.#replies.acknowledge(shortPacket.pubrel, id, known);
    }
    if (entry !== undefined) entry.token = tokenOf(id, awaiting.pubcomp);
  }

  pubcomp(id: number): void {
    const entry = this.#inFlight.find(id, [awaiting.pubcomp]);
    // Its identifier is free once that is stored: until then, it may be needed to release it again.
    if (entry !== undefined) this.#settled.push(entry);
  }

  // ---- turns

  /** Hands what the client has said to the store, and lets the queue go on. */
  commit(): void {
    if (this.#settled.length > 0 || this.#received.length > 0) this.#commitAnswers();
    this.#refill();
  }

  /** The end of a turn: what is sent without being acknowledged ends, what needs its identifier stored gets it. */
  flush(): void {
    if (this.#settled.length > 0) this.#commitAnswers();
    if (this.#unrecorded.length > 0) this.#record();
  }

  /** Gives the queues back what is not acknowledged: the session's is sent again as the same packets. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#settled.length > 0 || this.#received.length > 0) this.#commitAnswers();
    // Never sent: it is as if it had not been given an identifier.
    for (const { entry } of this.#unrecorded) this.#inFlight.remove(entry);
    this.#unrecorded = [];
    this.#inFlight.reserve();
    this.#keepIdentifiers();
    this.#consumer?.close();
    for (const [filter, consumer] of this.#shared) this.#leaveShared(filter, consumer);
  }

  // ---- the queues

  #consumeOwn(queue: Queue): void {
    this.#consumer?.close();
    // What was purged in the meantime does not come again, and needs no identifier.
    if (queue.readyCount + queue.inFlightCount === 0) this.#session.reserved.clear();
    this.#consumer = queue.consume({
      credit: this.#credit,
      deliver: (entry, message) => this.#tryToDeliver(entry, message, undefined),
      onQueueDeleted: () => this.#fail(new BrokerError('not-found', 'the queue of the session was deleted')),
    });
  }

  #consumeShared(filter: string, queue: Queue): Consumer {
    return queue.consume({
      credit: this.#credit,
      deliver: (entry, message) => this.#tryToDeliver(entry, message, this.#session.shares.get(filter)),
      onQueueDeleted: () => this.#shared.delete(filter),
    });
  }

  /** What was not acknowledged is for the other members (MQTT 5, 4.8.2). */
  #leaveShared(filter: string, consumer: Consumer): void {
    this.#shared.delete(filter);
    this.#inFlight.forgetOf(consumer.queue);
    consumer.close();
  }

  // ---- delivery

  /** A queue calls it in the middle of its own work: a failure is this connection's alone. */
  #tryToDeliver(entry: Entry, message: Message, share: Share | undefined): void {
    try {
      this.#deliver(entry, message, share);
    } catch (error) {
      this.#fail(error);
    }
    if (this.#full || this.#unsentBytes <= this.#hub.context.limits.maxUnsentBytes) return;
    this.#full = true;
    this.#credit.set(0);
  }

  /** `share`: it comes from there, and not from the session's queue. */
  #deliver(entry: Entry, message: Message, share: Share | undefined): void {
    const packet = this.#sending.of(message, share?.options);
    if (packet === undefined) this.#settle(entry);
    else if (share !== undefined && packet.qos === 2) this.#makeOwn(entry, message, share);
    else if (entry.token !== undefined && this.#inFlight.addAgain(entry, entry.token)) {
      this.#sendAgain(packet, message.to, entry.token);
    } else this.#sendNew(entry, packet, message.to);
  }

  /**
   * From the queue of a shared subscription into the session's: no other member gets it, whatever becomes of this one
   * [MQTT-4.8.2-4 of 5], [MQTT-4.8.2-5 of 5].
   */
  #makeOwn(entry: Entry, message: Message, { options }: Share): void {
    const { queue } = this.#session;
    if (queue === undefined) return;
    const transaction = this.#hub.context.broker.transaction();
    transaction.settle(entry);
    transaction.put([queue], { ...message, properties: [...message.properties, grantMark(options)] });
    this.#onTheirWay++;
    const arrived = (): void => {
      this.#onTheirWay--;
      this.#refill();
    };
    this.#work.add(
      transaction.commit().then(arrived, (error: unknown) => {
        arrived();
        this.#fail(error);
      }),
    );
  }

  #sendNew(entry: Entry, packet: OutgoingPublish, address: string): void {
    const { qos } = packet;
    if (qos === 0) {
      this.#sending.send(packet, address, 0, 0, false);
      this.#settle(entry);
    } else if (qos === 1) {
      const id = this.#inFlight.add(entry, awaiting.puback);
      const mayBeAgain = entry.seq <= this.#session.doubtfulUpTo && entry.queue === this.#session.queue;
      this.#sending.send(packet, address, 1, id, mayBeAgain);
    } else {
      const id = this.#inFlight.add(entry, awaiting.pubrec);
      if (isStored(entry)) this.#sendRecorded({ entry, address, packet });
      else this.#sending.send(packet, address, 2, id, false);
    }
  }

  /** [MQTT-4.4.0-1]; the queue gives them in the order in which they were sent first [MQTT-4.6.0-1]. */
  #sendAgain(packet: OutgoingPublish, address: string, token: number): void {
    const phase = phaseOf(token);
    if (phase === awaiting.pubcomp) this.#writer.short(shortPacket.pubrel, idOf(token));
    else this.#sending.send(packet, address, phase === awaiting.puback ? 1 : 2, idOf(token), true); // [MQTT-3.3.1-1]
  }

  /** Sent, and over. */
  #settle(entry: Entry): void {
    this.#settled.push(entry);
    if (this.#settled.length === 1) this.#events.onPending();
    if (!this.#full) this.#credit.set(this.#credit.left + 1);
  }

  #refill(): void {
    if (this.#full || this.#closed) return;
    this.#credit.set(Math.max(0, this.#window - this.#inFlight.size - this.#onTheirWay));
  }

  get #unsentBytes(): number {
    return this.#writer.unsentBytes + this.#unrecordedBytes;
  }

  // ---- the store

  #commitAnswers(): void {
    const { broker } = this.#hub.context;
    const settled = this.#settled;
    const received = this.#received;
    this.#settled = [];
    this.#received = [];
    const transaction = broker.transaction();
    for (const entry of settled) if (transaction.settle(entry)) broker.delivered++;
    for (const { entry } of received) transaction.change(deliveryOf(entry));
    const commit = transaction.commit().then(
      () => this.#answersStored(settled, received),
      (error: unknown) => {
        for (const { entry, previous } of received.reverse()) entry.token = previous;
        this.#fail(error);
      },
    );
    this.#work.add(commit);
  }

  #answersStored(settled: readonly Entry[], received: readonly Received[]): void {
    for (const entry of settled) this.#inFlight.remove(entry);
    if (this.#closed) return;
    for (const { entry } of received) {
      if (entry.token !== undefined) this.#writer.short(shortPacket.pubrel, idOf(entry.token)); // [MQTT-4.6.0-4]
    }
    this.#refill();
  }

  #sendRecorded(unrecorded: Unrecorded): void {
    this.#unrecorded.push(unrecorded);
    this.#unrecordedBytes += unrecorded.packet.payload.length;
    if (this.#unrecorded.length === 1) this.#events.onPending();
  }

  #record(): void {
    const unrecorded = this.#unrecorded;
    this.#unrecorded = [];
    const write = this.#hub.context.broker.store.write(unrecorded.map(({ entry }) => deliveryOf(entry))).then(
      () => this.#recorded(unrecorded),
      (error: unknown) => {
        for (const { entry } of unrecorded) this.#inFlight.remove(entry);
        this.#fail(error);
      },
    );
    this.#work.add(write);
  }

  #recorded(recorded: readonly Unrecorded[]): void {
    for (const { entry, address, packet } of recorded) {
      this.#unrecordedBytes -= packet.payload.length;
      // A purge may have ended it.
      if (!this.#closed && entry.token !== undefined) this.#sending.send(packet, address, 2, idOf(entry.token), false);
    }
  }

  /** QoS 1 identifiers are written only when a connection ends: after a crash, the message is a packet of its own. */
  #keepIdentifiers(): void {
    const changes: Change[] = [];
    for (const entry of this.#inFlight) {
      const isToBeSentAgain =
        entry.state === 'leased' && entry.queue === this.#session.queue && isAwaiting(entry, awaiting.puback);
      if (isToBeSentAgain && isStored(entry)) changes.push(deliveryOf(entry));
    }
    if (changes.length === 0) return;
    const { broker, log } = this.#hub.context;
    const failed = (err: unknown): void => log.warn({ err }, 'packets in flight will be sent again as others');
    this.#work.add(broker.store.write(changes).catch(failed));
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.#events.onFailed(error);
  }
}

/** The store has it, and it outlives the engine there. */
function isStored(entry: Entry): boolean {
  return entry.residence === 'durable' && !entry.queue.isPurged(entry);
}

function deliveryOf(entry: Entry): Change {
  entry.delivered = true;
  return { kind: 'deliver', entry, delivery: entry.delivery };
}
