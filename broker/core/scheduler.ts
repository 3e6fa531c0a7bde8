// Messages that are to be sent later, once or again and again (ActiveMQ's scheduler). Each waits as a delayed message of a
// queue of its own, with what it is to do in its properties; when it is due, it is sent, and put back if there is more to
// do, in one transaction. A message that is only delayed, to a queue, waits in that queue.

import { formatAddress, parseAddress } from './address.ts';
import type { Destination } from './address.ts';
import type { Broker } from './broker.ts';
import { parseCron } from './cron.ts';
import type { Entry } from './entry.ts';
import { BrokerError } from './errors.ts';
import { property } from './message.ts';
import type { Message, Property } from './message.ts';
import { mq, scheduled } from './namespaces.ts';
import type { Queue } from './queue.ts';
import type { Transaction } from './transaction.ts';

export interface Schedule {
  /** Milliseconds between repetitions. */
  readonly periodMs?: number | undefined;
  /** How often it is sent after the first time; -1: without end. */
  readonly repeat?: number | undefined;
  /** When: each time anew, with the delay and the repetitions after that. */
  readonly cron?: string | undefined;
}

export interface ScheduledMessage {
  /** Of the message that was sent. */
  readonly id: string;
  readonly to: string;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  readonly message: Message;
  /** Undefined: it is sent once. */
  readonly schedule: Schedule | undefined;
  /** Where it waits: what Delay.cancel takes. */
  readonly queue: Queue;
  readonly position: number;
}

/** ActiveMQ's: `AMQ_SCHEDULER_ACTION` says what is asked. */
export const managementTopic = 'ActiveMQ.Scheduler.Management';

/** Names under which a job keeps what it is to do; receivers do not see them. */
const names = {
  to: 'causeway.schedule.to',
  delay: 'causeway.schedule.delay',
  period: 'causeway.schedule.period',
  repeat: 'causeway.schedule.repeat',
  cron: 'causeway.schedule.cron',
} as const;

const own: ReadonlySet<string> = new Set(Object.values(names));

/** Shortest time between repetitions, so that nothing runs in a circle. */
const leastPeriodMs = 1;
const mostAtOnce = 100;
const listed = 1000;

