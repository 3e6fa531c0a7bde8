// The cloud endpoint's listener: HTTP/1.1 and HTTP/2, in TLS or not, told apart by their first bytes on one port.

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { Http2Server, Http2ServerRequest, Http2ServerResponse, Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clients } from '../core/clients.ts';
import { BrokerError } from '../core/errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import type { Guard } from './auth/guard.ts';
import type { Connection } from './exchange.ts';
import { defaultLimits } from './limits.ts';
import type { CloudLimits } from './limits.ts';
import { Pace } from './pace.ts';
import { Origins } from './origins.ts';
import { sniff } from './preface.ts';
import { Requests } from './requests.ts';
import type { Access } from './requests.ts';
import { Router } from './route.ts';
import type { Service } from './service.ts';
import type { StreamingService } from './streaming.ts';
import { Tls } from './tls.ts';
import type { ServerCertificates } from './tls.ts';

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
const http2Streams = 1000;
/** What one request may send ahead, and all of a connection together. */
const http2WindowBytes = 1024 * 1024;
const http2SessionWindowBytes = 8 * 1024 * 1024;
const http2SessionMebibytes = 64;
export class CloudServer {
  readonly #options: CloudServerOptions;
  readonly #limits: CloudLimits;
  readonly #requests: Requests;
  readonly #server: Server;
  readonly #http2: Http2Server;
  readonly #tls: Tls | undefined;
  readonly #serveHttp1: (socket: Socket) => void;
  /** A connection in TLS is here by both of its sockets. */
  readonly #connections = new Map<Socket, Connection>();
  readonly #sessions = new Map<Http2Session, Connection>();
  /** Connections that have not said yet which protocol they speak. */
  readonly #silent = new Set<Socket>();
  #closing: Promise<void> | undefined;

  constructor(options: CloudServerOptions) {
    const { account, region = 'us-east-1', anonymous = true, guard, certificates, services, clock, log } = options;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    const endpoint = {
      router: new Router(services),
      defaults: { account, region },
      anonymous,
      guard,
      pace: new Pace(clock, this.#limits.answeredBytes),
      log,
    };
    const origins = new Origins(options.origins ?? []);
    const { objects, onAccess } = options;
    this.#requests = new Requests({ endpoint, origins, objects, limits: this.#limits, clock, log, onAccess });
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
      (request, response) => this.#receive(request, response, this.#connections.get(request.socket)),
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
    this.#requests.close();
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

  #receive(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    connection: Connection | undefined,
  ): void {
    // Undefined: the socket closed between its request and now.
    if (connection !== undefined) this.#requests.receive(request, response, connection);
  }
}
