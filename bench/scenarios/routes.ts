// Through routes: senders with a window of durable messages under way, until all of them are where the routes lead. Nobody
// takes them from there meanwhile.

import { setTimeout as delay } from 'node:timers/promises';
import { LoadProcess } from '../loads/load-process.ts';
import type { LoadOptions } from '../loads/orders.ts';
import { now } from '../measure/clock.ts';
import { UsageMeter } from '../measure/usage.ts';
import { causeway } from '../systems/causeway.ts';
import type { Launcher, System } from '../systems/system.ts';
import { createStream } from './kinesis.ts';
import { bodyBytes, window } from './pairs.ts';
import type { Sample, Timing } from './sample.ts';
import { createTopic, delivered, held } from './sns.ts';
import { createQueue } from './sqs.ts';

const lookMs = 10;

interface Route {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly key?: string;
}

/** The engine with these routes. Options of Node itself come first. */
export function withRoutes(routes: readonly Route[], name = 'causeway', node: readonly string[] = []): Launcher {
  return causeway({ name, node, set: [`routes=${JSON.stringify(routes)}`] });
}

export interface Crossing {
  readonly routes: readonly Route[];
  readonly load: Pick<LoadOptions, 'role' | 'connections' | 'destinations'> & {
    readonly protocol: 'mqtt' | 'stomp' | 'amqp';
  };
  /** Makes what the routes write to. Resolves with what waits until so many messages are there. */
  readonly prepare: (system: System) => Promise<(count: number) => Promise<void>>;
}

export const queue = 'bench-0';
export const topicQueues = ['bench-1', 'bench-2', 'bench-3'] as const;
export const stream = 'bench';
/** As many as a stream of such a rate has at AWS. */
const shards = 20;

export const mqttToSqs: Crossing = {
  routes: [{ name: 'bench', from: 'topic://bench.>', to: `sqs://${queue}` }],
  load: { protocol: 'mqtt', role: 'mqtt-publisher', connections: 2, destinations: ['bench/0'] },
  prepare: async ({ ports }) => {
    await createQueue(ports.cloud!, queue);
    return (count) => inAll(ports.cloud!, [queue], count);
  },
};

export const stompToKinesis: Crossing = {
  routes: [{ name: 'bench', from: 'queue://bench', to: `kinesis://${stream}`, key: 'header:id' }],
  load: { protocol: 'stomp', role: 'stomp-sender', connections: 2, destinations: ['/queue/bench'] },
  prepare: async (system) => {
    await createStream(system.ports.cloud!, stream, shards);
    return async (count) => {
      while ((await transferred(system)) < count) await delay(lookMs);
    };
  },
};

/** `raw`: queues get the message as it is, and not in SNS's envelope, which is signed. */
export function amqpToSns(raw: boolean): Crossing {
  return {
    routes: [{ name: 'bench', from: 'queue://bench', to: 'sns://bench' }],
    load: { protocol: 'amqp', role: 'amqp-sender', connections: 2, destinations: ['bench'] },
    prepare: async ({ ports }) => {
      await createTopic(ports.cloud!, topicQueues, raw);
      return (count) => delivered(ports.cloud!, topicQueues, count);
    },
  };
}

const many = Array.from({ length: 10 }, (_, index) => index);

/** The same load of ten publishers: over one route, or over ten. */
export function overRoutes(count: 1 | 10): Crossing {
  const queues = many.map((index) => `bench-${index}`);
  return {
    routes:
      count === 1
        ? mqttToSqs.routes
        : many.map((index) => ({ name: `bench-${index}`, from: `topic://bench.${index}`, to: `sqs://bench-${index}` })),
    load: {
      protocol: 'mqtt',
      role: 'mqtt-publisher',
      connections: many.length,
      destinations: many.map((index) => `bench/${index}`),
    },
    prepare: async ({ ports }) => {
      for (const name of queues) await createQueue(ports.cloud!, name);
      return (total) => inAll(ports.cloud!, queues, total);
    },
  };
}

export async function measureCrossing(
  system: System,
  { load, prepare }: Pick<Crossing, 'load' | 'prepare'>,
  timing: Timing,
): Promise<readonly Sample[]> {
  const { protocol, ...options } = load;
  const reached = await prepare(system);
  await using sender = await LoadProcess.start({ ...options, port: system.ports[protocol]!, window, bodyBytes });
  const warmedUp = await sender.order({ do: 'send', ms: timing.warmUpMs });
  await reached(warmedUp.count);

  const meter = new UsageMeter(system.pid, [sender.pid]);
  const startedAt = now();
  const sent = await sender.order({ do: 'send', ms: timing.measureMs });
  await reached(sent.count);
  const count = sent.count - warmedUp.count;
  return [{ what: '', perSecond: (count / (now() - startedAt)) * 1000, count, usage: meter.read() }];
}

/** Resolves once the queues together hold so many messages. */
async function inAll(port: number, queues: readonly string[], count: number): Promise<void> {
  for (;;) {
    const each = await Promise.all(queues.map((name) => held(port, name)));
    if (each.reduce((a, b) => a + b, 0) >= count) return;
    await delay(lookMs);
  }
}

/** What the routes have written, by their own account. */
async function transferred({ consoleUrl }: System): Promise<number> {
  const url = new URL(consoleUrl!);
  const response = await fetch(new URL('/api/listRoutes', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${url.searchParams.get('token')}`, 'content-type': 'application/json' },
    body: '{}',
  });
  const { routes } = (await response.json()) as { readonly routes: readonly { readonly transferred: number }[] };
  return routes.reduce((sum, route) => sum + route.transferred, 0);
}
