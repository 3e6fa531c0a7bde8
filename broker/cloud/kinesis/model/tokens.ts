// Opaque tokens that need no state: shard iterators and NextTokens. They are enciphered so that nobody builds on what is in
// them, as those of AWS are; they grant nothing that their holder could not ask for.

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const cipher = 'aes-256-cbc';
const key = createHash('sha256').update('causeway kinesis tokens').digest();
const zero = Buffer.alloc(16);
const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]);
const saltBytes = 16;
/** Of the enciphered part, as those of AWS are. */
const leastBytes = 144;

export function seal(value: object): string {
  const text = Buffer.from(JSON.stringify(value));
  const filler = Math.max(0, leastBytes - saltBytes - text.length - 1);
  // The salt comes first, in a mode that chains: no two tokens are alike.
  const plain = Buffer.concat([randomBytes(saltBytes), text, Buffer.alloc(filler, ' ')]);
  const encipher = createCipheriv(cipher, key, zero);
  return Buffer.concat([header, encipher.update(plain), encipher.final()]).toString('base64');
}

/** Undefined: it is none of ours. */
export function open(token: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.length < header.length + leastBytes || bytes.toString('base64') !== token) return undefined;
  if (!bytes.subarray(0, header.length).equals(header)) return undefined;
  try {
    const decipher = createDecipheriv(cipher, key, zero);
    const plain = Buffer.concat([decipher.update(bytes.subarray(header.length)), decipher.final()]);
    const value: unknown = JSON.parse(plain.subarray(saltBytes).toString());
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // Whatever it is, it was not sealed here.
    return undefined;
  }
}
