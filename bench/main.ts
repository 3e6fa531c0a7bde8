// npm run bench: measures the engine beside its peers and prints what README.md says how to read.

import { parseArgs } from 'node:util';
import { cpus, release, totalmem } from 'node:os';
import { compare } from './comparison.ts';
import type { Comparison } from './comparison.ts';
import { loadAverage } from './measure/processes.ts';
import { reports } from './reports.ts';
import { measureKinesis } from './scenarios/kinesis.ts';
import { measurePairs, measureRelay } from './scenarios/pairs.ts';
import type { PairsOptions } from './scenarios/pairs.ts';
import {
  amqpToSns,
  measureCrossing,
  mqttToSqs,
  overRoutes,
  queue,
  stompToKinesis,
  withRoutes,
} from './scenarios/routes.ts';
import type { Crossing } from './scenarios/routes.ts';
import { measureSns } from './scenarios/sns.ts';
import { measureSqs } from './scenarios/sqs.ts';
import { activemq, isActivemqThere } from './systems/activemq.ts';
import { aedes } from './systems/aedes.ts';
import { causeway } from './systems/causeway.ts';
import { fauxqs } from './systems/fauxqs.ts';
import { kinesalite } from './systems/kinesalite.ts';
import { mosquitto, mosquittoProgram } from './systems/mosquitto.ts';
import { rabbitmq, rabbitmqProgram } from './systems/rabbitmq.ts';
import { relay } from './systems/relay.ts';
import type { Launcher } from './systems/system.ts';

const ofProtocols = ['mqtt', 'sqs', 'sqs-fifo', 'sns', 'kinesis', 'stomp', 'amqp', 'routes'];
const scenarios = [...ofProtocols, 'latency', 'fan-out', 'failover', 'start', 'breadth', 'cloud-breadth'];

const help = `npm run bench -- [options]

  --peers            also mosquitto, ActiveMQ and RabbitMQ, where Debian's packages are installed
  --only NAMES       of: ${scenarios.join(', ')};
                     separated by commas
  --runs N           runs of each comparison (5)
  --seconds N        that each run measures (4)
  --warm-up N        seconds before that (2)
  --patience N       seconds to wait for a quiet machine before each run (30)
  --failovers N      kills of the active engine, and of what carries messages into SQS (20)
  --backlog N        messages that the engine starts with (1000000)
`;

const { values } = parseArgs({
  options: {
    peers: { type: 'boolean', default: false },
    only: { type: 'string', default: scenarios.join(',') },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    'warm-up': { type: 'string', default: '2' },
    patience: { type: 'string', default: '30' },
    failovers: { type: 'string', default: '20' },
    backlog: { type: 'string', default: '1000000' },
    help: { type: 'boolean', default: false },
  },
});

const runs = Number(values.runs);
const timing = { warmUpMs: Number(values['warm-up']) * 1000, measureMs: Number(values.seconds) * 1000 };
const patienceMs = Number(values.patience) * 1000;
const engine = causeway();

function peers(...candidates: readonly [Launcher, boolean][]): Launcher[] {
  return values.peers ? candidates.filter(([, isThere]) => isThere).map(([launcher]) => launcher) : [];
}

const onMosquitto: [Launcher, boolean] = [mosquitto, mosquittoProgram !== undefined];
const onActivemq: [Launcher, boolean] = [activemq, isActivemqThere];
const onRabbitmq: [Launcher, boolean] = [rabbitmq, rabbitmqProgram !== undefined];

function pairs(title: string, options: PairsOptions, systems: readonly Launcher[]): Comparison {
  return { title, systems, measure: (system, given) => measurePairs(system, options, given) };
}

/** `beside`: what does the same, and needs nothing made for it. */
function crossing(title: string, { routes, ...rest }: Crossing, beside: readonly Launcher[] = []): Comparison {
  return {
    title,
    systems: [withRoutes(routes), ...beside],
    measure: (system, given) => measureCrossing(system, rest, given),
  };
}

const mqttSystems = [engine, aedes, ...peers(onMosquitto, onActivemq, onRabbitmq)];
const stompSystems = [engine, ...peers(onActivemq, onRabbitmq)];
const amqpSystems = [engine, ...peers(onRabbitmq)];

