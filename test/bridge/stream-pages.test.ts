// What is under way of a stream while its target fails: what has arrived is not sent again, and the stream can be read anew.

import { expect, it } from 'vitest';
import type { World } from './world.ts';
import { location, world } from './world.ts';
import { Route } from '../../broker/bridge/route.ts';
import { kinesisSource } from '../../broker/bridge/endpoints/kinesis-source.ts';
import { RemoteTrouble } from '../../broker/bridge/remote.ts';
import type { Parcel, RemoteTarget } from '../../broker/bridge/remote.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import { within } from '../support/within.ts';

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

async function put({ kinesis }: World, count: number): Promise<void> {
  const stream = kinesis.streams.find(location, 's')!.core;
  await stream.append(numbers(count).map((text) => ({ partitionKey: text, data: Buffer.from(text) })));
}

/** Takes ten at a time, and fails after every call that went well, until it is told to go on. */
function failing(sent: string[]): RemoteTarget & { isWell: boolean } {
  let calls = 0;
  return {
    isWell: false,
    address: 'far',
    isKeyed: false,
    keepsOriginal: true,
    most: { messages: 10, bytes: 1_000_000, calls: 1 },
    map: (message) => message,
    bytesOf: ({ body }) => body.length,
    laneOf: () => undefined,
    send(parcels: readonly Parcel[]) {
      if (!this.isWell && calls++ % 2 === 1) return Promise.reject(new RemoteTrouble('not-found', 'it has gone'));
      for (const { mapped } of parcels) sent.push(mapped.body.toString());
      return Promise.resolve(parcels.map(() => ({ outcome: 'sent' }) as const));
    },
    close: () => undefined,
  };
}

async function started(w: World, target: RemoteTarget): Promise<Route> {
  const { broker } = w;
  const find = () => w.kinesis.streams.find(location, 's')?.core;
  const route = new Route(
    {
      name: 'r',
      source: kinesisSource({ address: 'kinesis://s', broker, clock: systemClock, route: 'r', start: 'oldest', find }),
      target,
      onLoss: 'drop-field',
      deadLetter: () => broker.queue('dead'),
    },
    { broker, clock: systemClock, log: silent },
  );
  await route.start();
  return route;
}

it('sends nothing twice that has arrived, however often the target fails, and goes on there after a restart', async () => {
  await using w = await world({ streams: [['s', 3]], routes: '[]' });
  await put(w, 60);
  const sent: string[] = [];
  const target = failing(sent);
  const first = await started(w, target);
  await expect.poll(() => sent.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(20);
  await first.end();
  target.isWell = true;
  const again = await started(w, target);
  await expect.poll(() => sent.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(60);
  expect(sent.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(60));
  again.close();
}, 60_000);

it('is read from a time while what was given back waits for the target', async () => {
  await using w = await world({ streams: [['s', 2]], routes: '[]' });
  await put(w, 40);
  const sent: string[] = [];
  const target = failing(sent);
  const route = await started(w, target);
  await expect.poll(() => route.state, { timeout: 15_000 }).toBe('failed');
  route.pause();
  await within(route.rewind(0), 10_000, () => 'the stream to be read from its beginning');
  target.isWell = true;
  route.resume();
  await expect.poll(() => new Set(sent).size, { timeout: 15_000 }).toBe(40);
  route.close();
}, 60_000);
