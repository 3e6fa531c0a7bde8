// Certificates for tests, made by openssl in a directory of the test: an authority, a server's for this machine, and
// clients' with given subjects.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debian } from './debian.ts';

export const openssl = debian('openssl', 'openssl');

export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const run = promisify(execFile);

export class TestAuthority {
  /** The authority's own certificate. */
  readonly ca: string;
  readonly #key: string;
  #count = 0;

  private constructor(directory: string, name: string) {
    this.ca = join(directory, `${name}.pem`);
    this.#key = join(directory, `${name}-key.pem`);
  }

  static async make(directory: string, name = 'ca'): Promise<TestAuthority> {
    const authority = new TestAuthority(directory, name);
    const out = ['-keyout', authority.#key, '-out', authority.ca];
    await run(openssl.path, ['req', '-x509', ...curve, '-days', '30', '-subj', `/CN=${name}`, ...out]);
    return authority;
  }

  get bytes(): Promise<Buffer> {
    return readFile(this.ca);
  }

  /** For 127.0.0.1 and localhost. */
  server(subject = '/CN=localhost'): Promise<TestCertificate> {
    return this.issue(subject, 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  }

  async issue(subject: string, extension = 'extendedKeyUsage=clientAuth'): Promise<TestCertificate> {
    const base = `${this.ca.slice(0, -'.pem'.length)}-${++this.#count}`;
    const [key, request, certificate, extensions] = ['-key.pem', '.csr', '.pem', '.ext'].map((end) => base + end);
    await writeFile(extensions!, extension);
    const multivalue = ['-subj', subject, '-utf8', '-multivalue-rdn'];
    await run(openssl.path, ['req', ...curve, ...multivalue, '-keyout', key!, '-out', request!]);
    const signing = ['-CA', this.ca, '-CAkey', this.#key, '-CAcreateserial', '-days', '30', '-extfile', extensions!];
    await run(openssl.path, ['x509', '-req', '-in', request!, ...signing, '-out', certificate!]);
    return { certificate: certificate!, key: key! };
  }
}
