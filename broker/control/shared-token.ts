// The console's token of a pair of engines, kept in their store: a page that was let in by one goes on with the one
// that takes over.

import type { Store } from '../core/store.ts';

const recordType = 'console';
const recordKey = 'token';

/**
 * The token that the store holds, or else `fresh`, which it then holds.
 * @throws BrokerError as Store.write does.
 */
export async function sharedToken(store: Store, fresh: string): Promise<string> {
  const kept = await store.readRecord(recordType, recordKey);
  if (kept !== undefined) return kept.toString();
  await store.write([{ kind: 'record', type: recordType, key: recordKey, value: Buffer.from(fresh) }]);
  return fresh;
}
