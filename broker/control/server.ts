// The console's port: the page, POST /api/<method>, the WebSocket /api/live and GET /health (api.ts). It knows
// nothing of the engine but what it is given; what methods do is in methods.ts. A standby does not open this port.

import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../core/errors.ts';
import { BrokerError } from '../core/errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import type { ApiError, Health, MethodName, Methods } from './api.ts';
import { bearerToken, isOwnHost, isOwnOrigin, subprotocolToken, TokenCheck } from './guard.ts';
import type { LiveFeed } from './live.ts';
import { LiveSockets } from './live-sockets.ts';
import type { Page } from './page.ts';
import { isMethod, parseRequest } from './requests.ts';
import { securityHeaders } from './security-headers.ts';

export type Handlers = {
  readonly [M in MethodName]: (request: Methods[M]['request']) => Promise<Methods[M]['response']>;
};

export interface ControlServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly token: string;
  /** Names, beside `localhost` and addresses, by which browsers may reach the console. */
  readonly hostNames?: readonly string[];
  readonly page: Page;
  readonly handlers: Handlers;
  readonly live: LiveFeed;
  readonly health: () => Health;
  readonly clock: Clock;
  readonly log: Log;
}

const limits = {
  /** The largest body of `send`, as JSON with every character escaped, does not fit; real ones do. */
  requestBytes: 8 * 1024 * 1024,
  headerBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 5_000,
  connections: 256,
} as const;

/** What an error is in HTTP. */
const statusOf: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  'not-found': 404,
  exists: 409,
  'not-allowed': 409,
  unauthorized: 401,
  'too-large': 413,
  limit: 429,
  'store-full': 507,
  'store-failed': 500,
  fenced: 503,
  closed: 503,
  unsupported: 501,
};

export class ControlServer {
  readonly #options: ControlServerOptions;
  readonly #token: TokenCheck;
  readonly #hostNames: ReadonlySet<string>;
  readonly #sockets: LiveSockets;
  readonly #server: Server;

  constructor(options: ControlServerOptions) {
    this.#options = options;
    this.#token = new TokenCheck(options.token);
    this.#hostNames = new Set([options.host, ...(options.hostNames ?? [])].map((name) => name.toLowerCase()));
    this.#sockets = new LiveSockets(options.live, options.clock);
    this.#server = createServer({
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
    });
    this.#server.maxConnections = limits.connections;
    this.#server.on('request', (request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** @throws what listening throws: EADDRINUSE, EACCES. */
  async start(): Promise<{ readonly host: string; readonly port: number }> {
    const { host, port } = this.#options;
    const listening = once(this.#server, 'listening');
    this.#server.listen({ host, port });
    await listening;
    this.#sockets.start();
    return { host, port: portOf(this.#server.address()) };
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    await this.#sockets.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    try {
      await this.#route(request, response);
    } catch (error) {
      this.#refuse(response, error);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#checkAddressing(request);
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (path.startsWith('/api/')) {
      if (request.method !== 'POST') return notAllowed(response, 'POST');
      return this.#call(request, response, path.slice('/api/'.length));
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed(response, 'GET, HEAD');
    if (path === '/health') return sendJson(response, 200, this.#options.health());
    this.#options.page.serve(request, response, path);
  }

  async #call(request: IncomingMessage, response: ServerResponse, method: string): Promise<void> {
    if (!this.#token.accepts(bearerToken(request))) throw new BrokerError('unauthorized', 'wrong or missing token');
    if (!isMethod(method)) throw new BrokerError('not-found', `no method ${JSON.stringify(method)}`);
    const parsed = parseRequest(method, await readJson(request));
    sendJson(response, 200, await this.#invoke(method, parsed));
  }

  #invoke<M extends MethodName>(method: M, request: Methods[M]['request']): Promise<Methods[M]['response']> {
    return this.#options.handlers[method](request);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    try {
      if (request.url !== '/api/live') throw new BrokerError('not-found', 'the live feed is at /api/live');
      this.#checkAddressing(request);
      if (!this.#token.accepts(subprotocolToken(request))) {
        throw new BrokerError('unauthorized', 'wrong or missing token');
      }
      this.#sockets.accept(request, socket, head);
    } catch (error) {
      const { code, message } = this.#describe(error);
      const body = JSON.stringify({ error: { code, message } } satisfies ApiError);
      const preamble = `HTTP/1.1 ${statusOf[code]} Refused\r\nconnection: close\r\ncontent-type: application/json\r\n`;
      socket.end(`${preamble}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    }
  }

  #checkAddressing(request: IncomingMessage): void {
    if (!isOwnHost(request, this.#hostNames)) {
      throw new BrokerError('invalid', 'this console is not reached by that name; use its address or localhost');
    }
    if (!isOwnOrigin(request)) throw new BrokerError('unauthorized', 'a page of another origin may not ask');
  }

  #refuse(response: ServerResponse, error: unknown): void {
    const { code, message } = this.#describe(error);
    if (response.headersSent) return void response.destroy();
    if (code === 'unauthorized') response.setHeader('www-authenticate', 'Bearer realm="causeway"');
    if (code === 'too-large') response.setHeader('connection', 'close');
    sendJson(response, statusOf[code], { error: { code, message } } satisfies ApiError);
  }

  /** A BrokerError as it is; anything else is a bug: logged in full, and told in one closed-mouthed word. */
  #describe(error: unknown): { readonly code: ErrorCode; readonly message: string } {
    if (error instanceof BrokerError) return error;
    this.#options.log.error({ err: error }, 'control request failed');
    return { code: 'store-failed', message: 'internal error; the log has more' };
  }
}

/** @throws BrokerError `too-large` or `invalid`. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new BrokerError('invalid', 'the content type is not application/json');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part: unknown = chunk;
    if (!Buffer.isBuffer(part)) continue;
    bytes += part.length;
    if (bytes > limits.requestBytes) {
      throw new BrokerError('too-large', `the request is larger than ${limits.requestBytes} bytes`);
    }
    chunks.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new BrokerError('invalid', 'the request is not JSON', { cause: error });
  }
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function notAllowed(response: ServerResponse, allowed: string): void {
  response.writeHead(405, { allow: allowed }).end();
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
