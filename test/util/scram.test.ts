// SCRAM-SHA-256: the exchange of RFC 7677, section 3, and what must not pass for one.

import { describe, expect, it } from 'vitest';
import { challenge, judgeClientFinal, readClientFirst, scramKeysOf } from '../../broker/util/scram.ts';
import type { Challenge, ClientFirst } from '../../broker/util/scram.ts';

const clientFirst = 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO';
const serverNonce = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const serverFirst = `r=rOprNGfwEbeRWgbNEkqO${serverNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const withoutProof = `c=biws,r=rOprNGfwEbeRWgbNEkqO${serverNonce}`;
const clientFinal = `${withoutProof},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;
const serverFinal = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

function read(text: string): ClientFirst | undefined {
  return readClientFirst(Buffer.from(text));
}

async function begin(text = clientFirst, password = 'pencil'): Promise<Challenge> {
  const keys = await scramKeysOf(password, Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096);
  return challenge(read(text)!, keys, serverNonce);
}

describe('SCRAM-SHA-256', () => {
  it('speaks the exchange of RFC 7677', async () => {
    const begun = await begin();
    expect(begun.message.toString()).toBe(serverFirst);
    const verdict = judgeClientFinal(begun, Buffer.from(clientFinal));
    expect(verdict?.hasProved).toBe(true);
    expect(verdict?.message.toString()).toBe(serverFinal);
  });

  it('does not believe who has another password', async () => {
    const begun = await begin(clientFirst, 'pen');
    expect(judgeClientFinal(begun, Buffer.from(clientFinal))?.hasProved).toBe(false);
  });

  it('gives each exchange a nonce of its own', async () => {
    const { keys, first } = await begin();
    expect(challenge(first, keys).nonce).not.toBe(challenge(first, keys).nonce);
  });

  it('reads names with escaped characters', () => {
    expect(read('n,,n=a=2Cb=3D=2C,r=x')?.user).toBe('a,b=,');
    expect(read('n,,n=a=2cb,r=x')).toBeUndefined();
    expect(read('n,,n=ä,r=x')?.user).toBe('ä');
  });

  it.each([
    ['nothing', ''],
    ['no header', 'n=user,r=x'],
    ['channel binding', 'p=tls-unique,,n=user,r=x'],
    ['no name', 'n,,n=,r=x'],
    ['no nonce', 'n,,n=user,r='],
    ['a mandatory extension', 'n,,m=x,n=user,r=x'],
    ['another user to act as', 'n,a=admin,n=user,r=x'],
    ['a nonce with a space', 'n,,n=user,r=a b'],
    ['more than anyone needs', `n,,n=user,r=${'x'.repeat(5000)}`],
  ])('refuses a first message with %s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('takes an authorization identity that is the user', () => {
    expect(read('y,a=user,n=user,r=x')).toMatchObject({ user: 'user', header: 'y,a=user,' });
  });

  it.each([
    ['nothing', ''],
    ['another nonce', clientFinal.replace('rOpr', 'sOpr')],
    ['another header', clientFinal.replace('biws', 'eSws')],
    ['no proof', withoutProof],
    ['a short proof', `${withoutProof},p=AAAA`],
    ['something behind the proof', `${clientFinal},x=y`],
  ])('refuses a last message with %s', async (_, text) => {
    expect(judgeClientFinal(await begin(), Buffer.from(text))).toBeUndefined();
  });
});
