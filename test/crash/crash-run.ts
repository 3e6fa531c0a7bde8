// A run: an engine that is killed with -9 again and again under load and starts anew on the same data, with the routes
// of the sample configuration. It kills a process: what the system had not yet written to the disk survives, so that it
// proves the order of storing and acknowledging, not what a power failure leaves.

import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectStomp } from '../support/stomp-load.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { within } from '../support/within.ts';
import { emptySubscription, makeSubscription } from './durable-subscriber.ts';
import { Ledger } from './ledger.ts';
import type { Verdict } from './ledger.ts';
import {
  longestDelayMs,
  produceAmqp,
  produceDelayed,
  produceExactlyOnce,
  produceMqtt,
  produceStomp,
  produceTransactions,
} from './producers.ts';
import type { Produce } from './producers.ts';
import { Random } from './random.ts';
import { drain, sqsClient, work } from './workers.ts';

export interface CrashRunOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Acknowledgements that an engine is left to give, at most, before it is killed. Default 2000. */
  readonly perRound?: number;
  /** SQS workers receive and delete while the engine is killed. */
  readonly consuming?: boolean;
  /** A module that Node loads before the engine. */
  readonly preload?: URL;
  /** Called after each kill under load. */
  readonly onRound?: (round: number) => void;
}

export interface CrashReport extends Verdict {
  readonly rounds: number;
  readonly seed: number;
  /** Kills before the engine was ready, in the middle of taking over its data. */
  readonly killedWhileStarting: number;
}

/** Whether nothing happened that must not. Without workers, nothing may come twice at all. */
export function isSound(report: CrashReport, consuming: boolean): boolean {
  const { lost, duplicated, resurrected, foreign, repeated, torn, uncopied } = report;
  const wrong = [lost, duplicated, resurrected, foreign, torn, uncopied, consuming ? [] : repeated];
  return wrong.every((names) => names.length === 0);
}

const configuration = fileURLToPath(new URL('../../examples/causeway.yml', import.meta.url));

/** The longest that an engine is left to start before it is killed, in some of the rounds. */
const startMs = 400;
/** From the acknowledgement that calls for the kill, to the kill. */
const spreadMs = 10;
const killsWhileStarting = 0.15;
/** The longest that a client may take to notice that the engine is gone: half of it is what one may take to connect. */
const endedMs = 10_000;
const workersPerQueue = 2;
const queues = ['orders', 'telemetry'] as const;

export async function crashRun(options: CrashRunOptions): Promise<CrashReport> {
  const { rounds, seed, perRound = 2000, consuming = false, preload, onRound } = options;
  const random = new Random(seed);
  const ledger = new Ledger();
  await using directory = await temporaryDirectory();
  const node = preload === undefined ? [] : ['--import', preload.href];
  const start = (): EngineProcess =>
    new EngineProcess({ dataDirectory: directory.path, config: configuration, node, set: ['log.level=warn'] });

  await prepare(start);
  let killedWhileStarting = 0;
  for (let round = 1; round <= rounds; round++) {
    await using engine = start();
    if (random.chance(killsWhileStarting)) {
      // Ready or not.
      engine.seen('ready').catch(() => undefined);
      await delay(random.next() * startMs);
      if (engine.events.length === 0) killedWhileStarting++;
      await engine.kill();
      continue;
    }
    const { listeners } = await engine.seen('ready');
    const ports = Object.fromEntries(Object.entries(listeners).map(([name, { port }]) => [name, port]));
    const moment = { acknowledgements: Math.floor(random.next() * perRound), ms: random.next() * spreadMs };
    await killUnderLoad(engine, ports, { ledger, round, consuming, moment });
    onRound?.(round);
  }
  await finish(start, ledger);
  return { rounds, seed, killedWhileStarting, ...ledger.verdict() };
}

type Ports = Readonly<Record<string, number>>;

async function killUnderLoad(
  engine: EngineProcess,
  ports: Ports,
  options: {
    readonly ledger: Ledger;
    readonly round: number;
    readonly consuming: boolean;
    readonly moment: { readonly acknowledgements: number; readonly ms: number };
  },
): Promise<void> {
  const { ledger, round, consuming, moment } = options;
  let killed = false;
  const open = new Set<string>();
  const produce = async (name: string, protocol: 'amqp' | 'mqtt' | 'stomp', how: Produce): Promise<void> => {
    open.add(name);
    try {
      const producer = await how({ port: ports[protocol]!, ledger, prefix: `${name}-${round}` });
      await producer.ended;
    } catch (error) {
      // It may have been about to connect.
      if (!killed) throw error;
    }
    open.delete(name);
    if (!killed) throw new Error(`the ${name} producer was cut off by an engine that nobody killed:\n${engine.stderr}`);
  };
  const client = sqsClient(ports['cloud']!);
  const load = [
    produce('stomp', 'stomp', produceStomp),
    produce('delayed', 'stomp', produceDelayed),
    produce('transaction', 'stomp', produceTransactions),
    produce('mqtt', 'mqtt', produceMqtt),
    produce('mqtt2', 'mqtt', produceExactlyOnce),
    produce('amqp', 'amqp', produceAmqp),
  ];
  if (consuming) {
    for (const queue of queues) {
      for (let i = 0; i < workersPerQueue; i++) load.push(work(client, queue, ledger));
    }
  }
  const ended = Promise.all(load);
  // What fails before the kill ends the run at once.
  await Promise.race([ended, ledger.acknowledgements(moment.acknowledgements).then(() => delay(moment.ms))]);
  killed = true;
  await engine.kill();
  await within(
    ended,
    endedMs,
    () => `producers (${[...open].join(', ')}) and workers to notice that the engine is gone`,
  );
  client.destroy();
}

async function prepare(start: () => EngineProcess): Promise<void> {
  await using engine = start();
  const { listeners } = await engine.seen('ready');
  await makeSubscription(listeners['stomp']!.port);
}

/** Sends a last message down each route: what came before it is there before it, and then takes everything. */
async function finish(start: () => EngineProcess, ledger: Ledger): Promise<void> {
  await using engine = start();
  const { listeners } = await engine.seen('ready');
  const last = { orders: 'stomp-last-order', telemetry: 'stomp-last-reading' };
  const stomp = await connectStomp(listeners['stomp']!.port);
  const send = (destination: string, id: string): Promise<void> =>
    new Promise((resolve) => {
      const onReceipt = (): void => {
        ledger.acknowledge(id);
        resolve();
      };
      stomp.send({ destination, persistent: 'true' }, { onReceipt }).end(ledger.write(id));
    });
  // What was delayed goes into the queue before it.
  await delay(longestDelayMs);
  await send('/queue/orders', last.orders);
  await send('/topic/telemetry.last', last.telemetry);
  stomp.destroy();
  await emptySubscription(listeners['stomp']!.port, ledger, last.telemetry);
  const client = sqsClient(listeners['cloud']!.port);
  await Promise.all(queues.map((name) => drain(client, name, ledger, last[name])));
  client.destroy();
}
