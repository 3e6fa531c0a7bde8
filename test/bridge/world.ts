// A broker with SQS, SNS and Kinesis over one store, and the routes of a configuration between them.

import { openKinesis } from '../../broker/cloud/kinesis/model/open-kinesis.ts';
import type { Kinesis } from '../../broker/cloud/kinesis/model/kinesis.ts';
import type { Settings } from '../../broker/cloud/kinesis/model/settings.ts';
import { Sns } from '../../broker/cloud/sns/model/sns.ts';
import { Queues } from '../../broker/cloud/sqs/model/queues.ts';
import { FifoDelivery } from '../../broker/cloud/sqs/model/sending.ts';
import { loadConfig } from '../../broker/config.ts';
import { Broker } from '../../broker/core/broker.ts';
import type { Message } from '../../broker/core/message.ts';
import type { Queue } from '../../broker/core/queue.ts';
import { Streams } from '../../broker/core/streams.ts';
import type { ObjectStore } from '../../broker/bridge/claim-check.ts';
import type { Route } from '../../broker/bridge/route.ts';
import { Routes } from '../../broker/routes.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import { memoryObjects } from './claim-check-objects.ts';

export interface World extends AsyncDisposable {
  readonly store: MemoryStore;
  readonly broker: Broker;
  readonly queues: Queues;
  readonly sns: Sns;
  readonly kinesis: Kinesis;
  readonly routes: Routes;
  route(name: string): Route;
  sqs(name: string): Queue;
  /** What a queue holds. */
  messages(queue: Queue): Promise<readonly Message[]>;
}

export const location = { account: '000000000000', region: 'us-east-1' };

const settings: Settings = {
  mode: 'PROVISIONED',
  metrics: [],
  tags: [],
  consumers: [],
  maxRecordKiB: 1024,
  distribution: 'USER_PARTITION_KEY',
  scaledAt: [],
  modeChangedAt: [],
};

export interface WorldOptions {
  /** In YAML. */
  readonly routes: string;
  /** In YAML. */
  readonly remotes?: string;
  /** Resources that are there before the routes start. */
  readonly queues?: readonly string[];
  readonly topics?: readonly string[];
  readonly streams?: readonly (readonly [name: string, shards: number])[];
  /** Where bodies go by claim check. */
  readonly objects?: ObjectStore;
  /** One that another world has left is taken up. */
  readonly store?: MemoryStore;
}

export async function world({
  routes: wanted,
  remotes = '{}',
  queues: queueNames = [],
  topics = [],
  streams: streamNames = [],
  store = new MemoryStore(),
  objects = memoryObjects(),
}: WorldOptions): Promise<World> {
  const config = loadConfig({ set: [`remotes=${remotes}`, `routes=${wanted}`] });
  const broker = new Broker({ store, clock: systemClock, log: silent, memoryLimitBytes: 64 * 1024 * 1024 });
  const queues = new Queues(broker, systemClock);
  await broker.start((definition) => queues.policyOf(definition));
  await queues.start();
  const fifo = new FifoDelivery(queues);
  const sns = new Sns({ broker, queues, fifoQueues: fifo, clock: systemClock, log: silent });
  await sns.start();
  const streams = new Streams({ store, clock: systemClock, log: silent });
  await streams.start();
  const kinesis = await openKinesis({ streams, store, clock: systemClock, log: silent, stateDelayMs: 0 });
  for (const name of queueNames) await queues.create(location, name, fifoAttribute(name, 'FifoQueue'));
  for (const name of topics) await sns.topics.create(location, name, fifoAttribute(name, 'FifoTopic'), new Map());
  for (const [name, shards] of streamNames) await kinesis.streams.create(location, name, shards, settings);
  const sqs = { broker, queues, clock: systemClock };
  const routes = new Routes({
    config,
    sqs,
    sns,
    kinesis,
    objects,
    fifo,
    clock: systemClock,
    log: silent,
    origin: () => 'http://h',
  });
  await routes.apply(config);
  return {
    store,
    broker,
    queues,
    sns,
    kinesis,
    routes,
    route: (name) => routes.all.find((route) => route.name === name)!,
    sqs: (name) => queues.find(location, name)!.core,
    messages: async (queue) => (await queue.browse(0, 10_000)).map(({ message }) => message),
    [Symbol.asyncDispose]: async () => {
      await routes.close();
      kinesis.streams.close();
      await streams.close();
      await sns.close();
      await queues.close();
      broker.close();
    },
  };
}

function fifoAttribute(name: string, attribute: string): ReadonlyMap<string, string> {
  return new Map(name.endsWith('.fifo') ? [[attribute, 'true']] : []);
}
