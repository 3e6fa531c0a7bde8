// SNS: publishes to a topic with ten SQS queues, until each of them has every message.

import { setTimeout as delay } from 'node:timers/promises';
import { account, ask, askQuery } from '../loads/http.ts';
import { LoadProcess } from '../loads/load-process.ts';
import { queueUrl } from '../loads/sqs.ts';
import { now } from '../measure/clock.ts';
import { UsageMeter } from '../measure/usage.ts';
import type { System } from '../systems/system.ts';
import { bodyBytes } from './pairs.ts';
import type { Sample, Timing } from './sample.ts';
import { connections, createQueue } from './sqs.ts';

const queueCount = 10;
const lookMs = 10;

/** `raw`: queues get the message as it is, and not in SNS's envelope. */
export async function measureSns(system: System, raw: boolean, timing: Timing): Promise<readonly Sample[]> {
  const port = system.ports.cloud!;
  const queues = Array.from({ length: queueCount }, (_, index) => `bench-${index}`);
  const topic = await createTopic(port, queues, raw);
  await using publisher = await LoadProcess.start({
    role: 'sns-publisher',
    port,
    connections,
    destinations: [topic],
    window: 1,
    bodyBytes,
  });
  const warmedUp = await publisher.order({ do: 'send', ms: timing.warmUpMs });
  await delivered(port, queues, warmedUp.count);

  const meter = new UsageMeter(system.pid, [publisher.pid]);
  const startedAt = now();
  const sent = await publisher.order({ do: 'send', ms: timing.measureMs });
  await delivered(port, queues, sent.count);
  const count = sent.count - warmedUp.count;
  return [{ what: '', perSecond: (count / (now() - startedAt)) * 1000, count, usage: meter.read() }];
}

/** With queues that are made for it. @returns its ARN. */
export async function createTopic(port: number, queues: readonly string[], raw: boolean): Promise<string> {
  const answer = await askQuery(port, 'CreateTopic', { Name: 'bench' });
  const TopicArn = /<TopicArn>([^<]+)</.exec(answer)?.[1];
  if (TopicArn === undefined) throw new Error(`create topic: ${answer}`);
  for (const queue of queues) {
    await createQueue(port, queue);
    await askQuery(port, 'Subscribe', {
      TopicArn,
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:us-east-1:${account}:${queue}`,
      'Attributes.entry.1.key': 'RawMessageDelivery',
      'Attributes.entry.1.value': String(raw),
    });
  }
  return TopicArn;
}

/** Resolves once each of the queues holds so many messages. */
export async function delivered(port: number, queues: readonly string[], count: number): Promise<void> {
  for (const queue of queues) while ((await held(port, queue)) < count) await delay(lookMs);
}

export async function held(port: number, queue: string): Promise<number> {
  const AttributeNames = ['ApproximateNumberOfMessages'];
  const answer = await ask(port, 'sqs', 'GetQueueAttributes', { QueueUrl: queueUrl(port, queue), AttributeNames });
  const { Attributes } = answer as { readonly Attributes?: Readonly<Record<string, string>> };
  return Number(Attributes?.['ApproximateNumberOfMessages']);
}
