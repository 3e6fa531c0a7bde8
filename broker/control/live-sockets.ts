// WebSockets of the live feed: accepts them, and ends those whose peer has gone without a word. Pages only listen:
// one that sends anything is not a page.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { BrokerError } from '../core/errors.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { LiveFeed } from './live.ts';

const subprotocol = 'causeway.live';
const pingIntervalMs = 15_000;
const closeTimeoutMs = 500;
const socketsAtOnce = 64;

/** WebSocket close codes [RFC 6455, 7.4.1]. */
const goingAway = 1001;
const policyViolation = 1008;

export class LiveSockets {
  readonly #feed: LiveFeed;
  readonly #clock: Clock;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: 1024,
    // Compressing would cost a page on the same machine more than it saves, and memory for each of them.
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  });
  /** Each socket, and whether it has answered the last ping. */
  readonly #alive = new Map<WebSocket, boolean>();
  #timer: Timer | undefined;

  constructor(feed: LiveFeed, clock: Clock) {
    this.#feed = feed;
    this.#clock = clock;
  }

  start(): void {
    this.#timer = this.#clock.after(pingIntervalMs, () => {
      this.start();
      this.#ping();
    });
  }

  /** Tells every page, and lets go of those that have not answered after a moment. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#feed.close();
    const sockets = [...this.#alive.keys()];
    const gone = Promise.all(sockets.map((socket) => once(socket, 'close')));
    for (const socket of sockets) socket.close(goingAway, 'the engine stops');
    const deadline = this.#clock.after(closeTimeoutMs, () => {
      for (const socket of sockets) socket.terminate();
    });
    await gone;
    deadline.cancel();
  }

  /** @throws BrokerError `limit`: too many pages are open. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#alive.size >= socketsAtOnce) {
      throw new BrokerError('limit', `more than ${socketsAtOnce} consoles are open`);
    }
    this.#server.handleUpgrade(request, socket, head, (accepted) => this.#serve(accepted));
  }

  #serve(socket: WebSocket): void {
    const sink = {
      get bufferedBytes() {
        return socket.bufferedAmount;
      },
      send: (text: string) => socket.send(text),
    };
    this.#alive.set(socket, true);
    socket.on('pong', () => this.#alive.set(socket, true));
    socket.on('message', () => socket.close(policyViolation, 'the live feed takes no messages'));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#alive.delete(socket);
      this.#feed.detach(sink);
    });
    this.#feed.attach(sink);
  }

  #ping(): void {
    for (const [socket, answered] of this.#alive) {
      if (!answered) {
        socket.terminate();
        continue;
      }
      this.#alive.set(socket, false);
      socket.ping();
    }
  }
}
