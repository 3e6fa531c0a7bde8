// The engine in an Electron utilityProcess: arguments as the command line's, events to the parent as messages.

import { parseArgs } from 'node:util';
import { loadConfig } from './config.ts';
import { serve } from './serve.ts';

/** What Electron adds to a utility process (Electron's types are not for the engine). */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

function parentPort(): ParentPort {
  const port: unknown = 'parentPort' in process ? process.parentPort : undefined;
  if (!isParentPort(port)) throw new Error('not a utility process');
  return port;
}

function isParentPort(value: unknown): value is ParentPort {
  return typeof value === 'object' && value !== null && 'postMessage' in value && 'on' in value;
}

function isStop(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'command' in message && message.command === 'stop';
}

const port = parentPort();
try {
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((argument) => argument !== 'serve'),
    options: {
      config: { type: 'string' },
      data: { type: 'string' },
      set: { type: 'string', multiple: true },
      ha: { type: 'boolean' },
    },
  });
  const code = await serve({
    readConfig: () => loadConfig({ file: values.config, dataDirectory: values.data, set: values.set, ha: values.ha }),
    announce: (event) => port.postMessage(event),
    onStop: (stop) => {
      process.once('SIGTERM', stop);
      port.on('message', ({ data }) => {
        if (isStop(data)) stop();
      });
    },
  });
  process.exit(code);
} catch (error) {
  port.postMessage({ event: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
