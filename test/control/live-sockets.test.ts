// The live feed over real WebSockets.

import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { LiveBatch } from '../../broker/control/api.ts';
import { FakeConsole } from '../support/fake-console.ts';

let server: FakeConsole;

beforeAll(async () => {
  server = await FakeConsole.start({ stepMs: 50 });
});
afterAll(async () => {
  await server.close();
});

function open(options: { token?: string; path?: string; headers?: Record<string, string> } = {}): WebSocket {
  const { token = server.token, path = '/api/live', headers = {} } = options;
  return new WebSocket(`ws://127.0.0.1:${server.port}${path}`, ['causeway.live', `bearer.${token}`], { headers });
}

async function next(socket: WebSocket): Promise<LiveBatch> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString()) as LiveBatch;
}

/** The status with which the server refuses the upgrade. */
async function refusal(socket: WebSocket): Promise<number> {
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  socket.terminate();
  return response.statusCode;
}

describe('the live socket', () => {
  it('sends a snapshot, then what changes', async () => {
    const socket = open();
    const first = await next(socket);
    const second = await next(socket);
    expect(socket.protocol).toBe('causeway.live');
    expect(first.snapshot).toBe(true);
    expect(second.snapshot).toBe(false);
    expect(second.overview.totals.received).toBeGreaterThan(first.overview.totals.received);
    socket.terminate();
  });

  it('is refused without the right token, elsewhere, by another name, and to pages of other origins', async () => {
    expect(await refusal(open({ token: 'token-of-the-fakf' }))).toBe(401);
    expect(await refusal(open({ path: '/api/overview' }))).toBe(404);
    expect(await refusal(open({ path: '/' }))).toBe(404);
    expect(await refusal(open({ headers: { origin: 'http://evil.example' } }))).toBe(401);
    expect(await refusal(open({ headers: { host: 'evil.example' } }))).toBe(400);
    const bare = new WebSocket(`ws://127.0.0.1:${server.port}/api/live`);
    expect(await refusal(bare)).toBe(401);
  });

  it('takes no messages', async () => {
    const socket = open();
    await next(socket);
    socket.send('hello');
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1008);
  });

  it('closes on what is larger than anything a page would send', async () => {
    const socket = open();
    await next(socket);
    socket.send('x'.repeat(2000));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1009);
  });

  it('is open to so many pages, and no more', async () => {
    const sockets = Array.from({ length: 64 }, () => open());
    await Promise.all(sockets.map((socket) => next(socket)));
    expect(await refusal(open())).toBe(429);
    sockets[0]!.close();
    await once(sockets[0]!, 'close');
    const late = open();
    expect((await next(late)).snapshot).toBe(true);
    for (const socket of [...sockets, late]) socket.terminate();
  });

  it('tells pages that the engine stops, and does not wait for those that do not answer', async () => {
    const stopping = await FakeConsole.start();
    const socket = new WebSocket(`ws://127.0.0.1:${stopping.port}/api/live`, [
      'causeway.live',
      `bearer.${stopping.token}`,
    ]);
    await next(socket);
    const mute = new WebSocket(`ws://127.0.0.1:${stopping.port}/api/live`, [
      'causeway.live',
      `bearer.${stopping.token}`,
    ]);
    mute.on('error', () => undefined);
    await next(mute);
    mute.pause();
    const closed = once(socket, 'close') as Promise<[number]>;
    await stopping.close();
    await stopping.close();
    expect((await closed)[0]).toBe(1001);
    mute.terminate();
  });
});
