// The wire in MQTT 5, clause by clause: what a client sends, and what it gets, byte for byte; each also in single bytes. The
// client wants no sentences (Request Problem Information is 0), so that a DISCONNECT is its reason code and nothing else.

import { describe, expect, it } from 'vitest';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';
import { wireBytes } from './wire-bytes.ts';
import { accepted, refused, refusedConnects } from './wire5.ts';

const connect = wireBytes("10 13 0004 'MQTT' 05 02 003C 02 17 00 0004 'wire'");
const connack = '200e00000b2103e82706400000220040';
const pingreq = wireBytes('C0 00');
const pingresp = 'd000';

const chunkings = [
  ['at once', Infinity],
  ['in single bytes', 1],
] as const;

async function connected(port: number): Promise<RawClient> {
  const client = await RawClient.open(port);
  client.send(connect);
  expect((await client.bytes(connack.length / 2)).toString('hex')).toBe(connack);
  return client;
}

function send(client: RawClient, notation: string, chunkBytes: number): void {
  const bytes = wireBytes(notation);
  for (let at = 0; at < bytes.length; at += chunkBytes) client.send(bytes.subarray(at, at + chunkBytes));
}

async function expectBytes(client: RawClient, notation: string): Promise<void> {
  const bytes = wireBytes(notation);
  expect((await client.bytes(bytes.length)).toString('hex')).toBe(bytes.toString('hex'));
}

describe.each(chunkings)('%s,', (_, chunkBytes) => {
  it.each(accepted)('takes $title', async ({ steps }) => {
    await using server = await mqttServer();
    await using client = await connected(server.port);
    for (const [sent, ...answers] of steps) {
      send(client, sent, chunkBytes);
      for (const answer of answers) await expectBytes(client, answer);
    }
    for (let pongs = 0; pongs < 3; pongs++) {
      client.send(pingreq);
      expect((await client.bytes(2)).toString('hex')).toBe(pingresp);
    }
  });

  it.each(refused)('ends the connection with $code for $title', async ({ sent, code }) => {
    await using server = await mqttServer();
    await using client = await connected(server.port);
    send(client, sent, chunkBytes);
    expect((await client.rest()).toString('hex')).toBe(wireBytes(code === '' ? '' : `E0 01 ${code}`).toString('hex'));
  });

  it.each(refusedConnects)('answers CONNECT with $code for $title', async ({ sent, code }) => {
    await using server = await mqttServer();
    await using client = await RawClient.open(server.port);
    send(client, sent, chunkBytes);
    const answer = await client.rest();
    if (code === '') expect(answer.toString('hex')).toBe('');
    else {
      expect(answer[0]).toBe(0x20);
      expect(answer.subarray(2, 4).toString('hex')).toBe(`00${code.toLowerCase()}`);
    }
  });
});
