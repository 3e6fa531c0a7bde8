// Many of everything: idle connections over a backlog, queues and topics beyond counting, one topic with a thousand
// subscribers.

import { setTimeout as delay } from 'node:timers/promises';
import { LoadProcess } from '../loads/load-process.ts';
import type { LoadOptions } from '../loads/orders.ts';
import { now } from '../measure/clock.ts';
import { residentBytes } from '../measure/processes.ts';
import type { Launcher, System } from '../systems/system.ts';
import { bodyBytes, window } from './pairs.ts';
import type { Timing } from './sample.ts';

const settleMs = 3000;

export interface Idle {
  readonly connections: number;
  readonly messages: number;
  readonly residentBytes: number;
}

/** MQTT connections with durable sessions that wait for messages, and messages that wait in a queue. */
export async function measureIdle(launcher: Launcher, connections: number, atLeast: number): Promise<Idle> {
  await using system = await launcher.start();
  const topics = names('idle/', connections);
  await using _idle = await LoadProcess.start(load(system, 'mqtt-subscriber', connections, topics));
  await using sender = await LoadProcess.start({
    ...load(system, 'stomp-sender', 4, [system.address('stomp', 'backlog')]),
    window: 500,
  });
  let messages = 0;
  while (messages < atLeast) ({ count: messages } = await sender.order({ do: 'send', ms: 2000 }));
  await delay(settleMs);
  return { connections, messages, residentBytes: residentBytes(system.pid) };
}

/** Messages a second into so many queues, by turns. */
export async function measureQueues(launcher: Launcher, queues: number, timing: Timing): Promise<number> {
  await using system = await launcher.start();
  const destinations = names('', queues).map((name) => system.address('stomp', name));
  const options = { ...load(system, 'stomp-sender', 1, destinations), window: Math.max(window, queues) };
  await using sender = await LoadProcess.start(options);
  return await rateOf(sender, sender, timing);
}

/** Messages a second through so many topics, by turns, to one subscriber of all. */
export async function measureTopics(launcher: Launcher, topics: number, timing: Timing): Promise<number> {
  await using system = await launcher.start();
  await using receiver = await LoadProcess.start(load(system, 'mqtt-subscriber', 1, ['topics/#']));
  const options = load(system, 'mqtt-publisher', 1, names('topics/', topics));
  await using sender = await LoadProcess.start({ ...options, window: Math.max(window, topics) });
  return await rateOf(sender, receiver, timing);
}

/** Deliveries a second from one publisher to so many subscribers of one topic. */
export async function measureFanOut(launcher: Launcher, subscribers: number, timing: Timing): Promise<number> {
  await using system = await launcher.start();
  const topics = Array.from({ length: subscribers }, () => 'fan-out');
  await using receiver = await LoadProcess.start(load(system, 'mqtt-subscriber', subscribers, topics));
  await using sender = await LoadProcess.start({ ...load(system, 'mqtt-publisher', 1, ['fan-out']), window: 10 });
  return await rateOf(sender, receiver, timing, subscribers);
}

/** `copies`: receivers of each message. */
async function rateOf(sender: LoadProcess, receiver: LoadProcess, timing: Timing, copies = 1): Promise<number> {
  const isAcknowledged = sender === receiver;
  const warmedUp = await sender.order({ do: 'send', ms: timing.warmUpMs });
  if (!isAcknowledged) await receiver.order({ do: 'reach', count: warmedUp.count * copies });
  const startedAt = now();
  const sent = await sender.order({ do: 'send', ms: timing.measureMs });
  const last = isAcknowledged ? sent : await receiver.order({ do: 'reach', count: sent.count * copies });
  return (((sent.count - warmedUp.count) * copies) / (last.at - startedAt)) * 1000;
}

function load(
  system: System,
  role: LoadOptions['role'],
  connections: number,
  destinations: readonly string[],
): LoadOptions {
  const protocol = role.startsWith('mqtt') ? 'mqtt' : 'stomp';
  return { role, port: system.ports[protocol]!, connections, destinations, window, bodyBytes };
}

/** Of one length, as frames made beforehand have to be. */
function names(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(6, '0')}`);
}
