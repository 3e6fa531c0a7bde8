// From a message that was meant to be sent to the same in the hands of who takes it from where a route leads, at a fixed rate.

import { fileURLToPath } from 'node:url';
import { ask } from '../loads/http.ts';
import { LoadProcess } from '../loads/load-process.ts';
import type { LoadOptions } from '../loads/orders.ts';
import { percentile } from '../measure/statistics.ts';
import { UsageMeter } from '../measure/usage.ts';
import type { Usage } from '../measure/usage.ts';
import { causeway } from '../systems/causeway.ts';
import { relay } from '../systems/relay.ts';
import type { Launcher, System } from '../systems/system.ts';
import { createStream, describe } from './kinesis.ts';
import { bodyBytes } from './pairs.ts';
import { amqpToSns, queue, stream, topicQueues, withRoutes } from './routes.ts';
import type { Timing } from './sample.ts';
import { createTopic } from './sns.ts';

const perSecond = 1000;
const pollers = 4;
/** More than is ever under way at this rate. */
const pacedWindow = 4000;

/** Milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly most: number;
  readonly usage: Usage;
}

type End = Pick<LoadOptions, 'role' | 'connections' | 'destinations'> & { readonly port: number };

interface Ends {
  readonly sender: End;
  readonly receiver: End;
  /** Messages that are received, for each that was sent. */
  readonly copies: number;
}

/** MQTT through the route of the sample configuration, to SQS workers that long-poll. */
export function measureLatency(timing: Timing): Promise<Latency> {
  const config = fileURLToPath(new URL('../../examples/causeway.yml', import.meta.url));
  return measure(causeway({ config }), timing, ({ ports }) => mqttToWorkers(ports, 'telemetry/bench', 'telemetry'));
}

/** The same with a script of mqtt.js and the AWS SDK, between aedes and fauxqs. */
export function measureRelayLatency(timing: Timing): Promise<Latency> {
  return measure(relay('bench/#', queue), timing, ({ ports }) => mqttToWorkers(ports, 'bench/0', queue));
}

/** STOMP through a stream of one shard, to a subscription of enhanced fan-out. */
export function measureStreamLatency(timing: Timing): Promise<Latency> {
  const routes = [{ name: 'bench', from: 'queue://bench', to: `kinesis://${stream}`, key: 'constant:bench' }];
  return measure(withRoutes(routes), timing, async ({ ports }) => {
    const port = ports.cloud!;
    await createStream(port, stream, 1);
    const { StreamARN } = await describe(port, stream);
    const registered = await ask(port, 'kinesis', 'RegisterStreamConsumer', { StreamARN, ConsumerName: 'bench' });
    const { Consumer } = registered as { readonly Consumer: { readonly ConsumerARN: string } };
    return {
      sender: { role: 'paced-stomp-sender', port: ports.stomp!, connections: 1, destinations: ['/queue/bench'] },
      receiver: { role: 'fan-out-subscriber', port, connections: 1, destinations: [Consumer.ConsumerARN] },
      copies: 1,
    };
  });
}

/** AMQP through a topic of SNS, to workers of three queues that get its messages raw. */
export function measureTopicLatency(timing: Timing): Promise<Latency> {
  return measure(withRoutes(amqpToSns(true).routes), timing, async ({ ports }) => {
    const port = ports.cloud!;
    await createTopic(port, topicQueues, true);
    return {
      sender: { role: 'paced-amqp-sender', port: ports.amqp!, connections: 1, destinations: ['bench'] },
      receiver: { role: 'latency-worker', port, connections: 2 * topicQueues.length, destinations: topicQueues },
      copies: topicQueues.length,
    };
  });
}

export function latencyOf(latencies: readonly number[], usage: Usage): Latency {
  const sorted = [...latencies].sort((a, b) => a - b);
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    most: sorted.at(-1) ?? NaN,
    usage,
  };
}

async function measure(
  launcher: Launcher,
  { warmUpMs, measureMs }: Timing,
  prepare: (system: System) => Ends | Promise<Ends>,
): Promise<Latency> {
  await using system = await launcher.start();
  const ends = await prepare(system);
  await using receiver = await LoadProcess.start({ ...ends.receiver, window: 1, bodyBytes });
  await using sender = await LoadProcess.start({ ...ends.sender, window: pacedWindow, bodyBytes });
  const warmedUp = await sender.order({ do: 'send', ms: warmUpMs, perSecond });
  await receiver.order({ do: 'reach', count: warmedUp.count * ends.copies });
  const meter = new UsageMeter(system.pid, [sender.pid, receiver.pid]);
  const sent = await sender.order({ do: 'send', ms: measureMs, perSecond });
  const { latencies = [] } = await receiver.order({ do: 'reach', count: sent.count * ends.copies });
  return latencyOf(latencies, meter.read());
}

function mqttToWorkers(ports: System['ports'], topic: string, target: string): Ends {
  return {
    sender: { role: 'paced-publisher', port: ports.mqtt!, connections: 1, destinations: [topic] },
    receiver: { role: 'latency-worker', port: ports.cloud!, connections: pollers, destinations: [target] },
    copies: 1,
  };
}
