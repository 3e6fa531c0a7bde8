// An engine that is not one: seeded random traffic behind the real control server, so that the page and the server
// can be tested and looked at without protocols, stores or time. The same seed gives the same numbers.
import type { ClientRow, DestinationRow, History, Overview, TotalsSample } from '../../broker/control/api.ts';
import type {
  PeekedRecord,
  PeekShardRequest,
  PeekShardResponse,
  PutRecordRequest,
  ShardRow,
  StreamDetail,
  TopicSubscription,
} from '../../broker/control/api-cloud.ts';
import type {
  PeekedMessage,
  PeekRequest,
  PeekResponse,
  ScheduledRow,
  SendRequest,
} from '../../broker/control/api-messages.ts';
import type { RouteRow } from '../../broker/control/api-routes.ts';
import type { LiveSource } from '../../broker/control/live.ts';
import type { Handlers } from '../../broker/control/server.ts';
import { sampleBody, shown } from './fake-bodies.ts';
import { FakeMailbox } from './fake-mails.ts';
import { comparisonOf, shadowRoutes } from './fake-shadows.ts';
import { BrokerError } from '../../broker/core/errors.ts';

type Mutable<Row> = { -readonly [Field in keyof Row]: Row[Field] };

interface Flow {
  readonly row: Mutable<DestinationRow>;
  /** Messages a second. */
  readonly rate: number;
  readonly phase: number;
  readonly keepsUp: boolean;
  messages: PeekedMessage[] | undefined;
}

export interface FakeEngineOptions {
  readonly seed?: number;
  /** Destinations beside the named ones. */
  readonly extraDestinations?: number;
  readonly extraClients?: number;
  /** Nothing at all: what a page shows on the first day. */
  readonly empty?: boolean;
  /** Milliseconds since the epoch at which its time begins. */
  readonly now?: number;
}

const historySeconds = 300;

/** [world, kind, name, messages a second, keeps up]. */
const named = [
  ['mq', 'queue', 'orders', 120, true],
  ['mq', 'queue', 'orders.priority', 14, true],
  ['mq', 'queue', 'payments.captured', 62, true],
  ['mq', 'queue', 'invoices.pdf', 3, true],
  ['mq', 'queue', 'shipping.labels', 8, false],
  ['mq', 'queue', 'DLQ.payments', 0.1, false],
  ['mq', 'topic', 'telemetry.press-7.temperature', 180, true],
  ['mq', 'topic', 'telemetry.press-7.vibration', 240, true],
  ['mq', 'topic', 'telemetry.oven-2.temperature', 90, true],
  ['mq', 'subscription', 'bridge.telemetry', 510, true],
  ['mq', 'subscription', 'dashboard-3 telemetry.#', 510, true],
  ['aws', 'queue', 'orders', 118, true],
  ['aws', 'queue', 'telemetry', 505, false],
  ['aws', 'queue', 'orders-dead-letters', 0.2, false],
  ['mq', 'queue', 'ID:5f0c31aa-77de-4a53:1', 2, true, { variant: 'temporary' }],
  [
    'mq',
    'subscription',
    'ledger',
    3,
    false,
    { variant: 'durable', clientId: 'billing-1', topics: 'invoices.>, payments.captured' },
  ],
  ['mq', 'subscription', 'price-watch', 20, true, { variant: 'durable shared', topics: 'prices.*.eur' }],
  ['aws', 'queue', 'invoices.fifo', 6, true, { variant: 'fifo' }],
  ['aws', 'topic', 'order-events', 40, true],
  ['aws', 'stream', 'page-views', 320, true, { shards: 3, retentionMs: 86_400_000, bytesIn: 0, bytesOut: 0 }],
] as const satisfies readonly (readonly [
  DestinationRow['world'],
  DestinationRow['kind'],
  string,
  number,
  boolean,
  Partial<DestinationRow>?,
])[];

export class FakeEngine implements LiveSource {
  readonly #random: () => number;
  readonly #flows = new Map<string, Flow>();
  readonly #clients = new Map<string, Mutable<ClientRow>>();
  readonly #routes = new Map<string, Mutable<RouteRow>>();
  readonly #samples: TotalsSample[] = [];
  readonly #scheduled: ScheduledRow[] = [];
  readonly mailbox = new FakeMailbox();
  readonly #put: PeekedRecord[] = [];
  readonly #startedAt: number;
  readonly #totals = { received: 0, delivered: 0, bridged: 0 };
  #now: number;
  #commits = 0;
  #nextId = 1;
  epoch = 1;

