// docs/bridging.md, typed: each case in terminals of its own, in an empty directory, with engines that its commands start.

import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
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

async function freePorts(): Promise<Ports> {
  const ports: Record<string, number> = {};
  for (const name of [...Object.keys(defaultPorts), ...Object.keys(farPort)]) ports[name] = await freePort();
  return ports;
}

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
      const desk = new Desk(directory.path, await freePorts());
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

  it('points the same routes at an AWS, which is a second engine here', async () => {
    await using directory = await temporaryDirectory();
    const desk = new Desk(directory.path, await freePorts());
    open.push(desk);
    const shown = [...page.matchAll(/^```yaml\n(remotes:\n {2}production: .*?)^```$/gms)].map(([, yaml]) => yaml!);
    const routes = shown.flatMap((yaml) => (parse(yaml) as { routes: readonly unknown[] }).routes);
    expect(routes).toHaveLength(3);
    const remotes = { production: { type: 'aws', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } } };
    await writeFile(join(directory.path, 'at-aws.yml'), stringify({ remotes, routes }));
    const queues = ['orders', 'alarms', 'quotes', 'quotes-answered'].map((name) => `{name: ${name}}`);
    const closed = ['amqp', 'mqtt', 'stomp', 'console'].map((name) => `--set listeners.${name}=false`);
    const follow = async (kind: string, ...lines: readonly string[]): Promise<readonly string[]> => {
      const { output, status } = await desk.follow({ kind, commands: `${lines.join('\n')}\n` });
      expect(status, output).toBe(0);
      return output.trimEnd().split('\n');
    };
    for (const kind of ['setup', 'clients']) await follow(kind, only(kind));
    const far = `causeway serve --data /tmp/aws --set listeners.cloud=4567 ${closed.join(' ')}`;
    await follow('far', `${far} --set 'cloud.queues=[${queues.join(', ')}]'`);
    await follow('tour', 'export AWS_ENDPOINT_URL=http://127.0.0.1:4567', 'node examples/bridging/make-stream.ts');
    const endpoint = '--set remotes.production.endpoint=http://127.0.0.1:4567';
    await follow('serve', `causeway serve --config /tmp/at-aws.yml --data /tmp/near ${endpoint}`);

    const example = (file: string, ...args: readonly (number | string)[]): string =>
      ['node', `examples/bridging/${file}.ts`, ...args].join(' ');
    const orders = await follow(
      'tour',
      example('shop', 6),
      example('old-worker', 3),
      example('new-worker', 'orders', 3),
    );
    expect(orders.map((line) => line.replace(/:.*/, '')).slice(1)).toEqual([
      'old worker, DE',
      'old worker, FR',
      'old worker, DE',
      ...Array.from({ length: 3 }, () => 'new worker, NL'),
    ]);
    const telemetry = await follow('tour', example('machines', 3), example('on-call', 1), example('read-stream', 9));
    expect(telemetry[1]).toContain('ALARM from topic://telemetry.oven-1.heat');
    expect(telemetry.slice(2).map((line) => /, (\S+):.*"round":(\d)/.exec(line)?.slice(1).join(' '))).toEqual(
      ['oven-1', 'press-1', 'press-2'].flatMap((machine) => [1, 2, 3].map((round) => `${machine} ${round}`)),
    );
    const answers = await follow('tour', `${example('ask-quotes', 3)} &`, example('answer-quotes', 3), 'wait');
    expect(answers.slice(3)).toEqual([1, 2, 3].map((n) => `answer to request-${n}: ${25 * n} euros`));
  }, 240_000);

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
