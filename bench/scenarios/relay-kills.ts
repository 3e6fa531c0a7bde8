// kill -9 of what carries messages from MQTT into SQS, at fixed rates: what the publisher has an acknowledgement for, and
// the queue does not hold. The engine is killed as a whole, of the script's neighbours nobody.

import type { MqttClient } from 'mqtt';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineProcess, temporaryDirectory } from '../../test/support/engine-process.ts';
import { connectMqttOnce } from '../../test/support/mqtt-connect.ts';
import { ask } from '../loads/http.ts';
import { queueUrl } from '../loads/sqs.ts';
import { now } from '../measure/clock.ts';
import { relay } from '../systems/relay.ts';
import { bodyBytes } from './pairs.ts';
import { mqttToSqs, queue } from './routes.ts';
import { createQueue } from './sqs.ts';

export interface Kills {
  readonly what: string;
  /** Messages a second that were sent, as far as the publisher came. */
  readonly rate: number;
  readonly kills: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicated: number;
}

interface Carrier extends AsyncDisposable {
  ports(): Readonly<Partial<Record<'mqtt' | 'cloud', number>>>;
  /** Resolves once it is there again. */
  kill(): Promise<void>;
}

/** One that everything keeps up with, and one that is work. */
const rates = [1000, 10_000] as const;
const tickMs = 10;
/** Between kills: at least, and at most. */
const roundMs = [500, 1500] as const;
/** Nothing came for so long: nothing will. */
const silenceMs = 3000;
const takers = 4;

export async function measureKills(times: number): Promise<readonly Kills[]> {
  const found: Kills[] = [];
  for (const rate of rates) {
    found.push(await kill('causeway, kill -9 of the engine', rate, await engineCarrier(), times));
    found.push(await kill('mqtt.js and the AWS SDK, kill -9 of the script', rate, await scriptCarrier(), times));
  }
  return found;
}

async function kill(what: string, rate: number, given: Carrier, times: number): Promise<Kills> {
  await using carrier = given;
  const acknowledged = new Set<string>();
  let round = 0;
  for (; round <= times; round++) {
    await using publisher = await Publisher.start(carrier.ports().mqtt!, { round, rate }, acknowledged);
    await delay(roundMs[0] + Math.random() * (roundMs[1] - roundMs[0]));
    // Not after the last messages: they are to arrive.
    if (round < times) await carrier.kill();
    await publisher.stop();
  }
  const found = await takeAll(carrier.ports().cloud!);
  let lost = 0;
  for (const id of acknowledged) if (!found.has(id)) lost++;
  let duplicated = 0;
  for (const count of found.values()) if (count > 1) duplicated++;
  return { what, rate, kills: times, acknowledged: acknowledged.size, lost, duplicated };
}

interface Round {
  readonly round: number;
  /** Messages a second. */
  readonly rate: number;
}

/** Sends each message once, whatever becomes of it. */
class Publisher implements AsyncDisposable {
  readonly #client: MqttClient;
  readonly #timer: NodeJS.Timeout;
  #underWay = 0;
  #closed = false;

  private constructor(client: MqttClient, { round, rate }: Round, acknowledged: Set<string>) {
    this.#client = client;
    client.on('error', () => undefined);
    client.on('close', () => (this.#closed = true));
    let sent = 0;
    this.#timer = setInterval(() => {
      for (let i = 0; i < (rate * tickMs) / 1000 && client.connected; i++) {
        const id = `${round}-${++sent}`;
        this.#underWay++;
        client.publish('bench/0', `${id} `.padEnd(bodyBytes, 'x'), { qos: 1 }, (error) => {
          this.#underWay--;
          if (!error) acknowledged.add(id);
        });
      }
    }, tickMs);
  }

  static async start(port: number, round: Round, acknowledged: Set<string>): Promise<Publisher> {
    const client = await connectMqttOnce(port, { clientId: `publisher-${round.round}` });
    return new Publisher(client, round, acknowledged);
  }

  /** Resolves once all acknowledgements that can come have. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const deadline = now() + silenceMs;
    while (this.#underWay > 0 && !this.#closed && now() < deadline) await delay(tickMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#client.endAsync(true);
  }
}

/** How often each message is in the queue. */
async function takeAll(port: number): Promise<ReadonlyMap<string, number>> {
  const QueueUrl = queueUrl(port, queue);
  const found = new Map<string, number>();
  let lastAt = now();
  const take = async (): Promise<void> => {
    const answer = await ask(port, 'sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
    const { Messages = [] } = answer as {
      readonly Messages?: { readonly Body: string; readonly ReceiptHandle: string }[];
    };
    if (Messages.length === 0) return;
    lastAt = now();
    for (const { Body } of Messages) {
      const id = Body.slice(0, Body.indexOf(' '));
      found.set(id, (found.get(id) ?? 0) + 1);
    }
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await ask(port, 'sqs', 'DeleteMessageBatch', { QueueUrl, Entries });
  };
  const takeOn = async (): Promise<void> => {
    while (now() - lastAt < silenceMs) await take();
  };
  await Promise.all(Array.from({ length: takers }, takeOn));
  return found;
}

async function engineCarrier(): Promise<Carrier> {
  const directory = await temporaryDirectory();
  const start = async (): Promise<[EngineProcess, Record<string, number>]> => {
    const set = ['log.level=warn', 'cloud.quotas=off', `routes=${JSON.stringify(mqttToSqs.routes)}`];
    const engine = new EngineProcess({ dataDirectory: directory.path, set });
    const { listeners } = await engine.seen('ready');
    return [engine, Object.fromEntries(Object.entries(listeners).map(([name, { port }]) => [name, port]))];
  };
  let [engine, ports] = await start();
  await createQueue(ports['cloud']!, queue);
  return {
    ports: () => ports,
    kill: async () => {
      await engine.kill();
      [engine, ports] = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await engine.kill();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function scriptCarrier(): Promise<Carrier> {
  const system = await relay('bench/#', queue).start();
  return {
    ports: () => system.ports,
    kill: () => system.killScript(),
    [Symbol.asyncDispose]: () => system[Symbol.asyncDispose](),
  };
}
