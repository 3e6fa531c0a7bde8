// docs/bridging.md, typed: each case in terminals of its own, in an empty directory, with engines that its commands start.

import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../broker/config.ts';
import { temporaryDirectory } from '../support/engine-process.ts';
import { freePort } from '../support/free-port.ts';
import { blocksOf, comparable, defaultPorts, project, Shell, Terminal, withPorts } from '../support/typed-page.ts';
import type { Block, Ports, Typed } from '../support/typed-page.ts';

const page = readFileSync(`${project}docs/bridging.md`, 'utf8');
const [before = '', ...cases] = page.split(/^(?=## \d)/m);

function only(kind: string): string {
  return blocksOf(before).find((block) => block.kind === kind)!.commands;
}

const setup = only('setup');
/** That of the second engine. */
const farPort = { far: 4567 } as const;

const nothing: Typed = { output: '', status: 0 };

/** What a reader has on the desk. */
class Desk implements Disposable {
  readonly #directory: string;
  readonly #ports: Ports;
  readonly #shell: Shell;
  #engine: Terminal | undefined;
  #far: Terminal | undefined;

  constructor(directory: string, ports: Ports) {
    this.#directory = directory;
    this.#ports = ports;
    const { stomp, mqtt, amqp } = ports;
    this.#shell = new Shell({ STOMP_PORT: `${stomp}`, MQTT_PORT: `${mqtt}`, AMQP_PORT: `${amqp}` });
  }

  /** Does what the block says; what it shows is what is on the screen of the second terminal by then. */
  async follow({ kind, commands }: Omit<Block, 'answer'>): Promise<Typed> {
    switch (kind) {
      case 'serve':
        await this.#engine?.press('SIGINT');
        this.#engine = await this.#serve(commands, Object.keys(defaultPorts));
        return nothing;
      case 'far':
        this.#far = await this.#serve(commands, []);
        return nothing;
      case 'press':
        if (commands !== 'Ctrl-\\\n') throw new Error(`there is no key ${commands}`);
        await this.#engine!.press('SIGQUIT');
        this.#engine = undefined;
        return nothing;
      default:
        return this.#shell.type(this.#here(commands));
    }
  }

  [Symbol.dispose](): void {
    this.#shell[Symbol.dispose]();
    this.#engine?.[Symbol.dispose]();
    this.#far?.[Symbol.dispose]();
  }

  async #serve(commands: string, listeners: readonly string[]): Promise<Terminal> {
    const set = listeners.map((name) => `--set listeners.${name}=${this.#ports[name]}`);
    // The port that a configuration names is not in the command.
    if (commands.includes('to-aws.yml')) set.push(`--set remotes.aws.endpoint=http://127.0.0.1:${this.#ports['far']}`);
    const terminal = new Terminal(`${setup}${this.#here(commands).trimEnd()} ${set.join(' ')}`);
    // Its first line, which says that it is ready.
    await terminal.nextEvent();
    return terminal;
  }

  #here(text: string): string {
    return withPorts(text, this.#ports, farPort).replaceAll('/tmp/', `${this.#directory}/`);
  }
}

describe('the guide to bridging', () => {
  const open: Disposable[] = [];
  afterEach(() => {
    for (const one of open.splice(0)) one[Symbol.dispose]();
  });

  it.each(cases.map((text) => [/^## (.*)$/m.exec(text)![1]!, text] as const))(
    'shows what happens: %s',
    async (_, text) => {
      await using directory = await temporaryDirectory();
      const names = [...Object.keys(defaultPorts), ...Object.keys(farPort)];
      const ports: Record<string, number> = {};
      for (const name of names) ports[name] = await freePort();
      const desk = new Desk(directory.path, ports);
      open.push(desk);
      const blocks = blocksOf(text);
      expect(blocks.length).toBeGreaterThan(2);
      for (const kind of ['setup', 'clients']) await desk.follow({ kind, commands: only(kind) });
      for (const block of blocks) {
        const { output, status } = await desk.follow(block);
        expect(status, `${block.commands}\n${output}`).toBe(0);
        if (block.answer !== undefined) expect(comparable(output), block.commands).toBe(comparable(block.answer));
      }
    },
    240_000,
  );

  it('has four cases', () => {
    expect(cases).toHaveLength(4);
  });

  it('shows configurations that the engine takes, and those of its files as they are', async () => {
    await using directory = await temporaryDirectory();
    const shown = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml]) => yaml!);
    expect(shown.length).toBeGreaterThan(8);
    const file = join(directory.path, 'shown.yml');
    const routes: unknown[] = [];
    for (const yaml of shown) {
      await writeFile(file, yaml);
      routes.push(loadConfig({ file }).routes);
    }
    for (const name of ['strangler-2-by-content', 'telemetry', 'quotes', 'customers', 'customers-to-aws']) {
      expect(routes).toContainEqual(loadConfig({ file: `${project}examples/bridging/${name}.yml` }).routes);
    }
  });

  it('links to files that are there', () => {
    const targets = [...page.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target]) => `${project}docs/${target}`);
    expect(targets.length).toBeGreaterThan(5);
    expect(targets.filter((target) => !existsSync(target))).toEqual([]);
  });
});
