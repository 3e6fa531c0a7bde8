// One client's connection: reads packets from its socket and has each handled, in order, and ends when the client, or we,
// want no more. It awaits CONNECT, connects, is connected, and is over.

import type { Duplex } from 'node:stream';
import type { Peer, Principal } from '../../core/access.ts';
import { BrokerError } from '../../core/errors.ts';
import type { Timer } from '../../util/clock.ts';
import { AttachedSession } from './attached-session.ts';
import { connack, readConnect, readVersion } from './codec/connect.ts';
import type { Connect } from './codec/connect.ts';
import { readAuth } from './codec/disconnect.ts';
import { FieldReader } from './codec/field-reader.ts';
import { packetType } from './codec/fixed-header.ts';
import type { ProtocolLevel } from './codec/fixed-header.ts';
import { FrameReader } from './codec/frame-reader.ts';
import { emptySection } from './codec/properties.ts';
import type { Properties } from './codec/properties.ts';
import { protocolError, reason, reasonOf, WireError } from './codec/reason.ts';
import type { Reason } from './codec/reason.ts';
import { connackProperties, keepAliveOf, termsOf } from './connect-answer.ts';
import { handleConnect } from './handle-connect.ts';
import type { Attempt } from './handle-connect.ts';
import type { Hub } from './hub.ts';
import { KeepAlive } from './keep-alive.ts';
import { PacketWriter } from './packet-writer.ts';
import { PendingWork } from './pending-work.ts';
import { sentenceProperty } from './replies.ts';
import type { Session } from './session.ts';

/** How long a client may take to notice that its connection was closed. */
const lingerMs = 1000;

/** Deliveries stop at the bound on unsent bytes; at so many times that, only answers can have filled it up. */
const unreadShare = 2;

/** An AUTH packet. */
export interface Authentication {
  readonly code: number;
  readonly properties: Properties;
}

export class Connection {
  readonly peer: Peer;
  /** Resolves when nothing of the connection is under way any more; its session is free then. */
  readonly ended: Promise<void>;
  readonly #hub: Hub;
  readonly #socket: Duplex;
  readonly #reader: FrameReader;
  readonly #writer: PacketWriter;
  readonly #work: PendingWork;
  readonly #keepAlive: KeepAlive;
  readonly #connectTimer: Timer;
  readonly #onEnded: () => void;
  #owned: string | undefined;
  #level: ProtocolLevel | undefined;
  /** Its CONNECT was answered. */
  #answered = false;
  #connecting = false;
  /** Waits for the client's AUTH, in the middle of the CONNECT. */
  #onAuth: ((answer: Authentication | undefined) => void) | undefined;
  #attached: AttachedSession | undefined;
  #paused = false;
  #sendsNoMore = false;
  #flushScheduled = false;
  #over = false;

