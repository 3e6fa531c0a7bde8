// A session and the connection that has it: what a connected client may send, packet by packet, and what becomes of the
// session and the will when the connection ends.

import type { Peer, Principal } from '../../core/access.ts';
import type { ConnectedClient } from '../../core/clients.ts';
import { BrokerError } from '../../core/errors.ts';
import { readAcknowledgement } from './codec/acknowledgement.ts';
import { readAuth, readDisconnect } from './codec/disconnect.ts';
import { packetType } from './codec/fixed-header.ts';
import type { FrameReader } from './codec/frame-reader.ts';
import { protocolError, reason, reasonOf } from './codec/reason.ts';
import type { Reason } from './codec/reason.ts';
import { readSubscribe, readUnsubscribe } from './codec/subscribe.ts';
import {
  findRetained,
  handleSubscribe,
  handleUnsubscribe,
  sendRetained,
  sendStatistics,
  subscriptionFailed,
} from './handle-subscribe.ts';
import type { Hub } from './hub.ts';
import { Incoming } from './incoming.ts';
import { Outgoing } from './outgoing.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { PendingWork } from './pending-work.ts';
import { Reauthentication } from './reauthentication.ts';
import { Replies } from './replies.ts';
import type { Terms } from './replies.ts';
import type { Session } from './session.ts';
import type { Will } from './will.ts';

export interface AttachedEvents {
  /** There is something for the end of the turn to do. */
  readonly onPending: () => void;
  /** DISCONNECT. */
  readonly onDisconnect: () => void;
  /** What the client sends is taken again. */
  readonly onRoom: () => void;
  /** The connection cannot go on. */
  readonly onFailed: (error: unknown) => void;
}

/** What CONNECT came to. */
export interface Attachment {
  readonly session: Session;
  readonly terms: Terms;
  readonly will: Will | undefined;
  readonly principal: Principal;
  /** Enhanced authentication; undefined: there was none. */
  readonly authenticationMethod: string | undefined;
  readonly client: ConnectedClient;
  readonly peer: Peer;
}

/** What a retained message that is to be read occupies until then. */
const bytesOfFound = 64;

const pingresp = Buffer.from([packetType.pingresp << 4, 0]);

export class AttachedSession {
  readonly #hub: Hub;
  readonly #session: Session;
  readonly #terms: Terms;
  readonly #client: ConnectedClient;
  readonly #writer: PacketWriter;
  readonly #replies: Replies;
  readonly #work: PendingWork;
  readonly #events: AttachedEvents;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  /** Of a client that was let in by an exchange of AUTH packets. */
  readonly #reauthentication: Reauthentication | undefined;
  #principal: Principal;
  #will: Will | undefined;
  /** What the client said of it last. */
  #expirySeconds: number;
  #left = false;

