// Whoever asks for what is not there is told so, as docs/compatibility.md has it: nothing is accepted and then ignored.

import { once } from 'node:events';
import rhea from 'rhea';
import type { EventContext } from 'rhea';
import stompit from 'stompit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { inConfiguration, overAmqp, overStomp } from './absences.ts';
import type { AmqpAbsence, StompAbsence } from './absences.ts';

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

let port: (listener: string) => number;

beforeAll(async () => {
  const { path } = stack.use(await temporaryDirectory());
  const { listeners } = await stack.use(new EngineProcess({ dataDirectory: path })).seen('ready');
  port = (listener) => listeners[listener]!.port;
});

async function answerOverAmqp({ receiver }: AmqpAbsence): Promise<string> {
  const connection = rhea.create_container().connect({ host: '127.0.0.1', port: port('amqp'), reconnect: false });
  await once(connection, 'connection_open');
  const [context] = (await once(connection.open_receiver(receiver), 'receiver_error')) as [EventContext];
  const error = context.receiver?.error as unknown as { condition: string; description: string };
  connection.close();
  await once(connection, 'connection_close');
  return `${error.condition}: ${error.description}`;
}

async function answerOverStomp({ command, headers }: StompAbsence): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  stompit.connect({ host: '127.0.0.1', port: port('stomp') }, (error, client) => {
    if (error !== null) {
      reject(error);
      return;
    }
    client.on('error', ({ message }: Error) => resolve(message));
    const options = { onReceipt: () => resolve('a receipt') };
    if (command === 'SEND') client.send({ ...headers }, options).end('hello');
    else {
      client.subscribe({ ...headers }, () => {});
      client.send({ destination: '/topic/nobody' }, options).end();
    }
  });
  return promise;
}

describe('over AMQP', () => {
  it.each(overAmqp)('$what', async (absence) => {
    expect(await answerOverAmqp(absence)).toBe(absence.answer);
  });
});

describe('over STOMP', () => {
  it.each(overStomp)('$what', async (absence) => {
    expect(await answerOverStomp(absence)).toBe(absence.answer);
  });
});

describe('in the configuration', () => {
  it.each(inConfiguration)('$what', async ({ set, answer }) => {
    await using directory = await temporaryDirectory();
    await using engine = new EngineProcess({ dataDirectory: directory.path, set: [set] });
    expect(await engine.exited).toMatchObject({ code: 64 });
    expect(engine.stderr).toContain(answer);
  });
});
