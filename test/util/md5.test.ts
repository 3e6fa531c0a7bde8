// Digests of keys are those of everybody's MD5.

import { hash } from 'node:crypto';
import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { md5Words } from '../../broker/util/md5.ts';

function digestOf(text: string): string {
  const digest = new Uint32Array(4);
  md5Words(text, digest);
  return Array.from(digest, (word) => word.toString(16).padStart(8, '0')).join('');
}

describe('MD5 of short texts', () => {
  it.each([
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
  ])('has the digest of RFC 1321 for "%s"', (text, digest) => {
    expect(digestOf(text)).toBe(digest);
  });

  it('has the digest of every other implementation, at every length around the end of a block', () => {
    for (let length = 0; length < 140; length++) {
      const text = 'k'.repeat(length);
      expect(digestOf(text)).toBe(hash('md5', text, 'hex'));
    }
  });

  it('has it for whatever a key is made of', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(digestOf(text)).toBe(hash('md5', text, 'hex'));
      }),
      { seed: 1321, numRuns: 2000 },
    );
  });
});
