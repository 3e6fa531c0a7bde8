// The store, but a unit that puts and settles is torn in two, and the settlement comes a little later.

import { openSharedStore as open } from '../../../broker/store/sqlite-store.ts';
import type { Change, SharedStore, Store } from '../../../broker/core/store.ts';
import { laterMs } from './later.ts';

export function openSharedStore(options: Parameters<typeof open>[0]): SharedStore {
  const shared = open(options);
  const activate = shared.activate.bind(shared);
  shared.activate = async (holder): Promise<Store> => {
    const store = await activate(holder);
    const write = store.write.bind(store);
    store.write = (changes) => {
      const settles = changes.filter(isSettlement);
      if (settles.length === changes.length) return write(changes);
      if (settles.length > 0) setTimeout(() => void write(settles), laterMs);
      return write(changes.filter((change) => !isSettlement(change)));
    };
    return store;
  };
  return shared;
}

function isSettlement({ kind }: Change): boolean {
  return kind === 'settle';
}
