// Many of everything in the cloud services: queues and shards beyond counting, and a million messages in one queue.

import { ask } from '../loads/http.ts';
import { LoadProcess } from '../loads/load-process.ts';
import type { LoadOptions } from '../loads/orders.ts';
import { now } from '../measure/clock.ts';
import { mostResidentBytes, residentBytes } from '../measure/processes.ts';
import { percentile } from '../measure/statistics.ts';
import { UsageMeter } from '../measure/usage.ts';
import type { Launcher, System } from '../systems/system.ts';
import { createStream, recordsPerPut } from './kinesis.ts';
import { bodyBytes } from './pairs.ts';
import type { Sample, Timing } from './sample.ts';
import { connections, createQueue } from './sqs.ts';

/** Requests for queues under way together while they are made. */
const makers = 32;
const batch = 10;
const receivesOfProbe = 500;

/** Sends to so many queues by turns, then receives from all of them until they are empty. */
export async function measureManyQueues(system: System, count: number, timing: Timing): Promise<readonly Sample[]> {
  const port = system.ports.cloud!;
  const destinations = Array.from({ length: count }, (_, i) => `bench-${String(i).padStart(6, '0')}`);
  const left = [...destinations];
  const make = async (): Promise<void> => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) await createQueue(port, name);
  };
  await Promise.all(Array.from({ length: makers }, make));
  const common = { port, connections, destinations, window: 1, bodyBytes };
  await using sender = await LoadProcess.start({ ...common, role: 'sqs-sender' });
  await using worker = await LoadProcess.start({ ...common, role: 'sqs-worker' });
  const warmedUp = await sender.order({ do: 'send', ms: timing.warmUpMs });
  await worker.order({ do: 'reach', count: warmedUp.count });
  const sends = await measured('send', system, sender, warmedUp.count, () =>
    sender.order({ do: 'send', ms: timing.measureMs }),
  );
  const receives = await measured('receive and delete', system, worker, warmedUp.count, () =>
    worker.order({ do: 'reach', count: warmedUp.count + sends.count }),
  );
  return [sends, receives];
}

/** PutRecords whose records go to so many shards. */
export async function measureManyShards(system: System, count: number, timing: Timing): Promise<readonly Sample[]> {
  const port = system.ports.cloud!;
  await createStream(port, 'bench', count);
  const options: LoadOptions = {
    role: 'kinesis-putter',
    port,
    connections,
    destinations: ['bench'],
    window: recordsPerPut,
    bodyBytes,
  };
  await using putter = await LoadProcess.start(options);
  const warmedUp = await putter.order({ do: 'send', ms: timing.warmUpMs });
  return [
    await measured('PutRecords', system, putter, warmedUp.count, () =>
      putter.order({ do: 'send', ms: timing.measureMs }),
    ),
  ];
}

/** What a queue is like at one time. */
export interface QueueProbe {
  readonly waiting: number;
  /** Of a receive of ten, alone, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly residentBytes: number;
}

export interface LongQueue {
  readonly filling: Sample;
  readonly emptying: Sample;
  /** Full, half empty, and nearly empty. */
  readonly probes: readonly QueueProbe[];
  readonly mostResidentBytes: number;
}

/** Fills one queue, and takes all of it out again, with a look at single receives at three times. */
export async function measureLongQueue(
  launcher: Launcher,
  messages: number,
  probeReceives = receivesOfProbe,
): Promise<LongQueue> {
  await using system = await launcher.start();
  const port = system.ports.cloud!;
  const queue = 'bench-long';
  await ask(port, 'sqs', 'CreateQueue', { QueueName: queue });
  const common = { port, destinations: [queue], bodyBytes };
  await using sender = await LoadProcess.start({ ...common, role: 'sqs-batch-sender', connections, window: batch });
  const filling = await measured('fill', system, sender, 0, async () => {
    let sent = await sender.order({ do: 'send', ms: 1000 });
    while (sent.count < messages) sent = await sender.order({ do: 'send', ms: 1000 });
    return sent;
  });
  let taken = 0;
  const probes: QueueProbe[] = [];
  const probe = async (): Promise<void> => {
    const waiting = filling.count - taken;
    await using prober = await LoadProcess.start({ ...common, role: 'sqs-worker', connections: 1, window: 1 });
    const { count, latencies = [] } = await prober.order({ do: 'reach', count: probeReceives * batch });
    taken += count;
    const sorted = [...latencies].sort((a, b) => a - b);
    const [p50, p99] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
    probes.push({ waiting, p50, p99, residentBytes: residentBytes(system.pid) });
  };
  let takenByWorker = 0;
  const takeTo = async (worker: LoadProcess, left: number): Promise<Sample> => {
    const goal = takenByWorker + filling.count - left - taken;
    const sample = await measured('empty', system, worker, takenByWorker, () =>
      worker.order({ do: 'reach', count: goal }),
    );
    taken += sample.count;
    takenByWorker += sample.count;
    return sample;
  };
  await probe();
  // Not before: connections on which nothing is said are closed.
  await using worker = await LoadProcess.start({ ...common, role: 'sqs-worker', connections, window: 1 });
  const emptying = await takeTo(worker, Math.floor(filling.count / 2));
  await probe();
  await takeTo(worker, probeReceives * batch * 2);
  await probe();
  return { filling, emptying, probes, mostResidentBytes: mostResidentBytes(system.pid) };
}

/** `before`: what the load had done by then. */
async function measured(
  what: string,
  system: System,
  load: LoadProcess,
  before: number,
  work: () => Promise<{ readonly count: number; readonly at: number }>,
): Promise<Sample> {
  const meter = new UsageMeter(system.pid, [load.pid]);
  const startedAt = now();
  const done = await work();
  const count = done.count - before;
  return { what, perSecond: (count / (done.at - startedAt)) * 1000, count, usage: meter.read() };
}