  constructor({
    seed = 1,
    extraDestinations = 0,
    extraClients = 0,
    empty = false,
    now = Date.now(),
  }: FakeEngineOptions) {
    this.#random = mulberry32(seed);
    this.#now = now - historySeconds * 1000;
    this.#startedAt = this.#now - 86_400_000;
    if (!empty) {
      for (const [world, kind, name, rate, keepsUp, facts] of named) {
        this.#addFlow(world, kind, name, rate, keepsUp, facts);
      }
      this.#addExtraDestinations(extraDestinations);
      this.#addClients(extraClients);
      this.#addRoutes();
      this.#scheduled.push(...scheduledAt(now));
      this.mailbox.fill(now);
    }
    for (let second = 0; second < historySeconds; second += 1) this.step(1000);
  }

  get now(): number {
    return this.#now;
  }

  /** Time goes on, and messages flow. */
  step(ms: number): void {
    this.#now += ms;
    for (const flow of this.#flows.values()) this.#move(flow, ms / 1000);
    for (const client of this.#clients.values()) {
      const busy = this.#random();
      client.messagesIn += Math.floor(busy * 30 * (ms / 1000) * (client.protocol === 'aws' ? 0 : 1));
      client.messagesOut += Math.floor((1 - busy) * 20 * (ms / 1000));
    }
    for (const route of this.#routes.values()) if (route.state === 'running') this.#cross(route, ms / 1000);
    this.#commits += Math.ceil((this.#flows.size === 0 ? 0 : 90) * (ms / 1000));
    if (this.#samples.length === 0 || this.#now - (this.#samples.at(-1)?.at ?? 0) >= 1000) {
      this.#samples.push({ at: this.#now, ...this.#totals });
      if (this.#samples.length > historySeconds + 1) this.#samples.shift();
    }
  }

  overview(): Overview {
    return {
      version: '0.1.0',
      role: 'active',
      epoch: this.epoch,
      startedAt: this.#startedAt,
      dataDirectory: '/home/ada/.local/share/causeway',
      listeners: {
        amqp: { host: '127.0.0.1', port: 5672, anonymous: true },
        mqtt: { host: '127.0.0.1', port: 1883, anonymous: true },
        stomp: { host: '127.0.0.1', port: 61613, anonymous: true },
        amqps: { host: '127.0.0.1', port: 5671, anonymous: false },
        wss: { host: '127.0.0.1', port: 61619, anonymous: false },
        any: { host: '127.0.0.1', port: 61616, anonymous: true },
        cloud: { host: '127.0.0.1', port: 4566, anonymous: true },
        console: { host: '127.0.0.1', port: 8161, anonymous: false },
      },
      users: 12,
      scheduled: this.#scheduled.length,
      memory: {
        residentBytes: 104_857_600 + (this.#commits % 997) * 4096,
        messageBytes: 23_068_672,
        messageLimitBytes: 134_217_728,
      },
      store: { bytes: 482_344_960 + this.#commits * 512, commits: this.#commits, lastCommitMs: 1.4 },
      totals: { ...this.#totals },
    };
  }

  *destinations(): Iterable<DestinationRow> {
    for (const { row } of this.#flows.values()) yield { ...row };
  }

  *clients(): Iterable<ClientRow> {
    for (const row of this.#clients.values()) yield { ...row };
  }

  *routes(): Iterable<RouteRow> {
    for (const row of this.#routes.values()) yield { ...row };
  }

  removeDestination(id: string): void {
    this.#flows.delete(id);
  }

  readonly handlers: Handlers = {
    overview: async () => this.overview(),
    history: async (): Promise<History> => ({ samples: [...this.#samples] }),
    peek: async (request) => this.#peek(request),
    describeTopic: async ({ destination }) => {
      const { name } = this.#find(destination).row;
      return { arn: `arn:aws:sns:us-east-1:000000000000:${name}`, subscriptions: topicSubscriptions };
    },
    describeStream: async ({ destination }) => this.#describeStream(destination),
    describeSubscription: async ({ destination }) => {
      const { variant = '', consumers, topics = '' } = this.#find(destination).row;
      return {
        durable: variant.startsWith('durable'),
        shared: variant.endsWith('shared'),
        active: consumers > 0,
        filters: topics.split(', '),
        noLocal: variant === 'durable',
        ...(variant === 'durable' ? { selector: "amount > 100 AND region IN ('nord', 'süd')" } : {}),
      };
    },
    unsubscribe: async ({ destination }) => {
      this.#find(destination);
      this.#flows.delete(destination);
      return {};
    },
    peekShard: async (request) => this.#peekShard(request),
    putRecord: async (request) => this.#putRecord(request),
    scheduled: async () => ({ messages: this.#scheduled }),
    cancelScheduled: async ({ key }) => {
      const at = this.#scheduled.findIndex((candidate) => candidate.key === key);
      if (at === -1) throw new BrokerError('not-found', 'the message was sent by now, or cancelled');
      this.#scheduled.splice(at, 1);
      return {};
    },
    send: async (request) => this.#send(request),
    purge: async ({ destination }) => this.#purge(destination),
    pauseRoute: async ({ name }) => this.#setRoute(name, 'paused'),
    resumeRoute: async ({ name }) => this.#setRoute(name, 'running'),
    listRoutes: async () => ({ routes: [...this.routes()] }),
    drainRoute: async ({ name }) => this.#setRoute(name, 'paused'),
    replayRoute: async () => ({ replayed: 0 }),
    routeLedger: async () => ({ rows: [] }),
    compareRoute: async ({ name }) => comparisonOf(this.#routes.get(name), this.#now),
    previewRoute: async ({ name }) => ({ route: name, to: '', fields: [] }),
    mailbox: async (request) => this.mailbox.read(request),
    clearMailbox: async () => ({ removed: this.mailbox.clear() }),
    reload: async () => ({ started: [], ended: [], kept: Array.from(this.#routes.keys()), waiting: [] }),
    cloudQuotas: async () => ({ excesses: [] }),
    cloudMetrics: async () => ({ rows: [] }),
    disconnectClient: async ({ id }) => {
      if (!this.#clients.delete(id)) throw new BrokerError('not-found', `no client ${id}`);
      return {};
    },
  };

  #addFlow(
    world: 'mq' | 'aws',
    kind: DestinationRow['kind'],
    name: string,
    rate: number,
    keepsUp: boolean,
    facts: Partial<DestinationRow> = {},
  ): void {
    const id = `${world}:${kind}:${name}`;
    const row: Mutable<DestinationRow> = {
      id,
      world,
      kind,
      name,
      ...(world === 'aws' ? { scope: '000000000000/us-east-1' } : {}),
      ready: 0,
      inFlight: 0,
      delayed: 0,
      dead: 0,
      expired: 0,
      consumers: kind === 'topic' || !keepsUp ? 0 : 1 + Math.floor(this.#random() * 4),
      enqueued: 0,
      dequeued: 0,
      ...facts,
    };
    if (world === 'aws' && kind === 'topic') row.consumers = topicSubscriptions.length;
    this.#flows.set(id, { row, rate, phase: this.#random() * Math.PI * 2, keepsUp, messages: undefined });
  }

  #addExtraDestinations(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const world = this.#random() < 0.75 ? 'mq' : 'aws';
      const tenant = `tenant-${String(Math.floor(index / 4)).padStart(4, '0')}`;
      const subject = ['orders', 'events', 'billing', 'mail'][index % 4] ?? '';
      const separator = world === 'aws' ? '-' : '.';
      this.#addFlow(world, 'queue', `${tenant}${separator}${subject}`, 1 + this.#random() * 40, this.#random() < 0.97);
    }
  }

  #addClients(extra: number): void {
    const rows: [ClientRow['protocol'], string | undefined, string | undefined][] = [
      ['stomp', 'shop-web-1', 'shop'],
      ['stomp', 'shop-web-2', 'shop'],
      ['amqp', 'payments-7c9f', 'payments'],
      ['amqp', 'label-printer', undefined],
      ['mqtt', 'press-7', undefined],
      ['mqtt', 'oven-2', undefined],
      ['mqtt', 'dashboard-3', undefined],
      ['aws', undefined, undefined],
    ];
    for (let index = 0; index < extra; index += 1) {
      rows.push(['mqtt', `sensor-${String(index).padStart(5, '0')}`, undefined]);
    }
    for (const [index, [protocol, clientId, user]] of rows.entries()) {
      this.#clients.set(`${protocol}-${index}`, {
        id: `${protocol}-${index}`,
        protocol,
        ...(clientId === undefined ? {} : { clientId }),
        ...(user === undefined ? {} : { user }),
        address: `127.0.0.1:${40_000 + index}`,
        connectedAt: this.#now - Math.floor(this.#random() * 7_200_000),
        messagesIn: 0,
        messagesOut: 0,
      });
    }
  }

  #addRoutes(): void {
    this.#routes.set('orders-to-sqs', {
      name: 'orders-to-sqs',
      from: 'queue://orders',
      to: 'sqs://000000000000/us-east-1/orders',
      state: 'running',
      transferred: 0,
      deadLettered: 0,
      losses: [],
    });
    this.#routes.set('telemetry', {
      name: 'telemetry',
      from: 'topic://telemetry.>',
      to: 'sqs://000000000000/us-east-1/telemetry',
      state: 'running',
      transferred: 0,
      deadLettered: 0,
      losses: [],
    });
    for (const route of shadowRoutes) this.#routes.set(route.name, { ...route });
    this.#routes.set('invoices', {
      name: 'invoices',
      from: 'queue://invoices.pdf',
      to: 'sqs://000000000000/us-east-1/invoices',
      state: 'failed',
      error: 'the queue "invoices" does not exist in 000000000000/us-east-1',
      transferred: 4180,
      deadLettered: 12,
      losses: [],
    });
  }

  #move(flow: Flow, seconds: number): void {
    const { row } = flow;
    const wave = 1 + 0.35 * Math.sin(this.#now / 41_000 + flow.phase) + 0.15 * Math.sin(this.#now / 7_000 + flow.phase);
    const arriving = Math.floor(flow.rate * wave * seconds + this.#random());
    row.enqueued += arriving;
    if (row.world === 'mq' && row.kind !== 'subscription') this.#totals.received += arriving;
    if (row.kind === 'topic' || row.kind === 'stream') {
      row.dequeued += arriving;
      if (row.bytesIn !== undefined) row.bytesIn += arriving * 180;
      if (row.bytesOut !== undefined) row.bytesOut += arriving * 180;
      return;
    }
    row.ready += arriving;
    const capacity = flow.keepsUp ? flow.rate * 1.6 : flow.rate * 0.9;
    const leaving =
      row.consumers === 0 && (row.world === 'mq' || row.name.includes('dead'))
        ? 0
        : Math.min(row.ready, Math.floor(capacity * seconds + this.#random()));
    row.ready -= leaving;
    row.dequeued += leaving;
    row.inFlight = Math.min(leaving, Math.ceil(this.#random() * row.consumers * 3));
    row.delayed = row.name.includes('invoices') ? 4 : 0;
    if (row.name.startsWith('payments') && this.#random() < 0.02) row.dead += 1;
    this.#totals.delivered += leaving;
  }

  #cross(route: Mutable<RouteRow>, seconds: number): void {
    if (route.mode === 'dry-run') return;
    const crossing = Math.floor(
      (route.name === 'telemetry' ? 480 : 116) * seconds * (1 + 0.3 * Math.sin(this.#now / 53_000)) +
        this.#random() * 6 * seconds,
    );
    route.transferred += crossing;
    this.#totals.bridged += crossing;
    if (route.name !== 'telemetry') return;
    const count = route.transferred;
    route.losses = [
      { field: 'retain', outcome: 'dropped', reason: 'SQS has no retained messages', count: Math.floor(count / 40) },
      { field: 'destination', outcome: 'renamed', reason: 'sent as attribute "causeway.destination"', count },
      { field: 'properties', outcome: 'dropped', reason: 'more than 10 attributes', count: Math.floor(count / 900) },
    ];
  }

  #setRoute(name: string, state: 'running' | 'paused'): RouteRow {
    const route = this.#routes.get(name);
    if (route === undefined) throw new BrokerError('not-found', `no route ${name}`);
    route.state = state;
    delete route.error;
    return { ...route };
  }

  #find(id: string): Flow {
    const flow = this.#flows.get(id);
    if (flow === undefined) throw new BrokerError('not-found', `no destination ${id}`);
    return flow;
  }

  #peek({ destination, after = 0, limit = 50 }: PeekRequest): PeekResponse {
    const flow = this.#find(destination);
    const all = this.#messages(flow);
    const page = all.filter(({ position }) => position > after).slice(0, limit);
    const last = page.at(-1);
    const more = last !== undefined && last !== all.at(-1);
    return { messages: page, ...(more ? { next: last.position } : {}) };
  }

  #send({ destination, body, encoding, contentType, durable = true, properties = {} }: SendRequest): { id: string } {
    const flow = this.#find(destination);
    const bytes = Buffer.from(body, encoding === 'text' ? 'utf8' : 'base64');
    const id = `console-${this.#nextId++}`;
    flow.row.enqueued += 1;
    this.#totals.received += 1;
    if (flow.row.kind === 'topic') return { id };
    const all = this.#messages(flow);
    flow.row.ready += 1;
    all.push({
      position: (all.at(-1)?.position ?? 0) + 1,
      id,
      state: 'ready',
      attempts: 0,
      timestamp: this.#now,
      durable,
      priority: 4,
      ...(contentType === undefined ? {} : { contentType }),
      headers: Object.entries(properties).map(([name, value]) => ({ name, type: 'string', value })),
      bodyBytes: bytes.length,
      bodyBase64: bytes.subarray(0, 65_536).toString('base64'),
      bodyIsText: encoding === 'text',
    });
    return { id };
  }

  #describeStream(destination: string): StreamDetail {
    const { row } = this.#find(destination);
    const half = 2n ** 127n;
    const shard = (number: number, first: bigint, last: bigint, from: number, next: number): ShardRow => ({
      number,
      id: `shardId-${String(number).padStart(12, '0')}`,
      open: number !== 0,
      firstHash: String(first),
      lastHash: String(last),
      share: Number(((last - first + 1n) * 1000n) / 2n ** 128n) / 1000,
      parents: number < 2 ? [] : ['shardId-000000000000'],
      first: from,
      next,
      startingSequenceNumber: '49',
      newestAt: number === 0 ? this.#startedAt + 3_600_000 : this.#now - 120,
    });
    const third = Math.floor(row.enqueued / 3);
    return {
      arn: `arn:aws:kinesis:us-east-1:000000000000:stream/${row.name}`,
      status: 'ACTIVE',
      mode: 'PROVISIONED',
      encrypted: false,
      consumers: ['dashboard'],
      shards: [
        shard(0, 0n, half - 1n, 812, 4_120),
        shard(1, half, 2n ** 128n - 1n, 0, third),
        shard(2, 0n, half / 2n - 1n, 0, third),
        shard(3, half / 2n, half - 1n, 0, third + this.#put.length),
      ],
    };
  }

  /** 120 records in each shard, and those that were put in the last one. */
  #peekShard({ destination, shard, before, limit = 50 }: PeekShardRequest): PeekShardResponse {
    this.#find(destination);
    const made = Array.from({ length: 120 }, (_, position) => recordAt(shard, position, this.#now));
    const all = shard === 3 ? [...made, ...this.#put] : made;
    const page = all.filter(({ position }) => position < (before ?? Infinity)).slice(-limit);
    const first = page[0]?.position ?? 0;
    return { records: page.reverse(), ...(first > 0 ? { before: first } : {}) };
  }

  #putRecord({ destination, partitionKey, body, encoding }: PutRecordRequest) {
    this.#find(destination);
    const position = 120 + this.#put.length;
    const data = Buffer.from(body, encoding === 'text' ? 'utf8' : 'base64');
    this.#put.push({ ...recordAt(3, position, this.#now), partitionKey, at: this.#now, ...shown(data) });
    return { shardId: 'shardId-000000000003', sequenceNumber: sequenceNumber(3, position) };
  }

  #purge(destination: string): { removed: number } {
    const flow = this.#find(destination);
    const removed = flow.row.ready + flow.row.delayed;
    flow.row.ready = 0;
    flow.row.delayed = 0;
    flow.messages = [];
    return { removed };
  }

  #messages(flow: Flow): PeekedMessage[] {
    flow.messages ??= Array.from({ length: Math.min(flow.row.ready, 230) }, (_, index) => this.#message(flow, index));
    return flow.messages;
  }

  #message({ row }: Flow, index: number): PeekedMessage {
    const [body, contentType, text] = sampleBody(row.name, index);
    const isDead = /DLQ|dead/.test(row.name);
    return {
      position: 1000 + index * 3,
      id: `ID:shop-web-1-${41_000 + index}-1:1:${index}`,
      state: index === 0 && row.inFlight > 0 ? 'in-flight' : 'ready',
      attempts: isDead ? 7 : index === 0 ? 1 : 0,
      timestamp: this.#now - (230 - index) * 731,
      ...(index % 9 === 4 ? { expiresAt: this.#now + 3_600_000 } : {}),
      durable: index % 5 !== 3,
      priority: index % 7 === 0 ? 9 : 4,
      contentType,
      headers: [
        { name: 'correlation-id', type: 'string', value: `c-${(index * 7919).toString(16)}` },
        { name: 'tenant', type: 'string', value: index % 2 === 0 ? 'nordlicht' : 'südwind' },
        { name: 'retries', type: 'int', value: String(index % 3) },
        { name: 'express', type: 'boolean', value: String(index % 4 === 0) },
        { name: 'weight', type: 'double', value: (index * 0.37).toFixed(2) },
      ],
      bodyBytes: body.length,
      bodyBase64: body.subarray(0, 65_536).toString('base64'),
      bodyIsText: text,
      ...(isDead
        ? {
            dead: {
              reason: 'redelivered 6 times without success',
              origin: 'queue://payments.captured',
              at: this.#now - index * 9000,
            },
          }
        : {}),
    };
  }
}

const topicSubscriptions: readonly TopicSubscription[] = [
  {
    arn: 'arn:aws:sns:us-east-1:000000000000:order-events:1c1d5f0a-2f3e-4a1b-9a59-0d3f9f6d1c11',
    protocol: 'https',
    endpoint: 'https://shop.example/hooks/orders',
    confirmed: false,
    raw: false,
  },
  {
    arn: 'arn:aws:sns:us-east-1:000000000000:order-events:9b0a7c52-6f7b-4d6a-8a41-3f1d7a2b6e02',
    protocol: 'sqs',
    endpoint: 'arn:aws:sqs:us-east-1:000000000000:orders',
    confirmed: true,
    raw: true,
    filter: { policy: '{"kind":["placed","paid"],"total":[{"numeric":[">=",100]}]}', scope: 'MessageAttributes' },
  },
  {
    arn: 'arn:aws:sns:us-east-1:000000000000:order-events:e3b7a3a4-18e0-4a54-b5ad-6f2f3b0c7d03',
    protocol: 'sqs',
    endpoint: 'arn:aws:sqs:us-east-1:000000000000:telemetry',
    confirmed: true,
    raw: false,
  },
];

function scheduledAt(now: number): readonly ScheduledRow[] {
  const row = (index: number, to: string, inMs: number, more: Partial<ScheduledRow>): ScheduledRow => ({
    key: `${index}`,
    id: `ID:shop-web-1-${52_000 + index}-1:1:${index}`,
    to,
    dueAt: now + inMs,
    ...shown(Buffer.from(JSON.stringify({ reminder: 88_000 + index, tries: index }))),
    ...more,
  });
  return [
    row(1, 'queue://invoices.pdf', 95_000, {}),
    row(2, 'queue://invoices.pdf', 4_300_000, {}),
    row(3, 'topic://telemetry.press-7.temperature', 12_000, { repeat: -1, periodMs: 15_000 }),
    row(4, 'queue://shipping.labels', 41_000, { repeat: 4, periodMs: 60_000 }),
    row(5, 'queue://reports.nightly', 22_000_000, { cron: '0 2 * * *' }),
  ];
}

function recordAt(shard: number, position: number, now: number): PeekedRecord {
  const data =
    position % 13 === 6
      ? Buffer.from(Array.from({ length: 90 }, (_, at) => (at * 41 + position) % 256))
      : Buffer.from(
          JSON.stringify({ page: `/shop/item-${position % 37}`, visitor: `v-${position}`, ms: position * 7 }),
        );
  return {
    position,
    sequenceNumber: sequenceNumber(shard, position),
    partitionKey: `visitor-${(position * 7919) % 1000}`,
    at: now - (120 - position) * 410,
    ...shown(data, position % 13 !== 6),
  };
}

function sequenceNumber(shard: number, position: number): string {
  return `4967${String(shard).padStart(8, '0')}${String(position).padStart(44, '0')}`;
}

/** Uniform in [0, 1), the same for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
