// Stands in for Electron's utilityProcess with real Node processes, which have a `process.parentPort` like its own.
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';

const parentPort = fileURLToPath(new URL('./parent-port.ts', import.meta.url));

/** What waitpid reports of a process that SIGKILL ended, and Electron hands on. */
const killed = 9;

export class UtilityProcess extends EventEmitter {
  readonly child: ChildProcess;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  /** Undefined when it has ended. */
  pid: number | undefined;

  constructor(modulePath: string, args: readonly string[]) {
    super();
    this.child = fork(modulePath, [...args], { execArgv: ['--import', parentPort], silent: true });
    this.pid = this.child.pid;
    this.child.stdout?.pipe(this.stdout);
    this.child.stderr?.pipe(this.stderr);
    this.child.on('message', (message) => this.emit('message', message));
    // `close` comes after the last of its output.
    this.child.on('close', (code) => {
      this.pid = undefined;
      this.emit('exit', code ?? killed);
    });
  }

  postMessage(message: object): void {
    if (this.child.connected) this.child.send(message);
  }

  kill(): boolean {
    return this.child.kill();
  }
}

export interface UtilityProcesses extends AsyncDisposable {
  /** What `electron` exports by this name. */
  readonly utilityProcess: { fork(modulePath: string, args: readonly string[]): UtilityProcess };
  /** All that were started, the ended ones too. */
  readonly started: readonly UtilityProcess[];
}

export function createUtilityProcesses(onExit: () => void = () => {}): UtilityProcesses {
  const started: UtilityProcess[] = [];
  return {
    started,
    utilityProcess: {
      fork: (modulePath, args) => {
        const process = new UtilityProcess(modulePath, args);
        process.once('exit', onExit);
        started.push(process);
        return process;
      },
    },
    async [Symbol.asyncDispose]() {
      for (const process of started) {
        if (process.pid === undefined) continue;
        process.child.kill('SIGKILL');
        await once(process, 'exit');
      }
    },
  };
}
