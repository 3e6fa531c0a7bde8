// A message that is changed while someone has it: its entry keeps its place in the queue, and all that has happened to it. For
// what receivers add to a message before they give it back.

import type { Entry } from './entry.ts';
import type { Message } from './message.ts';
import type { Change, Store } from './store.ts';

/**
 * Resolves once that is stored. Nobody settles the entry or gives it back meanwhile; if its consumer has closed, it goes back
 * then. Nothing happens to an entry that is not leased any more.
 * @throws what `change` throws, and as Store.write does: then the message is as it was.
 */
export async function amend(store: Store, entry: Entry, change: (message: Message) => Message): Promise<void> {
  const { queue, queueId, seq, residence } = entry;
  if (entry.state !== 'leased' || !queue.reserve(entry)) return;
  try {
    const message = entry.message ?? (await store.readEntries(queueId, [seq]))[0]?.message;
    // A purge came first.
    if (message === undefined) return;
    const messageId = store.nextId();
    const amended = change(message);
    if (residence !== 'memory') await store.write(replacement(entry, residence, messageId, amended));
    entry.amended(messageId, amended);
  } finally {
    queue.unreserve(entry);
  }
}

/** In the same place, by itself: other queues keep what they share. */
function replacement(
  entry: Entry,
  residence: 'durable' | 'spilled',
  messageId: number,
  message: Message,
): readonly Change[] {
  const { queueId, seq, delivered, delivery } = entry;
  const key = { queueId, seq, messageId, sole: true, residence };
  return [
    { kind: 'settle', entry, delivered },
    { kind: 'put', messageId, message, entries: [{ queueId, seq }], residence },
    ...(delivered ? [{ kind: 'deliver', entry: key, delivery } as const] : []),
  ];
}
