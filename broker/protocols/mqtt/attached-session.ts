// A session and the connection that has it: what a connected client may send, packet by packet, and what becomes of the
// session and the will when the connection ends.

import type { ConnectedClient } from '../../core/clients.ts';
import { FieldReader } from './codec/field-reader.ts';
import { packetType } from './codec/fixed-header.ts';
import type { FrameReader } from './codec/frame-reader.ts';
import { readSubscribe, readUnsubscribe, suback } from './codec/subscribe.ts';
import { findRetained, handleSubscribe, handleUnsubscribe, sendRetained } from './handle-subscribe.ts';
import type { Hub } from './hub.ts';
import { Incoming } from './incoming.ts';
import { Outgoing } from './outgoing.ts';
import { shortPacket } from './packet-writer.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { PendingWork } from './pending-work.ts';
import type { Session } from './session.ts';
import { discardWill, publishWill } from './will.ts';
import type { Will } from './will.ts';

export interface AttachedEvents {
  /** There is something for the end of the turn to do. */
  readonly onPending: () => void;
  /** DISCONNECT. */
  readonly onDisconnect: () => void;
  /** The connection cannot go on. */
  readonly onFailed: (error: unknown) => void;
}

/** What a retained message that is to be read occupies until then. */
const bytesOfFound = 64;

const pingresp = Buffer.from([packetType.pingresp << 4, 0]);

export class AttachedSession {
  readonly #hub: Hub;
  readonly #session: Session;
  readonly #client: ConnectedClient;
  readonly #writer: PacketWriter;
  readonly #work: PendingWork;
  readonly #events: AttachedEvents;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  #will: Will | undefined;
  #left = false;

  constructor(
    hub: Hub,
    session: Session,
    will: Will | undefined,
    client: ConnectedClient,
    writer: PacketWriter,
    work: PendingWork,
    events: AttachedEvents,
  ) {
    this.#hub = hub;
    this.#session = session;
    this.#will = will;
    this.#client = client;
    this.#writer = writer;
    this.#work = work;
    this.#events = events;
    this.#incoming = new Incoming(hub, session, writer, work, events);
    this.#outgoing = new Outgoing(hub, session, writer, work, events);
  }

  get clientId(): string {
    return this.#session.clientId;
  }

  /** Nothing is delivered until the socket drains: then `drained` is to be called. */
  get isHeldBack(): boolean {
    return this.#outgoing.isHeldBack;
  }

  drained(): void {
    this.#outgoing.drained();
  }

  start(): void {
    this.#session.online = true;
    this.#outgoing.start();
  }

  /** @throws BrokerError `invalid`. */
  handle(packet: FrameReader): void {
    switch (packet.type) {
      case packetType.publish:
        this.#client.messagesIn++;
        this.#incoming.publish(packet);
        return;
      case packetType.puback:
        this.#outgoing.puback(packetId('PUBACK', packet));
        return;
      case packetType.pubrec:
        this.#outgoing.pubrec(packetId('PUBREC', packet));
        return;
      case packetType.pubrel:
        this.#incoming.pubrel(packetId('PUBREL', packet));
        return;
      case packetType.pubcomp:
        this.#outgoing.pubcomp(packetId('PUBCOMP', packet));
        return;
      case packetType.subscribe:
        this.#subscribe(packet);
        return;
      case packetType.unsubscribe:
        this.#unsubscribe(packet);
        return;
      case packetType.pingreq:
        this.#writer.packet(pingresp); // [MQTT-3.12.4-1]
        return;
      default:
        this.#disconnect();
    }
  }

  /** Hands what came together to the store. */
  commit(): void {
    this.#incoming.commit();
    this.#outgoing.commit();
  }

  /** The end of a turn, before what was written is sent. */
  flush(): void {
    this.#outgoing.flush();
    this.#client.messagesOut = this.#outgoing.messages;
  }

  /** The connection is over; without a DISCONNECT, the will is published [MQTT-3.1.2-8]. */
  leave(): void {
    this.#left = true;
    this.#incoming.close();
    this.#outgoing.close();
    this.#hub.context.clients.remove(this.#client);
    this.#hub.sessions.release(this.#session);
    if (this.#will !== undefined) this.#endWill(publishWill(this.#hub, this.#will, this.#session));
  }

  #subscribe(frame: FrameReader): void {
    const packet = readSubscribe(frame);
    // What the client published before is to be retained before this looks.
    this.#incoming.commit();
    const stored = handleSubscribe(this.#hub, this.#session, packet);
    const retained = findRetained(this.#hub, this.#session, packet);
    this.#outgoing.start();
    const send = async (): Promise<void> => {
      const codes = await stored;
      if (this.#left) return;
      this.#writer.packet(suback(packet.id, codes)); // [MQTT-3.8.4-1], [MQTT-3.8.4-2]
      await sendRetained(this.#hub, this.#session, retained, () => !this.#left);
    };
    const bytes = frame.end - frame.start + retained.length * bytesOfFound;
    this.#work.take(bytes);
    this.#work.add(send(), 1, bytes);
  }

  #unsubscribe(frame: FrameReader): void {
    const packet = readUnsubscribe(frame);
    const done = handleUnsubscribe(this.#hub, this.#session, packet).then(() => {
      if (!this.#left) this.#writer.short(shortPacket.unsuback, packet.id); // [MQTT-3.10.4-4]
    });
    const bytes = frame.end - frame.start;
    this.#work.take(bytes);
    this.#work.add(done, 1, bytes);
  }

  #disconnect(): void {
    if (this.#will !== undefined) this.#endWill(discardWill(this.#hub, this.clientId)); // [MQTT-3.14.4-3]
    this.#will = undefined;
    this.#events.onDisconnect();
  }

  /** A will whose end the store refuses is published when the engine starts. */
  #endWill(work: Promise<void>): void {
    const { clientId } = this;
    const { log } = this.#hub.context;
    this.#work.add(work.catch((err: unknown) => log.warn({ err, clientId }, 'the end of a will could not be stored')));
  }
}

function packetId(name: string, packet: FrameReader): number {
  return new FieldReader(name, packet).packetId();
}
