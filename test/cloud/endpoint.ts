// The cloud endpoint with SQS, over a broker in memory, on a free port; and the ways to talk to it.

import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import { SQSClient } from '@aws-sdk/client-sqs';
import { CloudServer } from '../../broker/cloud/http.ts';
import type { CloudServerOptions } from '../../broker/cloud/http.ts';
import type { CloudLimits } from '../../broker/cloud/limits.ts';
import type { Access } from '../../broker/cloud/requests.ts';
import { Quotas } from '../../broker/cloud/quotas.ts';
import type { QuotaMode } from '../../broker/cloud/quotas.ts';
import { Queues } from '../../broker/cloud/sqs/model/queues.ts';
import type { QueuesOptions } from '../../broker/cloud/sqs/model/queues.ts';
import { sqsService } from '../../broker/cloud/sqs/service.ts';
import { Clients } from '../../broker/core/clients.ts';
import type { Broker } from '../../broker/core/broker.ts';
import type { Store } from '../../broker/core/store.ts';
import type { MemoryStore } from '../../broker/store/memory-store.ts';
import type { Clock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { testBroker } from '../support/broker.ts';
import { farEndpoint, needsItsOwn } from './far-endpoint.ts';
import { isOwn } from './target.ts';

export const account = '000000000000';

export interface TestEndpoint<S extends Store = MemoryStore> extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly broker: Broker;
  readonly store: S;
  readonly queues: Queues;
  readonly clients: Clients;
  readonly server: CloudServer;
  readonly accesses: readonly Access[];
  /** The AWS SDK, pointed here. */
  client(config?: SQSClientConfig): SQSClient;
  /** One request on the JSON wire, as newer SDKs send it. */
  json(action: string, input: object | string, headers?: Record<string, string>): Promise<JsonAnswer>;
  /** One request on the Query wire, as older SDKs send it. */
  query(parameters: Record<string, string>, path?: string): Promise<QueryAnswer>;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line typescript/no-explicit-any -- an answer's members are what tests look at
  readonly body: any;
}

export interface QueryAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface EndpointOptions {
  readonly clock?: Clock;
  readonly limits?: Partial<CloudLimits>;
  readonly anonymous?: boolean;
  readonly port?: number;
  readonly sqs?: QueuesOptions;
  readonly certificates?: CloudServerOptions['certificates'];
  readonly quotas?: QuotaMode;
  readonly origins?: readonly string[];
}

export async function testEndpoint(options: EndpointOptions = {}): Promise<TestEndpoint> {
  if (!isOwn) {
    const asked = Object.entries(options).find(([, value]) => value !== undefined && value !== systemClock);
    return asked === undefined ? elsewhere() : needsItsOwn(asked[0]);
  }
  const clock = options.clock ?? systemClock;
  const { broker, store } = await testBroker({ clock });
  return serveSqs({ ...options, broker, store, queues: new Queues(broker, clock, options.sqs), clock });
}

/** The endpoint over a broker that is there; it is closed with the endpoint. */
export async function serveSqs<S extends Store>(
  options: EndpointOptions & {
    readonly broker: Broker;
    readonly store: S;
    readonly queues: Queues;
    readonly clock: Clock;
  },
): Promise<TestEndpoint<S>> {
  const { broker, store, queues, clock, limits = {}, anonymous = true } = options;
  const clients = new Clients(() => clock.now());
  const accesses: Access[] = [];
  const server = new CloudServer({
    host: '127.0.0.1',
    port: options.port ?? 0,
    account,
    anonymous,
    certificates: options.certificates,
    origins: options.origins ?? [],
    services: [sqsService(broker, queues, clock, new Quotas(options.quotas ?? 'off', clock, store))],
    clients,
    clock,
    log: silent,
    limits,
    onAccess: (access) => accesses.push(access),
  });
  const { port } = await server.start();
  const url = `http://127.0.0.1:${port}`;
  const talk = talkTo(url);
  return {
    port,
    broker,
    store,
    queues,
    clients,
    server,
    accesses,
    ...talk,
    [Symbol.asyncDispose]: async () => {
      talk.destroy();
      await server.close();
      await queues.close();
      broker.close();
      await store.close();
    },
  };
}

/** What stands for another endpoint: what is within that, is out of reach. */
async function elsewhere(): Promise<TestEndpoint> {
  const far = await farEndpoint();
  const talk = talkTo(far.url);
  return {
    port: far.port,
    get broker(): Broker {
      return needsItsOwn('the broker');
    },
    get store(): MemoryStore {
      return needsItsOwn('the store');
    },
    get queues(): Queues {
      return needsItsOwn('the queues');
    },
    get clients(): Clients {
      return needsItsOwn('the clients');
    },
    get server(): CloudServer {
      return needsItsOwn('the server');
    },
    get accesses(): readonly Access[] {
      return needsItsOwn('the accesses');
    },
    ...talk,
    [Symbol.asyncDispose]: async () => {
      talk.destroy();
      await far[Symbol.asyncDispose]();
    },
  };
}

function talkTo(url: string): Pick<TestEndpoint, 'url' | 'client' | 'json' | 'query'> & { destroy(): void } {
  const sdks: SQSClient[] = [];
  return {
    url,
    destroy() {
      for (const sdk of sdks) sdk.destroy();
    },
    client(config = {}) {
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const client = new SQSClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1, ...config });
      sdks.push(client);
      return client;
    },
    async json(action, input, headers = {}) {
      const response = await fetch(`${url}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}`, ...headers },
        body: typeof input === 'string' ? input : JSON.stringify(input),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: text === '' ? undefined : JSON.parse(text),
      };
    },
    async query(parameters, path = '/') {
      const body = new URLSearchParams({ Version: '2012-11-05', ...parameters });
      const response = await fetch(url + path, { method: 'POST', body });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
}

/** The text of the first element `name`. */
export function textOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}
