// One request and its answer, as the HTTP/1.1 listener holds them, and the connection that they came over.

import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { ConnectedClient } from '../core/clients.ts';
import type { Outcome, Request } from './pipeline.ts';

const nothing = Buffer.alloc(0);

/**
 * What lasts as long as a socket. Its requests are listed here, not in a set of all: a set that many short-lived things
 * go through holds them, by tables that it has outgrown, until the next full garbage collection.
 */
export interface Connection {
  readonly client: ConnectedClient;
  /** Requests that are read or answered, in order; more than one if the client sends ahead. */
  readonly open: Exchange[];
}

export class Exchange implements Request {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
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

  constructor(request: IncomingMessage, response: ServerResponse, connection: Connection, startedAt: number) {
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

  get body(): Buffer {
    const [only, ...others] = this.#chunks;
    if (others.length > 0) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? only ?? nothing;
  }

  get origin(): string {
    const { socket, headers } = this.request;
    return `http://${headers.host ?? `${socket.localAddress ?? 'localhost'}:${socket.localPort ?? ''}`}`;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#abandoned) this.#controller.abort();
    return this.#controller.signal;
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
