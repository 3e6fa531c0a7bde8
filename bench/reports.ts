// Figures of the engine alone, each with the table that fits it.

import { quiet, undisturbed } from './measure/quiet.ts';
import { percentile } from './measure/statistics.ts';
import { round, table, withSpread } from './measure/text.ts';
import { measureFanOut, measureIdle, measureQueues, measureTopics } from './scenarios/breadth.ts';
import { measureLongQueue, measureManyQueues, measureManyShards } from './scenarios/cloud-breadth.ts';
import { measureEnhancedFanOut } from './scenarios/enhanced-fan-out.ts';
import { measureFailover } from './scenarios/failover.ts';
import { measureLatency, measureRelayLatency, measureStreamLatency, measureTopicLatency } from './scenarios/latency.ts';
import type { Latency } from './scenarios/latency.ts';
import { measureKills } from './scenarios/relay-kills.ts';
import type { Sample, Timing } from './scenarios/sample.ts';
import { measureBacklog, measureEmptyStarts } from './scenarios/start.ts';
import type { Launcher, System } from './systems/system.ts';

export interface ReportOptions {
  readonly engine: Launcher;
  readonly runs: number;
  readonly timing: Timing;
  readonly patienceMs: number;
  readonly failovers: number;
  readonly backlog: number;
  readonly progress: (line: string) => void;
}

type Report = (options: ReportOptions) => Promise<string>;

/** By scenario. */
export const reports: Readonly<Record<string, Report>> = {
  latency: async (options) => {
    const tables: string[] = [];
    for (const [title, measure] of latenciesOfRoutes) {
      tables.push(await latencies(`${title}, 1,000 messages/s`, measure, { ...options, warmUpMs: 3000 }));
    }
    return tables.join('\n\n');
  },
  routes: kills,
  'fan-out': (options) =>
    latencies('PutRecord to SubscribeToShard, 1,000 records/s', measureEnhancedFanOut, { ...options, warmUpMs: 3000 }),
  failover,
  start,
  breadth,
  'cloud-breadth': cloudBreadth,
};

const latenciesOfRoutes = [
  ['MQTT to SQS through a route', measureLatency],
  ['STOMP to Kinesis through a route', measureStreamLatency],
  ['AMQP to SNS with three SQS queues through a route', measureTopicLatency],
  ['MQTT to SQS through mqtt.js and the AWS SDK, aedes to fauxqs', measureRelayLatency],
] as const;

const latencyMs = 20_000;

async function latencies(
  title: string,
  measure: (timing: Timing) => Promise<Latency>,
  { runs, patienceMs, progress, warmUpMs }: ReportOptions & { readonly warmUpMs: number },
): Promise<string> {
  const rows: string[][] = [];
  for (let run = 1; run <= runs; run++) {
    progress(`${title}: run ${run} of ${runs}`);
    const { count, p50, p99, p999, most, usage } = await undisturbed(
      patienceMs,
      () => measure({ warmUpMs, measureMs: latencyMs }),
      (measured) => measured.usage,
    );
    const ms = [p50, p99, p999, most].map((value) => value.toFixed(2));
    rows.push([String(run), String(count), ...ms, usage.system.toFixed(2), usage.others.toFixed(2)]);
  }
  const head = ['run', 'messages', 'p50 ms', 'p99 ms', 'p99.9 ms', 'most ms', 'processors', 'of others'];
  return `### ${title}\n\n${table(head, rows)}`;
}

/** As many as of the engine in `failover`. */
async function kills({ failovers: times, progress }: ReportOptions): Promise<string> {
  progress(`routes: ${times} kills`);
  const found = await measureKills(times);
  const rows = found.map(({ what, rate, kills: of, acknowledged, lost, duplicated }) =>
    [what, rate, of, acknowledged, lost, duplicated].map(String),
  );
  const head = ['', 'messages/s, at most', 'kills', 'messages acknowledged', 'lost', 'duplicated'];
  return `### Kills between MQTT and SQS\n\n${table(head, rows)}`;
}

