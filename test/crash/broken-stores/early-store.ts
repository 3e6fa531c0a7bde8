// The store, but each write is acknowledged at once and reaches the disk a little later, as with a write-back cache.

import { openSharedStore as open } from '../../../broker/store/sqlite-store.ts';
import type { SharedStore, Store } from '../../../broker/core/store.ts';
import { laterMs } from './later.ts';

export function openSharedStore(options: Parameters<typeof open>[0]): SharedStore {
  const shared = open(options);
  const activate = shared.activate.bind(shared);
  shared.activate = async (holder): Promise<Store> => {
    const store = await activate(holder);
    const write = store.write.bind(store);
    store.write = async (changes) => {
      setTimeout(() => void write(changes), laterMs);
    };
    return store;
  };
  return shared;
}
