// An endpoint that stands for another one, by CAUSEWAY_AWS (see target.ts): tests that are written for an endpoint of their
// own ask here, under the account and the names that they know; it asks there, under the account that is there and names that
// nobody else has, signed with the credentials that are there, and translates what is answered.

import { randomBytes, randomInt } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { TestRunner } from 'vitest';
import { isReal } from './target.ts';

const localAccount = '000000000000';
const localRegion = 'us-east-1';
/** Members whose value is the name of what is made or asked for. */
const names: ReadonlySet<string> = new Set(['QueueName', 'QueueNamePrefix', 'StreamName', 'Name']);

export interface FarEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

/** Ends the test as skipped: it asks for what only an endpoint of its own has. */
export function needsItsOwn(what: string): never {
  TestRunner.getCurrentTest()?.context.skip(`needs ${what} of an endpoint of its own`);
  throw new Error(`there is no ${what} here`);
}

export async function farEndpoint(): Promise<FarEndpoint> {
  const run = `causeway-${randomBytes(3).toString('hex')}`;
  const far = await findFar(run);
  let local = '';
  const server = createServer((request, response) => {
    relay(request, { run, far, local }).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
      (error: unknown) => response.writeHead(502).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  local = `http://127.0.0.1:${port}`;
  return {
    url: local,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      const { QueueUrls = [] } = await far.sqs.send(new ListQueuesCommand({ QueueNamePrefix: run, MaxResults: 1000 }));
      for (const QueueUrl of QueueUrls) await far.sqs.send(new DeleteQueueCommand({ QueueUrl }));
      far.sqs.destroy();
    },
  };
}

interface Far {
  /** Of requests. */
  readonly url: string;
  /** What a queue's URL begins with, before its account. */
  readonly queues: string;
  readonly account: string;
  readonly region: string;
  readonly sqs: SQSClient;
}

interface Way {
  readonly run: string;
  readonly far: Far;
  readonly local: string;
}

/** The account is known by what is made in it. */
async function findFar(run: string): Promise<Far> {
  const url = isReal ? undefined : (process.env['CAUSEWAY_AWS'] ?? '').replace(/\/$/, '');
  const region = isReal ? (process.env['AWS_REGION'] ?? 'us-east-1') : 'us-east-1';
  // Elsewhere than at AWS a key of twelve digits is an account, and every test has one of its own.
  const credentials = { accessKeyId: String(randomInt(1e11, 1e12 / 4)), secretAccessKey: 'test' };
  const sqs = new SQSClient(url === undefined ? { region } : { region, endpoint: url, credentials });
  if (url !== undefined) return { url, queues: url, account: credentials.accessKeyId, region, sqs };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${run}-account` }));
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  const { Attributes } = await sqs.send(asked);
  const account = Attributes!['QueueArn']!.split(':')[4]!;
  const base = `https://sqs.${region}.amazonaws.com`;
  return { url: base, queues: base, account, region, sqs };
}

async function relay(
  request: IncomingMessage,
  way: Way,
): Promise<{ readonly status: number; readonly headers: Record<string, string>; readonly body: string }> {
  let given = '';
  request.setEncoding('utf8');
  for await (const chunk of request) given += String(chunk);
  // Who asks as somebody else, or by another name of the endpoint, would have to be that there.
  const { host = '', authorization = '' } = request.headers;
  if (!way.local.endsWith(host) || !/^$|Credential=test\/\d+\/us-east-1\//.test(authorization)) {
    needsItsOwn('accounts and hosts');
  }
  const [path = '/', query] = (request.url ?? '/').split('?');
  const there = path.replace(`/${localAccount}/`, `/${way.far.account}/${way.run}-`);
  const target = query === undefined ? there : `${there}?${formOutwards(query, way)}`;
  const body = bodyOutwards(given, request.headers, way);
  const headers = await signed(request, target, body, way);
  const answer = await fetch(way.far.url + target, {
    method: request.method ?? 'POST',
    headers,
    ...(body === '' ? {} : { body }),
  });
  const text = inwards(await answer.text(), way);
  const back: Record<string, string> = { 'content-length': String(Buffer.byteLength(text)) };
  for (const name of ['content-type', 'x-amzn-requestid', 'x-amzn-query-error', 'x-amz-id-2']) {
    const value = answer.headers.get(name);
    if (value !== null) back[name] = value;
  }
  return { status: answer.status, headers: back, body: text };
}

function bodyOutwards(given: string, headers: IncomingHttpHeaders, way: Way): string {
  if (headers['content-type']?.includes('json') ?? false) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(given);
    } catch {
      return given;
    }
    const isList = String(headers['x-amz-target']).endsWith('.ListQueues');
    // Only what the test itself has made is there for it.
    const whole = isList ? { QueueNamePrefix: '', ...(parsed as object) } : parsed;
    return JSON.stringify(valueOutwards(whole, undefined, way));
  }
  return formOutwards(given, way);
}

function formOutwards(given: string, way: Way): string {
  const form = new URLSearchParams(given);
  if (form.get('Action') === 'ListQueues' && !form.has('QueueNamePrefix')) form.set('QueueNamePrefix', '');
  const pairs = Array.from(form, ([name, value]): [string, string] => [name, String(valueOutwards(value, name, way))]);
  return new URLSearchParams(pairs).toString();
}

function valueOutwards(value: unknown, name: string | undefined, way: Way): unknown {
  if (typeof value === 'string') {
    const isName = name !== undefined && names.has(name) && (value !== '' || name.endsWith('Prefix'));
    return isName ? `${way.run}-${value}` : outwards(value, way);
  }
  if (Array.isArray(value)) return value.map((item) => valueOutwards(item, undefined, way));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([member, item]) => [member, valueOutwards(item, member, way)]));
}

/** URLs of queues, and names of resources. */
function outwards(text: string, { run, far }: Way): string {
  return text
    .replace(new RegExp(`https?://[\\w.:-]+/${localAccount}/(?=[\\w.-])`, 'g'), `${far.queues}/${far.account}/${run}-`)
    .replace(
      new RegExp(`arn:aws:(sqs|sns|kinesis):${localRegion}:${localAccount}:(stream/)?(?=[\\w.-])`, 'g'),
      (_, service: string, kind = '') => `arn:aws:${service}:${far.region}:${far.account}:${kind}${run}-`,
    );
}

function inwards(text: string, { run, far, local }: Way): string {
  return text
    .replaceAll(far.queues, local)
    .replaceAll(`${run}-`, '')
    .replaceAll(`:${far.region}:${far.account}:`, `:${localRegion}:${localAccount}:`)
    .replaceAll(far.account, localAccount);
}

async function signed(
  request: IncomingMessage,
  target: string,
  body: string,
  { far }: Way,
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const name of ['content-type', 'x-amz-target', 'x-amzn-query-mode', 'accept', 'x-amzn-trace-id']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  const { protocol, hostname, host, port } = new URL(far.url);
  const [path = '/', search = ''] = target.split('?');
  const signer = await far.sqs.config.signer();
  const done = await signer.sign(
    {
      method: request.method ?? 'POST',
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path,
      query: Object.fromEntries(new URLSearchParams(search)),
      headers: { ...headers, host },
      body,
    },
    { signingService: 'sqs', signingRegion: far.region },
  );
  const { host: _, ...others } = done.headers;
  return others;
}
