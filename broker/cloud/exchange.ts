// One request and its answer, as the listener holds them, whichever version of HTTP they are, and their connection.

import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { constants } from 'node:http2';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { ConnectedClient } from '../core/clients.ts';
import { corsHeaders } from './origins.ts';
import type { Outcome, Request } from './pipeline.ts';

const nothing = Buffer.alloc(0);
const internalError = constants.NGHTTP2_INTERNAL_ERROR;

/**
 * What lasts as long as a socket. Its requests are listed here, not in a set of all: a set that many short-lived things
 * go through holds them, by tables that it has outgrown, until the next full garbage collection.
 */
export interface Connection {
  readonly client: ConnectedClient;
  /** It speaks TLS. */
  readonly isSecure: boolean;
  /** Requests that are read or answered, in order; more than one if the client sends ahead. */
  readonly open: Exchange[];
}

export class Exchange implements Request {
  readonly request: IncomingMessage | Http2ServerRequest;
  readonly response: ServerResponse | Http2ServerResponse;
  readonly connection: Connection;
  readonly requestId: string = randomUUID();
  readonly startedAt: number;
  /** Refused before its body was read to the end. */
  refused = false;
  bodyBytes = 0;
  responseBytes = 0;
  outcome: Outcome | undefined;
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  #abandoned = false;
  #controller: AbortController | undefined;

  constructor(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    connection: Connection,
    startedAt: number,
  ) {
    this.request = request;
    this.response = response;
    this.connection = connection;
    this.startedAt = startedAt;
  }

  get client(): ConnectedClient {
    return this.connection.client;
  }

  get method(): string {
    return this.request.method ?? '';
  }

  get target(): string {
    return this.request.url ?? '/';
  }

  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }

  get rawHeaders(): readonly string[] {
    return this.request.rawHeaders;
  }

  get body(): Buffer {
    const [only, ...others] = this.#chunks;
    if (others.length > 0) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? only ?? nothing;
  }

  /** The body as it comes, for who does not want it whole; what is not read of it stays where it is. */
  get incoming(): AsyncIterable<Buffer> {
    return this.#read();
  }

  get isHttp2(): boolean {
    return this.request.httpVersionMajor === 2;
  }

  /** HTTP/2 need not announce a length: it says where the headers end whether anything follows. */
  get hasBody(): boolean {
    const { request } = this;
    if ('stream' in request) return !request.stream.endAfterHeaders;
    return Number(request.headers['content-length'] ?? 0) > 0 || request.headers['transfer-encoding'] !== undefined;
  }

  /** Nobody can be answered any more. */
  get isGone(): boolean {
    const { response } = this;
    return 'stream' in response ? response.stream.destroyed : response.destroyed;
  }

  get origin(): string {
    const { socket, headers } = this.request;
    const authority = headers.host ?? headers[':authority'];
    const scheme = this.connection.isSecure ? 'https' : 'http';
    if (typeof authority === 'string') return `${scheme}://${authority}`;
    return `${scheme}://${socket.localAddress ?? 'localhost'}:${socket.localPort ?? ''}`;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#abandoned) this.#controller.abort();
    return this.#controller.signal;
  }

  head(status: number, headers: readonly string[]): void {
    const { response } = this;
    const isPage = this.headers.origin !== undefined && !this.refused;
    const all = isPage ? [...headers, ...corsHeaders(this.method, this.headers)] : headers;
    for (let at = 0; at < all.length; at += 2) response.setHeader(all[at]!, all[at + 1]!);
    if ('stream' in response) response.writeHead(status);
    else response.writeHead(status);
  }

  /** False: the client reads more slowly than it is written to. */
  write(chunk: Buffer): boolean {
    const { response } = this;
    this.responseBytes += chunk.length;
    return 'stream' in response ? response.write(chunk) : response.write(chunk);
  }

  end(body: string | Buffer = nothing): void {
    const { response } = this;
    if ('stream' in response) response.end(body);
    else response.end(body);
  }

  /** Without an end to the answer. */
  cut(): void {
    const { response } = this;
    if ('stream' in response) response.stream.close(internalError);
    else response.destroy();
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    this.bodyBytes += chunk.length;
  }

  /** @returns how many bytes it held. */
  dropBody(): number {
    const held = this.#heldBytes;
    this.#heldBytes = 0;
    this.#chunks = [];
    return held;
  }

  async *#read(): AsyncGenerator<Buffer> {
    const chunks: AsyncIterable<Buffer> = this.request.iterator({ destroyOnReturn: false });
    for await (const chunk of chunks) {
      this.bodyBytes += chunk.length;
      yield chunk;
    }
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    this.#abandoned = true;
    this.#controller?.abort();
  }

  leave(): void {
    this.abandon();
    const { open } = this.connection;
    const index = open.indexOf(this);
    if (index >= 0) open.splice(index, 1);
  }
}
