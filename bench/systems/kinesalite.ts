// kinesalite, the Kinesis emulator for Node, without a path: everything in memory.

import { startChild } from './child.ts';
import { plainAddress } from './system.ts';
import type { Launcher, System } from './system.ts';

export const kinesalite: Launcher = {
  name: 'kinesalite',
  keeps: 'in memory',
  start: async (): Promise<System> => {
    const child = await startChild(new URL('kinesalite-server.ts', import.meta.url));
    return {
      name: 'kinesalite',
      pid: child.pid,
      ports: { cloud: child.port },
      address: plainAddress,
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  },
};
