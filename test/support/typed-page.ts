// Pages whose commands a test types, and whose answers it compares: the README and the guides. What is typed and how is the
// kind of a block (```sh KIND); what the page shows beneath it is ```text answer. The ports that a page names become those
// of the test's engines.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export const project = fileURLToPath(new URL('../..', import.meta.url));

export interface Block {
  readonly kind: string;
  readonly commands: string;
  /** What the page shows beneath. */
  readonly answer: string | undefined;
}

export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(?:sh|text) (?!answer)(\w+)\n(.*?)^```\n(?:\n```text answer\n(.*?)^```$)?/gms)].map(
    ([, kind = '', commands = '', answer]) => ({ kind, commands, answer }),
  );
}

export const defaultPorts = { amqp: 5672, mqtt: 1883, stomp: 61_613, cloud: 4566, console: 8161 } as const;

export type Ports = Readonly<Record<string, number>>;

/** `others`: what the page names beside an engine's own. */
export function withPorts(text: string, ports: Ports, others: Ports = {}): string {
  const replaced = Object.entries({ ...defaultPorts, ...others }).reduce(
    (result, [name, port]) => result.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), String(ports[name])),
    text,
  );
  // Mosquitto's clients know their port without being told.
  return replaced.replaceAll(/^mosquitto_(pub|sub)\b/gm, `mosquitto_$1 -p ${ports['mqtt']}`);
}

/** What differs from run to run is put as its kind; NULs, blank lines and the widths of columns are not to be seen. */
export function comparable(text: string): string {
  return text
    .replaceAll('\0', '')
    .replaceAll(/\b[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b/g, 'UUID')
    .replaceAll(/\bID:[\w:-]+/g, 'ID')
    .replaceAll(/\b1\d{12}\b/g, 'MILLISECONDS')
    .replaceAll(/\b[\da-f]{32}\b/g, 'MD5')
    .replaceAll(/\bAQ[\w+/=-]{20,}/g, 'HANDLE')
    .split('\n')
    .map((line) => line.trim().replaceAll(/[ \t]+/g, ' '))
    .filter((line) => line !== '')
    .join('\n');
}

export interface Typed {
  readonly output: string;
  readonly status: number;
}

const mark = '=== end of block, status ';
// Blocks come by a file descriptor of their own: what is typed must not read them.
const loop = `exec 2>&1; while IFS= read -r -d '' -u 3 block; do eval "$block" < /dev/null; echo "${mark}$?"; done`;

/** The shell in which a reader types one block after the other. */
export class Shell implements Disposable {
  readonly #child: ChildProcess;
  readonly #blocks: Writable;
  #output = '';
  #ended: ((typed: Typed) => void) | undefined;

  constructor(environment: Readonly<Record<string, string>> = {}) {
    // Debian's programs first: what the tests look for is what is run.
    const env = { ...process.env, PATH: `/usr/bin:${process.env['PATH']}`, ...environment };
    this.#child = spawn('bash', ['-c', loop], {
      cwd: project,
      env,
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      detached: true,
    });
    this.#blocks = this.#child.stdio[3] as Writable;
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => this.#read(text));
  }

  type(commands: string): Promise<Typed> {
    return new Promise((resolve) => {
      this.#ended = resolve;
      this.#blocks.write(`${commands}\0`);
    });
  }

  [Symbol.dispose](): void {
    stop(this.#child);
  }

  #read(text: string): void {
    this.#output += text;
    const end = new RegExp(`^(.*)${mark}(\\d+)\\n`, 's').exec(this.#output);
    if (end === null) return;
    this.#output = '';
    this.#ended?.({ output: end[1]!, status: Number(end[2]) });
  }
}

/** A terminal in which a command is typed that goes on. */
export class Terminal implements Disposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string) {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    this.#child = spawn('bash', ['-c', command], { cwd: project, stdio: [...stdio], detached: true });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async nextEvent(): Promise<unknown> {
    const { value } = (await this.#lines.next()) as { value: string };
    return JSON.parse(value);
  }

  /** A key that sends a signal does so to all that runs in the terminal. */
  async press(signal: 'SIGQUIT' | 'SIGINT'): Promise<void> {
    process.kill(-this.#child.pid!, signal);
    await once(this.#child, 'exit');
  }

  [Symbol.dispose](): void {
    stop(this.#child);
  }
}

function stop(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
}
