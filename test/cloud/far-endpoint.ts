// An endpoint that stands for another one, by CAUSEWAY_AWS (see target.ts): tests that are written for an endpoint of their
// own ask here, under the account and the names that they know; it asks there, under the account that is there and names that
// nobody else has (far-names.ts), signed with the credentials that are there, and translates what is answered.

import { randomBytes } from 'node:crypto';
import { createServer as createHttp1Server } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { Http2ServerRequest } from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { TestRunner } from 'vitest';
import { sniff } from '../../broker/cloud/preface.ts';
import { ask, findAccount, removeAll, settled } from './far-account.ts';
import type { FarAccount } from './far-account.ts';
import { cborInwards, cborOutwards, formOutwards, inwards, jsonOutwards, onlyOwn, outwards } from './far-names.ts';
import type { FarService, Names } from './far-names.ts';
import { isOwn, isReal } from './target.ts';

export interface FarEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Text of an answer as it was there: what was signed was signed there. */
  asThere(text: string): string;
  /** Text that came from there by another way than an answer. */
  asHere(text: string): string;
}

/** What is throttled there is asked for again after so long, and given up after so many times: tests know of no quotas. */
const againMs = 250;
const mostTimes = 40;
const passedOn = ['content-type', 'x-amz-target', 'x-amzn-query-mode', 'accept', 'x-amzn-trace-id'];
const passedBack = [
  'Content-Type',
  'x-amzn-RequestId',
  'x-amzn-query-error',
  'x-amz-id-2',
  'x-amz-sns-message-type',
  'access-control-allow-origin',
];

/** Ends the test as skipped: it asks for what only an endpoint of its own has. */
export function needsItsOwn(what: string): never {
  TestRunner.getCurrentTest()?.context.skip(`needs ${what} of an endpoint of its own`);
  throw new Error(`there is no ${what} here`);
}

/** Skips the test anywhere else than at an endpoint of its own. */
export function onlyAtItsOwn(what: string): void {
  if (!isOwn) needsItsOwn(what);
}

/** Skips the test at AWS: it would need what no account has, or what is not to be had for the asking. */
export function notAtAws(what: string): void {
  if (isReal) needsItsOwn(what);
}

