// The parent's side of a load process.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, LoadOptions, Order, Progress } from './orders.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

/** Longer than any measurement: a message that never comes ends the run. */
const answerMs = 180_000;

export class LoadProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #role: string;
  #waiting: PromiseWithResolvers<Answer> | undefined;
  #failure: Error | undefined;

  private constructor(options: LoadOptions) {
    this.#role = options.role;
    this.#child = fork(program, { serialization: 'advanced' });
    // Not as an argument: thousands of destinations are more than the system takes.
    this.#child.send(options);
    this.#child.on('message', (answer: Answer) => this.#settle(answer));
    this.#child.on('exit', (code, signal) => this.#settle({ failed: `ended (${code ?? signal})` }));
  }

  /** Resolves once it is connected. */
  static async start(options: LoadOptions): Promise<LoadProcess> {
    const load = new LoadProcess(options);
    await load.#answer();
    return load;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** One at a time. */
  async order(order: Order): Promise<Progress> {
    this.#child.send(order);
    const answer = await this.#answer();
    if (!('count' in answer)) throw new Error(`${this.#role}: no progress`);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #answer(): Promise<Answer> {
    if (this.#failure !== undefined) throw this.#failure;
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting = waiting;
    const timer = setTimeout(() => this.#settle({ failed: 'does not answer' }), answerMs);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #settle(answer: Answer): void {
    if ('failed' in answer) {
      this.#failure ??= new Error(`${this.#role}: ${answer.failed}`);
      this.#waiting?.reject(this.#failure);
    } else this.#waiting?.resolve(answer);
  }
}
