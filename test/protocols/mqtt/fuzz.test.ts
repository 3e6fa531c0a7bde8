// Sessions that no client means: recordings with bytes changed, cut out, put in and repeated, and packets in any order. Each
// is answered or closed; nothing is a surprise to the server, and nothing is left behind.

import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Log } from '../../../broker/util/log.ts';
import { silent } from '../../../broker/util/log.ts';
import { mqttServer } from './mqtt-server.ts';
import type { MqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';
import { randomOf, spoiledSession } from './spoiled-session.ts';
import type { Random } from './spoiled-session.ts';
import { fuzzTest } from '../../support/fuzz.ts';

const atOnce = 20;

/** Sends the bytes in pieces and ends; resolves with what came when the server has closed too. */
async function play(server: MqttServer, random: Random): Promise<Buffer> {
  const bytes = spoiledSession(random);
  const [client, socket] = duplexPair();
  const chunks: Buffer[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.pause();
  server.accept(socket);
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random(random(3) === 0 ? 5 : 40_000);
    client.write(bytes.subarray(at, at + length));
    at += length;
    // Sometimes with time in which what was sent is stored and comes back.
    for (let turns = random(8) === 0 ? 6 : 0; turns > 0; turns--) await setImmediate();
  }
  client.end();
  if (!client.readableEnded) await once(client, 'end');
  return Buffer.concat(chunks);
}

fuzzTest('survives mutated sessions', { cases: 10_000, seed: 1_883 }, async ({ cases, seed }) => {
  const surprises: object[] = [];
  const log: Log = { ...silent, error: (details) => surprises.push(details), child: () => log };
  await using server = await mqttServer({ log, limits: { maxMessageBytes: 100_000 } });
  const random = randomOf(seed);
  const ends = { refused: 0, connected: 0 };
  for (let number = 0; number < cases; number += atOnce) {
    const answers = await Promise.all(Array.from({ length: atOnce }, () => play(server, random)));
    for (const answer of answers) ends[answer.length === 0 ? 'refused' : 'connected']++;
  }
  expect(surprises).toEqual([]);
  expect(ends.refused).toBeGreaterThan(cases / 20);
  expect(ends.connected).toBeGreaterThan(cases / 4);
  expect(server.context.clients.size).toBe(0);
  // Sessions that were durable last are there; each can still be had, and ended.
  for (let number = 0; number < 60; number++) {
    await using client = await RawClient.connect(server.port, { clientId: `c${number}`, clean: true });
    expect(await client.untilPong()).toEqual([]);
    await client.disconnect();
    await expect.poll(() => server.broker.find('subscription', `mqtt:c${number}`)).toBeUndefined();
  }
  for (const queue of server.broker.queues()) expect(queue.consumerCount + queue.inFlightCount).toBe(0);
});
