// That the README is true: its commands are taken out of it and typed, its answers compared, its lists held against the
// code. The ports that it names become those of an engine of the test.

import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { debian } from './support/debian.ts';
import { EngineProcess, temporaryDirectory } from './support/engine-process.ts';
import { freePort } from './support/free-port.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const config = `${project}examples/causeway.yml`;
const readme = readFileSync(`${project}README.md`, 'utf8');

interface Block {
  /** `tour`: typed one after the other. `refused`: ends with an error. `drill`: typed in two terminals. */
  readonly kind: string;
  readonly commands: string;
  /** What the README shows beneath. */
  readonly answer: string | undefined;
}

const blocks: readonly Block[] = [
  ...readme.matchAll(/^```sh (\w+)\n(.*?)^```\n(?:\n```text answer\n(.*?)^```$)?/gms),
].map(([, kind = '', commands = '', answer]) => ({ kind, commands, answer }));

const defaultPorts = { amqp: 5672, mqtt: 1883, stomp: 61_613, cloud: 4566, console: 8161 } as const;

type Ports = Readonly<Record<string, number>>;

function withPorts(text: string, ports: Ports): string {
  const replaced = Object.entries(defaultPorts).reduce(
    (result, [name, port]) => result.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), String(ports[name])),
    text,
  );
  // Mosquitto's clients know their port without being told.
  return replaced.replaceAll(/^mosquitto_(pub|sub)\b/gm, `mosquitto_$1 -p ${ports['mqtt']}`);
}

/** What differs from run to run is put as its kind; NULs and blank lines are not to be seen. */
function comparable(text: string): string {
  return text
    .replaceAll('\0', '')
    .replaceAll(/\b[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b/g, 'UUID')
    .replaceAll(/\b[\da-f]{32}\b/g, 'MD5')
    .replaceAll(/\bAQ[\w+/=-]{20,}/g, 'HANDLE')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

const mark = '=== end of block, status ';

/** Types the blocks in one shell; resolves with what it wrote in each, and the status in which each left it. */
async function typed(ports: Ports): Promise<readonly { readonly output: string; readonly status: number }[]> {
  const typedBlocks = blocks.filter(({ kind }) => kind !== 'drill');
  const script = typedBlocks.map(({ commands }) => `${withPorts(commands, ports)}\necho "${mark}$?"\n`).join('');
  // Debian's programs first: what the tests look for is what is run.
  const env = { ...process.env, PATH: `/usr/bin:${process.env['PATH']}` };
  const output = await new Promise<string>((resolve) => {
    execFile('bash', ['-c', `exec 2>&1\n${script}`], { cwd: project, env, timeout: 25_000 }, (_, stdout) =>
      resolve(stdout),
    );
  });
  const parts = output.split(new RegExp(`^.*${mark}(\\d+)\n`, 'm'));
  return typedBlocks.map((_, i) => ({ output: parts[2 * i] ?? '', status: Number(parts[2 * i + 1]) }));
}

const clients = [
  debian('mosquitto-clients', 'mosquitto_pub'),
  debian('python3-stomp', 'stomp'),
  debian('netcat-openbsd', 'nc'),
  debian('awscli', 'aws'),
];

describe.skipIf(clients.some(({ present }) => !present))('the commands', () => {
  it('answer as it shows', async () => {
    await using directory = await temporaryDirectory();
    await using engine = new EngineProcess({ dataDirectory: directory.path, config });
    const { listeners } = await engine.seen('ready');
    const ports = Object.fromEntries(Object.entries(listeners).map(([name, { port }]) => [name, port]));
    const results = await typed(ports);
    expect(results.length).toBeGreaterThan(5);
    for (const [i, { kind, commands, answer }] of blocks.filter(({ kind: k }) => k !== 'drill').entries()) {
      const { output, status } = results[i]!;
      expect(status === 0, `${commands}\n${output}`).toBe(kind !== 'refused');
      if (answer === undefined) continue;
      expect(comparable(output), commands).toBe(comparable(withPorts(answer, ports)));
    }
  });
});

/** A terminal in which a command is typed. */
class Terminal implements Disposable {
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
  async press(signal: 'SIGQUIT'): Promise<void> {
    process.kill(-this.#child.pid!, signal);
    await once(this.#child, 'exit');
  }

  [Symbol.dispose](): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) process.kill(-this.#child.pid!, 'SIGKILL');
  }
}

it('the drill fails over', async () => {
  await using directory = await temporaryDirectory();
  const drill = blocks.find(({ kind }) => kind === 'drill');
  const set = await Promise.all(
    Object.keys(defaultPorts).map(async (name) => `--set listeners.${name}=${await freePort()}`),
  );
  const command = `${drill!.commands.trim().replace('/tmp/pair', directory.path)} ${set.join(' ')}`;
  using first = new Terminal(command);
  const ready = await first.nextEvent();
  expect(ready).toMatchObject({ event: 'ready', role: 'active' });
  using second = new Terminal(command);
  expect(await second.nextEvent()).toMatchObject({ event: 'standby' });
  await first.press('SIGQUIT');
  expect(await second.nextEvent()).toEqual(ready);
});

describe('the lists', () => {
  it('link to files that are there', () => {
    const targets = [...readme.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
    expect(targets.length).toBeGreaterThan(5);
    expect(targets.filter((target) => !existsSync(`${project}${target}`))).toEqual([]);
  });

  it('name scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync(`${project}package.json`, 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

it('the picture of the console is of 1280 by 800 pixels, and small', () => {
  const picture = readFileSync(`${project}docs/console.png`);
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([1280, 800]);
  expect(picture.length).toBeLessThan(300_000);
});
