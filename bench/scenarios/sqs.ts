// SQS: sends on 32 connections that are kept alive, then receives of ten and batch deletes until the queue is empty.

import { ask } from '../loads/http.ts';
import { LoadProcess } from '../loads/load-process.ts';
import { now } from '../measure/clock.ts';
import { UsageMeter } from '../measure/usage.ts';
import type { System } from '../systems/system.ts';
import { bodyBytes } from './pairs.ts';
import type { Sample, Timing } from './sample.ts';

/** As many as clients of an application's workers may have. */
export const connections = 32;

/** A standard queue, or one that orders by groups. */
export async function measureSqs(
  system: System,
  kind: 'standard' | 'fifo',
  timing: Timing,
): Promise<readonly Sample[]> {
  const port = system.ports.cloud!;
  const queue = kind === 'fifo' ? 'bench.fifo' : 'bench';
  await createQueue(port, queue);
  const common = { port, connections, destinations: [queue], window: 1, bodyBytes };
  const role = kind === 'fifo' ? 'sqs-fifo-sender' : 'sqs-sender';
  await using sender = await LoadProcess.start({ ...common, role });
  await using worker = await LoadProcess.start({ ...common, role: 'sqs-worker' });
  const warmedUp = await sender.order({ do: 'send', ms: timing.warmUpMs });
  await worker.order({ do: 'reach', count: warmedUp.count });

  const sending = new UsageMeter(system.pid, [sender.pid]);
  const startedAt = now();
  const sent = await sender.order({ do: 'send', ms: timing.measureMs });
  const count = sent.count - warmedUp.count;
  const sends = { what: 'send', perSecond: (count / (sent.at - startedAt)) * 1000, count, usage: sending.read() };

  const taking = new UsageMeter(system.pid, [worker.pid]);
  const takenFrom = now();
  const taken = await worker.order({ do: 'reach', count: sent.count });
  const perSecond = (count / (taken.at - takenFrom)) * 1000;
  return [sends, { what: 'receive and delete', perSecond, count, usage: taking.read() }];
}

export async function createQueue(port: number, QueueName: string): Promise<void> {
  const Attributes = QueueName.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  await ask(port, 'sqs', 'CreateQueue', { QueueName, Attributes });
}
