// SASL mechanisms beyond PLAIN and ANONYMOUS (part 5, section 5.3; RFC 4422, 5802, 7677).

import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openAccess, unrestricted, type Access } from '../../../broker/core/access.ts';
import { scramKeysOf } from '../../../broker/util/scram.ts';
import { amqpBroker } from './fixture.ts';
import { headers, RawPeer } from './raw-peer.ts';

const user = 'ann';
const password = 'pencil';

async function scramAccess(): Promise<Access> {
  const keys = await scramKeysOf(password, Buffer.from('a salt of sixteen'), 4096);
  return {
    ...openAccess,
    knowsScram: true,
    scramKeys: async () => keys,
    authenticateByScram: async (_, name, hasProved) => (hasProved && name === user ? unrestricted(name) : undefined),
  };
}

/** A broker whose listener saw the certificate of ann. */
async function certified(access: Access = openAccess) {
  const engine = await amqpBroker();
  Object.assign(engine.context, { access });
  const accept = engine.dialect.accept.bind(engine.dialect);
  engine.dialect.accept = (socket, peer) => accept(socket, { ...peer, anonymous: false, certificateSubject: 'CN=ann' });
  return engine;
}

describe('SCRAM-SHA-256', () => {
  async function exchange(knows: string) {
    const engine = await amqpBroker();
    Object.assign(engine.context, { access: await scramAccess() });
    const peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    await peer.expect('header');
    const { saslServerMechanisms } = await peer.expect('saslMechanisms');
    const bare = `n=${user},r=rOprNGfwEbeRWgbNEkqO`;
    peer.sasl('saslInit', { mechanism: 'SCRAM-SHA-256', initialResponse: Buffer.from(`n,,${bare}`) });
    const first = (await peer.expect('saslChallenge')).challenge.toString();
    const [, nonce = '', salt = '', iterations = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(first) ?? [];
    const proof = clientProof(
      knows,
      Buffer.from(salt, 'base64'),
      Number(iterations),
      `${bare},${first},c=biws,r=${nonce}`,
    );
    peer.sasl('saslResponse', { response: Buffer.from(`c=biws,r=${nonce},p=${proof.proof}`) });
    return {
      engine,
      peer,
      saslServerMechanisms,
      outcome: await peer.expect('saslOutcome'),
      signature: proof.signature,
    };
  }

  test('lets in who proves to know the password, and proves itself with the outcome', async () => {
    const { engine, peer, saslServerMechanisms, outcome, signature } = await exchange(password);
    expect(saslServerMechanisms).toEqual(['SCRAM-SHA-256', 'PLAIN', 'ANONYMOUS']);
    expect(outcome.code).toBe(0);
    expect(outcome.additionalData?.toString()).toBe(`v=${signature}`);
    peer.header(headers.amqp);
    peer.send(0, 'open', { containerId: 'raw' });
    await peer.expect('header');
    await peer.expect('open');
    expect(Array.from(engine.context.clients)).toMatchObject([{ user }]);
    await peer[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
  });

  test('refuses a wrong password, and then ends the connection', async () => {
    const { engine, peer, outcome } = await exchange('pen');
    expect(outcome).toMatchObject({ code: 1, additionalData: undefined });
    await peer.over();
    await engine[Symbol.asyncDispose]();
  });

  test.each([
    ['channel binding that the server does not offer', 'p=tls-unique,,n=ann,r=abc'],
    ['acting as someone else', 'n,a=bob,n=ann,r=abc'],
    ['what is no first message', 'hello'],
  ])('refuses %s', async (_, message) => {
    await using engine = await amqpBroker();
    Object.assign(engine.context, { access: await scramAccess() });
    await using peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    await peer.expect('header');
    await peer.expect('saslMechanisms');
    peer.sasl('saslInit', { mechanism: 'SCRAM-SHA-256', initialResponse: Buffer.from(message) });
    expect((await peer.expect('saslOutcome')).code).toBe(1);
  });

  test('is not offered, and refused, where no user has keys for it', async () => {
    await using engine = await amqpBroker();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    await peer.expect('header');
    expect((await peer.expect('saslMechanisms')).saslServerMechanisms).toEqual(['PLAIN', 'ANONYMOUS']);
    peer.sasl('saslInit', { mechanism: 'SCRAM-SHA-256', initialResponse: Buffer.from('n,,n=ann,r=abc') });
    expect((await peer.expect('saslOutcome')).code).toBe(1);
  });
});

describe('EXTERNAL', () => {
  test.each([
    ['says nothing more', '', 0],
    ['says its own name', 'CN=ann', 0],
    ['acts as someone else', 'CN=bob', 1],
  ])('a client with a certificate that %s', async (_, message, code) => {
    await using engine = await certified();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    await peer.expect('header');
    expect((await peer.expect('saslMechanisms')).saslServerMechanisms).toEqual(['EXTERNAL', 'PLAIN']);
    peer.sasl('saslInit', { mechanism: 'EXTERNAL', initialResponse: Buffer.from(message) });
    expect((await peer.expect('saslOutcome')).code).toBe(code);
  });

  test('without an initial response is asked for it', async () => {
    await using engine = await certified();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    peer.sasl('saslInit', { mechanism: 'EXTERNAL' });
    await peer.expect('header');
    await peer.expect('saslMechanisms');
    expect((await peer.expect('saslChallenge')).challenge).toHaveLength(0);
    peer.sasl('saslResponse', { response: Buffer.alloc(0) });
    expect((await peer.expect('saslOutcome')).code).toBe(0);
  });

  test('is refused to a certificate that stands for no user', async () => {
    const access = { ...openAccess, authenticateByCertificate: async () => undefined };
    await using engine = await certified(access);
    await using peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    await peer.expect('header');
    await peer.expect('saslMechanisms');
    peer.sasl('saslInit', { mechanism: 'EXTERNAL', initialResponse: Buffer.alloc(0) });
    expect((await peer.expect('saslOutcome')).code).toBe(1);
  });

  test('is not offered without a certificate', async () => {
    await using engine = await amqpBroker();
    await using peer = new RawPeer(engine.port);
    peer.header(headers.sasl);
    await peer.expect('header');
    expect((await peer.expect('saslMechanisms')).saslServerMechanisms).not.toContain('EXTERNAL');
  });
});

/** The client's arithmetic (RFC 5802, section 3), and the signature that it expects. */
function clientProof(knows: string, salt: Buffer, iterations: number, message: string) {
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const salted = pbkdf2Sync(knows, salt, iterations, 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const signature = hmac(createHash('sha256').update(clientKey).digest(), message);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!)).toString('base64');
  return { proof, signature: hmac(hmac(salted, 'Server Key'), message).toString('base64') };
}
