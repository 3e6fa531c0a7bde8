// aedes, the MQTT broker for Node, as its documentation starts it: everything in memory.

import { startChild } from './child.ts';
import { plainAddress } from './system.ts';
import type { Launcher, System } from './system.ts';

export const aedes: Launcher = {
  name: 'aedes',
  keeps: 'in memory',
  start: async (): Promise<System> => {
    const child = await startChild(new URL('aedes-server.ts', import.meta.url));
    return {
      name: 'aedes',
      pid: child.pid,
      ports: { mqtt: child.port },
      address: plainAddress,
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  },
};
