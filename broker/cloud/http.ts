// The cloud endpoint's HTTP/1.1 listener: sockets, bounded bodies, time-outs, and answers onto the wire. What is said
// on it is the pipeline's matter.

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clients } from '../core/clients.ts';
import { BrokerError } from '../core/errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import { Exchange } from './exchange.ts';
import type { Connection } from './exchange.ts';
import { bareAnswer, respond } from './pipeline.ts';
import type { Endpoint, Outcome } from './pipeline.ts';
import { Router } from './route.ts';
import type { Service } from './service.ts';
import type { Answer } from './wire/wire.ts';

export interface CloudLimits {
  readonly connections: number;
  readonly headerBytes: number;
  /** Of one request. A message of 1 MiB grows threefold when it is percent-encoded. */
  readonly bodyBytes: number;
  /** Of all requests that are being read or answered. */
  readonly bufferedBytes: number;
  readonly headersMs: number;
  /** From the first byte of a request to the last of its body. */
  readonly requestMs: number;
  /** Between two requests of a connection. */
  readonly idleMs: number;
  /** Without a byte in either direction, answer outstanding or not. Longer than the longest poll. */
  readonly stalledMs: number;
}

export const defaultLimits: CloudLimits = {
  connections: 10_000,
  headerBytes: 16 * 1024,
  bodyBytes: 8 * 1024 * 1024,
  bufferedBytes: 128 * 1024 * 1024,
  headersMs: 10_000,
  requestMs: 60_000,
  idleMs: 65_000,
  stalledMs: 120_000,
};

/** One request, once it is answered. */
export interface Access {
  readonly at: number;
  readonly durationMs: number;
  readonly address: string;
  readonly requestId: string;
  readonly method: string;
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly outcome: Outcome | undefined;
}

export interface CloudServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Account of callers whose access key names none. */
  readonly account: string;
  /** Region of callers who name none. Default us-east-1. */
  readonly region?: string;
  /** Callers are let in though no signature is verified. Default true; false refuses everybody. */
  readonly anonymous?: boolean;
  readonly services: readonly Service[];
  readonly clients: Clients;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<CloudLimits>;
  /** Called after each answer; must not throw. */
  readonly onAccess?: (access: Access) => void;
}

const closeGraceMs = 1000;

export class CloudServer {
  readonly #options: CloudServerOptions;
  readonly #limits: CloudLimits;
  readonly #endpoint: Endpoint;
  readonly #server: Server;
  readonly #connections = new Map<Socket, Connection>();
  #bufferedBytes = 0;
  #closing: Promise<void> | undefined;

  constructor(options: CloudServerOptions) {
    const { account, region = 'us-east-1', anonymous = true, services, log } = options;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#endpoint = { router: new Router(services), defaults: { account, region }, anonymous, log };
    this.#server = createServer(
      {
        maxHeaderSize: this.#limits.headerBytes,
        headersTimeout: this.#limits.headersMs,
        requestTimeout: this.#limits.requestMs,
        keepAliveTimeout: this.#limits.idleMs,
        connectionsCheckingInterval: Math.min(5000, this.#limits.headersMs),
        noDelay: true,
      },
      (request, response) => this.#receive(request, response),
    );
    this.#server.maxConnections = this.#limits.connections;
    this.#server.timeout = this.#limits.stalledMs;
    this.#server.on('connection', (socket: Socket) => this.#connected(socket));
  }

