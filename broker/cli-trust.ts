// causeway trust: which authority signs the certificates of the engine's own, and how to trust it. No engine has to run: the
// authority is made if it is not there.

import { readFile } from 'node:fs/promises';
import type { Config } from './config.ts';
import { authorityFile, openAuthority } from './own-certificate.ts';
import { systemClock } from './util/clock.ts';

export interface TrustOutput {
  /** What was asked for. */
  readonly output: string;
  /** What a person should know besides; undefined: nothing. */
  readonly note: string | undefined;
}

/** `{}` stands for the path. */
const ways: readonly (readonly [who: string, what: string])[] = [
  ['Debian, Ubuntu', 'sudo cp {} /usr/local/share/ca-certificates/causeway.crt && sudo update-ca-certificates'],
  ['Fedora, RHEL', 'sudo cp {} /etc/pki/ca-trust/source/anchors/causeway.pem && sudo update-ca-trust'],
  ['macOS', 'sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {}'],
  ['Windows', 'certutil -addstore -f Root {} (as administrator)'],
  ['Node', 'NODE_EXTRA_CA_CERTS={}'],
  ['Python (boto3)', 'AWS_CA_BUNDLE={}'],
  ['AWS CLI', 'AWS_CA_BUNDLE={}'],
  ['Java', 'keytool -importcert -noprompt -alias causeway -cacerts -storepass changeit -file {}'],
  ['curl', 'curl --cacert {} https://localhost:PORT/'],
];

/** @throws BrokerError `invalid`: the authority cannot be read, or made. */
export async function runTrustCommand(config: Config, asPem: boolean): Promise<TrustOutput> {
  const { dataDirectory } = config;
  const { certificate } = await openAuthority(dataDirectory, systemClock.now());
  const file = authorityFile(dataDirectory);
  const note = noteOf(config);
  if (asPem) return { output: await readFile(file, 'utf8'), note };
  const path = /^[\w./\\:-]+$/.test(file) ? file : `"${file}"`;
  const width = Math.max(...ways.map(([who]) => who.length)) + 2;
  const lines = [
    `certificate  ${file}`,
    `SHA-256      ${certificate.fingerprint256}`,
    `until        ${new Date(certificate.validTo).toISOString().slice(0, 10)}`,
    '',
    'Whoever has its key, which is beside it, can pretend to be any host to those that trust it. To trust it:',
    '',
    ...ways.map(([who, what]) => `${who.padEnd(width)}${what.replaceAll('{}', path)}`),
  ];
  return { output: `${lines.join('\n')}\n`, note };
}

function noteOf({ cloud, tls }: Config): string | undefined {
  if (cloud.tls?.own === true || tls?.own === true) return undefined;
  const file = cloud.tls?.certificate ?? tls?.certificate;
  return file === undefined
    ? 'nothing uses it yet: configure cloud.tls: true, or tls: own'
    : `nothing uses it: the configuration names another certificate, "${file}"`;
}
