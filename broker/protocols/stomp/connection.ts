// One connection: takes frames off the socket as fast as what they ask for becomes durable, and ends in order (STOMP
// 1.2, "Connecting", "DISCONNECT", "ERROR", "Connection Lingering"). What the frames mean is in handlers.ts.

import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { ConnectedClient } from '../../core/clients.ts';
import type { Peer, Principal } from '../../core/access.ts';
import type { DialectContext } from '../../core/dialect.ts';
import { asBrokerError, BrokerError } from '../../core/errors.ts';
import type { Log } from '../../util/log.ts';
import type { Timer } from '../../util/clock.ts';
import { Commits } from './commits.ts';
import { errorFrame } from './error-frame.ts';
import type { About } from './error-frame.ts';
import { authenticate, connectedHeaders, readConnect, supportedVersions } from './handle-connect.ts';
import type { Offer } from './handle-connect.ts';
import { handle } from './handlers.ts';
import { HeartBeat } from './heart-beat.ts';
import { Output } from './output.ts';
import { Session } from './session.ts';
import { encodeHead, escapeValue } from './wire/encoder.ts';
import { defaultFrameLimits } from './wire/frame.ts';
import type { Frame } from './wire/frame.ts';
import { Parser } from './wire/parser.ts';
import type { Version } from './wire/version.ts';

type State =
  | 'connecting' // before CONNECT
  | 'authenticating' // between CONNECT and CONNECTED
  | 'open'
  | 'ending' // takes no more frames; what was asked for before is still answered
  | 'closed';

/** How long the end of a connection waits for commits that are under way, to answer for them. */
const lastCommitsMs = 30_000;
/** From our last word until the socket is destroyed, if the client does not close it before. */
const lingerMs = 2000;

/** ERROR before a version is agreed on. A client of 1.0 reads it too, with `\c` for a colon. */
const versionBeforeConnect: Version = '1.2';

export class Connection {
  readonly #context: DialectContext;
  readonly #socket: Duplex;
  readonly #peer: Peer;
  readonly #log: Log;
  readonly #onClosed: () => void;
  readonly #parser: Parser;
  readonly #output: Output;
  readonly #commits: Commits;
  readonly #heartBeat: HeartBeat;
  readonly #client: ConnectedClient;
  #session: Session | undefined;
  #version: Version = versionBeforeConnect;
  #state: State = 'connecting';
  /** The client has closed its side; no more bytes will come. */
  #inputEnded = false;
  #received = false;
  #waiting = false;
  #hasEnded = false;
  #connectTimer: Timer | undefined;
  #lingerTimer: Timer | undefined;

