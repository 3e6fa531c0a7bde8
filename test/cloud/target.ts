// What tests of clients run against, by CAUSEWAY_AWS: nothing, and it is an endpoint of their own in memory; a URL, and it is
// whatever serves there; `real`, and it is AWS, with the credentials and the region that the SDK finds. A test that names
// what it makes by `name`, and asks nothing but the SDK, cannot tell which.

import { randomBytes, randomInt } from 'node:crypto';
import { DeleteStreamCommand, KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { DeleteTopicCommand, ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { DeleteQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CloudServer } from '../../broker/cloud/http.ts';
import type { CloudLimits } from '../../broker/cloud/limits.ts';
import { openKinesis } from '../../broker/cloud/kinesis/model/open-kinesis.ts';
import { kinesisService } from '../../broker/cloud/kinesis/service.ts';
import { Sns } from '../../broker/cloud/sns/model/sns.ts';
import { snsService } from '../../broker/cloud/sns/service.ts';
import { Queues } from '../../broker/cloud/sqs/model/queues.ts';
import { FifoDelivery } from '../../broker/cloud/sqs/model/sending.ts';
import { sqsService } from '../../broker/cloud/sqs/service.ts';
import type { Service } from '../../broker/cloud/service.ts';
import { Clients } from '../../broker/core/clients.ts';
import { Streams } from '../../broker/core/streams.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import { testBroker } from '../support/broker.ts';

/** What every SDK client is made with. */
interface ClientConfig {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts?: number;
}

export interface Target extends AsyncDisposable {
  /** Undefined: AWS itself. */
  readonly url: string | undefined;
  readonly region: string;
  readonly config: ClientConfig;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly kinesis: KinesisClient;
  /** Of an endpoint of the test's own: what it serves. */
  readonly services: readonly Service[];
  /** A name that nothing else has; what bears it, is deleted at the end. */
  name(what: string, suffix?: string): string;
}

export interface TargetOptions {
  /** Of an endpoint of the test's own. */
  readonly limits?: Partial<CloudLimits>;
  readonly stateDelayMs?: number;
}

const where = process.env['CAUSEWAY_AWS'] ?? '';
/** Whether it is an endpoint of the test's own. */
export const isOwn = where === '';
export const isReal = where === 'real';

export async function target(options: TargetOptions = {}): Promise<Target> {
  const own = isOwn ? await serveAll(options) : undefined;
  const url = own?.url ?? (isReal ? undefined : where.replace(/\/$/, ''));
  const region = isReal ? (process.env['AWS_REGION'] ?? 'us-east-1') : 'us-east-1';
  // Elsewhere than at AWS a key of twelve digits is an account, and every test has one of its own.
  const accessKeyId = isOwn ? 'test' : String(randomInt(1e11, 1e12 / 4));
  const credentials = { accessKeyId, secretAccessKey: 'test' };
  const config: ClientConfig = url === undefined ? { region } : { region, endpoint: url, credentials, maxAttempts: 1 };
  const run = `causeway-${randomBytes(4).toString('hex')}`;
  const [sqs, sns, kinesis] = [new SQSClient(config), new SNSClient(config), new KinesisClient(config)];
  return {
    url,
    region,
    config,
    sqs,
    sns,
    kinesis,
    services: own?.services ?? [],
    name: (what, suffix = '') => `${run}-${what}${suffix}`,
    async [Symbol.asyncDispose]() {
      if (!isOwn) await removeAll(run, { sqs, sns, kinesis });
      for (const client of [sqs, sns, kinesis]) client.destroy();
      await own?.close();
    },
  };
}

async function removeAll(run: string, { sqs, sns, kinesis }: Pick<Target, 'sqs' | 'sns' | 'kinesis'>): Promise<void> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: run, MaxResults: 1000 }));
  for (const QueueUrl of QueueUrls) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  for (const { TopicArn = '' } of Topics) {
    if (TopicArn.includes(`:${run}-`)) await sns.send(new DeleteTopicCommand({ TopicArn }));
  }
  const { StreamNames = [] } = await kinesis.send(new ListStreamsCommand({ ExclusiveStartStreamName: run }));
  for (const StreamName of StreamNames.filter((name) => name.startsWith(`${run}-`))) {
    await kinesis.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true }));
  }
}

async function serveAll({
  limits = {},
  stateDelayMs = 0,
}: TargetOptions): Promise<{ readonly url: string; readonly services: readonly Service[]; close(): Promise<void> }> {
  const clock = systemClock;
  const { broker, store } = await testBroker({ clock });
  const queues = new Queues(broker, clock);
  await queues.start();
  const sns = new Sns({ broker, queues, fifoQueues: new FifoDelivery(queues), clock, log: silent });
  await sns.start();
  const streams = new Streams({ store, clock, log: silent });
  await streams.start();
  const kinesis = await openKinesis({ streams, store, clock, log: silent, stateDelayMs });
  const services = [sqsService(broker, queues, clock), snsService(sns), kinesisService(kinesis)];
  const server = new CloudServer({
    host: '127.0.0.1',
    port: 0,
    account: '000000000000',
    services,
    clients: new Clients(() => clock.now()),
    clock,
    log: silent,
    limits,
  });
  const { port } = await server.start();
  return {
    url: `http://127.0.0.1:${port}`,
    services,
    async close() {
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
