// The cloud endpoint with Kinesis, over a store in memory, on a free port; and the ways to talk to it.

import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { KinesisClientConfig } from '@aws-sdk/client-kinesis';
import { CloudServer } from '../../../broker/cloud/http.ts';
import type { CloudLimits } from '../../../broker/cloud/limits.ts';
import { openKinesis } from '../../../broker/cloud/kinesis/model/open-kinesis.ts';
import type { Kinesis } from '../../../broker/cloud/kinesis/model/kinesis.ts';
import { kinesisService } from '../../../broker/cloud/kinesis/service.ts';
import { Quotas } from '../../../broker/cloud/quotas.ts';
import type { QuotaMode } from '../../../broker/cloud/quotas.ts';
import { Clients } from '../../../broker/core/clients.ts';
import type { Store } from '../../../broker/core/store.ts';
import { Streams } from '../../../broker/core/streams.ts';
import { MemoryStore } from '../../../broker/store/memory-store.ts';
import { systemClock } from '../../../broker/util/clock.ts';
import type { Clock } from '../../../broker/util/clock.ts';
import { silent } from '../../../broker/util/log.ts';
import { farEndpoint, needsItsOwn } from '../far-endpoint.ts';
import { isOwn } from '../target.ts';

export const account = '000000000000';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line typescript/no-explicit-any -- an answer's members are what tests look at
  readonly body: any;
}

export interface KinesisEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly kinesis: Kinesis;
  readonly streams: Streams;
  readonly store: Store;
  /** The AWS SDK, pointed here: it speaks HTTP/2. */
  client(config?: KinesisClientConfig): KinesisClient;
  /** One request on the JSON wire, over HTTP/1.1. */
  json(action: string, input: object | string, headers?: Record<string, string>): Promise<Answer>;
  /** The answer to a request that is to succeed. */
  ok(action: string, input?: object): Promise<Answer['body']>;
}

export interface EndpointOptions {
  readonly store?: Store;
  readonly clock?: Clock;
  readonly stateDelayMs?: number;
  readonly quotas?: QuotaMode;
  readonly limits?: Partial<CloudLimits>;
  readonly port?: number;
}

export async function kinesisEndpoint(options: EndpointOptions = {}): Promise<KinesisEndpoint> {
  if (!isOwn) {
    const asked = Object.entries(options).find(([, value]) => value !== undefined && value !== systemClock);
    return asked === undefined ? elsewhere() : needsItsOwn(asked[0]);
  }
  const { store = new MemoryStore(), clock = systemClock, stateDelayMs = 0, quotas = 'off' } = options;
  const { limits = {}, port: wanted = 0 } = options;
  const streams = new Streams({ store, clock, log: silent });
  await streams.start();
  const kinesis = await openKinesis({ streams, store, clock, log: silent, stateDelayMs, quotas });
  const server = new CloudServer({
    host: '127.0.0.1',
    port: wanted,
    account,
    services: [kinesisService(kinesis, new Quotas(quotas, clock, store))],
    clients: new Clients(() => clock.now()),
    clock: systemClock,
    log: silent,
    limits,
  });
  const { port } = await server.start();
  const talk = talkTo(`http://127.0.0.1:${port}`);
  return {
    port,
    kinesis,
    streams,
    store,
    ...talk,
    [Symbol.asyncDispose]: async () => {
      talk.destroy();
      await server.close();
      kinesis.streams.close();
      await streams.close();
      await store.close();
    },
  };
}

/** What stands for another endpoint: what is within that, is out of reach. */
async function elsewhere(): Promise<KinesisEndpoint> {
  const far = await farEndpoint();
  const talk = talkTo(far.url);
  return {
    port: far.port,
    get kinesis(): Kinesis {
      return needsItsOwn('the model');
    },
    get streams(): Streams {
      return needsItsOwn('the streams');
    },
    get store(): Store {
      return needsItsOwn('the store');
    },
    ...talk,
    [Symbol.asyncDispose]: async () => {
      talk.destroy();
      await far[Symbol.asyncDispose]();
    },
  };
}

function talkTo(url: string): Pick<KinesisEndpoint, 'url' | 'client' | 'json' | 'ok'> & { destroy(): void } {
  const sdks: KinesisClient[] = [];
  const json = async (
    action: string,
    input: object | string,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `Kinesis_20131202.${action}`,
        ...headers,
      },
      body: typeof input === 'string' ? input : JSON.stringify(input),
    });
    const text = await response.text();
    const { status, headers: answered } = response;
    return { status, headers: answered, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
  };
  return {
    url,
    destroy() {
      for (const sdk of sdks) sdk.destroy();
    },
    client(config = {}) {
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const client = new KinesisClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1, ...config });
      sdks.push(client);
      return client;
    },
    json,
    async ok(action, input = {}) {
      const answer = await json(action, input);
      if (answer.status !== 200) throw new Error(`${action}: ${answer.text}`);
      return answer.body;
    },
  };
}
