// Serves one request of a service that takes bodies as they come: its answer goes out as fast as the client reads.

import { once } from 'node:events';
import type { Log } from '../util/log.ts';
import type { Exchange } from './exchange.ts';
import type { Endpoint } from './pipeline.ts';
import type { StreamedAnswer, StreamingService } from './streaming.ts';

export function serveStreamed(
  exchange: Exchange,
  service: StreamingService,
  endpoint: Endpoint,
  isLast: boolean,
): void {
  serve(exchange, service, endpoint, isLast).catch((error: unknown) => {
    const { requestId } = exchange;
    if (!exchange.isGone) logFailure(endpoint.log, error, requestId);
    exchange.cut();
  });
}

async function serve(
  exchange: Exchange,
  service: StreamingService,
  endpoint: Endpoint,
  isLast: boolean,
): Promise<void> {
  const { answer, ...outcome } = await service.respond(exchange, endpoint);
  const { status, headers, body } = answer;
  exchange.outcome = { ...outcome, answer: { status, contentType: '', body: '' } };
  if (exchange.isGone) {
    await discard(body);
    return;
  }
  const all = isLast && !exchange.isHttp2 ? [...headers, 'Connection', 'close'] : headers;
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    const length = Buffer.byteLength(body);
    exchange.responseBytes = length;
    // An answer to HEAD says how long the answer to GET would be; some have no length at all.
    const isSized =
      status === 204 || status === 304 || headers.includes('Content-Length') || exchange.method === 'HEAD';
    exchange.head(status, isSized ? all : [...all, 'Content-Length', String(length)]);
    exchange.end(body);
    return;
  }
  exchange.head(status, all);
  const { signal, response } = exchange;
  for await (const chunk of body) {
    if (exchange.isGone) return;
    if (!exchange.write(chunk)) await once(response, 'drain', { signal });
  }
  exchange.end();
}

/** What it holds open is let go of. */
async function discard(body: StreamedAnswer['body']): Promise<void> {
  if (typeof body === 'string' || Buffer.isBuffer(body)) return;
  await body[Symbol.asyncIterator]().return?.();
}

function logFailure(log: Log, error: unknown, requestId: string): void {
  log.error({ err: error, requestId }, 'stream an answer');
}
