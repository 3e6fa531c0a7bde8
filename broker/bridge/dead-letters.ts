// A route's dead letters, one after the other, without taking them.

import type { Entry } from '../core/entry.ts';
import type { Message } from '../core/message.ts';
import type { Queue } from '../core/queue.ts';

/** How many are looked at together. */
const page = 100;

/** Those whose reason begins so, and that nobody has; resolves with their number. */
export async function forEachDeadLetter(
  queue: Queue,
  reason: string,
  run: (entry: Entry, message: Message) => void,
): Promise<number> {
  let found = 0;
  let after = 0;
  for (;;) {
    const browsed = await queue.browse(after, page);
    for (const { entry, message } of browsed) {
      after = entry.seq;
      const { dead, state } = entry;
      if (dead?.reason.startsWith(reason) !== true || (state !== 'ready' && state !== 'paged')) continue;
      found++;
      run(entry, message);
    }
    if (browsed.length === 0) return found;
  }
}