export async function farEndpoint(): Promise<FarEndpoint> {
  const far = await findAccount(`causeway-${randomBytes(3).toString('hex')}`);
  const asked = new Set<string>();
  const sockets = new Set<Socket>();
  const relay = new Relay(far, asked);
  const http1 = createHttp1Server((request, response) => relay.serve(request, response));
  const http2 = createHttp2Server((request, response) => relay.serve(request, response));
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    sniff(socket, (spoken) => (spoken === 'http2' ? http2 : http1).emit('connection', socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  relay.local = `http://127.0.0.1:${port}`;
  return {
    url: relay.local,
    port,
    asThere: (text) => outwards(text, relay.names),
    asHere: (text) => inwards(text, relay.names),
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await removeAll(far, asked);
    },
  };
}

type Request = IncomingMessage | Http2ServerRequest;
/** As an answer of HTTP/1.1 and one of HTTP/2 are alike. */
interface Response {
  readonly headersSent: boolean;
  on(event: 'close', listener: () => void): unknown;
  writeHead(status: number, headers?: Record<string, string | number>): unknown;
  write(chunk: Uint8Array): unknown;
  end(chunk?: Uint8Array | string): unknown;
}

interface Asked {
  readonly service: FarService;
  /** Empty: a link, or nothing that is an operation. */
  readonly operation: string;
  readonly target: string;
  readonly body: string | Buffer;
}

class Relay {
  local = '';
  readonly #far: FarAccount;
  readonly #asked: Set<string>;
  #account: string;

  constructor(far: FarAccount, asked: Set<string>) {
    this.#far = far;
    this.#asked = asked;
    this.#account = far.account;
  }

  get names(): Names {
    return { ...this.#far, account: this.#account, local: this.local };
  }

  serve(request: Request, response: Response): void {
    this.#answer(request, response).catch((error: unknown) => {
      // To HTTP/2 it is a stream that was reset, too, if the client has gone meanwhile.
      if (!response.headersSent) response.writeHead(502);
      response.end(String(error));
    });
  }

  async #answer(request: Request, response: Response): Promise<void> {
    const given = await bodyOf(request);
    const { names: before } = this;
    const { host = request.headers[':authority'], authorization = '' } = request.headers;
    const asked = translated(request, given, before);
    // Who asks as somebody else, or by another name of the endpoint, which URLs of queues show, would have to be that there.
    const isSelf = !/Credential=(?!0{12})\d{12}\//.test(authorization) && /^$|\/us-east-1\//.test(authorization);
    if (!isSelf) needsItsOwn('accounts and regions');
    if (asked.service === 'sqs' && !this.local.endsWith(String(host))) needsItsOwn('hosts');
    this.#asked.add(asked.service).add(asked.operation);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const answer = await this.#ask(request, asked, gone.signal);
    const headers: Record<string, string> = {};
    for (const name of passedBack) {
      const value = answer.headers.get(name);
      if (value !== null) headers[name] = value;
    }
    const kind = answer.headers.get('content-type') ?? '';
    if (kind.includes('eventstream')) {
      response.writeHead(answer.status, headers);
      for await (const chunk of answer.body ?? []) response.write(chunk);
      response.end();
      return;
    }
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.ok && asked.service === 'kinesis' && kind.includes('json')) {
      await settled(this.#far, asked.operation, String(asked.body), bytes.toString());
    }
    this.#learn(bytes);
    const { names } = this;
    const text = answer.ok ? onlyOwn(bytes.toString(), asked.operation, names) : bytes.toString();
    const told = kind.includes('cbor') ? cborInwards(bytes, names) : Buffer.from(inwards(text, names));
    response.writeHead(answer.status, { ...headers, 'Content-Length': told.length });
    response.end(told);
  }

  /** Whatever serves there may have one account for everybody: what it makes says which. */
  #learn(bytes: Buffer): void {
    const own = new RegExp(`[:/](\\d{12})[:/](?:\\w+/)*${this.#far.run}-`).exec(bytes.toString('latin1'));
    this.#account = own?.[1] ?? this.#account;
  }

  async #ask(request: Request, asked: Asked, signal: AbortSignal): Promise<globalThis.Response> {
    const headers: Record<string, string> = {};
    for (const name of passedOn) {
      const value = request.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    const { method = 'POST' } = request;
    // A link is followed unsigned; so is what SNS serves beside its operations.
    const isSigned = method !== 'GET' || asked.service !== 'sns' || request.headers.authorization !== undefined;
    for (let times = 1; ; times++) {
      const answer = await ask(this.#far, { ...asked, method, headers }, { isSigned, signal });
      if (answer.status !== 400 || times === mostTimes) return answer;
      if (!/Rate exceeded|ThrottlingException/.test(await answer.clone().text())) return answer;
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }
}

async function bodyOf(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function translated(request: Request, given: Buffer, names: Names): Asked {
  const { headers, url = '/' } = request;
  const [path = '/', query] = url.split('?');
  const there = path.replace('/000000000000/', `/${names.account}/${names.run}-`);
  const target = query === undefined ? there : `${there}?${formOutwards(query, names)}`;
  const [prefix = '', named = ''] = String(headers['x-amz-target'] ?? '').split('.');
  const kind = headers['content-type'] ?? '';
  const form = new URLSearchParams(query ?? (prefix === '' ? given.toString() : ''));
  const operation = named === '' ? (form.get('Action') ?? '') : named;
  const service = serviceOf(prefix, form, headers.authorization ?? '', path);
  const body = kind.includes('cbor')
    ? cborOutwards(given, names)
    : prefix === ''
      ? formOutwards(given.toString(), names)
      : kind.includes('json')
        ? jsonOutwards(given.toString(), operation, names)
        : given;
  return { service, operation, target, body };
}

function serviceOf(prefix: string, form: URLSearchParams, authorization: string, path: string): FarService {
  if (prefix !== '') return prefix.startsWith('Kinesis') ? 'kinesis' : 'sqs';
  const scoped = /\/(sqs|sns|kinesis)\/aws4_request/.exec(authorization)?.[1];
  if (scoped === 'sqs' || scoped === 'sns' || scoped === 'kinesis') return scoped;
  const isSns = form.get('Version') === '2010-03-31' || form.has('TopicArn') || form.has('SubscriptionArn');
  return isSns || path.endsWith('.pem') ? 'sns' : 'sqs';
}