  /** @throws BrokerError `not-allowed` when the port cannot be had. */
  async start(): Promise<{ readonly host: string; readonly port: number }> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => {
        reject(new BrokerError('not-allowed', `listen on ${host}:${port}`, { cause }));
      });
      this.#server.listen(port, host, resolve);
    });
    this.#server.removeAllListeners('error');
    this.#server.on('error', (error) => this.#options.log.error({ err: error }, 'cloud listener'));
    const address = this.#server.address();
    return { host, port: typeof address === 'object' && address !== null ? address.port : port };
  }

  /** Waiting receives end at once, requests under way are answered, what takes longer than a second is cut off. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const { open } of this.#connections.values()) for (const exchange of open) exchange.abandon();
    const cutOff = this.#options.clock.after(closeGraceMs, () => this.#server.closeAllConnections());
    await closed;
    cutOff.cancel();
  }

  #connected(socket: Socket): void {
    const client = this.#options.clients.add({
      protocol: 'aws',
      address: `${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`,
      messagesIn: 0,
      messagesOut: 0,
      disconnect: () => socket.destroy(),
    });
    this.#connections.set(socket, { client, open: [] });
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#options.clients.remove(client);
    });
  }

  // ---- one request

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket);
    // The socket closed between its request and now.
    if (connection === undefined) return;
    const exchange = new Exchange(request, response, connection, this.#options.clock.monotonic());
    connection.open.push(exchange);
    response.once('close', () => this.#ended(exchange));
    request.on('error', () => exchange.abandon());
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > this.#limits.bodyBytes) this.#refuseBody(exchange, 413, 'RequestEntityTooLargeException');
    else if (announced === 0 && request.headers['transfer-encoding'] === undefined) this.#answer(exchange);
    else this.#readBody(exchange);
  }

  #readBody(exchange: Exchange): void {
    const { request } = exchange;
    request.on('data', (chunk: Buffer) => {
      if (exchange.refused) return;
      exchange.add(chunk);
      this.#bufferedBytes += chunk.length;
      if (exchange.bodyBytes > this.#limits.bodyBytes) {
        this.#refuseBody(exchange, 413, 'RequestEntityTooLargeException');
      } else if (this.#bufferedBytes > this.#limits.bufferedBytes) {
        this.#refuseBody(exchange, 503, 'ServiceUnavailableException');
      }
    });
    request.once('end', () => {
      if (!exchange.refused) this.#answer(exchange);
    });
  }

  /** The rest of the request is not read: the connection ends with the answer. */
  #refuseBody(exchange: Exchange, status: number, name: string): void {
    exchange.refused = true;
    this.#releaseBody(exchange);
    this.#send(exchange, bareAnswer(status, name));
  }

  #answer(exchange: Exchange): void {
    respond(exchange, this.#endpoint).then(
      (outcome) => {
        exchange.outcome = outcome;
        this.#send(exchange, outcome.answer);
      },
      (error: unknown) => {
        this.#options.log.error({ err: error, requestId: exchange.requestId }, 'answer a request');
        exchange.response.destroy();
      },
    );
  }

  #send(exchange: Exchange, { status, contentType, body, queryError }: Answer): void {
    const { response } = exchange;
    if (response.destroyed) return;
    const headers = ['x-amzn-RequestId', exchange.requestId, 'Content-Type', contentType];
    if (queryError !== undefined) headers.push('x-amzn-query-error', queryError);
    if (exchange.refused || this.#closing !== undefined) headers.push('Connection', 'close');
    exchange.responseBytes = Buffer.byteLength(body);
    headers.push('Content-Length', String(exchange.responseBytes));
    response.writeHead(status, headers);
    response.end(body);
  }

  /** The answer is out, or nobody is there any more to have it. */
  #ended(exchange: Exchange): void {
    this.#releaseBody(exchange);
    exchange.leave();
    this.#options.onAccess?.(this.#accessOf(exchange));
  }

  #releaseBody(exchange: Exchange): void {
    this.#bufferedBytes -= exchange.dropBody();
  }

  #accessOf(exchange: Exchange): Access {
    const { clock } = this.#options;
    return {
      at: clock.now(),
      durationMs: clock.monotonic() - exchange.startedAt,
      address: exchange.client.address,
      requestId: exchange.requestId,
      method: exchange.method,
      status: exchange.response.statusCode,
      requestBytes: exchange.bodyBytes,
      responseBytes: exchange.responseBytes,
      outcome: exchange.outcome,
    };
  }
}
