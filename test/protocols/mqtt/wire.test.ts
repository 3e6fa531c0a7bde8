// The wire, clause by clause: tables of what a client sends, what it gets, and whether the server then closes, in wire/*.json.
// Each is also run in single bytes; and against aedes, unless a case says how aedes differs.

import { Aedes } from 'aedes';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';
import { wireBytes } from './wire-bytes.ts';

interface Step {
  send?: string;
  expect?: string;
  /** Packets between which the specification demands no order. */
  expectAnyOrder?: string[];
}

interface WireCase {
  title: string;
  /** Default true: it begins with a CONNECT and its CONNACK. */
  connected?: boolean;
  steps: Step[];
  /** The server closes the connection, and sends nothing else before. */
  closes: boolean;
  /** Why aedes does something else. */
  aedes?: string;
}

const tables = ['framing', 'connect', 'publish', 'acknowledgements', 'subscribe', 'unsubscribe', 'utf-8', 'others'];

const connect = wireBytes("10 10 0004 'MQTT' 04 02 003C 0004 'wire'");
const connack = '20020000';
const pingreq = wireBytes('C0 00');
const pingresp = 'd000';

function table(name: string): WireCase[] {
  return JSON.parse(readFileSync(new URL(`wire/${name}.json`, import.meta.url), 'utf8')) as WireCase[];
}

async function run(port: number, { connected = true, steps, closes }: WireCase, chunkBytes: number): Promise<void> {
  await using client = await RawClient.open(port);
  const send = (bytes: Buffer): void => {
    for (let at = 0; at < bytes.length; at += chunkBytes) client.send(bytes.subarray(at, at + chunkBytes));
  };
  if (connected) {
    client.send(connect);
    expect((await client.bytes(4)).toString('hex')).toBe(connack);
  }
  for (const step of steps) {
    if (step.send !== undefined) send(wireBytes(step.send));
    if (step.expect !== undefined) {
      const bytes = wireBytes(step.expect);
      expect((await client.bytes(bytes.length)).toString('hex')).toBe(bytes.toString('hex'));
    }
    if (step.expectAnyOrder !== undefined) {
      const packets = step.expectAnyOrder.map((packet) => wireBytes(packet).toString('hex'));
      const got: string[] = [];
      for (const _ of packets) got.push((await client.packetBytes()).toString('hex'));
      expect(got.toSorted()).toEqual(packets.toSorted());
    }
  }
  if (closes) {
    expect((await client.rest()).toString('hex')).toBe('');
    return;
  }
  // Whatever else is on its way comes before the last of them.
  for (let pongs = 0; pongs < 3; pongs++) {
    client.send(pingreq);
    expect((await client.bytes(2)).toString('hex')).toBe(pingresp);
  }
}

async function aedes(): Promise<AsyncDisposable & { readonly port: number }> {
  const broker = await Aedes.createBroker();
  const server = createServer((socket) => broker.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe.each(tables)('does as the specification says: %s', (name) => {
  const cases = table(name);

  it.each(cases)('$title', async (example) => {
    await using server = await mqttServer();
    await run(server.port, example, Infinity);
  });

  it.each(cases)('in single bytes: $title', async (example) => {
    await using server = await mqttServer();
    await run(server.port, example, 1);
  });

  it.each(cases.filter((example) => example.aedes === undefined))('as aedes does: $title', async (example) => {
    await using server = await aedes();
    await run(server.port, example, Infinity);
  });
});
