// The certificate, key and authorities that TLS listeners show and trust, from files in PEM; read again when they change. A
// set that does not fit together is not taken: the one before stays.

import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';
import { BrokerError } from '../../core/errors.ts';
import type { Clock } from '../../util/clock.ts';
import type { Log } from '../../util/log.ts';
import { WatchedFiles } from '../../util/watched-files.ts';

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  /** Authorities whose client certificates are trusted. */
  readonly ca?: string | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** `want`: clients without one are let in as if TLS had not been there, those with a bad one are not. */
  readonly clientCertificates: 'none' | 'want' | 'require';
}

/** From when on the log says that a certificate runs out. */
const warnBeforeMs = 14 * 24 * 3600 * 1000;

export class Certificates {
  readonly files: CertificateFiles;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #watch: WatchedFiles;
  readonly #onReload: ((context: SecureContextOptions) => void)[] = [];
  #context: SecureContextOptions = {};

  constructor(files: CertificateFiles, clock: Clock, log: Log) {
    this.files = files;
    this.#clock = clock;
    this.#log = log;
    const { certificate, key, ca } = files;
    const paths = [certificate, key, ...(ca === undefined ? [] : [ca])];
    this.#watch = new WatchedFiles(paths, clock, () => void this.reload());
  }

  /** @throws BrokerError `invalid`: a file cannot be read, or they do not fit together. */
  async start(): Promise<void> {
    this.#context = await this.#load();
    await this.#watch.start();
  }

  close(): void {
    this.#watch.close();
  }

  get context(): SecureContextOptions {
    return this.#context;
  }

  onReload(take: (context: SecureContextOptions) => void): void {
    this.#onReload.push(take);
  }

  /** Reads the files again; connections that are there keep what they were made with. Never rejects. */
  async reload(): Promise<void> {
    try {
      this.#context = await this.#load();
    } catch (error) {
      this.#log.error({ err: error }, 'the certificates that were there before stay in use');
      return;
    }
    for (const take of this.#onReload) take(this.#context);
    this.#log.info({ certificate: this.files.certificate }, 'read the certificates again');
  }

  async #load(): Promise<SecureContextOptions> {
    const { certificate, key, ca, minVersion } = this.files;
    const context: SecureContextOptions = {
      cert: await readPem('certificate', certificate),
      key: await readPem('key', key),
      minVersion,
    };
    if (ca !== undefined) context.ca = await readPem('ca', ca);
    try {
      createSecureContext(context);
      this.#warnOfEnd(new X509Certificate(await readPem('certificate', certificate)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new BrokerError('invalid', `use tls.certificate "${certificate}" with tls.key "${key}": ${reason}`, {
        cause: error,
      });
    }
    return context;
  }

  #warnOfEnd({ validTo, subject }: X509Certificate): void {
    const leftMs = Date.parse(validTo) - this.#clock.now();
    if (leftMs < warnBeforeMs) {
      this.#log.warn(
        { subject, validTo },
        leftMs < 0 ? 'the certificate has run out' : 'the certificate runs out soon',
      );
    }
  }
}

async function readPem(name: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BrokerError('invalid', `read tls.${name} "${path}": ${reason}`, { cause: error });
  }
}
