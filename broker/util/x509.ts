// Writes certificates (X.509 version 3, RFC 5280), which Node only reads: as much as authorities and servers of one's own
// need. Signed with ECDSA or RSA, as the issuer's key is, over SHA-256.

import { hash, randomBytes, sign } from 'node:crypto';
import type { KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { bits, explicit, implicit, integer, nothing, octets, oid, sequence, setOf, time, truth, utf8 } from './der.ts';

export interface CertificateRequest {
  /** Common names; an authority's own is both. */
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since the epoch, by whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: KeyObject;
  /** What signs it, and whose key identifier it names: for a self-signed one, the subject's. */
  readonly issuerKeys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  /** `plain`: says nothing of what it is for. */
  readonly use: 'authority' | 'server' | 'plain';
  /** DNS names and addresses of a server. */
  readonly names?: readonly string[];
}

const id = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/** keyUsage's bits, from the highest down: digitalSignature is the first, keyCertSign and cRLSign the sixth and seventh. */
const usage = { digitalSignature: 0x80, certSignAndCrlSign: 0x06 } as const;
const version3 = 2;
const dnsName = 2;
const ipAddress = 7;

/** In PEM. */
export function writeCertificate(request: CertificateRequest): string {
  const { subject, issuer, notBefore, notAfter, publicKey, issuerKeys } = request;
  const algorithm =
    issuerKeys.privateKey.asymmetricKeyType === 'ec'
      ? sequence(oid(id.ecdsaWithSha256))
      : sequence(oid(id.sha256WithRsa), nothing());
  const extensions = extensionsOf(request);
  const body = sequence(
    explicit(0, integer(version3)),
    integer(serialNumber()),
    algorithm,
    nameOf(issuer),
    sequence(time(notBefore), time(notAfter)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [explicit(3, sequence(...extensions))]),
  );
  const signature = sign('sha256', body, issuerKeys.privateKey);
  return toPem(sequence(body, algorithm, bits(signature)));
}

/** Whether it is for exactly these names, in this order. */
export function isFor({ raw }: X509Certificate, names: readonly string[]): boolean {
  return raw.includes(octets(altNames(names)));
}

function extensionsOf({ use, publicKey, issuerKeys, names = [] }: CertificateRequest): readonly Buffer[] {
  if (use === 'plain') return [];
  const identifiers = [
    extension(id.subjectKeyIdentifier, octets(keyIdentifier(publicKey))),
    extension(id.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier(issuerKeys.publicKey)))),
  ];
  if (use === 'authority') {
    // It signs servers, and no other authorities.
    return [
      extension(id.basicConstraints, sequence(truth(), integer(0)), 'critical'),
      extension(id.keyUsage, bits(Buffer.of(usage.certSignAndCrlSign), 1), 'critical'),
      ...identifiers,
    ];
  }
  return [
    extension(id.basicConstraints, sequence(), 'critical'),
    extension(id.keyUsage, bits(Buffer.of(usage.digitalSignature), 7), 'critical'),
    extension(id.extendedKeyUsage, sequence(oid(id.serverAuth))),
    ...identifiers,
    extension(id.subjectAltName, altNames(names)),
  ];
}

function extension(identifier: string, value: Buffer, critical?: 'critical'): Buffer {
  return sequence(oid(identifier), ...(critical === undefined ? [] : [truth()]), octets(value));
}

function altNames(names: readonly string[]): Buffer {
  return sequence(...names.map(generalName));
}

function generalName(name: string): Buffer {
  return isIP(name) === 0 ? implicit(dnsName, Buffer.from(name)) : implicit(ipAddress, addressBytes(name));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // URL writes an address of IPv6 in its only canonical form; what is left out of that is zeros.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const bytes = Buffer.alloc(16);
  [...before, ...Array.from({ length: zeros }, () => 0), ...after].forEach((group, index) =>
    bytes.writeUInt16BE(group, index * 2),
  );
  return bytes;
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** RFC 5280, 4.2.1.2, by RFC 7093's first method: 160 bits of a hash of the key. */
function keyIdentifier(key: KeyObject): Buffer {
  const spki = key.export({ type: 'spki', format: 'der' });
  return Buffer.from(hash('sha256', spki, 'hex').slice(0, 40), 'hex');
}

function serialNumber(): Buffer {
  const serial = randomBytes(16);
  // Positive, and of no fewer bytes.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

function nameOf(commonName: string): Buffer {
  return sequence(setOf(sequence(oid(id.commonName), utf8(commonName))));
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
