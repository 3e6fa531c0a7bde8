// Heart-beats (STOMP 1.2, "Heart-beating"): kept by the server, and asked of the client.

import { once } from 'node:events';
import { expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';

async function started(heartBeat: string) {
  const clock = new ManualClock();
  const server = await stompServer({ clock });
  const client = await RawClient.connected(server.port, '1.2', `heart-beat:${heartBeat}\n`);
  const other = await RawClient.connected(server.port);
  return {
    clock,
    server,
    client,
    other,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([client[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
      await server[Symbol.asyncDispose]();
    },
  };
}

it('sends a line feed when there is nothing else, well within each period', async () => {
  await using at = await started('0,8000');
  let last = at.clock.now();
  const gaps: number[] = [];
  for (let beat = 0; beat < 4; beat++) {
    const before = at.client.bytesReceived;
    const data = once(at.client.socket, 'data');
    // Nothing comes until something is due.
    while (at.client.bytesReceived === before && at.clock.now() - last < 20_000) {
      at.clock.turn(500);
      await at.other.settled();
    }
    await data;
    gaps.push(at.clock.now() - last);
    last = at.clock.now();
  }
  expect(Math.max(...gaps)).toBeLessThanOrEqual(8000);
  // And not much sooner: by the second, from what was sent last.
  expect(Math.min(...gaps.slice(1))).toBeGreaterThanOrEqual(7000);
  expect(at.client.pending).toEqual([]);
});

it('sends none to who does not want them', async () => {
  await using at = await started('0,0');
  const before = at.client.bytesReceived;
  at.clock.turn(1_000_000);
  await at.other.settled();
  await at.client.settled();
  const answer = at.client.bytesReceived - before;
  at.clock.turn(1_000_000);
  await at.other.settled();
  expect(at.client.bytesReceived - before).toBe(answer);
});

it('ends a connection that is silent for longer than it said, with a margin', async () => {
  await using at = await started('5000,0');
  at.clock.turn(5001);
  await at.other.settled();
  expect(at.client.pending).toEqual([]);
  at.clock.turn(10_000);
  await at.client.closed;
  expect(at.client.pending).toEqual([]);
});

it.each(['\n', '\r\n', 'BEGIN\ntransaction:t\n\n\0ABORT\ntransaction:t\n\n\0', 'SEN'])(
  'takes any bytes for a sign of life: %j',
  async (bytes) => {
    await using at = await started('5000,0');
    const whole = bytes === 'SEN' ? 'SEND\ndestination:/queue/a\n\n' : '';
    for (let beat = 0; beat < 10; beat++) {
      at.client.send(beat === 0 || whole === '' ? bytes : 'x');
      if (beat === 0 && whole !== '') at.client.send('D\ndestination:/queue/a\n\n');
      // Bytes of the other come in behind those of the client.
      await at.other.settled();
      at.clock.turn(5000);
    }
    at.client.send(whole === '' ? '' : '\0');
    expect(await at.client.settled()).toEqual([]);
  },
);

it('does not take its own back-pressure for silence', async () => {
  const clock = new ManualClock();
  await using server = await stompServer({ clock, limits: { maxUncommitted: 1 } });
  await using client = await RawClient.connected(server.port, '1.2', 'heart-beat:5000,0\n');
  await using other = await RawClient.connected(server.port);
  server.store.hold();
  client.send('SEND\ndestination:/queue/a\npersistent:true\nreceipt:1\n\n\0');
  await other.settled();
  clock.turn(60_000);
  await other.settled();
  server.store.resume();
  expect((await client.frame()).command).toBe('RECEIPT');
});
