// Checksums of objects (Amazon S3 User Guide, "Checking object integrity"): those that Node or a table can make. XXHASH is
// not among them.

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Combiner, Crc, crc32cPolynomial, crc32Polynomial, crc64NvmePolynomial } from './crc.ts';

/** Lower case, as headers have them; elements of XML have them in upper case. */
export const algorithms = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256', 'sha512', 'md5'] as const;

export type Algorithm = (typeof algorithms)[number];

/** Of the whole object, or of the checksums of its parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface Running {
  update(data: Buffer): unknown;
  digest(): Buffer;
}

/** In bytes. */
const lengths = { crc32: 4, crc32c: 4, crc64nvme: 8, sha1: 20, sha256: 32, sha512: 64, md5: 16 } as const;
const polynomials = { crc32: crc32Polynomial, crc32c: crc32cPolynomial, crc64nvme: crc64NvmePolynomial } as const;

/** What an object is checked by if its sender asks for nothing. */
export const usualAlgorithm = 'crc64nvme' satisfies Algorithm;

export function startChecksum(algorithm: Algorithm): Running {
  switch (algorithm) {
    case 'crc32':
      return new Crc32();
    case 'crc32c':
    case 'crc64nvme':
      return new Crc(algorithm);
    case 'sha1':
    case 'sha256':
    case 'sha512':
    case 'md5':
      return createHash(algorithm);
  }
}

export function isAlgorithm(name: string): name is Algorithm {
  return algorithms.some((algorithm) => algorithm === name);
}

/** The checksum in base64, if it is one of the algorithm's length. */
export function isChecksum(algorithm: Algorithm, text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === lengths[algorithm] && bytes.toString('base64') === text;
}

/** Types that an object of several parts can have, the usual first. */
export function typesOf(algorithm: Algorithm): readonly ChecksumType[] {
  switch (algorithm) {
    case 'crc64nvme':
      return ['FULL_OBJECT'];
    case 'crc32':
    case 'crc32c':
      return ['COMPOSITE', 'FULL_OBJECT'];
    case 'sha1':
    case 'sha256':
    case 'sha512':
    case 'md5':
      return ['COMPOSITE'];
  }
}

/** Of an object that is made of the parts. */
export function checksumOfParts(
  algorithm: Algorithm,
  type: ChecksumType,
  parts: readonly { readonly checksum: string; readonly size: number }[],
): string {
  if (type === 'COMPOSITE') {
    const running = startChecksum(algorithm);
    for (const { checksum } of parts) running.update(Buffer.from(checksum, 'base64'));
    return `${running.digest().toString('base64')}-${parts.length}`;
  }
  if (algorithm !== 'crc32' && algorithm !== 'crc32c' && algorithm !== 'crc64nvme') return '';
  const combiner = new Combiner(polynomials[algorithm]);
  let whole = 0n;
  for (const { checksum, size } of parts) {
    whole = combiner.combine(whole, BigInt(`0x${Buffer.from(checksum, 'base64').toString('hex')}`), size);
  }
  const hex = whole.toString(16).padStart(lengths[algorithm] * 2, '0');
  return Buffer.from(hex, 'hex').toString('base64');
}

class Crc32 implements Running {
  #value = 0;

  update(data: Buffer): void {
    this.#value = crc32(data, this.#value);
  }

  digest(): Buffer {
    const digest = Buffer.alloc(4);
    digest.writeUInt32BE(this.#value);
    return digest;
  }
}
