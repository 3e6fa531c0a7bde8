// One client's connection: reads packets from its socket and has each handled, in order, and ends when the client, or we,
// want no more. It awaits CONNECT, connects, is connected, and is over.

import type { Duplex } from 'node:stream';
import type { Peer, Principal } from '../../core/access.ts';
import { BrokerError } from '../../core/errors.ts';
import type { Timer } from '../../util/clock.ts';
import { AttachedSession } from './attached-session.ts';
import { FrameReader } from './codec/frame-reader.ts';
import { reason, reasonOf } from './codec/reason.ts';
import type { Reason } from './codec/reason.ts';
import { keepAliveOf, termsOf } from './connect-answer.ts';
import type { Attempt } from './handle-connect.ts';
import type { Hub } from './hub.ts';
import { KeepAlive } from './keep-alive.ts';
import { Opening } from './opening.ts';
import { PacketWriter } from './packet-writer.ts';
import { PendingWork } from './pending-work.ts';
import type { Session } from './session.ts';

/** How long a client may take to notice that its connection was closed. */
const lingerMs = 1000;

/** Deliveries stop at the bound on unsent bytes; at so many times that, only answers can have filled it up. */
const unreadShare = 2;

export class Connection {
  readonly peer: Peer;
  /** Resolves when nothing of the connection is under way any more; its session is free then. */
  readonly ended: Promise<void>;
  readonly #hub: Hub;
  readonly #socket: Duplex;
  readonly #reader: FrameReader;
  readonly #writer: PacketWriter;
  readonly #work: PendingWork;
  /** Let go of once the client is in. */
  #opening: Opening | undefined;
  readonly #keepAlive: KeepAlive;
  readonly #connectTimer: Timer;
  readonly #onEnded: () => void;
  #owned: string | undefined;
  /** Who has the client identifier with it. */
  user: string | undefined;
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
    this.#opening = new Opening(hub, this, this.#writer, this.#work, {
      onAccepted: (attempt, principal, session) => this.#attach(attempt, principal, session),
      onOpen: () => {
        this.#opening = undefined;
        this.#attached?.start();
        this.#goOn();
      },
      onRefused: (sentence) => this.end(sentence),
      onProgress: () => this.#goOn(),
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
  own(clientId: string, user: string): Connection | undefined {
    const { owners } = this.#hub;
    const previous = owners.get(clientId);
    owners.set(clientId, this);
    this.#owned = clientId;
    this.user = user;
    return previous;
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
    this.#opening?.close();
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
        (this.#attached ?? this.#opening)?.handle(this.#reader);
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
    const mustWait = (this.#attached ?? this.#opening)?.mustWait === true;
    return this.#over || mustWait || this.#work.isFull || this.#isNotRead;
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

  // ---- connected

  #attach({ connect, clientId, will }: Attempt, principal: Principal, session: Session): void {
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
    const terms = termsOf(connect);
    const attachment = { session, terms, will, principal, client, peer: this.peer, authenticationMethod };
    this.#attached = new AttachedSession(this.#hub, attachment, this.#writer, this.#work, {
      onPending: () => this.#scheduleFlush(),
      onDisconnect: () => this.end('the client disconnected'),
      onRoom: () => this.#goOn(),
      onFailed: (error) => this.#failed(error),
    });
    this.#connectTimer.cancel();
    this.#keepAlive.start(keepAliveOf(connect, options).graceSeconds);
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
    this.#opening?.failed(error, sentence);
    this.end(sentence, reasonOf(error));
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#hub.flushes.add(this);
  }
}
