// mosquitto of Debian: anonymous on loopback, everything in memory. As it comes it drops what a slow subscriber has
// waiting beyond a thousand messages; here it is told to keep everything, as the others do.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { installed, openDirectory, startProgram } from './program.ts';
import { plainAddress } from './system.ts';
import type { Launcher, System } from './system.ts';

export const mosquittoProgram = installed('/usr/sbin/mosquitto');

export const mosquitto: Launcher = {
  name: 'mosquitto',
  keeps: 'in memory',
  start: async (): Promise<System> => {
    const mqtt = await freePort();
    const directory = await openDirectory();
    const file = join(directory, 'mosquitto.conf');
    await writeFile(file, `listener ${mqtt} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n`);
    const program = await startProgram({
      command: mosquittoProgram!,
      args: ['-c', file],
      directory,
      ports: [mqtt],
    });
    return { name: 'mosquitto', ports: { mqtt }, address: plainAddress, ...program };
  },
};
