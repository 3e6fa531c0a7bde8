// Qpid Proton, of which most AMQP 1.0 clients are made: its Python binding, from Debian.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { debianPython } from '../../support/debian.ts';
import { amqpBroker, queue, until } from './fixture.ts';

const proton = debianPython('python3-qpid-proton', 'proton');
const program = fileURLToPath(new URL('proton-client.py', import.meta.url));

async function run(scenario: string, port: number): Promise<unknown> {
  const { stdout } = await promisify(execFile)(proton.path, [program, String(port), scenario]);
  return JSON.parse(stdout);
}

describe.skipIf(!proton.present)('Qpid Proton', () => {
  test('gets every type back as it sent it', async () => {
    await using engine = await amqpBroker();
    expect(await run('types', engine.port)).toEqual([]);
  });

  test('releases, modifies and rejects', async () => {
    await using engine = await amqpBroker();
    expect(await run('outcomes', engine.port)).toEqual([['a', 0, true], ['a', 0, false], ['a', 0, false], 'a']);
  });

  test('sends and receives settled', async () => {
    await using engine = await amqpBroker();
    expect(await run('settled', engine.port)).toBe('once');
  });

  test('subscribes to a topic', async () => {
    await using engine = await amqpBroker();
    expect(await run('topic', engine.port)).toEqual([1.1, 1.1]);
  });

  test('is refused what is not there', async () => {
    await using engine = await amqpBroker();
    expect(await run('refusals', engine.port)).toEqual({
      selector: 'amqp:invalid-field',
      wildcard: 'amqp:invalid-field',
    });
  });

  test('commits and aborts transactions', async () => {
    await using engine = await amqpBroker();
    expect(await run('transactions', engine.port)).toEqual([
      'declared 1',
      'aborted',
      'declared 2',
      'committed',
      'declared 3',
      ['a', 0],
      'aborted',
      'declared 4',
      ['a', 0],
      ['b', 0],
      'committed',
    ]);
    expect(queue(engine, 'orders').readyCount + queue(engine, 'orders').inFlightCount).toBe(0);
  });

  test('gets replies on a temporary queue of its own', async () => {
    await using engine = await amqpBroker();
    expect(await run('request', engine.port)).toEqual(['temp-queue', 'reply', 'amqp:not-allowed']);
  });

  test('subscribes durably, until it closes the link', async () => {
    await using engine = await amqpBroker();
    expect(await run('durable', engine.port)).toEqual(['kept', 'new']);
    await until(() => engine.broker.topics.subscriptionCount === 0);
  });

  test('browses', async () => {
    await using engine = await amqpBroker();
    expect(await run('browse', engine.port)).toEqual(['a', 'b', 'a']);
  });

  test('authenticates with PLAIN', async () => {
    await using engine = await amqpBroker();
    const authenticate = async (_: unknown, credentials?: { user: string; password: Buffer }) =>
      credentials?.password.toString() === 'secret' ? credentials.user : undefined;
    Object.assign(engine.context, { access: { authenticate } });
    expect(await run('plain', engine.port)).toEqual([true, false]);
  });
});
