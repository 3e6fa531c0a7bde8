// Connecting (STOMP 1.2, "Connecting"): versions, heart-beats, who is let in, and what comes before.

import { expect, it } from 'vitest';
import type { Access, Credentials } from '../../../broker/core/access.ts';
import { accessBy } from '../../support/access.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';

async function connect(port: number, headers: string, command = 'CONNECT') {
  const client = await RawClient.open(port);
  client.send(`${command}\n${headers}\n\0`);
  return client;
}

it.each([
  ['', '1.0'],
  ['accept-version:1.0\n', '1.0'],
  ['accept-version:1.1\n', '1.1'],
  ['accept-version:1.2\n', '1.2'],
  ['accept-version:1.0,1.1,1.2\n', '1.2'],
  ['accept-version:1.2,1.1,1.0\n', '1.2'],
  ['accept-version:1.0,1.1,2.0\n', '1.1'],
  ['accept-version:1.0, 1.1\n', '1.1'],
])('answers %j with the highest version in common, %s', async (headers, version) => {
  await using server = await stompServer();
  await using client = await connect(server.port, headers);
  const { command, headers: answer } = await client.frame();
  expect(command).toBe('CONNECTED');
  expect(answer.get('version')).toBe(version);
  expect(answer.get('session')).toMatch(/^ID:[0-9a-f-]{36}$/);
  expect(answer.get('server')).toBe('Causeway');
});

it('takes STOMP for CONNECT', async () => {
  await using server = await stompServer();
  await using client = await connect(server.port, 'accept-version:1.2\nhost:h\n', 'STOMP');
  expect((await client.frame()).command).toBe('CONNECTED');
});

it('takes CONNECT with lines that end in CR LF', async () => {
  await using server = await stompServer();
  await using client = await RawClient.open(server.port);
  client.send('CONNECT\r\naccept-version:1.2\r\nhost:h\r\n\r\n\0\r\n');
  expect((await client.frame()).headers.get('version')).toBe('1.2');
});

it('answers ERROR with its versions, and closes, when none is in common', async () => {
  await using server = await stompServer();
  await using client = await connect(server.port, 'accept-version:2.0,3.1\n');
  const { command, headers, body } = await client.frame();
  expect(command).toBe('ERROR');
  expect(headers.get('version')).toBe('1.2,1.1,1.0');
  expect(headers.get('content-type')).toBe('text/plain;charset=utf-8');
  expect(body.toString()).toContain('supported protocol versions are 1.2,1.1,1.0');
  await client.closed;
});

it.each([
  ['heart-beat:0,0\n', '0,0'],
  ['', '0,0'],
  ['heart-beat:0,5000\n', '5000,0'],
  ['heart-beat:4000,0\n', '0,4000'],
  ['heart-beat:4000,5000\n', '5000,4000'],
  ['heart-beat:1,1\n', '100,100'],
])('answers %j with what the server does and wants: %s', async (headers, expected) => {
  await using server = await stompServer();
  await using client = await connect(server.port, `accept-version:1.2\n${headers}`);
  expect((await client.frame()).headers.get('heart-beat')).toBe(expected);
});

it.each(['0', '0,', '-1,0', 'a,b', '1,2,3', '1.5,0', ' 1,1'])('refuses heart-beat:%s', async (value) => {
  await using server = await stompServer();
  await using client = await connect(server.port, `accept-version:1.2\nheart-beat:${value}\n`);
  const { command, headers } = await client.frame();
  expect(command).toBe('ERROR');
  expect(headers.get('message')).toContain('heart-beat');
  await client.closed;
});

it('handles what a client sends behind CONNECT without waiting, by the version it will have', async () => {
  await using server = await stompServer();
  await using client = await RawClient.open(server.port);
  client.send(
    'CONNECT\naccept-version:1.2\n\n\0SUBSCRIBE\nid:a\\cb\ndestination:/queue/a\nreceipt:1\n\n\0' +
      'SEND\ndestination:/queue/a\nreceipt:2\n\nhello\0',
  );
  expect((await client.frame()).command).toBe('CONNECTED');
  const frames = await client.frames(3);
  expect(frames.map(({ command }) => command).sort()).toEqual(['MESSAGE', 'RECEIPT', 'RECEIPT']);
  expect(frames.find(({ command }) => command === 'MESSAGE')?.headers.get('subscription')).toBe('a:b');
});

it('refuses a second CONNECT', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('CONNECT\naccept-version:1.2\n\n\0');
  const { command, headers } = await client.frame();
  expect(command).toBe('ERROR');
  expect(headers.get('message')).toContain('connected already');
  await client.closed;
});

