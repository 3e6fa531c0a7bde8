// From starting the process to its ready line, and what the engine holds in memory: with an empty data directory, and
// with a backlog of a million messages.

import { setTimeout as delay } from 'node:timers/promises';
import { EngineProcess, temporaryDirectory } from '../../test/support/engine-process.ts';
import { LoadProcess } from '../loads/load-process.ts';
import { now } from '../measure/clock.ts';
import { residentBytes } from '../measure/processes.ts';
import { bodyBytes } from './pairs.ts';

/** After which an engine that does nothing is as small as it gets. */
const settleMs = 3000;

export interface Starts {
  readonly readyMs: readonly number[];
  /** Some seconds after it was ready. */
  readonly residentBytes: readonly number[];
}

export interface Backlog extends Starts {
  readonly messages: number;
  /** Of the engine that took the messages in. */
  readonly residentAfterFilling: number;
}

export async function measureEmptyStarts(times: number): Promise<Starts> {
  const starts: { readonly readyMs: number; readonly resident: number }[] = [];
  for (let i = 0; i < times; i++) {
    await using directory = await temporaryDirectory();
    starts.push(await measureStart(directory.path));
  }
  return gather(starts);
}

export async function measureBacklog(messages: number, times: number): Promise<Backlog> {
  await using directory = await temporaryDirectory();
  const filled = await fill(directory.path, messages);
  const starts: { readonly readyMs: number; readonly resident: number }[] = [];
  for (let i = 0; i < times; i++) starts.push(await measureStart(directory.path));
  return { ...filled, ...gather(starts) };
}

async function measureStart(path: string): Promise<{ readonly readyMs: number; readonly resident: number }> {
  const startedAt = now();
  await using engine = new EngineProcess({ dataDirectory: path, set: ['log.level=warn'] });
  await engine.seen('ready');
  const readyMs = now() - startedAt;
  await delay(settleMs);
  const resident = residentBytes(engine.pid);
  engine.signal('SIGTERM');
  await engine.exited;
  return { readyMs, resident };
}

async function fill(
  path: string,
  atLeast: number,
): Promise<{ readonly messages: number; readonly residentAfterFilling: number }> {
  await using engine = new EngineProcess({ dataDirectory: path, set: ['log.level=warn'] });
  const { listeners } = await engine.seen('ready');
  await using sender = await LoadProcess.start({
    role: 'stomp-sender',
    port: listeners['stomp']!.port,
    connections: 4,
    destinations: ['/queue/backlog'],
    window: 500,
    bodyBytes,
  });
  let messages = 0;
  while (messages < atLeast) ({ count: messages } = await sender.order({ do: 'send', ms: 2000 }));
  await delay(settleMs);
  const residentAfterFilling = residentBytes(engine.pid);
  engine.signal('SIGTERM');
  await engine.exited;
  return { messages, residentAfterFilling };
}

function gather(starts: readonly { readonly readyMs: number; readonly resident: number }[]): Starts {
  return { readyMs: starts.map(({ readyMs }) => readyMs), residentBytes: starts.map(({ resident }) => resident) };
}
