// What a client gets: its session's queue consumed through a window of unacknowledged packets (MQTT 3.1.1, 4.3 and 4.4), held
// back while its socket is full. A QoS 2 packet is sent, and released, only once its identifier and phase are in the store:
// so it is the same packet after a crash, and delivered once.

import type { Consumer } from '../../core/consumer.ts';
import type { Entry } from '../../core/entry.ts';
import { BrokerError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { Change } from '../../core/store.ts';
import { lowerQos } from './codec/qos.ts';
import type { Qos } from './codec/qos.ts';
import { isRetainedCopy, publishedQos } from './delivery-qos.ts';
import type { Hub } from './hub.ts';
import { InFlight, isAwaiting } from './in-flight.ts';
import { awaiting, idOf, phaseOf, tokenOf } from './packet-token.ts';
import { fits, shortPacket } from './packet-writer.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { PendingWork } from './pending-work.ts';
import type { Session } from './session.ts';

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
  readonly message: Message;
  readonly topic: Buffer;
}

export class Outgoing {
  messages = 0;
  readonly #hub: Hub;
  readonly #session: Session;
  readonly #writer: PacketWriter;
  readonly #work: PendingWork;
  readonly #events: OutgoingEvents;
  readonly #inFlight: InFlight;
  #consumer: Consumer | undefined;
  /** What has come to its end since the last commit, and is to be settled with the next. */
  #settled: Entry[] = [];
  #received: Received[] = [];
  #unrecorded: Unrecorded[] = [];
  #unrecordedBytes = 0;
  #full = false;
  #closed = false;

  constructor(hub: Hub, session: Session, writer: PacketWriter, work: PendingWork, events: OutgoingEvents) {
    this.#hub = hub;
    this.#session = session;
    this.#writer = writer;
    this.#work = work;
    this.#events = events;
    this.#inFlight = new InFlight(session);
  }

  /** Consumes the session's queue, if there is one; again after it was made anew. */
  start(): void {
    const { queue } = this.#session;
    if (queue === undefined || this.#closed || this.#consumer?.queue === queue) return;
    this.#consumer?.close();
    // What was purged in the meantime does not come again, and needs no identifier.
    if (queue.readyCount + queue.inFlightCount === 0) this.#session.reserved.clear();
    this.#consumer = queue.consume({
      deliver: (entry, message) => this.#tryToDeliver(entry, message),
      onQueueDeleted: () => this.#fail(new BrokerError('not-found', 'the queue of the session was deleted')),
    });
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

  /** @throws BrokerError `invalid` when it answers a packet of another QoS; so do the others. */
  puback(id: number): void {
    const entry = this.#inFlight.find(id, [awaiting.puback]);
    if (entry === undefined) return;
    this.#inFlight.remove(entry);
    this.#settled.push(entry);
  }

  /** It has the message, and must not be sent it again. */
  pubrec(id: number): void {
    const entry = this.#inFlight.find(id, [awaiting.pubrec, awaiting.pubcomp]);
    if (entry !== undefined && isStored(entry)) this.#received.push({ entry, previous: entry.token });
    // Nothing to store; or nothing is known of it here, and the client is to forget it too.
    else this.#writer.short(shortPacket.pubrel, id);
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

  /** Gives the queue back what is not acknowledged, to be sent again as the same packets. Idempotent. */
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
  }

  // ---- delivery

  /** The queue calls it in the middle of its own work: a failure is this connection's alone. */
  #tryToDeliver(entry: Entry, message: Message): void {
    try {
      this.#deliver(entry, message);
    } catch (error) {
      this.#fail(error);
    }
  }

  #deliver(entry: Entry, message: Message): void {
    const { name, qos: granted } = this.#session.granted.view(message.to);
    if (name === undefined || !fits(name, message.body)) {
      this.#hub.context.log.debug({ to: message.to, bytes: message.body.length }, 'MQTT cannot carry this message');
      this.#settle(entry);
      return;
    }
    if (entry.token !== undefined && this.#inFlight.addAgain(entry, entry.token)) {
      this.#sendAgain(message, name, entry.token);
    } else this.#sendNew(entry, message, name, lowerQos(granted, publishedQos(message)));
    if (this.#full || this.#unsentBytes <= this.#hub.context.limits.maxUnsentBytes) return;
    this.#full = true;
    this.#consumer?.setCredit(0);
  }

  #sendNew(entry: Entry, message: Message, topic: Buffer, qos: Qos): void {
    if (qos === 0) {
      this.#send(message, topic, 0, 0, false);
      this.#settle(entry);
    } else if (qos === 1) {
      const id = this.#inFlight.add(entry, awaiting.puback);
      this.#send(message, topic, 1, id, entry.seq <= this.#session.doubtfulUpTo);
    } else {
      const id = this.#inFlight.add(entry, awaiting.pubrec);
      if (isStored(entry)) this.#sendRecorded({ entry, message, topic });
      else this.#send(message, topic, 2, id, false);
    }
  }

  /** [MQTT-4.4.0-1]; the queue gives them in the order in which they were sent first [MQTT-4.6.0-1]. */
  #sendAgain(message: Message, topic: Buffer, token: number): void {
    const phase = phaseOf(token);
    if (phase === awaiting.pubcomp) this.#writer.short(shortPacket.pubrel, idOf(token));
    else this.#send(message, topic, phase === awaiting.puback ? 1 : 2, idOf(token), true); // [MQTT-3.3.1-1]
  }

  #send(message: Message, topic: Buffer, qos: Qos, id: number, dup: boolean): void {
    this.messages++;
    const retain = message.properties.length > 0 && isRetainedCopy(message);
    this.#writer.publish({ topic, payload: message.body, qos, dup, retain, id });
  }

  /** Sent, and over. */
  #settle(entry: Entry): void {
    this.#settled.push(entry);
    if (this.#settled.length === 1) this.#events.onPending();
    if (!this.#full) this.#consumer?.grant(1);
  }

  #refill(): void {
    if (!this.#full && !this.#closed) this.#consumer?.setCredit(this.#hub.options.maxInFlight - this.#inFlight.size);
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
    this.#unrecordedBytes += unrecorded.message.body.length;
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
    for (const { entry, message, topic } of recorded) {
      this.#unrecordedBytes -= message.body.length;
      // A purge may have ended it.
      if (!this.#closed && entry.token !== undefined) this.#send(message, topic, 2, idOf(entry.token), false);
    }
  }

  /** QoS 1 identifiers are written only when a connection ends: after a crash, the message is a packet of its own. */
  #keepIdentifiers(): void {
    const changes: Change[] = [];
    for (const entry of this.#inFlight) {
      const isToBeSentAgain = entry.state === 'leased' && isAwaiting(entry, awaiting.puback);
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
