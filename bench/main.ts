// npm run bench: measures the engine beside its peers and prints what README.md says how to read.

import { parseArgs } from 'node:util';
import { cpus, release, totalmem } from 'node:os';
import { compare } from './comparison.ts';
import type { Comparison } from './comparison.ts';
import { quiet, undisturbed } from './measure/quiet.ts';
import { loadAverage } from './measure/processes.ts';
import { percentile } from './measure/statistics.ts';
import { table, withSpread } from './measure/text.ts';
import { measureFanOut, measureIdle, measureQueues, measureTopics } from './scenarios/breadth.ts';
import { measureFailover } from './scenarios/failover.ts';
import { measureLatency } from './scenarios/latency.ts';
import { measurePairs } from './scenarios/pairs.ts';
import type { PairsOptions } from './scenarios/pairs.ts';
import { measureSqs } from './scenarios/sqs.ts';
import { measureBacklog, measureEmptyStarts } from './scenarios/start.ts';
import { activemq, isActivemqThere } from './systems/activemq.ts';
import { aedes } from './systems/aedes.ts';
import { causeway } from './systems/causeway.ts';
import { fauxqs } from './systems/fauxqs.ts';
import { mosquitto, mosquittoProgram } from './systems/mosquitto.ts';
import { rabbitmq, rabbitmqProgram } from './systems/rabbitmq.ts';
import type { Launcher } from './systems/system.ts';

const help = `npm run bench -- [options]

  --peers            also mosquitto, ActiveMQ and RabbitMQ, where Debian's packages are installed
  --only NAMES       of: mqtt, sqs, stomp, amqp, latency, failover, start, breadth; separated by commas
  --runs N           runs of each comparison (5)
  --seconds N        that each run measures (4)
  --warm-up N        seconds before that (2)
  --patience N       seconds to wait for a quiet machine before each run (30)
  --failovers N      kills of the active engine (20)
  --backlog N        messages that the engine starts with (1000000)
`;

