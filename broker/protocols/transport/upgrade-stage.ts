// HTTP requests that become WebSockets (RFC 6455, section 4). Anything else that HTTP can ask is told what this port is for.

import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Dialect } from '../../core/dialect.ts';
import type { Clock, Timer } from '../../util/clock.ts';
import { InboundBudget } from './inbound-budget.ts';
import type { Link } from './link.ts';
import { isAllowedOrigin } from './origin.ts';
import { chooseSubprotocol } from './subprotocols.ts';
import { webSocketStream } from './websocket-stream.ts';

export interface UpgradeStageOptions {
  /** Origins of web pages that may connect, beside those of this machine and of the broker's own host. */
  readonly origins: readonly string[];
  readonly maxMessageBytes: number;
  readonly handshakeTimeoutMs: number;
  readonly clock: Clock;
  readonly onStream: (dialect: Dialect['name'], stream: Duplex, link: Link) => void;
  readonly onRefused: (link: Link, reason: string) => void;
}

interface Pending {
  readonly link: Link;
  readonly timer: Timer;
}

const maxHeaderBytes = 16 * 1024;
/** What the other side has to answer our close. */
const closeTimeoutMs = 2000;
/** A message of ours may stand among others in one of WebSocket's. */
const messageSlackBytes = 1024 * 1024;
const budgetBytes = 256 * 1024 * 1024;

export class UpgradeStage {
  readonly #options: UpgradeStageOptions;
  readonly #origins: ReadonlySet<string>;
  /** Never listens: it is handed sockets. */
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  readonly #budget: InboundBudget;
  readonly #pending = new WeakMap<Duplex, Pending>();

  constructor(options: UpgradeStageOptions) {
    this.#options = options;
    this.#origins = new Set(options.origins);
    const maxPayload = options.maxMessageBytes + messageSlackBytes;
    this.#budget = new InboundBudget(Math.max(budgetBytes, 2 * maxPayload));
    const settings = {
      noServer: true,
      clientTracking: false,
      maxPayload,
      // Compressed, a few bytes may become very many, and each connection holds windows.
      perMessageDeflate: false,
      closeTimeout: closeTimeoutMs,
      handleProtocols: (_: Set<string>, { headers }: IncomingMessage) =>
        chooseSubprotocol(headers['sec-websocket-protocol'])?.name ?? false,
    };
    this.#webSockets = new WebSocketServer(settings);
    this.#http = createServer({ maxHeaderSize: maxHeaderBytes });
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#http.on('request', (request, response) => {
      this.#take(request.socket);
      response.writeHead(426, { connection: 'close, upgrade', upgrade: 'websocket', 'content-type': 'text/plain' });
      response.end('This port speaks WebSocket, with the subprotocols mqtt, amqp and v12.stomp.\n');
    });
  }

  accept(socket: Socket, link: Link): void {
    const { clock, handshakeTimeoutMs } = this.#options;
    const timer = clock.after(handshakeTimeoutMs, () => {
      this.#options.onRefused(link, 'no WebSocket handshake in time');
      socket.destroy();
    });
    this.#pending.set(socket, { link, timer });
    socket.once('close', () => timer.cancel());
    this.#http.emit('connection', socket);
    socket.resume();
  }

  #take(socket: Duplex): Link | undefined {
    const pending = this.#pending.get(socket);
    pending?.timer.cancel();
    this.#pending.delete(socket);
    return pending?.link;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const link = this.#take(socket);
    if (link === undefined) return void socket.destroy();
    const { 'sec-websocket-protocol': offered, origin } = request.headers;
    if (!isAllowedOrigin(request.headers, this.#origins, request.socket.localAddress)) {
      const reason = `pages of ${origin ?? 'no origin'} may not connect`;
      return this.#refuse(socket, link, '403 Forbidden', reason);
    }
    const chosen = chooseSubprotocol(offered);
    if (chosen === undefined) {
      return this.#refuse(socket, link, '400 Bad Request', `no subprotocol of "${offered ?? ''}" is spoken here`);
    }
    const { dialect, messages } = chosen.subprotocol;
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#budget.watch(socket, webSocket);
      this.#options.onStream(dialect, webSocketStream(webSocket, messages), link);
    });
  }

  #refuse(socket: Duplex, link: Link, status: string, reason: string): void {
    this.#options.onRefused(link, `WebSocket: ${reason}`);
    const body = `${reason}\n`;
    const head = [`HTTP/1.1 ${status}`, 'connection: close', 'content-type: text/plain'];
    socket.end(`${head.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    // A client that does not close is closed.
    const timer = this.#options.clock.after(closeTimeoutMs, () => socket.destroy());
    socket.once('close', () => timer.cancel());
  }
}
