// A run over routes between every kind of local end (routes.yml): the engine is killed with -9 again and again, under load
// or while it starts, and starts anew on the same data. At the end every message is looked for where the routes lead.

import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { MethodName, Methods } from '../../broker/control/api.ts';
import type { PeekRequest, PeekResponse } from '../../broker/control/api-messages.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import type { ReadyEvent } from '../support/engine-process.ts';
import { within } from '../support/within.ts';
import { Random } from './random.ts';
import { ends, producers, RoutesLedger } from './routes-ledger.ts';
import type { RoutesVerdict } from './routes-ledger.ts';
import { awsSettings, ways } from './routes-producers.ts';

export interface RoutesRunOptions {
  readonly kills: number;
  readonly seed: number;
  /** Acknowledgements that an engine is left to give, at most, before it is killed. */
  readonly perRound: number;
  /** A module that Node loads before the engine. */
  readonly preload?: URL;
  /** Called after each kill. */
  readonly onKill?: (kill: number) => void;
}

export interface RoutesReport extends RoutesVerdict {
  readonly kills: number;
  readonly seed: number;
  readonly killedWhileStarting: number;
  readonly deadLettered: number;
}

/** Whether nothing happened that must not. */
export function isRoutesSound({ lost, duplicated, disordered, foreign, deadLettered }: RoutesReport): boolean {
  return [lost, duplicated, disordered, foreign].every((names) => names.length === 0) && deadLettered === 0;
}

const config = fileURLToPath(new URL('routes.yml', import.meta.url));
const token = 'a-token-of-this-test';
const streams = ['events', 'second', 'records', 'third'] as const;
const topics = ['standard', 'ordered.fifo'] as const;
const shards = 2;

/** The longest that an engine is left to start before it is killed, in some of the rounds. */
const startMs = 600;
const killsWhileStarting = 0.15;
/** From the acknowledgement that calls for the kill, to the kill. */
const spreadMs = 50;
/** The longest that a client may take to notice that the engine is gone: half of it is what one may take to connect. */
const endedMs = 10_000;
const lookMs = 200;
const runningMs = 20_000;
/** Without anything that comes to an end: what is not there then is lost. */
const patienceMs = 20_000;
/** Without any crossing: all that can come has come. */
const silenceMs = 1500;

export async function routesRun(options: RoutesRunOptions): Promise<RoutesReport> {
  const { kills, seed, perRound, preload, onKill } = options;
  const random = new Random(seed);
  const ledger = new RoutesLedger();
  await using directory = await temporaryDirectory();
  const node = preload === undefined ? [] : ['--import', preload.href];
  const start = (): EngineProcess =>
    new EngineProcess({
      dataDirectory: directory.path,
      config,
      node,
      set: [`console.token=${token}`, 'log.level=error'],
    });

  await prepare(start);
  let killedWhileStarting = 0;
  for (let kill = 1; kill <= kills; kill++) {
    await using engine = start();
    if (random.chance(killsWhileStarting)) {
      // Ready or not; its routes may be at work already.
      engine.seen('ready').catch(() => undefined);
      await delay(random.next() * startMs);
      if (engine.events.length === 0) killedWhileStarting++;
      await engine.kill();
    } else {
      const acknowledgements = Math.floor(random.next() * perRound);
      await killUnderLoad(engine, ledger, acknowledgements, random.next() * spreadMs);
    }
    onKill?.(kill);
  }
  return { kills, seed, killedWhileStarting, ...(await finish(start, ledger)) };
}

/** Makes what the configuration cannot, and resolves once all routes run: a topic keeps nothing for those to come. */
async function prepare(start: () => EngineProcess): Promise<void> {
  await using engine = start();
  const ready = await engine.seen('ready');
  const { port } = ready.listeners['cloud']!;
  const kinesis = new KinesisClient(awsSettings(port));
  const sns = new SNSClient(awsSettings(port));
  for (const StreamName of streams) await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: shards }));
  for (const Name of topics) {
    const Attributes = Name.endsWith('.fifo') ? { FifoTopic: 'true' } : {};
    await sns.send(new CreateTopicCommand({ Name, Attributes }));
  }
  const deadline = performance.now() + runningMs;
  for (;;) {
    const { routes } = await ask(ready, 'listRoutes', {});
    if (routes.every(({ state }) => state === 'running')) break;
    if (performance.now() > deadline) throw new Error(`routes do not run: ${JSON.stringify(routes)}`);
    await delay(lookMs);
  }
  kinesis.destroy();
  sns.destroy();
  await engine.kill();
}

