// The cloud endpoint with S3, over a store in memory and a directory of the test's own; and the ways to talk to it.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { Guard } from '../../../broker/cloud/auth/guard.ts';
import type { IamMode } from '../../../broker/cloud/auth/guard.ts';
import type { AccessKey } from '../../../broker/cloud/auth/signatures.ts';
import { CloudServer } from '../../../broker/cloud/http.ts';
import type { CloudLimits } from '../../../broker/cloud/limits.ts';
import type { Access } from '../../../broker/cloud/requests.ts';
import { ObjectEndpoint } from '../../../broker/cloud/s3/endpoint.ts';
import { ObjectStorage } from '../../../broker/cloud/s3/model/storage.ts';
import { Queues } from '../../../broker/cloud/sqs/model/queues.ts';
import { sqsService } from '../../../broker/cloud/sqs/service.ts';
import { Clients } from '../../../broker/core/clients.ts';
import type { MemoryStore } from '../../../broker/store/memory-store.ts';
import { systemClock } from '../../../broker/util/clock.ts';
import type { Clock } from '../../../broker/util/clock.ts';
import { silent } from '../../../broker/util/log.ts';
import { testBroker } from '../../support/broker.ts';

export interface S3Endpoint extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly store: MemoryStore;
  readonly storage: ObjectStorage;
  readonly accesses: readonly Access[];
  /** The AWS SDK, pointed here, by path. */
  client(config?: S3ClientConfig): S3Client;
  /** One request; the answer's error code, if there is one, is taken out of it. */
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  /** Files that are there, wanted or not. */
  files(): Promise<string[]>;
}

interface AskOptions {
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly code: string | undefined;
}

export interface S3EndpointOptions {
  readonly keys?: readonly AccessKey[];
  readonly iam?: IamMode;
  readonly anonymous?: boolean;
  readonly clock?: Clock;
  readonly log?: typeof silent;
  readonly limits?: Partial<CloudLimits>;
}

export async function s3Endpoint(options: S3EndpointOptions = {}): Promise<S3Endpoint> {
  const { keys, iam = 'off', anonymous = true, clock = systemClock, log = silent, limits = {} } = options;
  const directory = await mkdtemp(join(tmpdir(), 'causeway-s3-'));
  const { broker, store } = await testBroker({ clock });
  const queues = new Queues(broker, clock);
  const storage = new ObjectStorage({ store, clock, log, dataDirectory: directory });
  await storage.open();
  const accesses: Access[] = [];
  const server = new CloudServer({
    host: '127.0.0.1',
    port: 0,
    account: '000000000000',
    anonymous,
    guard: keys && new Guard({ keys, iam, clock, log, store }),
    services: [sqsService(broker, queues, clock)],
    objects: new ObjectEndpoint(storage),
    clients: new Clients(() => clock.now()),
    clock,
    log,
    limits,
    onAccess: (access) => accesses.push(access),
  });
  const { port } = await server.start();
  const url = `http://127.0.0.1:${port}`;
  const sdks: S3Client[] = [];
  return {
    url,
    port,
    store,
    storage,
    accesses,
    client(config = {}) {
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const client = new S3Client({
        endpoint: url,
        region: 'us-east-1',
        credentials,
        forcePathStyle: true,
        maxAttempts: 1,
        ...config,
      });
      sdks.push(client);
      return client;
    },
    async ask(method, path, { headers = {}, body } = {}) {
      const response = await fetch(url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        code: /<Code>([^<]*)<\/Code>/.exec(text)?.[1],
      };
    },
    async files() {
      const all = await readdir(join(directory, 'objects'), { recursive: true, withFileTypes: true }).catch(() => []);
      return all.filter((entry) => entry.isFile()).map(({ name }) => name);
    },
    [Symbol.asyncDispose]: async () => {
      for (const sdk of sdks) sdk.destroy();
      await server.close();
      await queues.close();
      broker.close();
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Name, message and status of what the AWS SDK was refused. */
export async function refusalOf(sent: Promise<unknown>): Promise<readonly [string, number | undefined]> {
  try {
    await sent;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { $metadata: metadata, Code: code } = error as Error & {
      $metadata?: { httpStatusCode?: number };
      Code?: string;
    };
    return [code ?? error.name, metadata?.httpStatusCode];
  }
  return ['nothing was refused', 200];
}
