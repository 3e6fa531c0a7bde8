// Enhanced authentication (MQTT 5, 4.12): SCRAM-SHA-256 in AUTH packets, with the client's arithmetic written here.

import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openAccess, unrestricted } from '../../../broker/core/access.ts';
import type { Access } from '../../../broker/core/access.ts';
import { scramKeysOf } from '../../../broker/util/scram.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { mqttServer } from './mqtt-server.ts';
import { RawClient } from './raw-client.ts';
import { wireBytes } from './wire-bytes.ts';

const authenticationMethod = 'SCRAM-SHA-256';

function scramAccess(): Access & { isIn: boolean } {
  return {
    ...openAccess,
    isIn: true,
    knowsScram: true,
    scramKeys: (user) => scramKeysOf(user === 'ada' ? 'lovelace' : 'nobody', Buffer.from('salt of the earth'), 4096),
    async authenticateByScram(_, user, hasProved) {
      return hasProved && this.isIn ? unrestricted(user) : undefined;
    },
  };
}

/** RFC 5802, section 3, from the client's side. */
class ScramClient {
  readonly first: Buffer;
  #signature: Buffer = Buffer.alloc(0);
  readonly #bare: string;
  readonly #password: string;

  constructor(user: string, password: string) {
    this.#bare = `n=${user},r=nonceOfTheClient`;
    this.first = Buffer.from(`n,,${this.#bare}`);
    this.#password = password;
  }

  final(challenge: Buffer | undefined): Buffer {
    const text = String(challenge);
    const [, nonce = '', salt = '', iterations = ''] = /^r=(nonceOfTheClient.+),s=(.+),i=(\d+)$/.exec(text) ?? [];
    const salted = pbkdf2Sync(this.#password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
    const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
    const clientKey = hmac(salted, 'Client Key');
    const signed = `${this.#bare},${text},c=biws,r=${nonce}`;
    const signature = hmac(createHash('sha256').update(clientKey).digest(), signed);
    this.#signature = hmac(hmac(salted, 'Server Key'), signed);
    const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!));
    return Buffer.from(`c=biws,r=${nonce},p=${proof.toString('base64')}`);
  }

  /** The server knows the password too. */
  believes(final: Buffer | undefined): boolean {
    return String(final) === `v=${this.#signature.toString('base64')}`;
  }
}

async function begin(port: number, authenticationData: Buffer | undefined): Promise<RawClient> {
  const client = await RawClient.open(port);
  client.version = 5;
  client.send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 5,
    clientId: 'c',
    clean: true,
    keepalive: 0,
    properties: { authenticationMethod, ...(authenticationData === undefined ? {} : { authenticationData }) },
  });
  return client;
}

function send(client: RawClient, reasonCode: number, authenticationData: Buffer, method = authenticationMethod): void {
  client.send({ cmd: 'auth', reasonCode, properties: { authenticationMethod: method, authenticationData } });
}

async function letIn(port: number): Promise<RawClient> {
  const scram = new ScramClient('ada', 'lovelace');
  const client = await begin(port, scram.first);
  const { properties } = await client.next('auth');
  send(client, 0x18, scram.final(properties?.authenticationData));
  expect(await client.next('connack')).toMatchObject({ reasonCode: 0 });
  return client;
}

