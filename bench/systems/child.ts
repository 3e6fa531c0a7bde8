// A system in JavaScript as a child process: it says on its channel on which port it listens.

import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

export async function startChild(program: URL): Promise<Child> {
  const child = fork(program);
  const [port] = (await once(child, 'message')) as [number];
  return {
    pid: child.pid!,
    port,
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
