// The child process of relay.ts: aedes, fauxqs and the script between them, each a process of its own. Told to, it kills the
// script with -9 and starts it anew.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ask } from '../loads/http.ts';
import { startChild } from './child.ts';

const [, , queue, topic] = process.argv;
const aedes = await startChild(new URL('aedes-server.ts', import.meta.url));
const fauxqs = await startChild(new URL('fauxqs-server.ts', import.meta.url));
await ask(fauxqs.port, 'sqs', 'CreateQueue', { QueueName: queue });
let script = await startScript();
process.on('message', () => void restart());
process.on('disconnect', () => process.exit(0));
process.send!({ mqtt: aedes.port, cloud: fauxqs.port });

async function startScript(): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('relay-script.ts', import.meta.url));
  const child = fork(program, [String(aedes.port), String(fauxqs.port), queue!, topic!]);
  await once(child, 'message');
  return child;
}

async function restart(): Promise<void> {
  const exited = once(script, 'exit');
  script.kill('SIGKILL');
  await exited;
  script = await startScript();
  process.send!('restarted');
}
