// The cloud endpoint with SQS, SNS and Kinesis behind a guard, over a broker in memory; and signed ways to talk to it.

import { KinesisClient } from '@aws-sdk/client-kinesis';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { root, user } from '../../../broker/cloud/auth/caller.ts';
import { Guard } from '../../../broker/cloud/auth/guard.ts';
import type { IamMode } from '../../../broker/cloud/auth/guard.ts';
import { readIdentityPolicy } from '../../../broker/cloud/auth/policy.ts';
import type { AccessKey } from '../../../broker/cloud/auth/signatures.ts';
import { CloudServer } from '../../../broker/cloud/http.ts';
import type { CloudServerOptions } from '../../../broker/cloud/http.ts';
import { openKinesis } from '../../../broker/cloud/kinesis/model/open-kinesis.ts';
import { kinesisService } from '../../../broker/cloud/kinesis/service.ts';
import { Sns } from '../../../broker/cloud/sns/model/sns.ts';
import { snsService } from '../../../broker/cloud/sns/service.ts';
import { queueResource } from '../../../broker/cloud/sqs/authorization.ts';
import { Queues } from '../../../broker/cloud/sqs/model/queues.ts';
import { FifoDelivery } from '../../../broker/cloud/sqs/model/sending.ts';
import { sqsService } from '../../../broker/cloud/sqs/service.ts';
import { Clients } from '../../../broker/core/clients.ts';
import { Streams } from '../../../broker/core/streams.ts';
import type { MemoryStore } from '../../../broker/store/memory-store.ts';
import { systemClock } from '../../../broker/util/clock.ts';
import { silent } from '../../../broker/util/log.ts';
import { testBroker } from '../../support/broker.ts';

export const region = 'us-east-1';
export const shop = '111122223333';
export const other = '444455556666';

export function accessKey(id: string, account: string, name?: string, ...policies: unknown[]): AccessKey {
  const caller = name === undefined ? root(account) : user(account, name, policies.map(readIdentityPolicy));
  return { accessKeyId: id, secretAccessKey: secretOf(id), caller };
}

export function secretOf(id: string): string {
  return `secret of ${id}`;
}

export interface SignedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly text: string;
}

interface Signable {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface Signing {
  readonly id?: string;
  readonly secret?: string;
  readonly token?: string;
  readonly service: string;
  readonly region?: string;
  readonly at?: number;
}

export interface GuardedEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly store: MemoryStore;
  sqs(id?: string, secret?: string): SQSClient;
  sns(id?: string, secret?: string): SNSClient;
  kinesis(id?: string, secret?: string): KinesisClient;
  /** One request, signed by the AWS SDK's signer; `change` alters it afterwards. */
  signed(
    request: Signable,
    signing: Signing,
    change?: (headers: Record<string, string>) => void,
  ): Promise<SignedAnswer>;
  /** A URL that the AWS SDK's signer has signed. */
  presigned(request: Signable, signing: Signing & { readonly expiresIn?: number }): Promise<string>;
}

export async function guardedEndpoint(
  options: {
    readonly keys?: readonly AccessKey[];
    readonly iam?: IamMode;
    readonly anonymous?: boolean;
    readonly certificates?: CloudServerOptions['certificates'];
  } = {},
): Promise<GuardedEndpoint> {
  const { keys = [accessKey('SHOPKEY', shop)], iam = 'off', anonymous = true } = options;
  const clock = systemClock;
  const { broker, store } = await testBroker({ clock });
  const guard = new Guard({ keys, iam, clock, log: silent, store });
  const queues = new Queues(broker, clock);
  await queues.start();
  const sns = new Sns({
    broker,
    queues,
    fifoQueues: new FifoDelivery(queues),
    clock,
    log: silent,
    permits: (queue, { arn, location }) =>
      guard.permitsDelivery(queueResource(queue), { arn, account: location.account }, location.region),
  });
  await sns.start();
  const streams = new Streams({ store, clock, log: silent });
  await streams.start();
  const kinesis = await openKinesis({ streams, store, clock, log: silent, stateDelayMs: 0 });
  const server = new CloudServer({
    host: '127.0.0.1',
    port: 0,
    account: '000000000000',
    anonymous,
    guard,
    certificates: options.certificates,
    services: [sqsService(broker, queues, clock), snsService(sns), kinesisService(kinesis)],
    clients: new Clients(() => clock.now()),
    clock,
    log: silent,
  });
  const { port } = await server.start();
  const url = `http://127.0.0.1:${port}`;
  const sdks: { destroy(): void }[] = [];
  const keep = <T extends { destroy(): void }>(client: T): T => {
    sdks.push(client);
    return client;
  };
  const config = (id = keys[0]?.accessKeyId ?? 'test', secret = secretOf(id)) => ({
    endpoint: url,
    region,
    credentials: { accessKeyId: id, secretAccessKey: secret },
    maxAttempts: 1,
  });
  const signerOf = async ({ id = keys[0]?.accessKeyId ?? 'test', secret = secretOf(id), token }: Signing) => {
    const credentials = {
      accessKeyId: id,
      secretAccessKey: secret,
      ...(token === undefined ? {} : { sessionToken: token }),
    };
    const client = keep(new SQSClient({ ...config(), credentials }));
    return client.config.signer();
  };
  const whole = ({ method = 'POST', path = '/', query = {}, headers = {}, body }: Signable) => ({
    method,
    protocol: 'http:',
    hostname: '127.0.0.1',
    port,
    path,
    query,
    headers: { host: `127.0.0.1:${port}`, ...headers },
    body,
  });
  const whereAndWhen = ({ service, region: signingRegion = region, at = Date.now() }: Signing) => ({
    signingService: service,
    signingRegion,
    signingDate: new Date(at),
  });
  return {
    url,
    store,
    sqs: (id, secret) => keep(new SQSClient(config(id, secret))),
    sns: (id, secret) => keep(new SNSClient(config(id, secret))),
    kinesis: (id, secret) => keep(new KinesisClient(config(id, secret))),
    async signed(request, signing, change) {
      const signer = await signerOf(signing);
      const { headers, method, path } = await signer.sign(whole(request), whereAndWhen(signing));
      const sent = { ...headers };
      change?.(sent);
      const query = new URLSearchParams(request.query).toString();
      const response = await fetch(`${url}${path}${query === '' ? '' : `?${query}`}`, {
        method,
        headers: sent,
        body: request.body === undefined ? null : new Uint8Array(Buffer.from(request.body)),
      });
      const body = Buffer.from(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, body, text: body.toString() };
    },
    async presigned(request, signing) {
      const signer = await signerOf(signing);
      if (!('presign' in signer) || typeof signer.presign !== 'function') throw new Error('cannot presign');
      const { path, query } = await signer.presign(whole({ method: 'GET', ...request }), {
        ...whereAndWhen(signing),
        expiresIn: signing.expiresIn ?? 300,
      });
      return `${url}${path}?${new URLSearchParams(query).toString().replaceAll('+', '%20')}`;
    },
    [Symbol.asyncDispose]: async () => {
      for (const sdk of sdks) sdk.destroy();
      await server.close();
      kinesis.streams.close();
      await streams.close();
      await sns.close();
      await queues.close();
      broker.close();
      await store.close();
    },
  };
}

/** Name, message and status of what the AWS SDK was refused. */
export async function refusalOf(sent: Promise<unknown>): Promise<readonly [string, string, number | undefined]> {
  try {
    await sent;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { $metadata: metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return [error.name, error.message, metadata?.httpStatusCode];
  }
  return ['', 'nothing was refused', 200];
}
