// One client's connection: reads packets from its socket and has each handled, in order, and ends when the client, or we,
// want no more. It awaits CONNECT, connects, is connected, and is over.

import type { Duplex } from 'node:stream';
import type { Peer, Principal } from '../../core/access.ts';
import { BrokerError } from '../../core/errors.ts';
import type { Timer } from '../../util/clock.ts';
import { AttachedSession } from './attached-session.ts';
import { connack, readConnect, returnCode } from './codec/connect.ts';
import type { Connect, ReturnCode } from './codec/connect.ts';
import { FrameReader } from './codec/frame-reader.ts';
import { handleConnect } from './handle-connect.ts';
import type { Attempt } from './handle-connect.ts';
import type { Hub } from './hub.ts';
import { KeepAlive } from './keep-alive.ts';
import { PacketWriter } from './packet-writer.ts';
import { PendingWork } from './pending-work.ts';
import type { Session } from './session.ts';
import { discardWill } from './will.ts';

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
  readonly #keepAlive: KeepAlive;
  readonly #connectTimer: Timer;
  readonly #onEnded: () => void;
  #owned: string | undefined;
  #connecting = false;
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
    this.#writer = new PacketWriter(socket, () => this.#scheduleFlush());
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

  /** Idempotent. */
  end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    const { log, broker } = this.#hub.context;
    log.debug({ peer: this.peer.address, clientId: this.#attached?.clientId, reason }, 'MQTT connection ended');
    this.#connectTimer.cancel();
    this.#keepAlive.stop();
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
    this.#reader.push(chunk);
    this.#read();
  }

  /** Handles the packets that are there, as far as it may. */
  #read(): void {
    try {
      while (!this.#mustWait && this.#reader.next()) {
        if (this.#attached === undefined) this.#connect();
        else this.#attached.handle(this.#reader);
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
    return this.#over || this.#connecting || this.#work.isFull || this.#isNotRead;
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
    const connect = readConnect(this.#reader);
    if ('answer' in connect) {
      this.#writer.packet(connect.answer);
      this.end(`protocol level ${connect.level} is not supported`);
      return;
    }
    // What follows is read when it has been decided about [MQTT-3.1.4-5].
    this.#connecting = true;
    this.#work.add(this.#decide(connect));
  }

  async #decide(connect: Connect): Promise<void> {
    const attempt: Attempt = {
      hub: this.#hub,
      connection: this,
      connect,
      clientId: connect.clientId,
      principal: undefined,
      session: undefined,
      sessionPresent: false,
      will: undefined,
    };
    const code = await handleConnect(attempt).catch((error: unknown) => this.#unavailable(error));
    const { principal, session } = attempt;
    const isIn = code === returnCode.accepted && principal !== undefined && session !== undefined;
    if (isIn && !this.#over) this.#attach(attempt, principal, session);
    else await this.#refuse(attempt, code);
  }

  #attach({ connect, clientId, will, sessionPresent }: Attempt, principal: Principal, session: Session): void {
    const client = this.#hub.context.clients.add({
      protocol: 'mqtt',
      address: this.peer.address,
      clientId,
      user: principal.user,
      messagesIn: 0,
      messagesOut: 0,
      disconnect: (reason) => this.end(reason),
    });
    this.#attached = new AttachedSession(this.#hub, session, will, client, this.#writer, this.#work, {
      onPending: () => this.#scheduleFlush(),
      onDisconnect: () => this.end('the client disconnected'),
      onFailed: (error) => this.#failed(error),
    });
    this.#connectTimer.cancel();
    this.#keepAlive.start(connect.keepAliveSeconds);
    this.#reader.accept(connect.level);
    // [MQTT-3.2.0-1]. In MQTT 3.1 that byte is reserved.
    this.#writer.packet(connack(returnCode.accepted, sessionPresent && connect.level > 3));
    this.#attached.start();
    this.#connecting = false;
    this.#goOn();
  }

  /** [MQTT-3.2.2-4], [MQTT-3.2.2-5] */
  async #refuse({ session, will }: Attempt, code: ReturnCode): Promise<void> {
    if (!this.#over) this.#writer.packet(connack(code, false));
    this.end(`CONNECT was refused with ${code}`);
    if (session === undefined) return;
    this.#hub.sessions.release(session);
    // No connection came of it whose end the will could tell of.
    if (will !== undefined) await discardWill(this.#hub, will.clientId);
  }

  /** @throws what the client is not told: that its CONNECT breaks the rules [MQTT-3.1.4-1]. */
  #unavailable(error: unknown): ReturnCode {
    if (error instanceof BrokerError && error.code === 'invalid') throw error;
    this.#hub.context.log.warn({ err: error, peer: this.peer.address }, 'an MQTT client could not be connected');
    return returnCode.unavailable;
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
    else this.end('nothing was heard from the client for one and a half times its keep alive time');
  }

  /** A packet that breaks the rules, a store that refuses, or a bug: the connection cannot go on [MQTT-4.8.0-1]. */
  #failed(error: unknown): void {
    const { log } = this.#hub.context;
    const details = { peer: this.peer.address, clientId: this.#attached?.clientId };
    if (error instanceof BrokerError) {
      log.info({ ...details, code: error.code, reason: error.message }, 'MQTT connection failed');
    } else log.error({ ...details, err: error }, 'MQTT connection failed');
    this.end(error instanceof BrokerError ? error.message : 'internal error');
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#hub.flushes.add(this);
  }
}
