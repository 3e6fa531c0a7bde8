// The server's arithmetic of SCRAM-SHA-256 (RFC 5802 with the hash of RFC 7677): messages in, messages out. Without
// channel binding. Who the users are, and what a refusal is called, is the caller's business.

import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** What is kept of a password (RFC 5802, section 3). */
export interface ScramKeys {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** The first message of a client. */
export interface ClientFirst {
  readonly user: string;
  /** The gs2 header, which the client repeats in its last message. */
  readonly header: string;
  readonly bare: string;
  readonly nonce: string;
}

/** The exchange once the server has answered the first message. */
export interface Challenge {
  readonly first: ClientFirst;
  readonly keys: ScramKeys;
  /** The client's nonce and the server's. */
  readonly nonce: string;
  readonly message: Buffer;
}

/** `hasProved`: the client knows the password. `message` proves to it that the server knows the keys. */
export interface Verdict {
  readonly hasProved: boolean;
  readonly message: Buffer;
}

const hash = 'sha256';
const keyBytes = 32;
const nonceBytes = 24;
/** Far more than a name and a nonce need. */
const maxMessageBytes = 4096;

/** Keys of a password that was prepared already (SASLprep). RFC 7677 asks for 4096 iterations or more. */
export async function scramKeysOf(password: Buffer | string, salt: Buffer, iterations: number): Promise<ScramKeys> {
  const salted = await promisify(pbkdf2)(password, salt, iterations, keyBytes, hash);
  return { salt, iterations, storedKey: digest(hmac(salted, 'Client Key')), serverKey: hmac(salted, 'Server Key') };
}

/** Undefined: not a first message, or one that asks for channel binding, an extension, or another user's rights. */
export function readClientFirst(message: Buffer): ClientFirst | undefined {
  const text = message.length > maxMessageBytes ? '' : message.toString('utf8');
  const [, header = '', authorizeAs, bare = '', name = '', nonce = ''] =
    /^([ny],(?:a=([^,]+))?,)(n=([^,\0]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/su.exec(text) ?? [];
  const user = readName(name);
  if (user === undefined || (authorizeAs !== undefined && readName(authorizeAs) !== user)) return undefined;
  return { user, header, bare, nonce };
}

/** Answers the first message. `serverNonce`: printable characters without commas; its default is random. */
export function challenge(
  first: ClientFirst,
  keys: ScramKeys,
  serverNonce = randomBytes(nonceBytes).toString('base64'),
): Challenge {
  const nonce = first.nonce + serverNonce;
  const message = Buffer.from(`r=${nonce},s=${keys.salt.toString('base64')},i=${keys.iterations}`);
  return { first, keys, nonce, message };
}

/** Judges the last message of a client; undefined: it is not one, or does not belong to this exchange. */
export function judgeClientFinal({ first, keys, nonce, message }: Challenge, final: Buffer): Verdict | undefined {
  const text = final.length > maxMessageBytes ? '' : final.toString('utf8');
  const [, withoutProof = '', binding, repeated, encoded = ''] =
    /^(c=([A-Za-z\d+/=]+),r=([^,]+)(?:,.*)?),p=([A-Za-z\d+/=]+)$/s.exec(text) ?? [];
  if (binding !== Buffer.from(first.header).toString('base64') || repeated !== nonce) return undefined;
  const proof = Buffer.from(encoded, 'base64');
  if (proof.length !== keyBytes) return undefined;
  const signed = Buffer.from(`${first.bare},${message.toString('utf8')},${withoutProof}`);
  const signature = hmac(keys.storedKey, signed);
  const clientKey = proof.map((byte, i) => byte ^ signature[i]!);
  return {
    hasProved: timingSafeEqual(digest(clientKey), keys.storedKey),
    message: Buffer.from(`v=${hmac(keys.serverKey, signed).toString('base64')}`),
  };
}

/** `=2C` is a comma and `=3D` an equals sign; undefined: no name, or another escape. */
function readName(encoded: string): string | undefined {
  if (encoded === '' || /=(?!2C|3D)/.test(encoded)) return undefined;
  return encoded.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

function hmac(key: Buffer, data: Buffer | string): Buffer {
  return createHmac(hash, key).update(data).digest();
}

function digest(data: Uint8Array): Buffer {
  return createHash(hash).update(data).digest();
}
