// The C++ binding of Qpid Proton, by the examples that come with it: compiled as Debian ships them, unchanged.

import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { debian, debianFile } from '../../support/debian.ts';
import { amqpBroker, until } from './fixture.ts';

const compiler = debian('g++', 'g++');
const library = debianFile('libqpid-proton-cpp12-dev', '/usr/include/proton/container.hpp');
const examples = '/usr/share/proton/examples/cpp';
const sources = debianFile('libqpid-proton11-dev-examples', join(examples, 'simple_send.cpp'));
const programs = ['simple_send', 'simple_recv', 'colour_send', 'selected_recv', 'queue_browser', 'client', 'server'];
const timeout = 20_000;

describe.skipIf(!compiler.present || !library || !sources)('Qpid Proton in C++', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'causeway-proton-'));
    for (const name of programs) {
      const source = join(examples, `${name}.cpp`);
      await promisify(execFile)(compiler.path, ['-w', '-o', join(folder, name), source, '-lqpid-proton-cpp']);
    }
  }, 180_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function run(name: string, ...args: readonly string[]): Promise<readonly string[]> {
    const { stdout } = await promisify(execFile)(join(folder, name), args, { timeout });
    return stdout.trimEnd().split('\n');
  }

  /** One that goes on until it is stopped. */
  function start(name: string, ...args: readonly string[]) {
    const child: ChildProcess = spawn(join(folder, name), args, { timeout });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return {
      output: () => output,
      [Symbol.asyncDispose]: async () => {
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      },
    };
  }

  test('has the programs', () => {
    expect(programs.filter((name) => !existsSync(join(folder, name)))).toEqual([]);
  });

  test('sends and receives', async () => {
    await using engine = await amqpBroker();
    const url = `127.0.0.1:${engine.port}/cpp`;
    expect(await run('simple_send', '-a', url, '-m', '50')).toEqual(['all messages confirmed']);
    const received = await run('simple_recv', '-a', url, '-m', '50');
    expect(received.filter((line) => line.includes('sequence'))).toEqual(
      Array.from({ length: 50 }, (_, i) => `{"sequence"=${i + 1}}`),
    );
    expect(engine.broker.queue('cpp').readyCount).toBe(0);
  });

  test('browses', async () => {
    await using engine = await amqpBroker();
    await run('simple_send', '-a', `127.0.0.1:${engine.port}/cpp`, '-m', '3');
    await using browser = start('queue_browser', `//127.0.0.1:${engine.port}`, 'cpp');
    await until(() => browser.output().includes('{"sequence"=3}'));
    expect(engine.broker.queue('cpp').readyCount).toBe(3);
  });

  test('selects', async () => {
    await using engine = await amqpBroker();
    await run('colour_send', '-a', `127.0.0.1:${engine.port}/cpp`, '-m', '6');
    await using receiver = start('selected_recv', `//127.0.0.1:${engine.port}`, 'cpp');
    await until(() => receiver.output().includes('green 5'));
    expect(receiver.output()).toBe('green 1\ngreen 3\ngreen 5\n');
    expect(engine.broker.queue('cpp').readyCount).toBe(3);
  });

  test('asks and is answered, at an address that is made for it', async () => {
    await using engine = await amqpBroker();
    await using server = start('server', `//127.0.0.1:${engine.port}`, 'requests');
    const answers = await run('client', '-a', `127.0.0.1:${engine.port}/requests`);
    expect(answers).toHaveLength(4);
    for (const answer of answers) {
      const [question = '', upper] = answer.split(' => ');
      expect(upper).toBe(question.toUpperCase());
    }
    await until(() => server.output().includes('Received'));
  });
});
