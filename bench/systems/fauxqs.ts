// fauxqs, the SQS emulator for Node, without persistence: everything in memory.

import { startChild } from './child.ts';
import { plainAddress } from './system.ts';
import type { Launcher, System } from './system.ts';

export const fauxqs: Launcher = {
  name: 'fauxqs',
  keeps: 'in memory',
  start: async (): Promise<System> => {
    const child = await startChild(new URL('fauxqs-server.ts', import.meta.url));
    return {
      name: 'fauxqs',
      pid: child.pid,
      ports: { cloud: child.port },
      address: plainAddress,
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  },
};
