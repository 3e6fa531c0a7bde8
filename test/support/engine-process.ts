// The engine as its users run it: a process of its own, its events on standard output.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ReadyEvent {
  readonly event: 'ready';
  readonly role: 'active';
  readonly listeners: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  readonly consoleUrl: string;
}

type Event = ReadyEvent | { readonly event: 'standby' } | { readonly event: 'stopped' };

export interface EngineOptions {
  readonly dataDirectory: string;
  readonly ha?: boolean;
  readonly config?: string;
  readonly set?: readonly string[];
  /** Options of Node itself, before the program. */
  readonly node?: readonly string[];
  /** Where it is started; relative paths of its configuration begin here. */
  readonly cwd?: string;
}

const cli = fileURLToPath(new URL('../../broker/cli.ts', import.meta.url));
/** As in package.json. */
const engineFlags = ['--max-semi-space-size=16'];
const anyPort = ['amqp', 'mqtt', 'stomp', 'cloud', 'console'].map((name) => `listeners.${name}=0`);

export class EngineProcess implements AsyncDisposable {
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly events: Event[] = [];
  stderr = '';
  readonly #child: ChildProcess;
  readonly #waiting: {
    readonly name: Event['event'];
    readonly resolve: (event: Event) => void;
    readonly reject: (error: Error) => void;
  }[] = [];

  constructor(options: EngineOptions) {
    const set = [...anyPort, ...(options.set ?? [])].flatMap((assignment) => ['--set', assignment]);
    const args = [...engineFlags, ...(options.node ?? []), cli, 'serve', '--data', options.dataDirectory, ...set];
    if (options.config !== undefined) args.push('--config', options.config);
    if (options.ha === true) args.push('--ha');
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: options.cwd,
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.#announced(JSON.parse(line) as Event));
    child.stderr.on('data', (chunk: Buffer) => (this.stderr = (this.stderr + chunk.toString()).slice(-20_000)));
    this.exited = new Promise((resolve) => {
      child.on('exit', (code, signal) => {
        resolve({ code, signal });
        for (const { name, reject } of this.#waiting.splice(0)) {
          reject(new Error(`the engine ended (${code ?? signal}) before "${name}":\n${this.stderr}`));
        }
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves with the event when it is printed, or was. */
  seen(name: 'ready'): Promise<ReadyEvent>;
  seen(name: 'standby' | 'stopped'): Promise<Event>;
  seen(name: Event['event']): Promise<Event> {
    const past = this.events.find(({ event }) => event === name);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, resolve, reject });
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isRunning) await this.kill();
  }

  #announced(event: Event): void {
    this.events.push(event);
    for (const waiting of this.#waiting.filter(({ name }) => name === event.event)) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve(event);
    }
  }
}

/** A directory that is removed at the end of the test. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'causeway-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
