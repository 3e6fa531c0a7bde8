// Keys for SCRAM-SHA-256 as they are kept, in the form of RFC 5803: `SCRAM-SHA-256$ITERATIONS:SALT$STORED:SERVER`.

import { createHmac, randomBytes } from 'node:crypto';
import { BrokerError } from '../core/errors.ts';
import type { ScramKeys } from '../core/access.ts';
import { scramKeysOf } from '../util/scram.ts';

/** Sixteen times RFC 7677's least. What a client spends for each connection bounds it. */
const iterations = 65_536;
const saltBytes = 16;
const keyBytes = 32;

export async function makeScramRecord(password: Buffer): Promise<string> {
  const { salt, storedKey, serverKey } = await scramKeysOf(password, randomBytes(saltBytes), iterations);
  const [saltText, stored, server] = [salt, storedKey, serverKey].map((bytes) => bytes.toString('base64'));
  return `SCRAM-SHA-256$${iterations}:${saltText}$${stored}:${server}`;
}

/** @throws BrokerError `invalid`. */
export function parseScramRecord(text: string): ScramKeys {
  const base64 = '([A-Za-z\\d+/]+=*)';
  const form = new RegExp(`^SCRAM-SHA-256\\$(\\d{4,8}):${base64}\\$${base64}:${base64}$`);
  const [, count = '0', ...parts] = form.exec(text) ?? [];
  const [salt, storedKey, serverKey] = parts.map((part) => Buffer.from(part, 'base64'));
  if (salt === undefined || storedKey?.length !== keyBytes || serverKey?.length !== keyBytes) {
    throw new BrokerError('invalid', 'expected SCRAM-SHA-256$ITERATIONS:SALT$STORED:SERVER (RFC 5803)');
  }
  return { salt, iterations: Number(count), storedKey, serverKey };
}

/** For a user who has none: nothing fits them, and who asks again gets the same, as from a user who is there. */
export function unknownScramKeys(user: string, secret: Buffer): ScramKeys {
  const derive = (purpose: string): Buffer => createHmac('sha256', secret).update(`${purpose}\0${user}`).digest();
  return {
    salt: derive('salt').subarray(0, saltBytes),
    iterations,
    storedKey: derive('stored'),
    serverKey: derive('server'),
  };
}
