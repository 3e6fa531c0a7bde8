// What is kept of a route beside its counts: whether people have paused it, or let it run.

import type { Store } from '../core/store.ts';

const type = 'route-state';

export const routeStates = {
  /** Whether the route is paused; undefined: nobody has said. */
  async read(store: Store, route: string): Promise<boolean | undefined> {
    const kept = await store.readRecord(type, route);
    return kept === undefined ? undefined : kept.toString() === 'paused';
  },

  write(store: Store, route: string, paused: boolean): Promise<void> {
    return store.write([{ kind: 'record', type, key: route, value: Buffer.from(paused ? 'paused' : 'running') }]);
  },
};
