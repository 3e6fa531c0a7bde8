// A script of a few lines between an MQTT broker (aedes) and an SQS emulator (fauxqs), where others have a route.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { plainAddress } from './system.ts';
import type { Launcher, System } from './system.ts';

export interface Relay extends System {
  /** kill -9 of the script, which is started anew; the others stay. */
  killScript(): Promise<void>;
}

export interface RelayLauncher extends Launcher {
  start(): Promise<Relay>;
}

/** From an MQTT topic filter into a queue of SQS, which is there. */
export function relay(topic: string, queue: string): RelayLauncher {
  return {
    name: 'aedes, mqtt.js and the AWS SDK, fauxqs',
    keeps: 'in memory',
    start: async (): Promise<Relay> => {
      const child = fork(fileURLToPath(new URL('relay-server.ts', import.meta.url)), [queue, topic]);
      const [ports] = (await once(child, 'message')) as [Readonly<Record<'mqtt' | 'cloud', number>>];
      return {
        name: 'relay',
        pid: child.pid!,
        ports,
        address: plainAddress,
        killScript: async () => {
          const restarted = once(child, 'message');
          child.send('restart');
          await restarted;
        },
        [Symbol.asyncDispose]: async () => {
          const exited = once(child, 'exit');
          // Its own children end with it.
          child.kill('SIGKILL');
          await exited;
        },
      };
    },
  };
}
