// A connection until its CONNECT is answered: reads it, has it decided about, asks the client for more where that is needed
// (MQTT 5, 4.12), and says CONNACK.

import type { Principal } from '../../core/access.ts';
import { BrokerError } from '../../core/errors.ts';
import { connack, readConnect, readVersion } from './codec/connect.ts';
import type { Connect } from './codec/connect.ts';
import { readAuth } from './codec/disconnect.ts';
import { FieldReader } from './codec/field-reader.ts';
import { packetType } from './codec/fixed-header.ts';
import type { ProtocolLevel } from './codec/fixed-header.ts';
import type { FrameReader } from './codec/frame-reader.ts';
import { emptySection } from './codec/properties.ts';
import { protocolError, reason, reasonOf, WireError } from './codec/reason.ts';
import type { Reason } from './codec/reason.ts';
import { connackProperties, termsOf } from './connect-answer.ts';
import type { Connection } from './connection.ts';
import { handleConnect } from './handle-connect.ts';
import type { Attempt, Authentication } from './handle-connect.ts';
import type { Hub } from './hub.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { PendingWork } from './pending-work.ts';
import { sentenceProperty } from './replies.ts';
import type { Session } from './session.ts';

export interface OpeningEvents {
  /** The client is in: what comes of it is to be there before it hears so. */
  readonly onAccepted: (attempt: Attempt, principal: Principal, session: Session) => void;
  /** It was told so. */
  readonly onOpen: () => void;
  readonly onRefused: (sentence: string) => void;
  /** More may be read. */
  readonly onProgress: () => void;
}

export class Opening {
  readonly #hub: Hub;
  readonly #connection: Connection;
  readonly #writer: PacketWriter;
  readonly #work: PendingWork;
  readonly #events: OpeningEvents;
  #level: ProtocolLevel | undefined;
  #answered = false;
  #deciding = false;
  /** Waits for the client's AUTH. */
  #onAuth: ((answer: Authentication | undefined) => void) | undefined;

  constructor(hub: Hub, connection: Connection, writer: PacketWriter, work: PendingWork, events: OpeningEvents) {
    this.#hub = hub;
    this.#connection = connection;
    this.#writer = writer;
    this.#work = work;
    this.#events = events;
  }

  /** What follows is read when it has been decided about [MQTT-3.1.4-5], [MQTT-3.1.4-6 of 5]. */
  get mustWait(): boolean {
    return this.#deciding && this.#onAuth === undefined;
  }

  /** @throws WireError. */
  handle(packet: FrameReader): void {
    if (this.#level === undefined) this.#connect(packet);
    else this.#authenticate(packet);
  }

  /** What is no CONNECT, a client of MQTT 5 is told; earlier ones are left without an answer. */
  failed(error: unknown, sentence: string): void {
    if (this.#level === 5) this.#refuse(reasonOf(error), sentenceProperty(sentence));
  }

  close(): void {
    this.#onAuth?.(undefined);
  }

  #connect(packet: FrameReader): void {
    const fields = new FieldReader('CONNECT', packet);
    const level = readVersion(fields);
    if (typeof level !== 'number') {
      this.#writer.packet(level.answer);
      this.#events.onRefused(`protocol level ${level.level} is not supported`);
      return;
    }
    this.#level = level;
    packet.accept(level);
    const connect = readConnect(fields, level);
    this.#deciding = true;
    this.#work.add(this.#decide(connect));
  }

  /** [MQTT-3.1.2-30 of 5]: until it is decided, the client may only answer what it is asked, or leave. */
  #authenticate(packet: FrameReader): void {
    if (packet.type === packetType.disconnect) {
      this.#events.onRefused('the client disconnected');
      return;
    }
    if (packet.type !== packetType.auth) throw protocolError('another packet than AUTH before CONNACK');
    const answer = readAuth(packet);
    const resolve = this.#onAuth;
    this.#onAuth = undefined;
    resolve?.(answer);
  }

  async #decide(connect: Connect): Promise<void> {
    const attempt: Attempt = {
      hub: this.#hub,
      connection: this.#connection,
      connect,
      ask: (packet) => this.#ask(packet),
      clientId: connect.clientId,
      principal: undefined,
      authenticationData: undefined,
      expirySeconds: 0,
      session: undefined,
      sessionPresent: false,
      will: undefined,
    };
    const code = await handleConnect(attempt).catch((error: unknown) => this.#unavailable(error));
    const { principal, session } = attempt;
    const isIn = code === reason.success && principal !== undefined && session !== undefined;
    if (isIn && !this.#connection.isOver) this.#accept(attempt, principal, session);
    else await this.#turnAway(attempt, code);
  }

  /** Resolves with undefined if the connection ends. */
  #ask(packet: Buffer): Promise<Authentication | undefined> {
    if (this.#connection.isOver) return Promise.resolve(undefined);
    this.#writer.packet(packet);
    return new Promise((resolve) => {
      this.#onAuth = resolve;
      this.#events.onProgress();
    });
  }

  #accept(attempt: Attempt, principal: Principal, session: Session): void {
    const { connect, sessionPresent } = attempt;
    const properties = connackProperties(attempt, this.#hub.context.limits, this.#hub.options);
    const answer = connack(connect.level, reason.success, sessionPresent, properties);
    this.#events.onAccepted(attempt, principal, session);
    this.#answered = true;
    this.#deciding = false;
    // [MQTT-3.1.2-24 of 5]
    if (answer.length > termsOf(connect).maximumPacketSize) {
      this.#events.onRefused('the client takes no CONNACK');
      return;
    }
    this.#writer.packet(answer);
    this.#events.onOpen();
  }

  /** [MQTT-3.2.2-4], [MQTT-3.2.2-5]; [MQTT-3.2.2-6 of 5], [MQTT-3.2.2-7 of 5] */
  async #turnAway({ session, will }: Attempt, code: Reason): Promise<void> {
    this.#refuse(code, emptySection);
    this.#events.onRefused(`CONNECT was refused with ${code}`);
    if (session === undefined) return;
    this.#hub.sessions.release(session);
    // No connection came of it whose end the will could tell of.
    if (will !== undefined) await this.#hub.wills.discard(will.clientId);
  }

  /** CONNACK with a failure, once. */
  #refuse(code: Reason, properties: Buffer): void {
    if (this.#connection.isOver || this.#answered || this.#level === undefined) return;
    this.#answered = true;
    this.#writer.packet(connack(this.#level, code, false, properties));
  }

  /** @throws what breaks the rules: the connection ends for it [MQTT-3.1.4-1]. */
  #unavailable(error: unknown): Reason {
    if (error instanceof WireError) throw error;
    if (error instanceof BrokerError && error.code === 'unauthorized') return reason.notAuthorized;
    const peer = this.#connection.peer.address;
    this.#hub.context.log.warn({ err: error, peer }, 'an MQTT client could not be connected');
    return reason.serverUnavailable;
  }
}
