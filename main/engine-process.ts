// One engine in a process of its own (Electron's utilityProcess): started, watched, started again with back-off when
// it crashes, and stopped in order. Knows nothing of windows; who wants to know is told of each change of state.
import { EventEmitter, once } from 'node:events';
import { utilityProcess, type UtilityProcess } from 'electron';
import { parseEngineEvent, stopCommand, type EngineEvent } from './engine-events.ts';

export type EngineState =
  | { readonly name: 'stopped' }
  | { readonly name: 'starting' }
  | { readonly name: 'standby' }
  /** `consoleUrl`: undefined where the configuration closes the console. */
  | { readonly name: 'ready'; readonly consoleUrl: string | undefined }
  /** It crashed, and is started again after `delayMs`. */
  | { readonly name: 'restarting'; readonly delayMs: number; readonly reason: string }
  /** It does not start; nothing more happens until start() is called. */
  | { readonly name: 'failed'; readonly reason: string };

export interface EngineProcessOptions {
  /** The built broker/process.ts. */
  readonly modulePath: string;
  readonly args: readonly string[];
  /** As the system's process list shows it. */
  readonly name: string;
  /** Receives what the engine logs. */
  readonly log: (text: string) => void;
  readonly timing?: Partial<Timing>;
}

interface Timing {
  /** Waits before the first, second, … start after a crash; after the last of them the engine counts as failed. */
  readonly restartDelaysMs: readonly number[];
  /** Ready for so long, a crash counts as the first again. */
  readonly steadyMs: number;
  /** To stop in order: bounded by the engine's last commit. */
  readonly stopMs: number;
  /** To be gone after having been killed. */
  readonly killMs: number;
}

const defaultTiming: Timing = {
  restartDelaysMs: [500, 1000, 2000, 4000, 8000, 16_000, 30_000],
  steadyMs: 60_000,
  stopMs: 10_000,
  killMs: 2000,
};

/** Of what the engine logged last, to explain an end that it did not explain itself. */
const tailBytes = 4096;

export class EngineProcess {
  readonly #options: EngineProcessOptions;
  readonly #timing: Timing;
  readonly #changes = new EventEmitter<{ change: [EngineState] }>();
  #state: EngineState = { name: 'stopped' };
  #child: UtilityProcess | undefined;
  /** True while its end is asked for: then an exit is no crash. */
  #ending = false;
  #crashes = 0;
  #served = false;
  #reason = '';
  #tail = '';
  #restart: NodeJS.Timeout | undefined;
  #steady: NodeJS.Timeout | undefined;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
  }

  get state(): EngineState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  onChange(listener: (state: EngineState) => void): void {
    this.#changes.on('change', listener);
  }

  /** Does nothing while an engine runs or is about to. */
  start(): void {
    if (this.#child !== undefined || this.#restart !== undefined) return;
    this.#ending = false;
    this.#crashes = 0;
    this.#served = false;
    this.#launch();
  }

  /**
   * Resolves when the process is gone: asked to stop, then told to by a signal, then killed, each with its bound.
   * @throws when even a killed process does not end.
   */
  async stop(): Promise<void> {
    const child = this.#beginEnd();
    if (child === undefined) return;
    child.postMessage(stopCommand);
    if (await this.#gone(child, this.#timing.stopMs)) return;
    child.kill();
    if (await this.#gone(child, this.#timing.killMs)) return;
    await this.kill();
  }

  /** Ends the process as a crash of the machine would: nothing is flushed, nothing is said to its clients. */
  async kill(): Promise<void> {
    const child = this.#beginEnd();
    if (child === undefined) return;
    const { pid } = child;
    if (pid === undefined) child.kill();
    else killAtOnce(pid);
    if (!(await this.#gone(child, this.#timing.killMs))) throw new Error(`process ${pid} does not end`);
  }

  /**
   * Resolves with the state once it is one of `names`.
   * @throws after `timeoutMs`, or when the engine fails or stops instead.
   */
  async reaches<N extends EngineState['name']>(name: N, timeoutMs: number): Promise<Extract<EngineState, { name: N }>> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const state = this.#state;
      if (hasName(state, name)) return state;
      if (state.name === 'failed') throw new Error(state.reason);
      if (state.name === 'stopped') throw new Error(`${this.#options.name} is stopped`);
      try {
        await once(this.#changes, 'change', { signal });
      } catch (error) {
        throw new Error(`${this.#options.name} is not ${name} after ${timeoutMs} ms`, { cause: error });
      }
    }
  }

  #launch(): void {
    this.#reason = '';
    this.#tail = '';
    const { modulePath, args, name } = this.#options;
    const child = utilityProcess.fork(modulePath, [...args], { serviceName: name, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    child.on('message', (message) => this.#heard(child, parseEngineEvent(message)));
    child.on('exit', (code) => this.#exited(child, code));
    child.on('error', (type, location) => this.#options.log(`${name}: ${type} at ${location}\n`));
    child.stdout?.resume();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-tailBytes);
      this.#options.log(text);
    });
    this.#become({ name: 'starting' });
  }

  #heard(child: UtilityProcess, event: EngineEvent | undefined): void {
    if (child !== this.#child || event === undefined) return;
    switch (event.event) {
      case 'ready':
        this.#served = true;
        this.#steady = setTimeout(() => {
          this.#crashes = 0;
        }, this.#timing.steadyMs).unref();
        this.#become({ name: 'ready', consoleUrl: event.consoleUrl });
        break;
      case 'standby':
        this.#served = true;
        this.#become({ name: 'standby' });
        break;
      case 'failed':
        this.#reason = event.message;
        break;
      case 'stopped':
        break; // the exit that follows says the same
    }
  }

  #exited(child: UtilityProcess, code: number): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    clearTimeout(this.#steady);
    if (this.#ending) {
      this.#become({ name: 'stopped' });
      return;
    }
    const reason = this.#reason || this.#tail.trim() || `the engine ended with code ${code}`;
    const delayMs = this.#timing.restartDelaysMs[this.#crashes];
    // What never served has a cause that a second try does not cure: a port in use, an error in the configuration.
    if (!this.#served || delayMs === undefined) {
      this.#become({ name: 'failed', reason });
      return;
    }
    this.#crashes++;
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.#launch();
    }, delayMs);
    this.#become({ name: 'restarting', delayMs, reason });
  }

  #beginEnd(): UtilityProcess | undefined {
    this.#ending = true;
    clearTimeout(this.#restart);
    this.#restart = undefined;
    if (this.#child === undefined) this.#become({ name: 'stopped' });
    return this.#child;
  }

  /** Whether `child` is gone within `timeoutMs`. */
  async #gone(child: UtilityProcess, timeoutMs: number): Promise<boolean> {
    if (child !== this.#child) return true;
    const ended = new AbortController();
    return Promise.race([
      new Promise<true>((resolve) => {
        child.once('exit', () => resolve(true));
      }),
      new Promise<false>((resolve) => {
        const timer = setTimeout(() => resolve(false), timeoutMs);
        ended.signal.addEventListener('abort', () => clearTimeout(timer));
      }),
    ]).finally(() => ended.abort());
  }

  #become(state: EngineState): void {
    if (state.name === 'stopped' && this.#state.name === 'stopped') return;
    this.#state = state;
    this.#changes.emit('change', state);
  }
}

function hasName<N extends EngineState['name']>(
  state: EngineState,
  name: N,
): state is Extract<EngineState, { name: N }> {
  return state.name === name;
}

function killAtOnce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