describe('SCRAM-SHA-256', () => {
  it('lets a client in that proves its password, and proves ours [MQTT-4.12.0-2] [MQTT-4.12.0-3] [MQTT-4.12.0-5]', async () => {
    await using server = await mqttServer({ access: scramAccess() });
    const scram = new ScramClient('ada', 'lovelace');
    await using client = await begin(server.port, scram.first);
    const challenge = await client.next('auth');
    expect(challenge).toMatchObject({ reasonCode: 0x18, properties: { authenticationMethod } });
    send(client, 0x18, scram.final(challenge.properties?.authenticationData));
    const { reasonCode, properties } = await client.next('connack');
    expect([reasonCode, properties?.authenticationMethod]).toEqual([0, authenticationMethod]);
    expect(scram.believes(properties?.authenticationData)).toBe(true);
    expect([...server.context.clients]).toMatchObject([{ user: 'ada' }]);
    expect(await client.subscribe('a', 1)).toEqual([1]);
  });

  it('asks for the first message where CONNECT brings none', async () => {
    await using server = await mqttServer({ access: scramAccess() });
    const scram = new ScramClient('ada', 'lovelace');
    await using client = await begin(server.port, undefined);
    expect(await client.next('auth')).toMatchObject({ reasonCode: 0x18 });
    send(client, 0x18, scram.first);
    const { properties } = await client.next('auth');
    send(client, 0x18, scram.final(properties?.authenticationData));
    expect(await client.next('connack')).toMatchObject({ reasonCode: 0 });
  });

  it.each([
    ['another password', 'ada', 'byron'],
    ['a name that is not known', 'bob', 'x'],
  ])('refuses %s [MQTT-4.12.0-4]', async (_, user, password) => {
    await using server = await mqttServer({ access: scramAccess() });
    const scram = new ScramClient(user, password);
    await using client = await begin(server.port, scram.first);
    const { properties } = await client.next('auth');
    send(client, 0x18, scram.final(properties?.authenticationData));
    expect(await client.next('connack')).toMatchObject({ reasonCode: 0x87 });
    await client.closed;
    expect(server.context.clients.size).toBe(0);
  });

  it('refuses what is not its first message', async () => {
    await using server = await mqttServer({ access: scramAccess() });
    await using client = await begin(server.port, Buffer.from('hello'));
    expect(await client.next('connack')).toMatchObject({ reasonCode: 0x87 });
    await client.closed;
  });

  it('is not there where there are no users for it [MQTT-4.12.0-1]', async () => {
    await using server = await mqttServer();
    await using client = await begin(server.port, new ScramClient('ada', 'lovelace').first);
    expect(await client.next('connack')).toMatchObject({ reasonCode: 0x8c });
    await client.closed;
  });

  it.each([
    ['another packet', wireBytes('C0 00'), 0x82],
    ['another method', wireBytes("F0 08 18 06 15 0003 'tom'"), 0x82],
    ['AUTH of another kind', wireBytes(`F0 12 19 10 15 000D 'SCRAM-SHA-256'`), 0x82],
  ])('refuses %s in the middle [MQTT-3.1.2-30]', async (_, bytes, reasonCode) => {
    await using server = await mqttServer({ access: scramAccess() });
    await using client = await begin(server.port, new ScramClient('ada', 'lovelace').first);
    await client.next('auth');
    client.send(bytes);
    expect(await client.next('connack')).toMatchObject({ reasonCode });
    await client.closed;
  });

  it('ends with a DISCONNECT in the middle, and in time without one', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ access: scramAccess(), clock });
    await using leaving = await begin(server.port, new ScramClient('ada', 'lovelace').first);
    await leaving.next('auth');
    await leaving.disconnect();
    await using silent = await begin(server.port, new ScramClient('ada', 'lovelace').first);
    await silent.next('auth');
    clock.turn(30_000);
    await silent.closed;
  });

  it('sends no AUTH to who did not ask for it [MQTT-4.12.0-6]', async () => {
    await using server = await mqttServer({ access: scramAccess() });
    await using client = await RawClient.connect5(server.port);
    expect(client.connack.properties).not.toHaveProperty('authenticationMethod');
    send(client, 0x19, Buffer.from('x'));
    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x82 });
  });
});

describe('re-authentication', () => {
  it('goes on beside everything else [MQTT-4.12.1-1]', async () => {
    await using server = await mqttServer({ access: scramAccess() });
    await using client = await letIn(server.port);
    const scram = new ScramClient('ada', 'lovelace');
    send(client, 0x19, scram.first);
    const challenge = await client.next('auth');
    expect(challenge.reasonCode).toBe(0x18);
    await client.subscribe('a');
    client.publish('a', 'x');
    await client.next('publish');
    send(client, 0x18, scram.final(challenge.properties?.authenticationData));
    const { reasonCode, properties } = await client.next('auth');
    expect(reasonCode).toBe(0);
    expect(scram.believes(properties?.authenticationData)).toBe(true);
  });

  it('that fails ends the connection [MQTT-4.12.1-2]', async () => {
    const access = scramAccess();
    await using server = await mqttServer({ access });
    await using client = await letIn(server.port);
    access.isIn = false;
    const scram = new ScramClient('ada', 'lovelace');
    send(client, 0x19, scram.first);
    const { properties } = await client.next('auth');
    send(client, 0x18, scram.final(properties?.authenticationData));
    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x87 });
    await client.closed;
  });

  it.each([
    ['by another method', 0x19, 'tom'],
    ['out of turn', 0x18, authenticationMethod],
  ])('%s is a mistake', async (_, code, method) => {
    await using server = await mqttServer({ access: scramAccess() });
    await using client = await letIn(server.port);
    send(client, code, new ScramClient('ada', 'lovelace').first, method);
    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x82 });
  });

  it('that is not completed in time ends the connection', async () => {
    const clock = new ManualClock();
    await using server = await mqttServer({ access: scramAccess(), clock });
    await using client = await letIn(server.port);
    send(client, 0x19, new ScramClient('ada', 'lovelace').first);
    await client.next('auth');
    clock.turn(30_000);
    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x87 });
  });
});
