// A timetable: message n is meant to go out n intervals after the first, whatever becomes of those before it.

import { now } from '../measure/clock.ts';
import type { Order } from './orders.ts';

/** How a message says when it was meant to go out. */
export const stampLength = 20;

export function stamp(at: number): string {
  return at.toFixed(3).padStart(stampLength, '0');
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** `send` is given the times of those that are due. Resolves once all have been. */
export async function keepPace(order: Order, send: (meant: readonly number[]) => void): Promise<void> {
  if (order.do !== 'send' || order.perSecond === undefined) throw new Error(`${order.do} is not paced`);
  const intervalMs = 1000 / order.perSecond;
  const total = Math.floor(order.ms / intervalMs);
  const startedAt = now() + intervalMs;
  for (let done = 0; done < total;) {
    // A pause of the thread keeps time better than the event loop's timers, which count whole milliseconds.
    const wait = startedAt + done * intervalMs - now();
    if (wait > 0) Atomics.wait(sleeper, 0, 0, wait);
    const due = Math.min(total, Math.floor((now() - startedAt) / intervalMs) + 1);
    const meant: number[] = [];
    for (; done < due; done++) meant.push(startedAt + done * intervalMs);
    if (meant.length > 0) send(meant);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
