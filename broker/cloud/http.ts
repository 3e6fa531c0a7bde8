// The cloud endpoint's listener, HTTP/1.1 and HTTP/2, in TLS or not, on one port: sockets, bounded bodies, time-outs, and
// answers onto the wire. What is said on it is the pipeline's matter.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { Http2Server, Http2ServerRequest, Http2ServerResponse, Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clients } from '../core/clients.ts';
import { BrokerError } from '../core/errors.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import type { Guard } from './auth/guard.ts';
import { Exchange } from './exchange.ts';
import type { Connection } from './exchange.ts';
import { Pace } from './pace.ts';
import { Origins } from './origins.ts';
import { bareAnswer, respond } from './pipeline.ts';
import type { Endpoint, Outcome } from './pipeline.ts';
import { sniff } from './preface.ts';
import { Router } from './route.ts';
import type { Service } from './service.ts';
import { serveStreamed } from './streamed-answer.ts';
import type { StreamingService } from './streaming.ts';
import { Tls } from './tls.ts';
import type { ServerCertificates } from './tls.ts';
import type { Answer } from './wire/wire.ts';

export interface CloudLimits {
  readonly connections: number;
  readonly headerBytes: number;
  /** Of one request. A message of 1 MiB grows threefold when it is percent-encoded, 10 MiB of records by a third. */
  readonly bodyBytes: number;
  /** Of all requests that are being read or answered; small ones have an eighth more, so that large ones do not keep them out. */
  readonly bufferedBytes: number;
  /** Of all answers that nobody has taken yet. What would be more is refused instead, for who asks may be slow on purpose. */
  readonly answeredBytes: number;
  /** For the first bytes of a connection, for TLS, and for the headers of a request; each. */
  readonly headersMs: number;
  /** From the first byte of a body to its last. */
  readonly requestMs: number;
  /** Between two requests of a connection. */
  readonly idleMs: number;
  /** Without a byte in either direction, answer outstanding or not. Longer than the longest poll. */
  readonly stalledMs: number;
}

export const defaultLimits: CloudLimits = {
  connections: 10_000,
  headerBytes: 16 * 1024,
  bodyBytes: 16 * 1024 * 1024,
  bufferedBytes: 128 * 1024 * 1024,
  answeredBytes: 128 * 1024 * 1024,
  headersMs: 10_000,
  requestMs: 60_000,
  idleMs: 65_000,
  stalledMs: 120_000,
};

const smallBodyBytes = 16 * 1024;

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
  /** Callers are let in though no signature is verified. Default true; false refuses everybody whom the guard does not know. */
  readonly anonymous?: boolean;
  /** Absent: callers are whom they say, and may do everything. */
  readonly guard?: Guard | undefined;
  /** Absent: there is no TLS. */
  readonly certificates?: ServerCertificates | undefined;
  /** Of pages that may call, beside those of this machine. */
  readonly origins?: readonly string[];
  readonly services: readonly Service[];
  /** What takes bodies of any length. */
  readonly objects?: StreamingService | undefined;
  readonly clients: Clients;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<CloudLimits>;
  /** Called after each answer; must not throw. */
  readonly onAccess?: (access: Access) => void;
}

const closeGraceMs = 1000;
const preflightAnswer: Answer = { status: 200, contentType: '', body: '' };
/** Answers shorter than this are not counted, nor refused: most say that something was done. */
const shortAnswerBytes = 64 * 1024;
/** Of the second request id. */
const extendedIdBytes = 72;
const http2Streams = 1000;
/** What one request may send ahead, and all of a connection together. */
const http2WindowBytes = 1024 * 1024;
const http2SessionWindowBytes = 8 * 1024 * 1024;
const http2SessionMebibytes = 64;
/**
 * Between the events of a stream on HTTP/1.1. There are clients that take what they read at once for one event, as is mostly
 * true of what comes from a region away.
 */
const eventSpacingMs = 20;

export class CloudServer {
  readonly #options: CloudServerOptions;
  readonly #limits: CloudLimits;
  readonly #endpoint: Endpoint;
  readonly #origins: Origins;
  readonly #server: Server;
  readonly #http2: Http2Server;
  readonly #tls: Tls | undefined;
  readonly #serveHttp1: (socket: Socket) => void;
  /** A connection in TLS is here by both of its sockets. */
  readonly #connections = new Map<Socket, Connection>();
  readonly #sessions = new Map<Http2Session, Connection>();
  /** Connections that have not said yet which protocol they speak. */
  readonly #silent = new Set<Socket>();
  #bufferedBytes = 0;
  #closing: Promise<void> | undefined;

