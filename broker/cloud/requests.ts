// Requests over either HTTP: bounded bodies, time-outs, and answers onto the wire. What is said in them is the pipeline's matter.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Clock, Timer } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import { Exchange } from './exchange.ts';
import type { Connection } from './exchange.ts';
import type { CloudLimits } from './limits.ts';
import type { Origins } from './origins.ts';
import { bareAnswer, respond } from './pipeline.ts';
import type { Endpoint, Outcome } from './pipeline.ts';
import { serveStreamed } from './streamed-answer.ts';
import type { StreamingService } from './streaming.ts';
import type { Answer } from './wire/wire.ts';

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

export interface RequestsOptions {
  readonly endpoint: Endpoint;
  readonly origins: Origins;
  /** What takes bodies of any length. */
  readonly objects: StreamingService | undefined;
  readonly limits: CloudLimits;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after each answer; must not throw. */
  readonly onAccess: ((access: Access) => void) | undefined;
}

const preflightAnswer: Answer = { status: 200, contentType: '', body: '' };
/** Answers shorter than this are not counted, nor refused: most say that something was done. */
const shortAnswerBytes = 64 * 1024;
/** Of the second request id. */
const extendedIdBytes = 72;
const smallBodyBytes = 16 * 1024;
/** What small bodies may fill, of the room for all. */
const smallBodiesShare = 1.125;

/**
 * Between the events of a stream on HTTP/1.1. There are clients that take what they read at once for one event, as is mostly
 * true of what comes from a region away.
 */
const eventSpacingMs = 20;

export class Requests {
  readonly #options: RequestsOptions;
  #bufferedBytes = 0;
  #isClosing = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** From now on, answers end their connections. */
  close(): void {
    this.#isClosing = true;
  }

  receive(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    connection: Connection,
  ): void {
    const exchange = new Exchange(request, response, connection, this.#options.clock.monotonic());
    connection.open.push(exchange);
    response.once('close', () => this.#ended(exchange));
    request.on('error', () => exchange.abandon());
    const { origin } = request.headers;
    if (!this.#options.origins.admits(origin)) {
      this.#refuseBody(exchange, 403, 'AccessDeniedException');
      return;
    }
    if (origin !== undefined && exchange.method === 'OPTIONS') {
      this.#send(exchange, preflightAnswer);
      return;
    }
    const { objects } = this.#options;
    if (objects?.claims(exchange) === true) {
      serveStreamed(exchange, objects, this.#options.endpoint, this.#isClosing);
      return;
    }
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > this.#options.limits.bodyBytes) this.#refuseBody(exchange, 413, 'RequestEntityTooLargeException');
    else if (!exchange.hasBody) this.#answer(exchange);
    else this.#readBody(exchange);
  }

  #readBody(exchange: Exchange): void {
    const { request } = exchange;
    const announced = Number(request.headers['content-length'] ?? Infinity);
    const arm = (): Timer =>
      this.#options.clock.after(this.#options.limits.requestMs, () =>
        this.#refuseBody(exchange, 408, 'RequestTimeoutException'),
      );
    // Of HTTP/1.1 most bodies come whole with their headers, and a connection on which nothing comes is seen to by the server.
    let tooLate = exchange.isHttp2 || announced === Infinity ? arm() : undefined;
    request.once('close', () => tooLate?.cancel());
    request.on('data', (chunk: Buffer) => {
      if (exchange.refused) return;
      exchange.add(chunk);
      this.#bufferedBytes += chunk.length;
      if (exchange.bodyBytes > this.#options.limits.bodyBytes) {
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
    const { bufferedBytes } = this.#options.limits;
    return bodyBytes > smallBodyBytes ? bufferedBytes : bufferedBytes * smallBodiesShare;
  }

  /** The rest of the request is not read: the connection ends with the answer. */
  #refuseBody(exchange: Exchange, status: number, name: string): void {
    exchange.refused = true;
    this.#releaseBody(exchange);
    this.#send(exchange, bareAnswer(status, name));
  }

  #answer(exchange: Exchange): void {
    respond(exchange, this.#options.endpoint).then(
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
    if (!exchange.isHttp2 && (exchange.refused || this.#isClosing)) headers.push('Connection', 'close');
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
    const { pace } = this.#options.endpoint;
    if (!pace.hold(length)) {
      this.#send(exchange, bareAnswer(503, 'ServiceUnavailableException'));
      return false;
    }
    const tooSlow = this.#options.clock.after(this.#options.limits.stalledMs, () => exchange.cut());
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
