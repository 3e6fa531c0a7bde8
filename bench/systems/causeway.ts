// The engine as its users run it, on a data directory of its own on the disk of the temporary directory.

import { EngineProcess, temporaryDirectory } from '../../test/support/engine-process.ts';
import type { EngineOptions } from '../../test/support/engine-process.ts';
import { plainAddress } from './system.ts';
import type { Launcher, System } from './system.ts';

/** `name`: where it is compared with itself. */
export function causeway({
  name = 'causeway',
  ...options
}: Partial<EngineOptions> & { readonly name?: string } = {}): Launcher {
  return {
    name,
    keeps: 'on disk',
    start: async (): Promise<System> => {
      const directory = await temporaryDirectory();
      const engine = new EngineProcess({
        dataDirectory: directory.path,
        ...options,
        set: ['log.level=warn', 'cloud.quotas=off', ...(options.set ?? [])],
      });
      const { listeners, consoleUrl } = await engine.seen('ready');
      const { amqp, mqtt, stomp, cloud } = listeners;
      return {
        name,
        consoleUrl,
        pid: engine.pid,
        ports: {
          ...(amqp && { amqp: amqp.port }),
          ...(mqtt && { mqtt: mqtt.port }),
          ...(stomp && { stomp: stomp.port }),
          ...(cloud && { cloud: cloud.port }),
        },
        address: plainAddress,
        [Symbol.asyncDispose]: async () => {
          // In order, so that a profile of the engine is written.
          engine.signal('SIGTERM');
          await engine.exited;
          await directory[Symbol.asyncDispose]();
        },
      };
    },
  };
}
