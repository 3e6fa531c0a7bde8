// The part of the configuration that says with which certificates connections are encrypted: of the broker's listeners, and
// of the cloud endpoint.

import { isIP } from 'node:net';
import { z } from 'zod';
import { authorityFile, isDnsName, serverFile } from './own-certificate.ts';

const minVersion = z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2');

/** Files in PEM; the certificate with those that lead to its authority, if any. */
const files = { certificate: z.string().min(1).optional(), key: z.string().min(1).optional() };

/** Names and addresses by which clients connect, for a certificate of the engine's own. */
const names = z
  .array(
    z.string().refine((name) => isIP(name) !== 0 || isDnsName(name), {
      error: 'expected a host name such as broker.example, *.broker.example, or an address',
    }),
  )
  .default([]);

interface Given {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly names: readonly string[];
}

const noNames = { path: ['names'], error: 'are those of a certificate of our own: this one comes from a file' };

const tlsSettings = z
  .strictObject({
    /** A certificate that the engine makes, by an authority in the data directory. */
    own: z.literal(true).optional(),
    ...files,
    names,
    /** Authorities whose client certificates are trusted. */
    ca: z.string().min(1).optional(),
    clientCertificates: z.enum(['none', 'want', 'require']).default('none'),
    minVersion,
  })
  .refine(({ own, certificate }) => own === true || certificate !== undefined, {
    path: ['certificate'],
    error: 'needed, with key; or tls: own, for a certificate that is made',
  })
  .refine(({ own, key }) => own === true || key !== undefined, { path: ['key'], error: 'needed, with certificate' })
  .refine(({ own, certificate, key }) => own === undefined || (certificate ?? key) === undefined, {
    path: ['own'],
    error: 'and certificate exclude each other',
  })
  .refine((given) => given.own === true || given.names.length === 0, noNames)
  .refine(({ ca, clientCertificates }) => ca !== undefined || clientCertificates === 'none', {
    path: ['ca'],
    error: 'needed for client certificates: the authorities that are trusted',
  });

/** `own`: with a certificate that the engine makes. */
export const tls = z
  .union([z.literal('own').transform(() => tlsSettings.parse({ own: true })), tlsSettings])
  .optional();

const cloudSettings = z
  .strictObject({ ...files, names, minVersion })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    path: ['key'],
    error: 'certificate and key are needed together',
  })
  .refine((given) => given.certificate === undefined || given.names.length === 0, noNames);

/** `true`: with a certificate of the engine's own. */
export const cloudTls = z
  .union([
    z.literal(false).transform(() => undefined),
    z.literal(true).transform(() => cloudSettings.parse({})),
    cloudSettings,
  ])
  .optional();

/** What listeners read, wherever it comes from. */
export interface TlsConfig {
  /** The files are made by the engine. */
  readonly own: boolean;
  /** Of whom clients trust it, where it is the engine's own. */
  readonly authority: string | undefined;
  readonly names: readonly string[];
  readonly certificate: string;
  readonly key: string;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
}

/** Names the files. */
export function settleTls<T extends Given & Pick<TlsConfig, 'minVersion'>>(
  given: T | undefined,
  dataDirectory: string,
): (Omit<T, keyof TlsConfig> & TlsConfig) | undefined {
  if (given === undefined) return undefined;
  const { certificate, key } = given;
  if (certificate !== undefined && key !== undefined) {
    return { ...given, own: false, authority: undefined, certificate, key };
  }
  const file = serverFile(dataDirectory);
  return { ...given, own: true, authority: authorityFile(dataDirectory), certificate: file, key: file };
}