const comparisons: Readonly<Record<string, readonly Comparison[]>> = {
  mqtt: [
    pairs('MQTT, QoS 1, 2 publishers to 2 subscribers', { protocol: 'mqtt', senders: 2, receivers: 2 }, mqttSystems),
    pairs('MQTT, QoS 1, 2 publishers to 1 subscriber', { protocol: 'mqtt', senders: 2, receivers: 1 }, mqttSystems),
    {
      title: 'MQTT, QoS 0, 2 publishers to a subscriber each',
      systems: mqttSystems,
      measure: (system, given) => measureRelay(system, 2, given),
    },
  ],
  sqs: [
    {
      title: 'SQS over JSON, 32 connections',
      systems: [engine, fauxqs],
      measure: (system, given) => measureSqs(system, 'standard', given),
    },
  ],
  'sqs-fifo': [
    {
      title: 'SQS, FIFO queue, 1,000 groups, 32 connections',
      systems: [engine, fauxqs],
      measure: (system, given) => measureSqs(system, 'fifo', given),
    },
  ],
  sns: [
    {
      title: 'SNS, publish to 10 SQS queues, 32 connections',
      systems: [engine, fauxqs],
      measure: (system, given) => measureSns(system, false, given),
    },
    {
      title: 'SNS, publish to 10 SQS queues, raw delivery, 32 connections',
      systems: [engine, fauxqs],
      measure: (system, given) => measureSns(system, true, given),
    },
  ],
  kinesis: [
    { title: 'Kinesis, 500 records a put, 32 connections', systems: [engine, kinesalite], measure: measureKinesis },
  ],
  stomp: [
    pairs('STOMP, persistent, 1 pair', { protocol: 'stomp', senders: 1, receivers: 1 }, stompSystems),
    pairs('STOMP, persistent, 4 pairs', { protocol: 'stomp', senders: 4, receivers: 4 }, stompSystems),
  ],
  routes: [
    crossing('Route, MQTT to SQS', mqttToSqs, [relay('bench/#', queue)]),
    crossing('Route, STOMP to Kinesis', stompToKinesis),
    crossing('Route, AMQP to SNS with 3 SQS queues, raw delivery', amqpToSns(true)),
    crossing('Route, AMQP to SNS with 3 SQS queues, in signed envelopes', amqpToSns(false)),
    {
      title: 'Ten publishers, MQTT to SQS, through ten routes and through one',
      systems: [withRoutes(overRoutes(10).routes, 'ten routes'), withRoutes(overRoutes(1).routes, 'one route')],
      measure: (system, given) => measureCrossing(system, overRoutes(10), given),
    },
  ],
  amqp: [
    pairs('AMQP 1.0, durable, 1 pair', { protocol: 'amqp', senders: 1, receivers: 1 }, amqpSystems),
    pairs('AMQP 1.0, durable, 4 pairs', { protocol: 'amqp', senders: 4, receivers: 4 }, amqpSystems),
  ],
};

const reportOptions = {
  engine,
  runs,
  timing,
  patienceMs,
  failovers: Number(values.failovers),
  backlog: Number(values.backlog),
  progress,
};

function progress(line: string): void {
  process.stderr.write(`${line} (load ${loadAverage()})\n`);
}

function machine(): string {
  const [processor] = cpus();
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`;
  const date = new Date().toISOString().slice(0, 10);
  return `${date}; ${cpus().length} x ${processor?.model ?? 'unknown'}, ${memory}; Linux ${release()}; Node ${process.version}`;
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(help);
    return;
  }
  console.log(machine());
  console.log(`${runs} runs of ${timing.measureMs / 1000} s after ${timing.warmUpMs / 1000} s; median (least to most)`);
  for (const name of values.only.split(',')) {
    const compared = comparisons[name];
    const report = reports[name];
    if (compared === undefined && report === undefined) throw new Error(`no scenario "${name}"\n\n${help}`);
    for (const comparison of compared ?? []) {
      console.log(`\n${await compare(comparison, { timing, runs, patienceMs, progress })}`);
    }
    if (report !== undefined) console.log(`\n${await report(reportOptions)}`);
  }
}

await main();
