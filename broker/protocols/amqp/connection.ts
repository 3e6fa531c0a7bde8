// A connection (part 2, section 2.4): handshake, open, sessions by channel, close. What it reads is bounded before it is
// kept: the size of frames, the time until the open, the messages that await their commit.

import type { Duplex } from 'node:stream';
import type { Client, ConnectedClient } from '../../core/clients.ts';
import type { Operation, Peer, Principal } from '../../core/access.ts';
import type { Destination } from '../../core/address.ts';
import type { DialectContext } from '../../core/dialect.ts';
import type { Publisher } from '../../core/subscriber.ts';
import { asBrokerError, BrokerError } from '../../core/errors.ts';
import type { Timer } from '../../util/clock.ts';
import { Assembling } from './assembling.ts';
import { Batch } from './batch.ts';
import { readComposite, type Composite, type Draft, type Performative } from './codec/composite.ts';
import { amqpFrame, FrameReader, minMaxFrameSize } from './codec/frame-reader.ts';
import { Reader } from './codec/reader.ts';
import { errorFor, WireError } from './conditions.ts';
import type { Containers } from './containers.ts';
import { Handshake } from './handshake.ts';
import { Idle } from './idle.ts';
import type { Link } from './link.ts';
import { LinkRegistry } from './link-registry.ts';
import {
  failedOpen,
  idleTimeoutMs,
  isSole,
  maxFrameSize,
  maxFrameSizeBeforeOpen,
  openFor,
  requireChannel,
  termsOf,
} from './open.ts';
import { Output } from './output.ts';
import { Session } from './session.ts';
import { Transactions } from './transactions.ts';

/** For the peer's close after ours. */
const closeTimeoutMs = 1000;
/** Replies that the peer does not read, as a multiple of what is delivered to it: then it is not read either. */
const unreadFactor = 4;

const performatives = ['transfer', 'disposition', 'flow', 'attach', 'detach', 'begin', 'end', 'open', 'close'] as const;

type Phase = 'handshake' | 'authenticated' | 'open' | 'closing' | 'closed';

export class Connection implements Publisher {
  readonly context: DialectContext;
  readonly output: Output;
  readonly batch: Batch;
  readonly links = new LinkRegistry();
  readonly transactions = new Transactions(this);
  readonly assembling: Assembling;
  /** The largest frame that we may send. */
  maxFrameSize = minMaxFrameSize;
  readonly client: Client;
  readonly #peer: Peer;
  readonly #socket: Duplex;
  readonly #input: FrameReader;
  readonly #handshake: Handshake;
  readonly #idle: Idle;
  readonly #containers: Containers;
  readonly #onClosed: () => void;
  readonly #sessions = new Map<number, Session>();
  #phase: Phase = 'handshake';
  #openSent = false;
  /** Who was let in; once the handshake is over. */
  #principal: Principal | undefined;
  #containerId = '';
  #connected: ConnectedClient | undefined;
  #deadline: Timer | undefined;
  #paused = false;
  /** The peer sends nothing more. */
  #inputEnded = false;

