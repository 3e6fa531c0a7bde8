// That the README is true: its commands are taken out of it and typed, its answers compared, its lists held against the
// code. The ports that it names become those of an engine of the test.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { debian } from './support/debian.ts';
import { EngineProcess, temporaryDirectory } from './support/engine-process.ts';
import { freePort } from './support/free-port.ts';
import { blocksOf, comparable, defaultPorts, project, Shell, Terminal, withPorts } from './support/typed-page.ts';

const config = `${project}examples/causeway.yml`;
const readme = readFileSync(`${project}README.md`, 'utf8');

// `tour`: typed one after the other. `refused`: ends with an error. `drill`: typed in two terminals.
const blocks = blocksOf(readme);

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
    using shell = new Shell();
    const tour = blocks.filter(({ kind }) => kind !== 'drill');
    expect(tour.length).toBeGreaterThan(5);
    for (const { kind, commands, answer } of tour) {
      const { output, status } = await shell.type(withPorts(commands, ports));
      expect(status === 0, `${commands}\n${output}`).toBe(kind !== 'refused');
      if (answer === undefined) continue;
      expect(comparable(output), commands).toBe(comparable(withPorts(answer, ports)));
    }
  });
});

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
