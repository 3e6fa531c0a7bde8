// Messages that wait for their time, as the console lists them, and the cancelling of one. Its key says where it waits:
// identifiers of messages are their senders' to choose, and may repeat.

import type { Broker } from '../core/broker.ts';
import { BrokerError } from '../core/errors.ts';
import type { ScheduledMessage } from '../core/scheduler.ts';
import type { ScheduledRow } from './api-messages.ts';
import { describeBody } from './peek.ts';

const listed = 1000;
const previewBytes = 256;

/** The first due first. */
export async function listScheduled(broker: Broker): Promise<readonly ScheduledRow[]> {
  const waiting = await broker.scheduler.list();
  return waiting.slice(0, listed).map(describe);
}

/** @throws BrokerError `not-found`: it was sent by now, or cancelled. */
export async function cancelScheduled(broker: Broker, key: string): Promise<void> {
  const waiting = await broker.scheduler.list();
  const found = waiting.find((candidate) => keyOf(candidate) === key);
  const isCancelled = found !== undefined && (await found.queue.delay.cancel(found.position, found.dueAt));
  if (!isCancelled) throw new BrokerError('not-found', 'the message was sent by now, or cancelled');
}

function describe(waiting: ScheduledMessage): ScheduledRow {
  const { id, to, dueAt, message, schedule } = waiting;
  const { cron, repeat = 0, periodMs } = schedule ?? {};
  return {
    key: keyOf(waiting),
    id,
    to,
    dueAt,
    ...(cron === undefined ? {} : { cron }),
    ...(repeat === 0 || periodMs === undefined ? {} : { repeat, periodMs }),
    ...describeBody(message.body, previewBytes),
  };
}

function keyOf({ queue, position, dueAt }: ScheduledMessage): string {
  return `${dueAt}/${position}/${queue.namespace}:${queue.name}`;
}