  constructor(context: DialectContext, socket: Duplex, peer: Peer, onClosed: () => void) {
    const { clients, clock, limits, log } = context;
    this.#context = context;
    this.#socket = socket;
    this.#peer = peer;
    this.#log = log.child({ peer: peer.address });
    this.#onClosed = onClosed;
    this.#parser = new Parser({ ...defaultFrameLimits, bodyBytes: limits.maxMessageBytes });
    this.#output = new Output(socket, clock, limits.maxUnsentBytes, {
      onSent: (entries) => this.#session?.settleSent(entries),
      onCongested: () => this.#session?.refreshAll(),
      onDrained: () => {
        this.#session?.refreshAll();
        this.#proceed();
      },
    });
    this.#commits = new Commits(context.broker, {
      onReceipt: (id) => this.#output.write(`RECEIPT\nreceipt-id:${escapeValue(id, this.#version)}\n\n`),
      onFailed: (error, receipt) => this.#commitFailed(error, receipt),
      onProgress: () => this.#proceed(),
    });
    this.#heartBeat = new HeartBeat(clock, {
      // Behind what the socket has not taken, a line feed would be no sooner.
      lastSentAt: () => (this.#output.congested ? clock.monotonic() : this.#output.lastSentAt),
      takeReceived: () => {
        const received = this.#received || this.#waiting;
        this.#received = false;
        return received;
      },
      send: () => this.#output.writeLineFeed(),
      // "MAY consider the connection as dead": nobody is there to be told, and ActiveMQ tells nobody.
      onSilence: () => {
        this.#log.info({}, 'no heart-beat was received in time');
        this.#socket.destroy();
      },
    });
    this.#client = clients.add({
      protocol: 'stomp',
      address: peer.address,
      messagesIn: 0,
      messagesOut: 0,
      disconnect: (reason) => this.fail(new BrokerError('closed', reason)),
    });
  }

  start(): void {
    const { clock, limits } = this.#context;
    this.#connectTimer = clock.after(limits.connectTimeoutMs, () => {
      this.fail(new BrokerError('not-allowed', `not connected within ${limits.connectTimeoutMs} ms`));
    });
    // `nc` and scripts close their side when they have sent everything, and still wait for the answers.
    this.#socket.allowHalfOpen = true;
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('end', () => {
      this.#inputEnded = true;
      if (!this.#waiting) this.#inputOver();
    });
    this.#socket.on('error', (error) => this.#log.debug({ err: error }, 'socket failed'));
    this.#socket.on('close', () => this.#closed());
    this.#socket.resume();
  }

  /** Answers with ERROR, then ends: "It MUST then close the connection just after sending the ERROR frame." */
  fail(error: BrokerError, about: About = {}): void {
    if (this.#state === 'ending' || this.#state === 'closed') return;
    this.#log.info({ code: error.code, command: about.frame?.command }, `refused: ${error.message}`);
    this.#finish(() => this.#writeError(error, about));
  }

  // ---- reading

  #take(chunk: Buffer): void {
    this.#received = true;
    // "Clients MUST NOT send any more frames after the DISCONNECT frame"; what follows a fault has no meaning.
    if (this.#state === 'ending') return;
    this.#parser.push(chunk);
    if (!this.#waiting) this.#process();
  }

  /** Handles what was read, as far as that is allowed now, and commits it as one. */
  #process(): void {
    let isThrough = false;
    while (!isThrough && !this.#mustWait) {
      isThrough = this.#handleFrames();
      this.#commits.commit();
      this.#session?.refresh();
    }
    if (!this.#mustWait || this.#waiting || this.#state === 'ending') return;
    this.#waiting = true;
    this.#socket.pause();
  }

  /** @returns whether there is no further frame, until more bytes come. */
  #handleFrames(): boolean {
    try {
      while (!this.#mustWait) {
        const frame = this.#parser.next();
        if (frame === undefined) return true;
        this.#handle(frame);
      }
    } catch (error) {
      this.#refuse(error, { receipt: this.#parser.unfinishedReceipt });
    }
    return false;
  }

  /** Something that was waited for has come. */
  #proceed(): void {
    if (!this.#waiting || this.#mustWait) return;
    this.#waiting = false;
    this.#process();
    if (this.#waiting) return;
    this.#socket.resume();
    if (this.#inputEnded) this.#inputOver();
  }

  /** Back-pressure: the client is held back by its socket not being read. */
  get #mustWait(): boolean {
    if (this.#state !== 'open') return this.#state !== 'connecting';
    const { maxUncommitted, maxUncommittedBytes, maxUnsentBytes } = this.#context.limits;
    return (
      this.#commits.held ||
      this.#commits.operations >= maxUncommitted ||
      this.#commits.bytes >= maxUncommittedBytes ||
      this.#commits.answers >= maxUncommitted ||
      // Deliveries stop at the bound; only answers that the client does not read go so far beyond it.
      this.#output.unsentBytes > 2 * maxUnsentBytes
    );
  }

  #handle(frame: Frame): void {
    this.#log.trace({ command: frame.command, bytes: frame.body.length }, 'frame');
    try {
      if (this.#session === undefined) {
        this.#connect(frame);
        return;
      }
      const { operations } = this.#commits;
      const afterwards = handle(this.#session, frame);
      const receipt = frame.headers.get('receipt');
      if (receipt !== undefined) this.#commits.receipt(receipt);
      else if (this.#commits.operations !== operations) this.#commits.unasked();
      if (afterwards !== undefined) this.#commits.whenDurable(afterwards);
      // Its RECEIPT, if it asks for one, is the last that is sent.
      if (frame.command === 'DISCONNECT') this.#finish(() => {});
    } catch (error) {
      this.#refuse(error, { frame });
    }
  }

  // ---- connecting

  #connect(frame: Frame): void {
    const offer = readConnect(frame);
    if (offer === undefined) {
      // "the server MUST respond with an ERROR frame similar to the following": with the header `version`.
      const error = new BrokerError('unsupported', `supported protocol versions are ${supportedVersions}`);
      this.fail(error, { frame, headers: [['version', supportedVersions]] });
      return;
    }
    this.#state = 'authenticating';
    this.#version = offer.version;
    authenticate(this.#context.access, this.#peer, offer).then(
      (principal) => this.#connected(frame, offer, principal),
      (error: unknown) => this.#refuse(error, { frame }),
    );
  }

  #connected(frame: Frame, offer: Offer, principal: Principal): void {
    if (this.#state !== 'authenticating') return;
    this.#connectTimer?.cancel();
    const { broker, clock, limits, populateUserId } = this.#context;
    // JMS clients expect it to begin so, of sessions and of messages.
    const id = `ID:${randomUUID()}`;
    this.#client.user = principal.user;
    this.#client.clientId = offer.clientId;
    this.#session = new Session({
      id,
      version: offer.version,
      principal,
      client: this.#client,
      broker,
      clock,
      limits,
      user: populateUserId === true ? principal.user : undefined,
      output: this.#output,
      commits: this.#commits,
      fail: (error) => this.fail(error),
    });
    this.#parser.accept(offer.version);
    this.#output.write(encodeHead('CONNECTED', connectedHeaders(frame, offer, id), offer.version));
    this.#heartBeat.start(offer.heartBeats);
    this.#state = 'open';
    this.#proceed();
  }

  // ---- ending

  #refuse(error: unknown, about: About): void {
    this.fail(this.#known(error), about);
  }

  /** What came before is not answered for either: the client cannot take it as done. */
  #commitFailed(error: unknown, receipt: string | undefined): void {
    const known = this.#known(error);
    this.fail(known, { receipt });
    this.#end(() => this.#writeError(known, { receipt }));
  }

  /** A thrown value that is not a BrokerError is a bug: the connection fails, the process goes on. */
  #known(error: unknown): BrokerError {
    if (!(error instanceof BrokerError)) this.#log.error({ err: error }, 'handle a frame');
    return asBrokerError(error);
  }

  /** The client closed its side: what it asked for before is still done and answered. */
  #inputOver(): void {
    if (this.#state === 'closed' || this.#state === 'ending') return;
    this.#finish(() => {});
  }

  /** Takes no more frames; when what came before is durable and answered, says the last word and ends. */
  #finish(lastWord: () => void): void {
    this.#state = 'ending';
    this.#connectTimer?.cancel();
    this.#heartBeat.close();
    this.#session?.close();
    // Read on: unread bytes would make the system reset the connection, and the client lose our last frame.
    this.#waiting = false;
    this.#socket.resume();
    this.#lingerTimer = this.#context.clock.after(lastCommitsMs, () => this.#socket.destroy());
    this.#commits.whenDurable(() => this.#end(lastWord));
    this.#commits.commit();
  }

  #end(lastWord: () => void): void {
    if (this.#hasEnded || this.#state === 'closed') return;
    this.#hasEnded = true;
    lastWord();
    this.#output.flush();
    this.#socket.end();
    this.#lingerTimer?.cancel();
    this.#lingerTimer = this.#context.clock.after(lingerMs, () => this.#socket.destroy());
  }

  #writeError(error: BrokerError, about: About): void {
    const { head, body } = errorFrame(error, about, this.#version);
    this.#output.write(head, body);
  }

  #closed(): void {
    this.#state = 'closed';
    this.#connectTimer?.cancel();
    this.#lingerTimer?.cancel();
    this.#heartBeat.close();
    this.#session?.close();
    this.#context.clients.remove(this.#client);
    this.#onClosed();
  }
}
