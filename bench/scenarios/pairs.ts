// Through the broker: senders with a window of durable messages under way, receivers that acknowledge each. The rate
// counts every message from the first send to the last receipt.

import { LoadProcess } from '../loads/load-process.ts';
import type { LoadOptions } from '../loads/orders.ts';
import { now } from '../measure/clock.ts';
import { UsageMeter } from '../measure/usage.ts';
import type { System } from '../systems/system.ts';
import type { Sample, Timing } from './sample.ts';

export interface PairsOptions {
  readonly protocol: 'mqtt' | 'stomp' | 'amqp';
  readonly senders: number;
  readonly receivers: number;
}

const roles = {
  mqtt: { sender: 'mqtt-publisher', receiver: 'mqtt-subscriber' },
  stomp: { sender: 'stomp-sender', receiver: 'stomp-receiver' },
  amqp: { sender: 'amqp-sender', receiver: 'amqp-receiver' },
} as const;

export const window = 100;
export const bodyBytes = 1024;

export async function measurePairs(
  system: System,
  { protocol, senders, receivers }: PairsOptions,
  timing: Timing,
): Promise<readonly Sample[]> {
  const destinations = Array.from({ length: senders }, (_, i) => system.address(protocol, `bench-${i}`));
  const common: Omit<LoadOptions, 'role' | 'connections'> = {
    port: system.ports[protocol]!,
    destinations,
    window,
    bodyBytes,
  };
  const { sender: sending, receiver: receiving } = roles[protocol];
  await using receiver = await LoadProcess.start({ ...common, role: receiving, connections: receivers });
  await using sender = await LoadProcess.start({ ...common, role: sending, connections: senders });
  const warmedUp = await sender.order({ do: 'send', ms: timing.warmUpMs });
  await receiver.order({ do: 'reach', count: warmedUp.count });

  const meter = new UsageMeter(system.pid, [sender.pid, receiver.pid]);
  const startedAt = now();
  const sent = await sender.order({ do: 'send', ms: timing.measureMs });
  const received = await receiver.order({ do: 'reach', count: sent.count });
  const count = sent.count - warmedUp.count;
  return [{ what: '', perSecond: (count / (received.at - startedAt)) * 1000, count, usage: meter.read() }];
}

/** QoS 0: the load is both ends, and what was received is what counts. */
export async function measureRelay(system: System, pairs: number, timing: Timing): Promise<readonly Sample[]> {
  const destinations = Array.from({ length: pairs }, (_, i) => system.address('mqtt', `bench-${i}`));
  const port = system.ports.mqtt!;
  await using relay = await LoadProcess.start({
    role: 'mqtt-relay',
    port,
    connections: pairs,
    destinations,
    window,
    bodyBytes,
  });
  const warmedUp = await relay.order({ do: 'send', ms: timing.warmUpMs });
  const meter = new UsageMeter(system.pid, [relay.pid]);
  const startedAt = now();
  const { count, at } = await relay.order({ do: 'send', ms: timing.measureMs });
  const relayed = count - warmedUp.count;
  return [{ what: '', perSecond: (relayed / (at - startedAt)) * 1000, count: relayed, usage: meter.read() }];
}
