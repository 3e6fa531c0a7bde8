// A certificate of the engine's own: an authority that is made at the first start, kept in the data directory, and a
// certificate for this host that it signs, renewed before it ends. The listeners read the files as they read those of others.

import { createPrivateKey, generateKeyPair, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BrokerError } from './core/errors.ts';
import type { Clock, Timer } from './util/clock.ts';
import type { Log } from './util/log.ts';
import { isFor, writeCertificate } from './util/x509.ts';

const dayMs = 24 * 3_600_000;
const authorityMs = 3650 * dayMs;
/** Platforms that take certificates of one's own take none that lasts longer than 825 days. */
const serverMs = 397 * dayMs;
const renewBeforeMs = 30 * dayMs;
/** Clocks of clients may be behind. */
const backdatedMs = dayMs;
const lookEveryMs = dayMs;

/** For whom it is whatever the configuration says. Wildcards stand for one label, and need two after it nearly everywhere. */
const alwaysNamed = ['localhost', '*.localhost', '*.s3.localhost', '127.0.0.1', '::1'];
const dnsName = /^(\*\.)?[a-z\d]([a-z\d_-]*[a-z\d])?(\.[a-z\d]([a-z\d_-]*[a-z\d])?)*$/i;

export interface Authority {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

/** Where the certificate of the authority is, which clients are to trust. */
export function authorityFile(dataDirectory: string): string {
  return join(folderOf(dataDirectory), 'ca.pem');
}

/** Certificate and key, in one file. Engines of other hosts that share the directory have theirs. */
export function serverFile(dataDirectory: string): string {
  return join(folderOf(dataDirectory), `server-${hostname().replaceAll(/[^\w.-]/g, '_')}.pem`);
}

export function isDnsName(name: string): boolean {
  return dnsName.test(name);
}

export interface OwnCertificateOptions {
  readonly dataDirectory: string;
  /** Beside those that it is for in any case. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

export class OwnCertificate {
  readonly #options: OwnCertificateOptions;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: OwnCertificateOptions) {
    this.#options = options;
  }

  /** Makes what is not there, or ends soon. @throws BrokerError `invalid`: the files cannot be read, written or used. */
  async start(): Promise<void> {
    await this.#renew();
    this.#again();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #again(): void {
    if (this.#closed) return;
    this.#timer = this.#options.clock.after(lookEveryMs, () => {
      this.#renew().then(
        () => this.#again(),
        (error: unknown) => {
          this.#options.log.error({ err: error }, 'renew the certificate of our own');
          this.#again();
        },
      );
    });
  }

  async #renew(): Promise<void> {
    const { dataDirectory, names: configured, clock, log } = this.#options;
    const now = clock.now();
    const authority = await openAuthority(dataDirectory, now);
    const names = [...new Set([...alwaysNamed, ...ownHostNames(), ...configured])];
    const file = serverFile(dataDirectory);
    if (isGood(await readFile(file).catch(() => undefined), authority, names, now)) return;
    const keys = await makeKeys('ec', { namedCurve: 'P-256' });
    const certificate = writeCertificate({
      subject: 'localhost',
      issuer: commonNameOf(authority.certificate),
      notBefore: now - backdatedMs,
      notAfter: Math.min(now + serverMs, Date.parse(authority.certificate.validTo)),
      publicKey: keys.publicKey,
      issuerKeys: { publicKey: authority.certificate.publicKey, privateKey: authority.privateKey },
      use: 'server',
      names,
    });
    const temporary = `${file}.${process.pid}`;
    await writing(file, async () => {
      await writeFile(temporary, certificate + toPem(keys.privateKey), { mode: 0o600 });
      await rename(temporary, file);
    });
    log.info({ file, names }, 'made a certificate of our own');
  }
}

/**
 * The authority of the data directory, made if there is none, or if it has ended.
 * @throws BrokerError `invalid`: its files cannot be read, written or used.
 */
export async function openAuthority(dataDirectory: string, now: number): Promise<Authority> {
  const found = await readAuthority(dataDirectory);
  if (found !== undefined && Date.parse(found.certificate.validTo) > now) return found;
  await makeAuthority(dataDirectory, now, found !== undefined);
  // If another engine was quicker, it is that one's.
  const made = await readAuthority(dataDirectory);
  if (made === undefined) throw new BrokerError('invalid', `read "${authorityFile(dataDirectory)}": it is not there`);
  return made;
}

const makeKeys = promisify(generateKeyPair);

async function readAuthority(dataDirectory: string): Promise<Authority | undefined> {
  const file = authorityFile(dataDirectory);
  try {
    const certificate = new X509Certificate(await readFile(file));
    const privateKey = createPrivateKey(await readFile(keyFile(dataDirectory)));
    if (!certificate.checkPrivateKey(privateKey)) throw new Error('its key belongs to another certificate');
    return { certificate, privateKey };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new BrokerError(
      'invalid',
      `use the certificate authority "${file}": ${reasonOf(error)}; remove "${folderOf(dataDirectory)}" to have a new one`,
      { cause: error },
    );
  }
}

/** Certificate and key come into being together: a folder is renamed to where nothing is. */
async function makeAuthority(dataDirectory: string, now: number, replaces: boolean): Promise<void> {
  const keys = await makeKeys('ec', { namedCurve: 'P-256' });
  const made = new Date(now).toISOString().slice(0, 10);
  const name = `Causeway on ${hostname()}, ${made}`.slice(0, 64);
  const certificate = writeCertificate({
    subject: name,
    issuer: name,
    notBefore: now - backdatedMs,
    notAfter: now + authorityMs,
    publicKey: keys.publicKey,
    issuerKeys: keys,
    use: 'authority',
  });
  const folder = folderOf(dataDirectory);
  await writing(folder, async () => {
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
    const temporary = await mkdtemp(join(dataDirectory, 'tls-'));
    try {
      await chmod(temporary, 0o755);
      await writeFile(join(temporary, 'ca.pem'), certificate, { mode: 0o644 });
      await writeFile(join(temporary, 'ca-key.pem'), toPem(keys.privateKey), { mode: 0o600 });
      if (replaces) await rm(folder, { recursive: true, force: true });
      await rename(temporary, folder);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      if (!isThereAlready(error)) throw error;
    }
  });
}

/** Signed by the authority, for these names, and for some time yet. */
function isGood(
  pem: Buffer | undefined,
  { certificate: ca }: Authority,
  names: readonly string[],
  now: number,
): boolean {
  if (pem === undefined) return false;
  try {
    const certificate = new X509Certificate(pem);
    // An authority that ends soon cannot sign anything that lasts longer.
    const until = Math.min(now + renewBeforeMs, Date.parse(ca.validTo) - 1);
    return (
      certificate.verify(ca.publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(pem)) &&
      Date.parse(certificate.validTo) > until &&
      isFor(certificate, names)
    );
  } catch {
    // Whatever is there is no certificate with its key: it is replaced.
    return false;
  }
}

function ownHostNames(): readonly string[] {
  const name = hostname().toLowerCase();
  return isDnsName(name) ? [name] : [];
}

function commonNameOf({ subject }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(subject)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? '';
}

function folderOf(dataDirectory: string): string {
  return join(dataDirectory, 'tls');
}

function keyFile(dataDirectory: string): string {
  return join(folderOf(dataDirectory), 'ca-key.pem');
}

function toPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function writing(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new BrokerError('invalid', `write "${file}": ${reasonOf(error)}`, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** A folder cannot be renamed to one that has something in it; Windows has another word for that. */
function isThereAlready(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(codeOf(error) ?? '');
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