  constructor(socket: Duplex, peer: Peer, hub: Hub) {
    const { clock, limits } = hub.context;
    this.peer = peer;
    this.#hub = hub;
    this.#socket = socket;
    this.#reader = new FrameReader(limits.maxMessageBytes);
    const { traffic } = hub;
    this.#writer = new PacketWriter(
      socket,
      () => this.#scheduleFlush(),
      (packets, bytes) => {
        traffic.packetsOut += packets;
        traffic.bytesOut += bytes;
      },
    );
    const pending = { count: limits.maxUncommitted, bytes: limits.maxUncommittedBytes };
    this.#work = new PendingWork(pending, {
      onProgress: () => this.#goOn(),
      onError: (error) => this.#failed(error),
    });
    this.#keepAlive = new KeepAlive(clock, () => this.#silent());
    const ended = Promise.withResolvers<void>();
    this.ended = ended.promise;
    this.#onEnded = ended.resolve;
    this.#connectTimer = clock.after(limits.connectTimeoutMs, () => this.end('no CONNECT in time'));
  }

  start(): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('end', () => this.#clientEnded());
    socket.on('close', () => this.end('the connection was lost'));
    socket.on('error', (error) => this.end(`the connection failed: ${error.message}`));
    socket.resume();
  }

  /** It has ended, or is about to. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Becomes the connection of this client identifier. Returns the one that was, if any. */
  own(clientId: string): Connection | undefined {
    const { owners } = this.#hub;
    const previous = owners.get(clientId);
    owners.set(clientId, this);
    this.#owned = clientId;
    return previous;
  }

  /** Asks the client for more, before its CONNECT is answered. Resolves with undefined if the connection ends. */
  askForAuth(packet: Buffer): Promise<Authentication | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    this.#writer.packet(packet);
    return new Promise((resolve) => {
      this.#onAuth = resolve;
      this.#goOn();
    });
  }

  /** `code`: what a client of MQTT 5 is told; undefined: nothing, as it knows, or is gone. Idempotent. */
  end(sentence: string, code?: Reason): void {
    if (this.#over) return;
    this.#over = true;
    const { log, broker } = this.#hub.context;
    const clientId = this.#attached?.clientId;
    log.debug({ peer: this.peer.address, clientId, reason: sentence }, 'MQTT connection ended');
    this.#connectTimer.cancel();
    this.#keepAlive.stop();
    this.#onAuth?.(undefined);
    if (code !== undefined) this.#attached?.sayGoodbye(code, sentence);
    this.#attached?.leave();
    this.flush();
    this.#closeSocket();
    broker.background(this.#settle(), 'end an MQTT connection');
  }

  flush(): void {
    this.#flushScheduled = false;
    try {
      this.#attached?.flush();
      const isWatched = this.#paused || this.#attached?.isHeldBack === true;
      this.#writer.flush(isWatched ? () => this.#drained() : undefined);
    } catch (error) {
      this.#failed(error);
    }
  }

  // ---- reading

  #received(chunk: Buffer): void {
    if (this.#over) return;
    this.#keepAlive.heard();
    this.#hub.traffic.bytesIn += chunk.length;
    this.#reader.push(chunk);
    this.#read();
  }

  /** Handles the packets that are there, as far as it may. */
  #read(): void {
    try {
      while (!this.#mustWait && this.#reader.next()) {
        this.#hub.traffic.packetsIn++;
        if (this.#attached !== undefined) this.#attached.handle(this.#reader);
        else if (this.#level === undefined) this.#connect();
        else this.#authenticate();
      }
      if (!this.#over) this.#attached?.commit();
    } catch (error) {
      this.#failed(error);
    }
    if (this.#over) return;
    if (this.#mustWait) this.#pause();
    else if (this.#sendsNoMore) this.end('the client closed the connection');
  }

  /** Something has to be decided, stored or sent before more is read. */
  get #mustWait(): boolean {
    const isDeciding = this.#connecting && this.#onAuth === undefined;
    return this.#over || isDeciding || this.#work.isFull || this.#isNotRead || this.#attached?.mustWait === true;
  }

  /** The client sends, and does not read the answers. */
  get #isNotRead(): boolean {
    return this.#writer.unsentBytes > this.#hub.context.limits.maxUnsentBytes * unreadShare;
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  /** Reads on, if that is possible again. */
  #goOn(): void {
    if (!this.#paused || this.#mustWait) return;
    this.#paused = false;
    this.#socket.resume();
    this.#read();
  }

  #drained(): void {
    this.#attached?.drained();
    this.#goOn();
  }

  #clientEnded(): void {
    this.#sendsNoMore = true;
    // What it sent before is still to be read.
    if (!this.#paused) this.end('the client closed the connection');
  }

  // ---- CONNECT

  #connect(): void {
    const fields = new FieldReader('CONNECT', this.#reader);
    const level = readVersion(fields);
    if (typeof level !== 'number') {
      this.#writer.packet(level.answer);
      this.end(`protocol level ${level.level} is not supported`);
      return;
    }
    this.#level = level;
    this.#reader.accept(level);
    const connect = readConnect(fields, level);
    // What follows is read when it has been decided about [MQTT-3.1.4-5], [MQTT-3.1.4-6 of 5].
    this.#connecting = true;
    this.#work.add(this.#decide(connect));
  }

  /** [MQTT-3.1.2-30 of 5]: until it is decided, the client may only answer what it is asked, or leave. */
  #authenticate(): void {
    const { type } = this.#reader;
    if (type === packetType.disconnect) {
      this.end('the client disconnected');
      return;
    }
    if (type !== packetType.auth) throw protocolError('another packet than AUTH before CONNACK');
    const answer = readAuth(this.#reader);
    const resolve = this.#onAuth;
    this.#onAuth = undefined;
    resolve?.(answer);
  }

  async #decide(connect: Connect): Promise<void> {
    const attempt: Attempt = {
      hub: this.#hub,
      connection: this,
      connect,
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
    if (isIn && !this.#over) this.#attach(attempt, principal, session);
    else await this.#refuse(attempt, code);
  }

  #attach(attempt: Attempt, principal: Principal, session: Session): void {
    const { connect, clientId, will, sessionPresent } = attempt;
    const { context, options, traffic } = this.#hub;
    const client = context.clients.add({
      protocol: 'mqtt',
      address: this.peer.address,
      clientId,
      user: principal.user,
      messagesIn: 0,
      messagesOut: 0,
      disconnect: (sentence) => this.end(sentence, reason.administrativeAction),
    });
    traffic.mostConnected = Math.max(++traffic.connected, traffic.mostConnected);
    const { authenticationMethod } = connect.properties;
    const attachment = {
      session,
      terms: termsOf(connect),
      will,
      principal,
      client,
      peer: this.peer,
      authenticationMethod,
    };
    this.#attached = new AttachedSession(this.#hub, attachment, this.#writer, this.#work, {
      onPending: () => this.#scheduleFlush(),
      onDisconnect: () => this.end('the client disconnected'),
      onRoom: () => this.#goOn(),
      onFailed: (error) => this.#failed(error),
    });
    this.#connectTimer.cancel();
    this.#keepAlive.start(keepAliveOf(connect, options).graceSeconds);
    this.#answered = true;
    const properties = connackProperties(attempt, context.limits, options);
    const answer = connack(connect.level, reason.success, sessionPresent, properties);
    this.#connecting = false;
    // [MQTT-3.1.2-24 of 5]
    if (answer.length > attachment.terms.maximumPacketSize) this.end('the client takes no CONNACK');
    else {
      this.#writer.packet(answer);
      this.#attached.start();
      this.#goOn();
    }
  }

  /** [MQTT-3.2.2-4], [MQTT-3.2.2-5]; [MQTT-3.2.2-6 of 5], [MQTT-3.2.2-7 of 5] */
  async #refuse(
    { session, will }: Attempt,
    code: Reason,
    sentence = `CONNECT was refused with ${code}`,
  ): Promise<void> {
    this.#answer(code, undefined);
    this.end(sentence);
    if (session === undefined) return;
    this.#hub.sessions.release(session);
    // No connection came of it whose end the will could tell of.
    if (will !== undefined) await this.#hub.wills.discard(will.clientId);
  }

  /** CONNACK with a failure, once. */
  #answer(code: Reason, sentence: string | undefined): void {
    if (this.#over || this.#answered || this.#level === undefined) return;
    this.#answered = true;
    const properties = sentence === undefined ? emptySection : sentenceProperty(sentence);
    this.#writer.packet(connack(this.#level, code, false, properties));
  }

  /** @throws what breaks the rules: the connection ends for it [MQTT-3.1.4-1]. */
  #unavailable(error: unknown): Reason {
    if (error instanceof WireError) throw error;
    if (error instanceof BrokerError && error.code === 'unauthorized') return reason.notAuthorized;
    this.#hub.context.log.warn({ err: error, peer: this.peer.address }, 'an MQTT client could not be connected');
    return reason.serverUnavailable;
  }

  // ---- ends

  async #settle(): Promise<void> {
    await this.#work.idle();
    const { owners } = this.#hub;
    if (this.#owned !== undefined && owners.get(this.#owned) === this) owners.delete(this.#owned);
    this.#onEnded();
  }

  /** Sends what there is to send; then the client has a moment to close its side, so that it can still read that. */
  #closeSocket(): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    const timer = this.#hub.context.clock.after(lingerMs, () => socket.destroy());
    socket.on('close', () => timer.cancel());
    socket.end();
    socket.resume();
  }

  #silent(): void {
    // Not heard because not listened to, and that for a reason of ours.
    if (this.#paused && !this.#isNotRead) this.#keepAlive.heard();
    else {
      const sentence = 'nothing was heard from the client for one and a half times its keep alive time';
      this.end(sentence, reason.keepAliveTimeout);
    }
  }

  /**
   * A packet that breaks the rules, a store that refuses, or a bug: the connection cannot go on [MQTT-4.8.0-1],
   * [MQTT-4.13.1-1 of 5].
   */
  #failed(error: unknown): void {
    const { log } = this.#hub.context;
    const details = { peer: this.peer.address, clientId: this.#attached?.clientId };
    if (error instanceof BrokerError) {
      log.info({ ...details, code: error.code, reason: error.message }, 'MQTT connection failed');
    } else log.error({ ...details, err: error }, 'MQTT connection failed');
    const sentence = error instanceof BrokerError ? error.message : 'internal error';
    // What is no CONNECT, a client of MQTT 5 is told; earlier ones were to be left without an answer.
    if (this.#level === 5) this.#answer(reasonOf(error), sentence);
    this.end(sentence, reasonOf(error));
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#hub.flushes.add(this);
  }
}
