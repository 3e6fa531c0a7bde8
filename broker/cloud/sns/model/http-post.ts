// One POST to an endpoint: with a bound on its time and on what is read of its answer. Redirections are answers.

import { Agent, request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as requestHttps } from 'node:https';
import type { Clock } from '../../../util/clock.ts';

export interface PostAnswer {
  readonly statusCode: number;
  readonly body: string;
}

const mostAnswerBytes = 4096;
const mostSocketsOfHost = 16;

export class Poster {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #http = new Agent({ keepAlive: true, maxSockets: mostSocketsOfHost });
  readonly #https = new SecureAgent({ keepAlive: true, maxSockets: mostSocketsOfHost });

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws Error: no answer came, or none in time. */
  post(
    endpoint: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<PostAnswer> {
    return new Promise((resolve, reject) => {
      const url = new URL(endpoint);
      const secure = url.protocol === 'https:';
      const options = {
        method: 'POST',
        headers: { ...headers, 'Content-Length': String(body.length) },
        agent: secure ? this.#https : this.#http,
        signal,
      };
      const request = (secure ? requestHttps : requestHttp)(url, options);
      const timer = this.#clock.after(this.#timeoutMs, () => request.destroy(new Error('no answer in time')));
      request.once('close', () => timer.cancel());
      request.once('error', reject);
      request.once('response', (response) => {
        readAnswer(response).then(resolve, reject);
      });
      request.end(body);
    });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

async function readAnswer(response: IncomingMessage): Promise<PostAnswer> {
  let body = '';
  response.setEncoding('utf8');
  for await (const text of response) {
    body += String(text);
    // The rest says nothing that matters: the connection is not worth keeping for it.
    if (body.length > mostAnswerBytes) break;
  }
  return { statusCode: response.statusCode ?? 0, body: body.slice(0, mostAnswerBytes) };
}
