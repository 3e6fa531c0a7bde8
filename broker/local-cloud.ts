// The AWS side of the engine: SQS, SNS, Kinesis and S3 over the broker and its store, and the port on which they are served.
// Puts together what cloud/ has, as front.ts does with what the broker's clients see.

import { Guard } from './cloud/auth/guard.ts';
import { CloudServer } from './cloud/http.ts';
import type { Kinesis } from './cloud/kinesis/model/kinesis.ts';
import { openKinesis } from './cloud/kinesis/model/open-kinesis.ts';
import { kinesisService } from './cloud/kinesis/service.ts';
import { Quotas } from './cloud/quotas.ts';
import { ObjectEndpoint } from './cloud/s3/endpoint.ts';
import { ObjectStorage } from './cloud/s3/model/storage.ts';
import { Sns } from './cloud/sns/model/sns.ts';
import { snsService } from './cloud/sns/service.ts';
import { queueResource } from './cloud/sqs/authorization.ts';
import { Queues } from './cloud/sqs/model/queues.ts';
import { FifoDelivery } from './cloud/sqs/model/sending.ts';
import type { Sqs } from './cloud/sqs/model/sqs.ts';
import { sqsService } from './cloud/sqs/service.ts';
import { allowsAnonymous } from './config.ts';
import type { Config } from './config.ts';
import type { Broker } from './core/broker.ts';
import type { Clients } from './core/clients.ts';
import { BrokerError } from './core/errors.ts';
import { Streams } from './core/streams.ts';
import type { TryToListen } from './front.ts';
import type { Certificates } from './protocols/transport/certificates.ts';
import type { Clock } from './util/clock.ts';
import type { Log } from './util/log.ts';

export interface LocalCloudOptions {
  readonly config: Config;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  /** Told what is to be undone at the end, the last first. */
  readonly atEnd: (stop: () => Promise<void> | void) => void;
}

/** What the configuration has of each; what is there already keeps its attributes. */
export type Wanted = Pick<Config['cloud'], 'queues' | 'buckets'>;

/** What stands between callers and what they ask for. */
interface Gates {
  readonly guard: Guard | undefined;
  readonly quotas: Quotas;
}

export class LocalCloud {
  readonly sqs: Sqs;
  readonly fifo: FifoDelivery;
  readonly sns: Sns;
  readonly kinesis: Kinesis;
  readonly storage: ObjectStorage;
  readonly #options: LocalCloudOptions;
  readonly #gates: Gates;

  private constructor(
    options: LocalCloudOptions,
    gates: Gates,
    parts: Pick<LocalCloud, 'sqs' | 'fifo' | 'sns' | 'kinesis' | 'storage'>,
  ) {
    this.#options = options;
    this.#gates = gates;
    this.sqs = parts.sqs;
    this.fifo = parts.fifo;
    this.sns = parts.sns;
    this.kinesis = parts.kinesis;
    this.storage = parts.storage;
  }

  /** Starts the broker too: what SQS keeps with its queues decides how they are restored. */
  static async open(options: LocalCloudOptions): Promise<LocalCloud> {
    const { broker, clock } = options;
    const queues = await startQueues(options);
    const fifo = new FifoDelivery(queues);
    const quotas = new Quotas(options.config.cloud.quotas ?? 'off', clock, broker.store);
    const gates = { guard: makeGuard(options), quotas };
    const sns = await startSns(options, queues, fifo, gates);
    const kinesis = await startKinesis(options);
    const storage = await openStorage(options);
    const cloud = new LocalCloud(options, gates, { sqs: { broker, queues, clock }, fifo, sns, kinesis, storage });
    await cloud.create(options.config.cloud);
    return cloud;
  }

