// Stands between a client of AWS and what answers it, and does to calls what networks and services do: refuses, hangs, cuts
// answers, loses them, fails, throttles, and takes a batch in part. HTTP/1.1 in clear text.

import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `hang`: never answered, never passed on. `drop`: the connection ends instead. `lose`: passed on, and the connection ends instead
 * of an answer. `cut`: passed on, and the connection ends in the middle of the answer. `fail`: 500, not passed on. `fail-after`:
 * 500, passed on. `throttle`: refused for its rate. `partial`: every other entry of a batch (JSON) fails. `expire`: the
 * credentials have expired. `garble`: passed on, and answered in HTML.
 */
export type Fault =
  | 'pass'
  | 'hang'
  | 'drop'
  | 'lose'
  | 'cut'
  | 'fail'
  | 'fail-after'
  | 'throttle'
  | 'partial'
  | 'expire'
  | 'garble';

export interface Call {
  /** `SendMessageBatch`. */
  readonly action: string;
  /** How many calls came before it. */
  readonly count: number;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export class FaultProxy implements AsyncDisposable {
  /** What becomes of a call. */
  faults: (call: Call) => Fault = () => 'pass';
  /** Records with this text are never taken (PutRecords). */
  refuseRecord: string | undefined;
  /** Calls that came, by action and by what became of them. */
  readonly counts = new Map<string, number>();
  readonly #target: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 200 });
  #server: Server | undefined;
  #port = 0;
  #count = 0;

  constructor(target: string) {
    this.#target = new URL(target);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** How often that became of such calls. */
  seen(action: string, fault: Fault): number {
    return this.counts.get(`${action} ${fault}`) ?? 0;
  }

  /** Idempotent. */
  async listen(): Promise<this> {
    if (this.#server !== undefined) return this;
    const server = createServer((incoming, outgoing) => {
      this.#answer(incoming, outgoing).catch(() => outgoing.destroy());
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    this.#port = port;
    this.#server = server;
    return this;
  }

  /** Nobody listens, until `listen`. */
  async refuse(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.refuse();
    this.#agent.destroy();
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const action = actionOf(incoming, body);
    const wanted = this.#hasRefused(body) ? 'partial' : this.faults({ action, count: this.#count++ });
    const fault = wanted === 'partial' && this.refuseRecord === undefined && !isBatch(body) ? 'pass' : wanted;
    const key = `${action} ${fault}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    if (fault === 'hang') return;
    if (fault === 'drop') {
      outgoing.destroy();
      return;
    }
    const failure = failures.get(fault);
    if (failure !== undefined) {
      send(outgoing, failure, incoming);
      return;
    }
    if (fault === 'partial') {
      const some = await this.#partial(incoming, body);
      outgoing.writeHead(some.status, headersOf(some)).end(some.body);
      return;
    }
    const answer = await this.#pass(incoming, body);
    if (fault === 'lose') outgoing.destroy();
    else if (fault === 'fail-after') send(outgoing, tooLate, incoming);
    else if (fault === 'garble') outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>');
    else if (fault === 'cut') {
      outgoing.writeHead(answer.status, headersOf(answer));
      outgoing.write(answer.body.subarray(0, answer.body.length / 2), () => outgoing.destroy());
    } else outgoing.writeHead(answer.status, headersOf(answer)).end(answer.body);
  }

  async #pass({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
    const { hostname, port } = this.#target;
    const passed = request({
      hostname,
      port,
      method,
      path: url,
      agent: this.#agent,
      // The host stays the one that the client knows: links in answers lead through here.
      headers: { ...headers, 'content-length': body.length },
    });
    passed.end(body);
    const [response] = (await once(passed, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) };
  }

  #hasRefused(body: Buffer): boolean {
    return this.refuseRecord !== undefined && body.includes(Buffer.from(this.refuseRecord).toString('base64'));
  }

  /** Passes every other entry on, or all but the refused, and says of the rest that they failed. */
  async #partial(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const call = JSON.parse(body.toString()) as Record<string, unknown>;
    const key = 'Records' in call ? 'Records' : 'Entries';
    const entries = call[key] as { readonly Id?: string; readonly Data?: string }[];
    const refused = this.refuseRecord && Buffer.from(this.refuseRecord).toString('base64');
    const isPassed = entries.map(({ Data }, index) => (refused === undefined ? index % 2 === 0 : Data !== refused));
    const passed = entries.filter((_, index) => isPassed[index]);
    const nothing = { status: 200, headers: {}, body: Buffer.from('{"Records":[]}') };
    const answer =
      passed.length === 0
        ? nothing
        : await this.#pass(incoming, Buffer.from(JSON.stringify({ ...call, [key]: passed })));
    if (answer.status !== 200) return answer;
    const said = JSON.parse(answer.body.toString()) as Record<string, unknown>;
    if (key === 'Records') {
      const records = said['Records'] as object[];
      const failed = { ErrorCode: 'InternalFailure', ErrorMessage: 'of the proxy' };
      let next = 0;
      const all = isPassed.map((was) => (was ? records[next++] : failed));
      return { ...answer, body: Buffer.from(JSON.stringify({ ...said, FailedRecordCount: 1, Records: all })) };
    }
    const left = entries.filter((_, index) => !isPassed[index]);
    const failed = left.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError', Message: 'of the proxy' }));
    const Failed = [...((said['Failed'] as object[] | undefined) ?? []), ...failed];
    return { ...answer, body: Buffer.from(JSON.stringify({ ...said, Failed })) };
  }
}

function headersOf({ headers, body }: Answer): Record<string, string | string[] | number | undefined> {
  const { 'transfer-encoding': _, 'x-amz-crc32': __, ...rest } = headers;
  return { ...rest, 'content-length': body.length };
}

function actionOf({ headers }: IncomingMessage, body: Buffer): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.indexOf('.') + 1);
  return new URLSearchParams(body.toString()).get('Action') ?? '';
}

/** Of more than one entry, in JSON. */
function isBatch(body: Buffer): boolean {
  if (body[0] !== 0x7b) return false;
  const { Entries, Records } = JSON.parse(body.toString()) as { Entries?: unknown[]; Records?: unknown[] };
  return (Entries ?? Records ?? []).length > 1;
}

interface Failure {
  readonly status: number;
  readonly code: string;
  readonly words: string;
}

const failures: ReadonlyMap<Fault, Failure> = new Map([
  ['fail', { status: 500, code: 'InternalFailure', words: 'of the proxy' }],
  ['throttle', { status: 400, code: 'ThrottlingException', words: 'Rate exceeded' }],
  [
    'expire',
    { status: 403, code: 'ExpiredTokenException', words: 'The security token included in the request is expired' },
  ],
]);
const tooLate: Failure = { status: 500, code: 'InternalFailure', words: 'of the proxy, too late' };

function send(outgoing: ServerResponse, { status, code, words }: Failure, incoming: IncomingMessage): void {
  const isJson = incoming.headers['x-amz-target'] !== undefined;
  const body = isJson
    ? JSON.stringify({ __type: code, message: words })
    : `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${words}</Message></Error></ErrorResponse>`;
  outgoing.writeHead(status, { 'content-type': isJson ? 'application/x-amz-json-1.1' : 'text/xml' }).end(body);
}