  constructor(options: CloudServerOptions) {
    const { account, region = 'us-east-1', anonymous = true, guard, certificates, services, log } = options;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#endpoint = {
      router: new Router(services),
      defaults: { account, region },
      anonymous,
      guard,
      pace: new Pace(options.clock, this.#limits.answeredBytes),
      log,
    };
    this.#origins = new Origins(options.origins ?? []);
    this.#server = createServer(
      {
        maxHeaderSize: this.#limits.headerBytes,
        headersTimeout: this.#limits.headersMs,
        // Objects take as long as they take; of other bodies the time is seen to here.
        requestTimeout: 0,
        keepAliveTimeout: this.#limits.idleMs,
        connectionsCheckingInterval: Math.min(5000, this.#limits.headersMs),
        noDelay: true,
      },
      (request, response) => this.#receive(request, response),
    );
    this.#server.maxConnections = this.#limits.connections;
    this.#server.timeout = this.#limits.stalledMs;
    this.#http2 = createHttp2Server(
      {
        maxSessionMemory: http2SessionMebibytes,
        settings: { initialWindowSize: http2WindowBytes, maxConcurrentStreams: http2Streams },
      },
      (request, response) => this.#receive(request, response, this.#sessions.get(request.stream.session!)),
    );
    this.#tls =
      certificates &&
      new Tls({
        certificates,
        handshakeMs: this.#limits.headersMs,
        onSecure: (socket, raw) => this.#secured(socket, raw),
      });
    const [serveHttp1] = this.#server.listeners('connection');
    this.#serveHttp1 = (socket) => void serveHttp1?.call(this.#server, socket);
    this.#server.removeAllListeners('connection');
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
    for (const session of this.#sessions.keys()) session.close();
    for (const socket of this.#silent) socket.destroy();
    for (const { open } of this.#connections.values()) for (const exchange of open) exchange.abandon();
    const cutOff = this.#options.clock.after(closeGraceMs, () => {
      for (const socket of this.#connections.keys()) socket.destroy();
    });
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
    const connection: Connection = { client, isSecure: false, open: [] };
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#silent.delete(socket);
      this.#options.clients.remove(client);
    });
    socket.on('error', () => socket.destroy());
    this.#silent.add(socket);
    const tooLate = this.#options.clock.after(this.#limits.headersMs, () => socket.destroy());
    socket.once('close', () => tooLate.cancel());
    sniff(socket, (spoken) => {
      tooLate.cancel();
      if (spoken === 'tls' && this.#tls !== undefined) {
        this.#tls.accept(socket);
        return;
      }
      this.#silent.delete(socket);
      if (spoken === 'http2') this.#serveHttp2(socket, connection);
      else this.#serveHttp1(socket);
    });
  }

  #secured(socket: TLSSocket, raw: Socket): void {
    const before = this.#connections.get(raw);
    // It closed, or the endpoint does, between the end of the handshake and now.
    if (before === undefined || this.#closing !== undefined) {
      socket.destroy();
      return;
    }
    this.#silent.delete(raw);
    const connection: Connection = { ...before, isSecure: true };
    this.#connections.set(raw, connection);
    this.#connections.set(socket, connection);
    socket.once('close', () => this.#connections.delete(socket));
    socket.on('error', () => socket.destroy());
    if (socket.alpnProtocol === 'h2') this.#serveHttp2(socket, connection);
    else this.#serveHttp1(socket);
  }

  #serveHttp2(socket: Socket, connection: Connection): void {
    // It is for HTTP/1.1, whose clients may end their side before they are answered; some of HTTP/2 wait for the end of ours.
    socket.allowHalfOpen = false;
    this.#http2.once('session', (session) => {
      this.#sessions.set(session, connection);
      session.once('close', () => this.#sessions.delete(session));
      session.on('error', () => session.destroy());
      session.setLocalWindowSize(http2SessionWindowBytes);
      session.setTimeout(this.#limits.stalledMs, () => session.destroy());
    });
    this.#http2.emit('connection', socket);
  }

  // ---- one request

  #receive(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    connection = this.#connections.get(request.socket),
  ): void {
    // The socket closed between its request and now.
    if (connection === undefined) return;
    const exchange = new Exchange(request, response, connection, this.#options.clock.monotonic());
    connection.open.push(exchange);
    response.once('close', () => this.#ended(exchange));
    request.on('error', () => exchange.abandon());
    const { origin } = request.headers;
    if (!this.#origins.admits(origin)) {
      this.#refuseBody(exchange, 403, 'AccessDeniedException');
      return;
    }
    if (origin !== undefined && exchange.method === 'OPTIONS') {
      this.#send(exchange, preflightAnswer);
      return;
    }
    const { objects } = this.#options;
    if (objects?.claims(exchange) === true) {
      serveStreamed(exchange, objects, this.#endpoint, this.#closing !== undefined);
      return;
    }
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > this.#limits.bodyBytes) this.#refuseBody(exchange, 413, 'RequestEntityTooLargeException');
    else if (!exchange.hasBody) this.#answer(exchange);
    else this.#readBody(exchange);
  }

  #readBody(exchange: Exchange): void {
    const { request } = exchange;
    const announced = Number(request.headers['content-length'] ?? Infinity);
    const arm = (): Timer =>
      this.#options.clock.after(this.#limits.requestMs, () =>
        this.#refuseBody(exchange, 408, 'RequestTimeoutException'),
      );
    // Of HTTP/1.1 most bodies come whole with their headers, and a connection on which nothing comes is seen to by the server.
    let tooLate = exchange.isHttp2 || announced === Infinity ? arm() : undefined;
    request.once('close', () => tooLate?.cancel());
    request.on('data', (chunk: Buffer) => {
      if (exchange.refused) return;
      exchange.add(chunk);
      this.#bufferedBytes += chunk.length;
      if (exchange.bodyBytes > this.#limits.bodyBytes) {
        this.#refuseBody(exchange, 413, 'RequestEntityTooLargeException');
      } else if (this.#bufferedBytes > this.#bufferedBytesFor(exchange)) {
        this.#refuseBody(exchange, 503, 'ServiceUnavailableException');
      } else if (exchange.bodyBytes < announced) tooLate ??= arm();
    });
    request.once('end', () => {
      tooLate?.cancel();
      if (!exchange.refused) this.#answer(exchange);
    });
  }

  #bufferedBytesFor({ bodyBytes }: Exchange): number {
    const { bufferedBytes } = this.#limits;
    return bodyBytes > smallBodyBytes ? bufferedBytes : bufferedBytes * 1.125;
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
        this.#send(exchange, outcome.answer, outcome.extendedId);
      },
      (error: unknown) => {
        this.#options.log.error({ err: error, requestId: exchange.requestId }, 'answer a request');
        exchange.cut();
      },
    );
  }

  #send(exchange: Exchange, { status, contentType, body, queryError, stream }: Answer, extendedId = false): void {
    if (exchange.isGone) return;
    const length = Buffer.byteLength(body);
    if (length > shortAnswerBytes && !this.#hold(exchange, length)) return;
    const headers = ['x-amzn-RequestId', exchange.requestId];
    if (contentType !== '') headers.push('Content-Type', contentType);
    if (queryError !== undefined) headers.push('x-amzn-query-error', queryError);
    if (extendedId) headers.push('x-amz-id-2', randomBytes(extendedIdBytes).toString('base64'));
    if (!exchange.isHttp2 && (exchange.refused || this.#closing !== undefined)) headers.push('Connection', 'close');
    if (stream !== undefined) {
      exchange.head(status, headers);
      this.#pump(exchange, stream);
      return;
    }
    exchange.responseBytes = length;
    headers.push('Content-Length', String(exchange.responseBytes));
    exchange.head(status, headers);
    exchange.end(body);
  }

  /** Notes what is there until the client has taken it. False: that would be too much, and it was told so. */
  #hold(exchange: Exchange, length: number): boolean {
    const { pace } = this.#endpoint;
    if (!pace.hold(length)) {
      this.#send(exchange, bareAnswer(503, 'ServiceUnavailableException'));
      return false;
    }
    const tooSlow = this.#options.clock.after(this.#limits.stalledMs, () => exchange.cut());
    exchange.response.once('close', () => {
      pace.release(length);
      tooSlow.cancel();
    });
    return true;
  }

  /** Writes as fast as the client reads; the stream ends by itself once nobody is there. */
  #pump(exchange: Exchange, stream: AsyncIterable<Buffer>): void {
    const { signal } = exchange;
    const { clock } = this.#options;
    const write = async (): Promise<void> => {
      let lastAt = -Infinity;
      for await (const chunk of stream) {
        const early = lastAt + eventSpacingMs - clock.monotonic();
        if (early > 0 && !exchange.isHttp2) await new Promise<void>((resolve) => void clock.after(early, resolve));
        if (exchange.isGone) return;
        if (!exchange.write(chunk)) await once(exchange.response, 'drain', { signal });
        lastAt = clock.monotonic();
      }
    };
    write().then(
      () => exchange.end(),
      (error: unknown) => {
        if (!signal.aborted) this.#options.log.error({ err: error, requestId: exchange.requestId }, 'stream an answer');
        exchange.cut();
      },
    );
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