  constructor(hub: Hub, attachment: Attachment, writer: PacketWriter, work: PendingWork, events: AttachedEvents) {
    const { session, terms, will, principal, client, peer, authenticationMethod } = attachment;
    this.#hub = hub;
    this.#session = session;
    this.#principal = principal;
    this.#terms = terms;
    this.#will = will;
    this.#client = client;
    this.#writer = writer;
    this.#work = work;
    this.#events = events;
    this.#expirySeconds = session.expiry.seconds;
    this.#replies = new Replies(writer, terms);
    this.#incoming = new Incoming(hub, session, terms.level, principal, this.#replies, work, events);
    this.#outgoing = new Outgoing(hub, session, terms, this.#replies, writer, work, events);
    if (authenticationMethod === undefined) return;
    this.#reauthentication = new Reauthentication(hub, peer, authenticationMethod, principal.user, writer, work, {
      onDone: (again) => this.#proved(again),
      onFailed: (error) => events.onFailed(error),
    });
  }

  get clientId(): string {
    return this.#session.clientId;
  }

  /** Nothing is delivered until the socket drains: then `drained` is to be called. */
  get isHeldBack(): boolean {
    return this.#outgoing.isHeldBack;
  }

  /** Nothing more is to be read from the client, until `onRoom`. */
  get mustWait(): boolean {
    return this.#incoming.isHeldBack;
  }

  drained(): void {
    this.#outgoing.drained();
  }

  start(): void {
    this.#session.online = true;
    this.#outgoing.start();
  }

  /** @throws WireError. */
  handle(packet: FrameReader): void {
    switch (packet.type) {
      case packetType.publish:
        this.#client.messagesIn++;
        this.#incoming.publish(packet);
        return;
      case packetType.puback:
      case packetType.pubrec:
      case packetType.pubrel:
      case packetType.pubcomp:
        this.#acknowledged(packet);
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
      case packetType.auth: {
        const { code, properties } = readAuth(packet);
        // [MQTT-4.12.0-7 of 5]
        if (this.#reauthentication === undefined) throw protocolError('AUTH, where CONNECT named no method');
        this.#reauthentication.handle(code, properties);
        return;
      }
      default:
        this.#disconnect(packet);
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

  /** Tells the client, where its version lets it, why the connection ends [MQTT-3.14.0-1 of 5]. */
  sayGoodbye(code: Reason, sentence: string): void {
    this.#replies.disconnect(code, sentence);
  }

  /** The connection is over; without a DISCONNECT, the will is published [MQTT-3.1.2-8]. */
  leave(): void {
    this.#left = true;
    this.#reauthentication?.close();
    this.#incoming.close();
    this.#outgoing.close();
    this.#hub.context.clients.remove(this.#client);
    this.#hub.traffic.connected--;
    this.#hub.sessions.release(this.#session, this.#expirySeconds);
    if (this.#will !== undefined) {
      this.#endWill(this.#hub.wills.connectionEnded(this.#will, this.#session, this.#expirySeconds));
    }
  }

  #acknowledged(packet: FrameReader): void {
    const { id, code } = readAcknowledgement(packet, this.#terms.level);
    if (packet.type === packetType.puback) this.#outgoing.puback(id);
    else if (packet.type === packetType.pubrec) this.#outgoing.pubrec(id, code);
    else if (packet.type === packetType.pubrel) this.#incoming.pubrel(id);
    else this.#outgoing.pubcomp(id);
  }

  #subscribe(frame: FrameReader): void {
    const packet = readSubscribe(frame, this.#terms.level);
    // What the client published before is to be retained before this looks.
    this.#incoming.commit();
    const { codes, wanted, sentence } = handleSubscribe(this.#hub, this.#session, this.#principal, packet);
    const retained = findRetained(this.#hub, this.#session, wanted);
    this.#outgoing.start();
    const send = async (): Promise<void> => {
      const answer = await this.#orRefused(codes, packet.requests.length);
      if (this.#left) return;
      // [MQTT-3.8.4-1], [MQTT-3.8.4-2]
      this.#replies.suback(packet.id, this.#terms.level === 5 ? answer : answer.map(asCode311), sentence);
      await sendRetained(this.#hub, this.#session, retained, () => !this.#left);
      if (!this.#left) await sendStatistics(this.#hub, this.#session, wanted);
    };
    const bytes = frame.end - frame.start + retained.length * bytesOfFound;
    this.#work.take(bytes);
    this.#work.add(send(), 1, bytes);
  }

  #unsubscribe(frame: FrameReader): void {
    const packet = readUnsubscribe(frame, this.#terms.level);
    const codes = handleUnsubscribe(this.#hub, this.#session, packet);
    this.#outgoing.start();
    const done = this.#orRefused(codes, packet.filters.length).then((answer) => {
      if (!this.#left) this.#replies.unsuback(packet.id, answer); // [MQTT-3.10.4-4]
    });
    const bytes = frame.end - frame.start;
    this.#work.take(bytes);
    this.#work.add(done, 1, bytes);
  }

  /** What the store refuses, a client of MQTT 5 is told; of an earlier one, the connection ends. */
  async #orRefused(codes: Promise<readonly number[]>, count: number): Promise<readonly number[]> {
    try {
      return await codes;
    } catch (error) {
      if (this.#terms.level < 5 || !(error instanceof BrokerError)) throw error;
      this.#outgoing.start();
      return Array.from({ length: count }, () => reasonOf(error));
    }
  }

  #disconnect(packet: FrameReader): void {
    const { code, properties } = readDisconnect(packet, this.#terms.level);
    const { sessionExpiry } = properties;
    if (sessionExpiry !== undefined) {
      // MQTT 5, 3.14.2.2.2
      if (sessionExpiry > 0 && this.#expirySeconds === 0) {
        throw protocolError('DISCONNECT: a session that was to end with its connection is not to last');
      }
      this.#expirySeconds = Math.min(sessionExpiry, this.#hub.options.maxSessionExpirySeconds);
    }
    if (code === reason.success) {
      if (this.#will !== undefined) this.#endWill(this.#hub.wills.discard(this.clientId)); // [MQTT-3.14.4-3]
      this.#will = undefined;
    }
    this.#events.onDisconnect();
  }

  #proved(principal: Principal): void {
    this.#principal = principal;
    this.#incoming.principal = principal;
  }

  /** A will whose end the store refuses is published when the engine starts. */
  #endWill(work: Promise<void>): void {
    const { clientId } = this;
    const { log } = this.#hub.context;
    this.#work.add(work.catch((err: unknown) => log.warn({ err, clientId }, 'the end of a will could not be stored')));
  }
}

function asCode311(code: number): number {
  return code < subscriptionFailed ? code : subscriptionFailed;
}
