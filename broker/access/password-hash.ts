// Passwords as they are kept: scrypt (RFC 7914) with its cost and salt beside the hash, in the form of PHC's strings:
// `$scrypt$ln=14,r=8,p=5$SALT$HASH`, salt and hash in base64 without padding.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { BrokerError } from '../core/errors.ts';

export interface PasswordHash {
  /** The logarithm of the cost to the base of 2. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** 16 MiB and five passes: of OWASP's equally costly choices, one that lets several clients in at the same time. */
const cost = { ln: 14, r: 8, p: 5 } as const;
const saltBytes = 16;
const hashBytes = 32;
/** What a file may ask for: more would let a file stop the engine. */
const mostBytes = 256 * 1024 * 1024;
const mostPasses = 16;

export async function hashPassword(password: Buffer): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, { ...cost, salt }, hashBytes);
  const { ln, r, p } = cost;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** @throws BrokerError `invalid`. */
export function parsePasswordHash(text: string): PasswordHash {
  const base64 = '([A-Za-z\\d+/]+)';
  const [, ln = '0', r = '0', p = '0', salt = '', hash = ''] =
    new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,3}),p=(\\d{1,2})\\$${base64}\\$${base64}$`).exec(text) ?? [];
  const parsed = {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
  const usable = parsed.ln >= 1 && parsed.r >= 1 && parsed.p >= 1 && parsed.p <= mostPasses;
  if (!usable || memoryOf(parsed) > mostBytes || parsed.salt.length < 8 || parsed.hash.length < 16) {
    throw new BrokerError('invalid', 'expected $scrypt$ln=14,r=8,p=5$SALT$HASH, as `causeway user passwd` writes it');
  }
  return parsed;
}

/** Takes as long whether it is right or not. */
export async function isPassword(password: Buffer, kept: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, kept, kept.hash.length), kept.hash);
}

/** A hash that no password is known for, at the usual cost: what is checked for users who are not there. */
export function unknownHash(): PasswordHash {
  return { ...cost, salt: randomBytes(saltBytes), hash: randomBytes(hashBytes) };
}

function derive(password: Buffer, { ln, r, p, salt }: Omit<PasswordHash, 'hash'>, bytes: number): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 2 * memoryOf({ ln, r }) };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, options, (error, derived) => (error === null ? resolve(derived) : reject(error)));
  });
}

function memoryOf({ ln, r }: { readonly ln: number; readonly r: number }): number {
  return 128 * 2 ** ln * r;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
