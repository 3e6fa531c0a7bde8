// The self-made certificate of the signing key (X.509, RFC 5280; DER, X.690): as much of it as a subscriber needs who takes
// the public key out of it.

import { createSign, hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const tag = {
  integer: 0x02,
  bits: 0x03,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utc: 0x17,
  explicit0: 0xa0,
} as const;

const sha256WithRsa = '2a864886f70d01010b';
const commonName = '550403';

/** In PEM. It holds until 2049, the last year that a UTCTime can name. */
export function selfSigned(
  name: string,
  keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
): string {
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' });
  const serial = Buffer.from(hash('sha256', spki, 'hex').slice(0, 16), 'hex');
  // A positive number of eight bytes.
  serial[0] = (serial[0] ?? 0) & 0x7f || 1;
  const algorithm = element(tag.sequence, oid(sha256WithRsa), element(tag.null));
  const who = element(tag.sequence, element(tag.set, element(tag.sequence, oid(commonName), text(tag.utf8, name))));
  const validity = element(tag.sequence, text(tag.utc, '200101000000Z'), text(tag.utc, '491231235959Z'));
  const body = element(
    tag.sequence,
    element(tag.explicit0, element(tag.integer, Buffer.of(2))),
    element(tag.integer, serial),
    algorithm,
    who,
    validity,
    who,
    spki,
  );
  const signature = createSign('RSA-SHA256').update(body).sign(keys.privateKey);
  const certificate = element(tag.sequence, body, algorithm, element(tag.bits, Buffer.of(0), signature));
  const lines = certificate.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function oid(hex: string): Buffer {
  return element(tag.oid, Buffer.from(hex, 'hex'));
}

function text(kind: number, value: string): Buffer {
  return element(kind, Buffer.from(value));
}

function element(kind: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(kind, length), content]);
  const size = length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
  return Buffer.concat([Buffer.of(kind), size, content]);
}
