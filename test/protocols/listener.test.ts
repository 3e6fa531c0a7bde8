// Bounds on connections, whatever they speak.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { ConnectionLimits } from '../../broker/protocols/transport/connection-limits.ts';
import { Occasionally } from '../../broker/util/occasionally.ts';
import { distinguishedName } from '../../broker/protocols/transport/subject.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { closed, listening } from './listening.ts';

async function open(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: host });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

async function connected(socket: Socket): Promise<boolean> {
  socket.write('CONNECT\naccept-version:1.2\nhost:h\n\n\0');
  const answered = new Promise<boolean>((resolve) => {
    socket.once('data', () => resolve(true));
  });
  return Promise.race([answered, closed(socket).then(() => false)]);
}

it('takes so many connections from one address, and another when one of them has ended', async () => {
  await using stomp = await listening('stomp', { limits: new ConnectionLimits(10, 2) });
  const [first, second] = [await open(stomp.port), await open(stomp.port)];
  expect(await connected(first)).toBe(true);
  expect(await connected(second)).toBe(true);
  expect(await connected(await open(stomp.port))).toBe(false);
  expect(stomp.refused).toEqual(['there are 2 connections from this address already']);
  const other = await open(stomp.port, '127.0.0.2');
  expect(await connected(other)).toBe(true);
  first.destroy();
  await stomp.ended(1);
  const again = await open(stomp.port);
  expect(await connected(again)).toBe(true);
  for (const socket of [second, other, again]) socket.destroy();
});

it('takes so many connections in all', async () => {
  await using stomp = await listening('stomp', { limits: new ConnectionLimits(1, 5) });
  const socket = await open(stomp.port);
  expect(await connected(socket)).toBe(true);
  expect(await connected(await open(stomp.port, '127.0.0.2'))).toBe(false);
  expect(stomp.refused).toEqual(['there are 1 connections already']);
  socket.destroy();
});

it('tells the same once a minute', () => {
  const clock = new ManualClock();
  const told = new Occasionally(clock);
  expect([told.isDue('a'), told.isDue('a'), told.isDue('b')]).toEqual([true, false, true]);
  clock.turn(60_000);
  expect([told.isDue('a'), told.isDue('a')]).toEqual([true, false]);
  // What is remembered is bounded: the oldest goes.
  for (let i = 0; i < 1000; i++) told.isDue(`n${i}`);
  expect(told.isDue('a')).toBe(true);
});

it('writes names as RFC 4514 does', () => {
  expect(distinguishedName('C=DE\nO=A\\, B \\+ C\nOU=x + UID=7\nCN=Grüße')).toBe(
    'CN=Grüße,OU=x+UID=7,O=A\\, B \\+ C,C=DE',
  );
});
