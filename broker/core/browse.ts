// Looking into a queue without taking anything: what is on disk, with what lives in memory only in its place.

import { Entry } from './entry.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';
import type { PageLimit, Store } from './store.ts';

export interface Browsed {
  /** As it was found; its state may have changed since. */
  readonly entry: Entry;
  readonly message: Message;
}

/** `inMemory`: every entry of the queue that is known; of those after `after`, at most `limit.entries` are returned. */
export async function browse(
  queue: Queue,
  store: Store,
  inMemory: () => Iterable<Entry>,
  after: number,
  limit: PageLimit,
): Promise<readonly Browsed[]> {
  const pages = await Promise.all(queue.bands.ids.map((id) => store.readPage(id, after, limit)));
  const known = new Map<number, Entry>();
  for (const entry of inMemory()) if (entry.seq > after) known.set(entry.seq, entry);
  const found: Browsed[] = [];
  // Where a page was cut short, what follows it is not known yet.
  let end = Infinity;
  for (const page of pages) {
    let bytes = 0;
    for (const { seq, message, ...rest } of page) {
      const entry = known.get(seq) ?? Entry.restore(queue, { seq, message, ...rest });
      bytes += entry.size;
      found.push({ entry, message });
    }
    const isCut = page.length >= limit.entries || bytes >= limit.bytes;
    if (isCut) end = Math.min(end, page.at(-1)?.seq ?? Infinity);
  }
  for (const entry of known.values()) {
    const { message } = entry;
    if (entry.residence === 'memory' && message !== undefined) found.push({ entry, message });
  }
  const inOrder = found.filter(({ entry }) => entry.seq <= end).sort((a, b) => a.entry.seq - b.entry.seq);
  return inOrder.slice(0, limit.entries);
}

/** When the oldest was sent, milliseconds since the epoch. */
export function oldestOf(entries: Iterable<Entry>): number | undefined {
  let oldest: number | undefined;
  for (const { timestamp } of entries) oldest = Math.min(oldest ?? timestamp, timestamp);
  return oldest;
}
