// `$SYS/broker/…`, under the names that mosquitto gives them: numbers about this protocol's clients and the broker's topics.
// Whoever subscribes gets what holds then, as retained messages; later only what has changed. Nobody there: nothing is made.

import type { Timer } from '../../util/clock.ts';
import { applicationMessage } from './application-message.ts';
import type { Message } from '../../core/message.ts';
import { matches } from '../../core/topics.ts';
import type { Hub } from './hub.ts';
import { topicOf } from './topic-names.ts';
import type { Topic } from './topic-names.ts';

/** Counted since the engine started. */
export interface Traffic {
  connected: number;
  mostConnected: number;
  packetsIn: number;
  packetsOut: number;
  publishIn: number;
  publishOut: number;
  publishDropped: number;
  bytesIn: number;
  bytesOut: number;
}

export function newTraffic(): Traffic {
  return {
    connected: 0,
    mostConnected: 0,
    packetsIn: 0,
    packetsOut: 0,
    publishIn: 0,
    publishOut: 0,
    publishDropped: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
}

interface Statistic {
  readonly name: string;
  readonly read: (hub: Hub, uptimeMs: number) => number | string;
}

/** Sessions without a connection. */
function disconnected({ sessions }: Hub): number {
  return sessions.awayCount;
}

const statistics: readonly Statistic[] = [
  { name: 'version', read: ({ options }) => options.serverName },
  { name: 'uptime', read: (_, uptimeMs) => `${Math.floor(uptimeMs / 1000)} seconds` },
  { name: 'clients/total', read: (hub) => hub.traffic.connected + disconnected(hub) },
  { name: 'clients/connected', read: ({ traffic }) => traffic.connected },
  { name: 'clients/active', read: ({ traffic }) => traffic.connected },
  { name: 'clients/disconnected', read: disconnected },
  { name: 'clients/inactive', read: disconnected },
  { name: 'clients/maximum', read: ({ traffic }) => traffic.mostConnected },
  { name: 'clients/expired', read: ({ sessions }) => sessions.expired },
  { name: 'messages/received', read: ({ traffic }) => traffic.packetsIn },
  { name: 'messages/sent', read: ({ traffic }) => traffic.packetsOut },
  { name: 'publish/messages/received', read: ({ traffic }) => traffic.publishIn },
  { name: 'publish/messages/sent', read: ({ traffic }) => traffic.publishOut },
  { name: 'publish/messages/dropped', read: ({ traffic }) => traffic.publishDropped },
  { name: 'bytes/received', read: ({ traffic }) => traffic.bytesIn },
  { name: 'bytes/sent', read: ({ traffic }) => traffic.bytesOut },
  { name: 'retained messages/count', read: ({ context }) => context.broker.retained.count },
  { name: 'subscriptions/count', read: ({ sessions: { counts } }) => counts.subscriptions + counts.shares },
  { name: 'shared_subscriptions/count', read: ({ sessions }) => sessions.counts.shares },
];

const root = '$SYS/broker/';

interface Line {
  readonly statistic: Statistic;
  readonly topic: Topic;
  /** As it was published last. */
  last: string;
}

export class Statistics {
  readonly #hub: Hub;
  readonly #startedAt: number;
  readonly #lines: readonly Line[] = statistics.map((statistic) => ({
    statistic,
    topic: topicOf(root + statistic.name),
    last: '',
  }));
  #timer: Timer | undefined;

  constructor(hub: Hub) {
    this.#hub = hub;
    this.#startedAt = hub.context.clock.monotonic();
  }

  start(): void {
    const { statisticsMs } = this.#hub.options;
    if (statisticsMs === 0) return;
    this.#timer = this.#hub.context.clock.after(statisticsMs, () => {
      this.#publish();
      this.start();
    });
  }

  close(): void {
    this.#timer?.cancel();
  }

  /** What holds now, within a filter in the engine's form. */
  *find(filter: string): IterableIterator<Message> {
    if (this.#hub.options.statisticsMs === 0 || !filter.startsWith('$')) return;
    for (const line of this.#lines) {
      if (matches(filter, line.topic.destination.name)) yield this.#message(line, this.#read(line));
    }
  }

  #publish(): void {
    const { broker } = this.#hub.context;
    const transaction = broker.transaction();
    for (const line of this.#lines) {
      const { destination } = line.topic;
      if (broker.topics.match(destination.name).length === 0) continue;
      const text = this.#read(line);
      if (text === line.last) continue;
      line.last = text;
      broker.send(transaction, destination, this.#message(line, text));
    }
    broker.background(transaction.commit(), 'publish statistics');
  }

  #read({ statistic }: Line): string {
    return String(statistic.read(this.#hub, this.#hub.context.clock.monotonic() - this.#startedAt));
  }

  #message({ topic }: Line, text: string): Message {
    return applicationMessage(this.#hub, topic, 0, false, Buffer.from(text), undefined, undefined);
  }
}