async function failover({ failovers: times, patienceMs, progress }: ReportOptions): Promise<string> {
  progress(`failover: ${times} kills`);
  await quiet(patienceMs);
  const sorted = [...(await measureFailover(times))].sort((a, b) => a - b);
  const cells = [sorted[0]!, percentile(sorted, 0.5), percentile(sorted, 0.99), sorted.at(-1)!];
  const head = ['kills', 'least ms', 'p50 ms', 'p99 ms', 'most ms'];
  const row = [String(times), ...cells.map((value) => value.toFixed(0))];
  return `### kill -9 of the active engine to the first message accepted by the standby\n\n${table(head, [row])}`;
}

async function start({ backlog: messages, patienceMs, progress }: ReportOptions): Promise<string> {
  progress('start: empty');
  await quiet(patienceMs);
  const empty = await measureEmptyStarts(10);
  progress(`start: ${messages} messages`);
  const backlog = await measureBacklog(messages, 5);
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

async function breadth({ engine, runs, timing, patienceMs, backlog, progress }: ReportOptions): Promise<string> {
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
  const idle = await measureIdle(engine, 10_000, backlog);
  const held = `${idle.connections.toLocaleString('en-US')} idle MQTT connections, ${idle.messages.toLocaleString('en-US')} messages`;
  const memory = `${held} of 1 KB waiting: ${mebibytes(idle.residentBytes).toFixed(0)} MiB resident`;
  return `### Many of everything\n\n${table(['load', 'messages/s'], rows)}\n\n${memory}`;
}

const manyQueues = 10_000;
const manyShards = 1000;

async function cloudBreadth(options: ReportOptions): Promise<string> {
  const { engine, runs, timing, patienceMs, backlog, progress } = options;
  const rows: string[][] = [];
  const rates = async (
    what: string,
    measure: (system: System, count: number, timing: Timing) => Promise<readonly Sample[]>,
    count: number,
  ): Promise<void> => {
    const found: (readonly Sample[])[] = [];
    for (let run = 1; run <= runs; run++) {
      progress(`cloud-breadth: ${what}, run ${run} of ${runs}`);
      await quiet(patienceMs);
      await using system = await engine.start();
      found.push(await measure(system, count, timing));
    }
    for (const [index, { what: part }] of found[0]!.entries()) {
      const samples = found.map((run) => run[index]!);
      rows.push([`${what}: ${part}`, withSpread(samples.map(({ perSecond }) => perSecond)), costOf(samples)]);
    }
  };
  await rates('SQS, 1 queue', measureManyQueues, 1);
  await rates('SQS, 10,000 queues', measureManyQueues, manyQueues);
  await rates('Kinesis, 1 shard', measureManyShards, 1);
  await rates('Kinesis, 1,000 shards', measureManyShards, manyShards);
  progress(`cloud-breadth: ${backlog} messages in a queue`);
  await quiet(patienceMs);
  const { filling, emptying, probes, mostResidentBytes } = await measureLongQueue(engine, backlog);
  rows.push(['one long queue: send, ten a batch', round(filling.perSecond), costOf([filling])]);
  rows.push(['one long queue: receive and delete', round(emptying.perSecond), costOf([emptying])]);
  const looks = probes.map(({ waiting, p50, p99, residentBytes }) => [
    waiting.toLocaleString('en-US'),
    p50.toFixed(2),
    p99.toFixed(2),
    mebibytes(residentBytes).toFixed(0),
  ]);
  const head = ['messages that wait', 'receive of ten, p50 ms', 'p99 ms', 'resident, MiB'];
  return [
    `### Many of everything in the cloud services`,
    table(['load', 'messages/s', 'CPU us/message'], rows),
    table(head, looks),
    `Resident memory at its most: ${mebibytes(mostResidentBytes).toFixed(0)} MiB`,
  ].join('\n\n');
}

function costOf(samples: readonly Sample[]): string {
  return withSpread(samples.map(({ usage, count }) => (usage.system * usage.seconds * 1e6) / count));
}

function mebibytes(bytes: number): number {
  return bytes / 1024 ** 2;
}