const { values } = parseArgs({
  options: {
    peers: { type: 'boolean', default: false },
    only: { type: 'string', default: 'mqtt,sqs,stomp,amqp,latency,failover,start,breadth' },
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

const mqttSystems = [engine, aedes, ...peers(onMosquitto, onActivemq, onRabbitmq)];
const stompSystems = [engine, ...peers(onActivemq, onRabbitmq)];
const amqpSystems = [engine, ...peers(onRabbitmq)];

const comparisons: Readonly<Record<string, readonly Comparison[]>> = {
  mqtt: [
    pairs('MQTT, QoS 1, 2 publishers to 2 subscribers', { protocol: 'mqtt', senders: 2, receivers: 2 }, mqttSystems),
    pairs('MQTT, QoS 1, 2 publishers to 1 subscriber', { protocol: 'mqtt', senders: 2, receivers: 1 }, mqttSystems),
  ],
  sqs: [{ title: 'SQS over JSON, 32 connections', systems: [engine, fauxqs], measure: measureSqs }],
  stomp: [
    pairs('STOMP, persistent, 1 pair', { protocol: 'stomp', senders: 1, receivers: 1 }, stompSystems),
    pairs('STOMP, persistent, 4 pairs', { protocol: 'stomp', senders: 4, receivers: 4 }, stompSystems),
  ],
  amqp: [
    pairs('AMQP 1.0, durable, 1 pair', { protocol: 'amqp', senders: 1, receivers: 1 }, amqpSystems),
    pairs('AMQP 1.0, durable, 4 pairs', { protocol: 'amqp', senders: 4, receivers: 4 }, amqpSystems),
  ],
};

const others: Readonly<Record<string, () => Promise<string>>> = { latency, failover, start, breadth };

async function latency(): Promise<string> {
  const rows: string[][] = [];
  for (let run = 1; run <= runs; run++) {
    progress(`latency: run ${run} of ${runs}`);
    const { count, p50, p99, p999, most, usage } = await undisturbed(
      patienceMs,
      () => measureLatency({ warmUpMs: 3000, measureMs: 20_000 }),
      (measured) => measured.usage,
    );
    const ms = [p50, p99, p999, most].map((value) => value.toFixed(2));
    rows.push([String(run), String(count), ...ms, usage.system.toFixed(2), usage.others.toFixed(2)]);
  }
  const head = ['run', 'messages', 'p50 ms', 'p99 ms', 'p99.9 ms', 'most ms', 'processors', 'of others'];
  return `### MQTT to SQS through a route, 1,000 messages/s\n\n${table(head, rows)}`;
}

async function failover(): Promise<string> {
  const times = Number(values.failovers);
  progress(`failover: ${times} kills`);
  await quiet(patienceMs);
  const sorted = [...(await measureFailover(times))].sort((a, b) => a - b);
  const cells = [sorted[0]!, percentile(sorted, 0.5), percentile(sorted, 0.99), sorted.at(-1)!];
  const head = ['kills', 'least ms', 'p50 ms', 'p99 ms', 'most ms'];
  const row = [String(times), ...cells.map((value) => value.toFixed(0))];
  return `### kill -9 of the active engine to the first message accepted by the standby\n\n${table(head, [row])}`;
}

async function start(): Promise<string> {
  progress('start: empty');
  await quiet(patienceMs);
  const empty = await measureEmptyStarts(10);
  progress(`start: ${values.backlog} messages`);
  const backlog = await measureBacklog(Number(values.backlog), 5);
  const mebibytes = (bytes: number): number => bytes / 1024 ** 2;
  const head = ['data directory', 'start to ready, ms', 'resident, MiB', 'after taking them in, MiB'];
  const rows = [
    ['empty', withSpread(empty.readyMs), withSpread(empty.residentBytes.map(mebibytes)), ''],
    [
      `${backlog.messages.toLocaleString('en-US')} messages of 1 KB`,
      withSpread(backlog.readyMs),
      withSpread(backlog.residentBytes.map(mebibytes)),
      withSpread([mebibytes(backlog.residentAfterFilling)]),
    ],
  ];
  return `### Start and memory\n\n${table(head, rows)}`;
}

async function breadth(): Promise<string> {
  const rows: string[][] = [];
  const rates = async (what: string, measure: () => Promise<number>): Promise<void> => {
    const found: number[] = [];
    for (let run = 1; run <= runs; run++) {
      progress(`breadth: ${what}, run ${run} of ${runs}`);
      await quiet(patienceMs);
      found.push(await measure());
    }
    rows.push([what, withSpread(found)]);
  };
  await rates('STOMP into 1 queue', () => measureQueues(engine, 1, timing));
  await rates('STOMP into 5,000 queues', () => measureQueues(engine, 5000, timing));
  await rates('MQTT through 1 topic', () => measureTopics(engine, 1, timing));
  await rates('MQTT through 5,000 topics', () => measureTopics(engine, 5000, timing));
  await rates('MQTT deliveries to 1,000 subscribers of a topic', () => measureFanOut(engine, 1000, timing));
  progress(`breadth: idle connections`);
  const idle = await measureIdle(engine, 10_000, Number(values.backlog));
  const held = `${idle.connections.toLocaleString('en-US')} idle MQTT connections, ${idle.messages.toLocaleString('en-US')} messages`;
  const memory = `${held} of 1 KB waiting: ${(idle.residentBytes / 1024 ** 2).toFixed(0)} MiB resident`;
  return `### Many of everything\n\n${table(['load', 'messages/s'], rows)}\n\n${memory}`;
}

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
    const other = others[name];
    if (compared === undefined && other === undefined) throw new Error(`no scenario "${name}"\n\n${help}`);
    for (const comparison of compared ?? []) {
      console.log(`\n${await compare(comparison, { timing, runs, patienceMs, progress })}`);
    }
    if (other !== undefined) console.log(`\n${await other()}`);
  }
}

await main();