it.each(['SEND\ndestination:/queue/a\n\nhello\0', 'GET / HTTP/1.1\r\nhost: a\r\n\r\n', 'CONNECTED\nversion:1.2\n\n\0'])(
  'refuses what begins with %j',
  async (bytes) => {
    await using server = await stompServer();
    await using client = await RawClient.open(server.port);
    client.send(bytes);
    const { command, headers } = await client.frame();
    expect(command).toBe('ERROR');
    expect(headers.get('message')).toContain('expected CONNECT or STOMP');
    await client.closed;
    expect(server.broker.received).toBe(0);
  },
);

it('refuses more bytes than a CONNECT needs', async () => {
  await using server = await stompServer();
  await using client = await RawClient.open(server.port);
  client.send(`CONNECT\n${`filler:${'x'.repeat(9000)}\n`.repeat(8)}`);
  const { command, headers } = await client.frame();
  expect(command).toBe('ERROR');
  expect(headers.get('message')).toContain('65536 bytes before CONNECT');
  await client.closed;
});

it('gives up on a client that does not connect in time', async () => {
  const clock = new ManualClock();
  await using server = await stompServer({ clock, limits: { connectTimeoutMs: 5000 } });
  await using client = await RawClient.open(server.port);
  client.send('CONN');
  await using other = await RawClient.connected(server.port);
  clock.turn(4999);
  expect(await other.settled()).toEqual([]);
  expect(client.pending).toEqual([]);
  clock.turn(1);
  expect((await client.frame()).headers.get('message')).toBe('not connected within 5000 ms');
  await client.closed;
  expect(await other.settled()).toEqual([]);
});

function access(authenticate: (credentials: Credentials | undefined) => Promise<string | undefined>): Access {
  return accessBy((_, credentials) => authenticate(credentials));
}

it('asks for login and passcode, as they were written', async () => {
  const seen: (string | undefined)[] = [];
  await using server = await stompServer({
    access: access(async (credentials) => {
      seen.push(credentials && `${credentials.user}/${credentials.password.toString()}`);
      return credentials?.user;
    }),
  });
  await using client = await connect(server.port, 'accept-version:1.2\nlogin:ann\npasscode: a\\n:b \n');
  expect((await client.frame()).command).toBe('CONNECTED');
  expect([...server.context.clients][0]?.user).toBe('ann');
  await using old = await connect(server.port, 'login: ann \npasscode: secret\n');
  expect((await old.frame()).command).toBe('CONNECTED');
  await using anonymous = await connect(server.port, 'accept-version:1.2\n');
  expect((await anonymous.frame()).headers.get('message')).toBe('login and passcode are needed');
  expect(seen).toEqual(['ann/ a\\n:b ', 'ann/secret', undefined]);
});

it('refuses a wrong passcode without showing it, and handles nothing that came behind it', async () => {
  await using server = await stompServer({ access: access(async () => undefined) });
  await using client = await RawClient.open(server.port);
  client.send('CONNECT\naccept-version:1.2\nlogin:ann\npasscode:geheim\n\n\0SEND\ndestination:/queue/a\n\nhello\0');
  const { command, headers, body } = await client.frame();
  expect(command).toBe('ERROR');
  expect(headers.get('message')).toBe('login or passcode is wrong');
  expect(body.toString()).not.toContain('geheim');
  await client.closed;
  expect(server.broker.received).toBe(0);
});

it('names in CONNECTED the request that it answers, as ActiveMQ does', async () => {
  await using server = await stompServer();
  await using client = await connect(server.port, 'request-id:7\n');
  const { headers } = await client.frame();
  expect([headers.get('response-id'), headers.get('receipt-id')]).toEqual(['7', '7']);
});

it('is in the list of clients while it is connected', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port, '1.2', 'client-id:till-4\n');
  const [known] = server.context.clients;
  expect(known).toMatchObject({ protocol: 'stomp', clientId: 'till-4', user: 'anonymous' });
  client.send('SEND\ndestination:/queue/a\nreceipt:1\n\n\0SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0');
  await client.frames(2);
  expect(known).toMatchObject({ messagesIn: 1, messagesOut: 1 });
  known?.disconnect('maintenance');
  expect((await client.frame()).headers.get('message')).toBe('maintenance');
  await client.closed;
  await using other = await RawClient.connected(server.port);
  expect(await other.settled()).toEqual([]);
  expect([...server.context.clients].map(({ clientId }) => clientId)).toEqual([undefined]);
});
