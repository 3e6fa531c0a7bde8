// What a client publishes: into core, one transaction for all packets that came together, and acknowledged after its commit,
// in the order of the packets [MQTT-4.6.0-2], [MQTT-4.6.0-3]. Also the receiver's side of QoS 2 (MQTT 3.1.1, 4.3.3).

import { messageSize } from '../../core/message.ts';
import type { Transaction } from '../../core/transaction.ts';
import { addToTransaction, applicationMessage } from './application-message.ts';
import { readPublish } from './codec/publish.ts';
import type { FrameReader } from './codec/frame-reader.ts';
import type { Hub } from './hub.ts';
import { shortPacket } from './packet-writer.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { PendingWork } from './pending-work.ts';
import type { Session } from './session.ts';

export interface IncomingEvents {
  /** Nothing of what came together is stored: it cannot be acknowledged. */
  readonly onFailed: (error: unknown) => void;
}

interface Batch {
  readonly transaction: Transaction;
  /** First byte and packet identifier of each, in turn. */
  readonly answers: number[];
  /** What memory is to forget if the store refuses. */
  readonly undo: (() => void)[];
  count: number;
  bytes: number;
  done: boolean;
}

export class Incoming {
  readonly #hub: Hub;
  readonly #session: Session;
  readonly #writer: PacketWriter;
  readonly #work: PendingWork;
  readonly #events: IncomingEvents;
  #open: Batch | undefined;
  /** Handed to the store, the first handed over first. */
  readonly #underWay: Batch[] = [];
  #closed = false;

  constructor(hub: Hub, session: Session, writer: PacketWriter, work: PendingWork, events: IncomingEvents) {
    this.#hub = hub;
    this.#session = session;
    this.#writer = writer;
    this.#work = work;
    this.#events = events;
  }

  /** @throws BrokerError `invalid`. */
  publish(frame: FrameReader): void {
    const packet = readPublish(frame);
    const { qos, id, retain } = packet;
    const topic = this.#hub.topics.read(frame.bytes, packet.topicStart, packet.topicEnd);
    const batch = (this.#open ??= this.#newBatch());
    if (qos === 1) batch.answers.push((shortPacket.puback << 16) | id);
    else if (qos === 2) {
      batch.answers.push((shortPacket.pubrec << 16) | id);
      // [MQTT-4.3.3-2]: until its PUBREL, the same identifier is the same message.
      if (!this.#receive(batch, id)) return;
    }
    const message = applicationMessage(this.#hub, topic, qos, packet.payload);
    const size = messageSize(message);
    batch.count++;
    batch.bytes += size;
    this.#work.take(size);
    const { transaction } = batch;
    const undo = addToTransaction(this.#hub, transaction, topic, message, { retain, publisher: this.#session });
    if (undo !== undefined) batch.undo.push(undo);
  }

  /** Its identifier is free for another message, once that is stored. */
  pubrel(id: number): void {
    const batch = (this.#open ??= this.#newBatch());
    batch.answers.push((shortPacket.pubcomp << 16) | id);
    const { inbound } = this.#session;
    if (!inbound.delete(id)) return;
    this.#session.recordInbound(batch.transaction, id, false);
    batch.undo.push(() => inbound.add(id));
  }

  /** Ends what came together. */
  commit(): void {
    const batch = this.#open;
    if (batch === undefined) return;
    this.#open = undefined;
    this.#underWay.push(batch);
    const commit = batch.transaction.commit().then(
      () => this.#finish(batch),
      (error: unknown) => this.#fail(batch, error),
    );
    this.#work.add(commit, batch.count, batch.bytes);
  }

  /** Answers nothing any more; what is under way still comes to its end. */
  close(): void {
    this.commit();
    this.#closed = true;
  }

  /** False: the message was received before. */
  #receive(batch: Batch, id: number): boolean {
    const { inbound } = this.#session;
    if (inbound.has(id)) return false;
    inbound.add(id);
    this.#session.recordInbound(batch.transaction, id, true);
    batch.undo.push(() => inbound.delete(id));
    return true;
  }

  #finish(batch: Batch): void {
    batch.done = true;
    while (this.#underWay[0]?.done === true) {
      const { answers } = this.#underWay.shift()!;
      if (!this.#closed) for (const answer of answers) this.#writer.short(answer >> 16, answer & 0xffff);
    }
  }

  #fail(batch: Batch, error: unknown): void {
    for (const undo of batch.undo.reverse()) undo();
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
      done: false,
    };
  }
}