  /** @throws BrokerError `invalid`: SQS refuses a queue, or S3 a bucket. */
  async create({ queues, buckets }: Wanted): Promise<void> {
    const { account, region } = this.#options.config.cloud;
    for (const { name, attributes } of queues) {
      if (this.sqs.queues.find({ account, region }, name) !== undefined) continue;
      try {
        const kind = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
        await this.sqs.queues.create({ account, region }, name, new Map(Object.entries({ ...kind, ...attributes })));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new BrokerError('invalid', `configuration: cloud.queues: queue "${name}": ${reason}`, { cause: error });
      }
    }
    for (const name of buckets) {
      if (this.storage.buckets.find(name) === undefined) await this.storage.buckets.create(name, account, region);
    }
  }

  /** Mail goes out by another relay, or by none. */
  relayBy(smtp: LocalCloudOptions['config']['cloud']['sns']['smtp']): Promise<void> {
    return this.sns.relayBy(smtp);
  }

  /** Serves all of it, if there is a listener for it. */
  async listen(clients: Clients, certificates: Certificates | undefined, tryToListen: TryToListen): Promise<void> {
    const { config, broker, clock, log, atEnd } = this.#options;
    const settings = config.listeners.cloud;
    if (settings === false) return;
    const { host, port } = settings;
    const { account, region, credentials, origins } = config.cloud;
    const { guard, quotas } = this.#gates;
    const server = new CloudServer({
      host,
      port,
      anonymous: allowsAnonymous(settings),
      guard,
      certificates,
      account,
      region,
      // Who has to sign cannot be made to call by a page.
      origins: credentials.length > 0 ? ['*'] : origins,
      services: [
        sqsService(broker, this.sqs.queues, clock, quotas),
        snsService(this.sns, quotas),
        kinesisService(this.kinesis, quotas),
      ],
      objects: new ObjectEndpoint(this.storage),
      clients,
      clock,
      log: log.child({ component: 'cloud' }),
    });
    await tryToListen('cloud', settings, () => server.start());
    atEnd(() => server.close());
  }
}

async function startQueues({ config, broker, clock, atEnd }: LocalCloudOptions): Promise<Queues> {
  const { stateDelayMs, sqs } = config.cloud;
  const queues = new Queues(broker, clock, { stateDelayMs, ...sqs });
  await broker.start((definition) => queues.policyOf(definition));
  atEnd(() => queues.close());
  await queues.start();
  return queues;
}

/** Undefined where nothing is checked: then nobody asks it. */
function makeGuard({ config, broker, clock, log }: LocalCloudOptions): Guard | undefined {
  const { credentials: keys, iam } = config.cloud;
  if (keys.length === 0 && iam === 'off') return undefined;
  return new Guard({ keys, iam, clock, log: log.child({ component: 'iam' }), store: broker.store });
}

async function startSns(
  { config, broker, clock, log, atEnd }: LocalCloudOptions,
  queues: Queues,
  fifoQueues: FifoDelivery,
  { guard, quotas }: Gates,
): Promise<Sns> {
  const sns = new Sns({
    broker,
    queues,
    fifoQueues,
    clock,
    log: log.child({ component: 'sns' }),
    smtp: config.cloud.sns.smtp,
    quotas,
    permits:
      guard &&
      ((queue, { arn, location: { account, region } }) =>
        guard.permitsDelivery(queueResource(queue), { arn, account }, region)),
  });
  atEnd(() => sns.close());
  await sns.start();
  return sns;
}

async function startKinesis({
  config,
  broker: { store },
  clock,
  log: parent,
  atEnd,
}: LocalCloudOptions): Promise<Kinesis> {
  const log = parent.child({ component: 'streams' });
  const streams = new Streams({ store, clock, log });
  await streams.start();
  atEnd(() => streams.close());
  const { stateDelayMs, quotas = 'enforce' } = config.cloud;
  const kinesis = await openKinesis({ streams, store, clock, log, stateDelayMs, quotas });
  atEnd(() => kinesis.streams.close());
  return kinesis;
}

async function openStorage({ config, broker: { store }, clock, log }: LocalCloudOptions): Promise<ObjectStorage> {
  const { dataDirectory } = config;
  const storage = new ObjectStorage({ store, dataDirectory, clock, log: log.child({ component: 'objects' }) });
  await storage.open();
  return storage;
}