export class Scheduler {
  readonly #broker: Broker;
  #queue: Queue | undefined;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Goes on with what the store holds. */
  start(): void {
    if (this.#broker.find(scheduled, 'jobs') !== undefined) this.#jobs();
  }

  /** Adds to the transaction that the message is to be sent. @throws BrokerError `invalid`. */
  add(transaction: Transaction, to: Destination, message: Message, delayMs: number, schedule: Schedule): void {
    const { cron, periodMs = 0, repeat = 0 } = schedule;
    if (!Number.isInteger(repeat) || repeat < -1) throw new BrokerError('invalid', `a repeat of ${repeat}`);
    if (!(periodMs >= 0)) throw new BrokerError('invalid', `a period of ${periodMs} ms`);
    const now = this.#broker.clock.now();
    const properties: Property[] = [
      ...message.properties,
      { name: names.to, type: 'string', value: formatAddress(to) },
      { name: names.delay, type: 'long', value: delayMs },
      { name: names.period, type: 'long', value: Math.max(leastPeriodMs, periodMs) },
      { name: names.repeat, type: 'long', value: repeat },
    ];
    if (cron !== undefined) properties.push({ name: names.cron, type: 'string', value: cron });
    const job = { ...message, properties };
    const wait = cron === undefined ? delayMs : parseCron(cron).next(now) - now;
    transaction.put([this.#jobs()], job, { delayMs: Math.max(1, wait) });
  }

  /** What is to be sent, the first of each queue; delayed messages of queues too. */
  async list(): Promise<readonly ScheduledMessage[]> {
    const found: ScheduledMessage[] = [];
    for (const { queue, seq, dueAt, message } of await this.#waiting()) {
      const to = text(message, names.to) ?? formatAddress({ kind: 'queue', name: queue.name });
      const schedule = readSchedule(message);
      found.push({ id: message.id, to, dueAt, message: plain(message), schedule, queue, position: seq });
    }
    return found.sort((a, b) => a.dueAt - b.dueAt);
  }

  /** How many messages wait for their time. */
  get size(): number {
    let size = 0;
    for (const namespace of [scheduled, mq]) {
      for (const queue of this.#broker.queues(namespace)) size += queue.delayedCount;
    }
    return size;
  }

  /** @returns how many were cancelled; `id` undefined: all of them. */
  async cancel(id: string | undefined): Promise<number> {
    let cancelled = 0;
    for (const { queue, seq, dueAt, message } of await this.#waiting()) {
      if ((id === undefined || message.id === id) && (await queue.delay.cancel(seq, dueAt))) cancelled++;
    }
    return cancelled;
  }

  /** A message to the management topic. Answers go to its reply-to. */
  manage(message: Message): void {
    const action = text(message, 'AMQ_SCHEDULER_ACTION')?.toUpperCase();
    const id = text(message, 'scheduledJobId') ?? text(message, 'AMQ_SCHEDULED_ID');
    if (action === 'BROWSE') this.#broker.background(this.#answer(message), 'list scheduled messages');
    else if (action === 'REMOVEALL') this.#broker.background(this.cancel(undefined), 'cancel scheduled messages');
    else if (action === 'REMOVE' && id !== undefined) {
      this.#broker.background(this.cancel(id), `cancel scheduled message "${id}"`);
    }
  }

  async #answer({ replyTo, correlationId }: Message): Promise<void> {
    if (replyTo === undefined) return;
    const transaction = this.#broker.transaction();
    const to = parseAddress(replyTo);
    for (const { id, message } of await this.list()) {
      const properties: Property[] = [...message.properties, { name: 'scheduledJobId', type: 'string', value: id }];
      this.#broker.send(transaction, to, { ...message, correlationId, properties, original: undefined });
    }
    await transaction.commit();
  }

  async #waiting(): Promise<readonly { queue: Queue; seq: number; dueAt: number; message: Message }[]> {
    const waiting: { queue: Queue; seq: number; dueAt: number; message: Message }[] = [];
    for (const namespace of [scheduled, mq]) {
      for (const queue of this.#broker.queues(namespace)) {
        if (queue.delayedCount === 0) continue;
        for (const delayed of await queue.delay.browse(listed)) waiting.push({ queue, ...delayed });
      }
    }
    return waiting;
  }

  /** The queue of all jobs, made on first use. */
  #jobs(): Queue {
    if (this.#queue !== undefined) return this.#queue;
    const broker = this.#broker;
    const queue = broker.find(scheduled, 'jobs') ?? broker.declare({ namespace: scheduled, name: 'jobs', policy: {} });
    const consumer = queue.consume({
      deliver: (entry, message) => {
        const fired = this.#fire(entry, message).finally(() => consumer.grant(1));
        broker.background(fired, 'send a scheduled message', () => queue.release(entry));
      },
    });
    this.#queue = queue;
    consumer.setCredit(mostAtOnce);
    return queue;
  }

  /** Sends what is due, and puts it back if there is more to do: both or neither. */
  #fire(entry: Entry, job: Message): Promise<void> {
    const broker = this.#broker;
    const transaction = broker.transaction();
    const to = parseAddress(text(job, names.to) ?? '');
    const cron = text(job, names.cron);
    const [delayMs, periodMs, repeat] = readTimes(job);
    if (cron !== undefined) {
      const now = broker.clock.now();
      transaction.put([entry.queue], job, { delayMs: parseCron(cron).next(now) - now });
    }
    const isFirst = cron === undefined && property(job, 'scheduledJobId') === undefined;
    const id = isFirst ? job.id : `${job.id}:${entry.seq}`;
    if (cron !== undefined && delayMs > 0) {
      const once = { ...job, id, properties: without(job, names.cron) };
      transaction.put([entry.queue], once, { delayMs });
    } else {
      // A temporary destination may be gone by now: then the message is, too.
      if (isThere(broker, to)) broker.send(transaction, to, { ...plain(job), id, to: formatAddress(to) });
      if (repeat !== 0) transaction.put([entry.queue], again(job, repeat < 0 ? -1 : repeat - 1), { delayMs: periodMs });
    }
    transaction.settle(entry);
    return transaction.commit();
  }
}

function isThere(broker: Broker, to: Destination): boolean {
  try {
    broker.temporary.requireExistence(to);
    return true;
  } catch {
    return false;
  }
}

function again(job: Message, repeat: number): Message {
  const properties = without(job, names.repeat, names.cron, 'scheduledJobId');
  return {
    ...job,
    properties: [
      ...properties,
      { name: names.repeat, type: 'long', value: repeat },
      { name: 'scheduledJobId', type: 'string', value: job.id },
    ],
  };
}

/** As its sender made it. */
function plain(message: Message): Message {
  return { ...message, properties: message.properties.filter(({ name }) => !own.has(name)) };
}

function without(message: Message, ...left: readonly string[]): readonly Property[] {
  return message.properties.filter(({ name }) => !left.includes(name));
}

function text(message: Message, name: string): string | undefined {
  const value = property(message, name)?.value;
  return typeof value === 'string' ? value : undefined;
}

function readSchedule(job: Message): Schedule | undefined {
  const cron = text(job, names.cron);
  const [, periodMs, repeat] = readTimes(job);
  return cron === undefined && repeat === 0 ? undefined : { cron, periodMs, repeat };
}

function readTimes(job: Message): readonly [delayMs: number, periodMs: number, repeat: number] {
  const number = (name: string): number => Number(property(job, name)?.value ?? 0);
  return [number(names.delay), number(names.period), number(names.repeat)];
}