async function killUnderLoad(
  engine: EngineProcess,
  ledger: RoutesLedger,
  acknowledgements: number,
  afterMs: number,
): Promise<void> {
  const { listeners } = await engine.seen('ready');
  let killed = false;
  const open = new Set(producers);
  const load = producers.map(async (name) => {
    const { protocol, produce } = ways[name];
    await produce(listeners[protocol]!.port, ledger).catch((error: unknown) => {
      // It may have been about to connect.
      if (!killed) throw notKilled(name, engine, error);
    });
    open.delete(name);
    if (!killed) throw notKilled(name, engine);
  });
  const ended = Promise.all(load);
  // What fails before the kill ends the run at once.
  await Promise.race([ended, ledger.acknowledgements(acknowledgements).then(() => delay(afterMs))]);
  killed = true;
  await engine.kill();
  await within(ended, endedMs, () => `the producers ${[...open].join(', ')} to notice that the engine is gone`);
}

/** An engine may end by itself, and says why. */
function notKilled(producer: string, { isRunning, stderr }: EngineProcess, cause?: unknown): Error {
  const state = isRunning ? 'that runs' : 'that ended by itself';
  return new Error(`${producer} was cut off by an engine that nobody killed, and ${state}:\n${stderr}`, { cause });
}

/** Waits until everything that was acknowledged is at its ends, or nothing more comes. */
async function finish(
  start: () => EngineProcess,
  ledger: RoutesLedger,
): Promise<RoutesVerdict & Pick<RoutesReport, 'deadLettered'>> {
  await using engine = start();
  const ready = await engine.seen('ready');
  const queues = ends.flatMap((end) => end.queues);
  const bodies = new Map<string, string[]>(queues.map((queue) => [queue, []]));
  const positions = new Map<string, number>();
  const readOn = async (queue: string): Promise<number> => {
    let count = 0;
    for (;;) {
      const after = positions.get(queue);
      const page = await peek(ready, {
        destination: `mq:${queue}`,
        limit: 100,
        ...(after !== undefined && { after }),
      });
      for (const { bodyBase64, position } of page.messages) {
        bodies.get(queue)!.push(Buffer.from(bodyBase64, 'base64').toString());
        positions.set(queue, position);
        count++;
      }
      if (page.messages.length === 0) return count;
    }
  };
  const readAll = async (): Promise<number> => {
    let count = 0;
    for (const queue of queues) count += await readOn(queue);
    return count;
  };
  let changedAt = performance.now();
  const isComplete = (): boolean =>
    ends.every(({ producer, queues: of }) =>
      ledger.isComplete(
        producer,
        of.map((queue) => bodies.get(queue)!),
      ),
    );
  for (;;) {
    if ((await readAll()) > 0) changedAt = performance.now();
    if (isComplete() || performance.now() - changedAt > patienceMs) break;
    await delay(lookMs);
  }
  const deadLettered = await settled(ready);
  await readAll();
  return { ...ledger.verdict(bodies), deadLettered };
}

/** Resolves with the number of dead letters once no route has taken anything for a while. */
async function settled(ready: ReadyEvent): Promise<number> {
  let before = '';
  let since = performance.now();
  for (;;) {
    const { routes } = await ask(ready, 'listRoutes', {});
    const counts = JSON.stringify(routes.map(({ transferred, deadLettered }) => [transferred, deadLettered]));
    if (counts !== before) since = performance.now();
    before = counts;
    if (performance.now() - since > silenceMs) return routes.reduce((sum, { deadLettered }) => sum + deadLettered, 0);
    await delay(lookMs);
  }
}

/** A queue is there once something came. */
async function peek(ready: ReadyEvent, request: PeekRequest): Promise<PeekResponse> {
  const response = await post(ready, 'peek', request);
  return response.status === 404 ? { messages: [] } : read(response);
}

async function ask<M extends MethodName>(
  ready: ReadyEvent,
  method: M,
  request: Methods[M]['request'],
): Promise<Methods[M]['response']> {
  return read(await post(ready, method, request));
}

function post({ listeners }: ReadyEvent, method: MethodName, request: object): Promise<Response> {
  return fetch(`http://127.0.0.1:${listeners['console']!.port}/api/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
}

async function read<Answer>(response: Response): Promise<Answer> {
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Answer;
}