  constructor(
    socket: Duplex,
    peer: Peer,
    context: DialectContext,
    options: { readonly containers: Containers; readonly onClosed: () => void },
  ) {
    const { limits, clock } = context;
    this.context = context;
    this.#socket = socket;
    this.#peer = peer;
    this.#containers = options.containers;
    this.#onClosed = options.onClosed;
    this.client = {
      protocol: 'amqp',
      address: peer.address,
      messagesIn: 0,
      messagesOut: 0,
      disconnect: (reason) => this.close(new WireError('connection', 'amqp:connection:forced', reason)),
    };
    const onFault = (error: unknown) => this.fail(error);
    this.output = new Output(socket, limits.maxUnsentBytes, {
      beforeFlush: () => this.#beforeFlush(),
      onRoom: () => this.#onRoom(),
      onFault,
    });
    this.batch = new Batch(context.broker, limits, { onRoom: () => this.#readOn(), onFault });
    this.assembling = new Assembling(limits.maxMessageBytes + limits.maxUncommittedBytes);
    this.#input = new FrameReader(
      {
        header: (octets) => this.#handshake.onHeader(octets),
        frame: (type, channel, body) => this.#onFrame(type, channel, body),
      },
      maxFrameSizeBeforeOpen,
    );
    this.#handshake = new Handshake(context, peer, this.#input, this.output, {
      onReady: (principal) => this.#onReady(principal),
      onRefused: (reason, isTold, cause) => this.#onRefused(reason, isTold, cause),
      onAnswered: () => this.#cut(() => this.#input.resume()),
      onFailed: onFault,
    });
    this.#idle = new Idle(clock, {
      onSilent: () => this.#beat(),
      onExpired: () => this.#onExpired(),
    });
    this.#deadline = clock.after(limits.connectTimeoutMs, () => this.#destroy('no open in time'));
    this.#listen();
  }

  /** What the client may do. @throws BrokerError `unauthorized`. */
  authorize(operation: Operation, destination: Destination): void {
    if (this.#principal === undefined) throw new BrokerError('unauthorized', 'not authenticated');
    this.#principal.authorize(operation, destination);
  }

  /** Whose messages they are, where they are to say so. */
  get user(): string | undefined {
    return this.context.populateUserId === true ? this.#principal?.user : undefined;
  }

  /** The container id: JMS clients put their client identifier there. */
  get clientId(): string | undefined {
    return this.#containerId === '' ? undefined : this.#containerId;
  }

  /** What the peer calls itself. */
  get containerId(): string {
    return this.#containerId;
  }

  /** Ends the link of this name that the same container has on another connection. False: there is none. */
  stealElsewhere(name: string): boolean {
    return this.#containers.others(this).some(({ links }) => links.steal(name, false));
  }

  /** Ends the links that receive from the destination. */
  detachFrom({ kind, name }: Destination, error: BrokerError): void {
    const isFrom = (link: Link) => link.from?.some((one) => one.kind === kind && one.name === name) === true;
    for (const session of this.#sessions.values()) session.detachThose(isFrom, error);
  }

  /** Ends it, telling the peer why if there is a reason. Idempotent. */
  close(error?: BrokerError): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    if (error !== undefined) this.report(error);
    const spoken = this.#phase === 'authenticated' || this.#phase === 'open';
    this.#endSessions();
    if (spoken) {
      // The open comes before the close (2.4.3), even when the peer's open was not to be understood.
      if (!this.#openSent) this.#sendOpen(failedOpen);
      this.output.frames.frame(0, 'close', { error: error && errorFor(error) });
    }
    this.#finish(spoken && error !== undefined);
  }

  /** For the log: an error that ended something of this connection. A fault of ours stands out. */
  report(thrown: unknown): void {
    const details = { address: this.#peer.address, container: this.#containerId, err: thrown };
    if (thrown instanceof BrokerError) this.context.log.debug(details, 'refused an AMQP peer');
    else this.context.log.error(details, 'failed in an AMQP connection');
  }

  // ---- reading

  #listen(): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.allowHalfOpen = true;
    socket.on('end', () => {
      this.#inputEnded = true;
      if (!this.#paused) this.#inputOver();
    });
    socket.on('error', () => this.#destroy('the socket failed'));
    socket.on('close', () => this.#destroy('the socket closed'));
    socket.resume();
  }

  #onData(chunk: Buffer): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    this.#idle.heard();
    this.#cut(() => this.#input.push(chunk));
  }

  /** What has arrived becomes frames, and what the frames ask for one transaction. */
  #cut(input: () => void): void {
    try {
      input();
      this.batch.commit();
    } catch (error) {
      this.fail(error);
    }
    if (!this.#mustWait) return this.#readOn();
    this.#paused = true;
    this.#socket.pause();
  }

  /** The peer is ahead of the handshake or the store, or does not read our answers. */
  get #mustWait(): boolean {
    if (this.#phase === 'closing' || this.#phase === 'closed') return false;
    if (this.#input.suspended || this.batch.isFull) return true;
    const maxUnread = unreadFactor * this.context.limits.maxUnsentBytes;
    return this.output.unsentBytes > maxUnread && !this.output.hasRoom();
  }

  #readOn(): void {
    if (!this.#paused || this.#mustWait) return;
    this.#paused = false;
    // Time in which we did not listen is not held against the peer.
    this.#idle.heard();
    if (this.#inputEnded) this.#inputOver();
    else this.#socket.resume();
  }

  /** A peer that ends its side without a close has said all that it means to, and may still read what it is answered. */
  #inputOver(): void {
    if (this.#phase === 'closing') this.#socket.end();
    else this.close();
  }

  #onFrame(type: number, channel: number, body: Buffer): void {
    if (this.#phase === 'handshake') return this.#handshake.onFrame(type, body);
    if (type !== amqpFrame) {
      throw new WireError('connection', 'amqp:connection:framing-error', `frame of type ${type}`);
    }
    // An empty frame only says that the peer is there (2.4.5).
    if (body.length === 0) return;
    const reader = new Reader(body);
    const performative = readComposite(reader, performatives);
    this.#dispatch(channel, performative, body.subarray(reader.position));
  }

  #dispatch(channel: number, performative: Performative, payload: Buffer): void {
    if (performative.kind === 'open') return this.#onOpen(channel, performative);
    if (this.#phase !== 'open') {
      throw new WireError('connection', 'amqp:illegal-state', `${performative.kind} before open`);
    }
    switch (performative.kind) {
      case 'close':
        return this.close();
      case 'begin':
        return this.#onBegin(channel, performative);
      case 'end':
        this.#session(channel).end(true);
        return void this.#sessions.delete(channel);
      default:
        return this.#session(channel).handle(performative, payload);
    }
  }

  // ---- connection

  #onReady(principal: Principal): void {
    this.#phase = 'authenticated';
    this.#principal = principal;
    this.client.user = principal.user;
  }

  #onRefused(reason: string, isTold: boolean, cause: unknown): void {
    this.context.log.info({ address: this.#peer.address, err: cause }, `refused an AMQP peer: ${reason}`);
    this.#finish(isTold);
  }

  #onOpen(channel: number, open: Composite<'open'>): void {
    if (this.#phase === 'open') throw new WireError('connection', 'amqp:illegal-state', 'open after open');
    // Only there may it be sent (2.4.1).
    if (channel !== 0) throw new WireError('connection', 'amqp:connection:framing-error', `open on channel ${channel}`);
    const terms = termsOf(open);
    if (!this.#containers.enter(this, open.containerId, isSole(open))) return this.#refuseContainer(open.containerId);
    this.#phase = 'open';
    this.#deadline?.cancel();
    this.#containerId = open.containerId;
    this.client.clientId = open.containerId;
    this.#connected = this.context.clients.add(this.client);
    this.maxFrameSize = terms.maxFrameSize;
    this.#input.maxFrameSize = maxFrameSize;
    this.#sendOpen(openFor(open, this.context.version));
    this.#idle.start(idleTimeoutMs, terms.idleMs);
    this.context.log.debug({ address: this.#peer.address, container: open.containerId }, 'opened an AMQP connection');
  }

  #sendOpen(open: Draft<'open'>): void {
    this.#openSent = true;
    this.output.frames.frame(0, 'open', open);
    this.output.schedule();
  }

  /** Its name is taken (AMQP Enforcing Connection Uniqueness). */
  #refuseContainer(containerId: string): void {
    const message = `container "${containerId}" is connected already`;
    this.close(new WireError('connection', 'amqp:invalid-field', message, { field: 'container-id' }));
  }

  #onBegin(channel: number, begin: Composite<'begin'>): void {
    requireChannel(channel, begin);
    if (this.#sessions.has(channel)) {
      throw new WireError('connection', 'amqp:illegal-state', `channel ${channel} has a session`);
    }
    this.#sessions.set(channel, new Session(this, channel, begin));
  }

  #session(channel: number): Session {
    const session = this.#sessions.get(channel);
    if (session === undefined) {
      throw new WireError('connection', 'amqp:illegal-state', `channel ${channel} has no session`);
    }
    return session;
  }

  #beat(): void {
    if (this.output.takeWrote()) return;
    this.output.frames.heartbeat();
    this.output.flush();
    this.output.takeWrote(); // Of its own doing this is no sign of life for the next time.
  }

  #onExpired(): void {
    if (this.#paused) return;
    const message = 'nothing was received within the idle time-out';
    this.close(new WireError('connection', 'amqp:resource-limit-exceeded', message));
  }

  /** The peer has read on. */
  #onRoom(): void {
    for (const session of this.#sessions.values()) session.resume();
    this.#readOn();
  }

  #beforeFlush(): void {
    for (const session of this.#sessions.values()) session.flush();
    this.batch.commit();
  }

  // ---- ending

  /** Ends the connection for a fault of the peer, or one of ours, which must not become the process's. */
  fail(thrown: unknown): void {
    if (!(thrown instanceof BrokerError) || this.#phase === 'handshake') this.report(thrown);
    try {
      if (this.#phase === 'handshake') this.#finish(false);
      else this.close(asBrokerError(thrown));
    } catch (error) {
      this.report(error);
      this.#destroy('it failed');
    }
  }

  #endSessions(): void {
    this.batch.commit();
    const sessions = Array.from(this.#sessions.values());
    for (const session of sessions) session.suspend();
    for (const session of sessions) session.end(false);
    this.#sessions.clear();
    this.context.broker.temporary.leave(this);
    this.#containers.leave(this);
  }

  /**
   * Sends what there is, and gives the peer a moment to do the same. `awaitsPeer`: it was told why, and is to be the first to
   * end its side: clients that see the end before they have read the reason would not tell it.
   */
  #finish(awaitsPeer: boolean): void {
    this.#phase = 'closing';
    this.#input.stop();
    this.#idle.stop();
    this.#deadline?.cancel();
    this.#deadline = this.context.clock.after(closeTimeoutMs, () => this.#destroy('the peer did not close'));
    this.output.flush();
    if (!awaitsPeer || this.#socket.readableEnded) this.#socket.end();
    this.#socket.resume();
  }

  #destroy(reason: string): void {
    if (this.#phase === 'closed') return;
    this.context.log.debug(
      { address: this.#peer.address, container: this.#containerId },
      `AMQP connection is over: ${reason}`,
    );
    this.#phase = 'closed';
    this.#input.stop();
    this.#idle.stop();
    this.#deadline?.cancel();
    this.#endSessions();
    if (this.#connected !== undefined) this.context.clients.remove(this.#connected);
    this.#socket.destroy();
    this.#onClosed();
  }
}
