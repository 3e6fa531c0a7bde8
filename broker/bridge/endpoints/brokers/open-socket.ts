// The way to another broker: TCP, then TLS, each with a bound in time; what fails has a sentence.

import { readFile } from 'node:fs/promises';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { RemoteTrouble } from '../../remote.ts';
import type { TroubleKind } from '../../remote.ts';
import { usualTiming } from './far-broker.ts';
import type { FarBroker, FarEndOptions } from './far-broker.ts';

/** By the code of the error. */
const ofNetwork: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: 'no way leads to this host',
  ENETUNREACH: 'no way leads to this network',
  ETIMEDOUT: 'there is no answer: a firewall may be in the way',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
};

const untrusted = 'its certificate is of no authority that is trusted here: name that authority in tls.ca';
const noTls = 'the port does not speak TLS';
const needsCertificate = 'it asks for a certificate of the client: name one in tls.certificate and tls.key';

const ofTls: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED: 'its certificate has run out',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: look at the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: connect by a name that stands in it',
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it speaks no version of TLS from 1.2 on',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: needsCertificate,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: needsCertificate,
  ECONNRESET: 'the connection was closed in the middle of TLS: the port may not speak it',
};

const trustCodes: ReadonlySet<string> = new Set(
  Object.keys(ofTls).filter((code) => /CERT|SIGNATURE|HANDSHAKE/.test(code)),
);

/** @throws RemoteTrouble. */
export async function openSocket({ broker, clock, signal, timing = usualTiming }: FarEndOptions): Promise<Socket> {
  const { host, port, tls } = broker;
  const files = tls && (await readFiles(broker, tls));
  const tcp = connectTcp({ host, port, noDelay: true });
  const giveUp = (): void => void tcp.destroy();
  signal?.addEventListener('abort', giveUp);
  tcp.once('close', () => signal?.removeEventListener('abort', giveUp));
  if (signal?.aborted === true) giveUp();
  const timer = clock.after(timing.connectMs, () =>
    tcp.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })),
  );
  try {
    await ready(broker, tcp, 'connect', ofNetwork);
    if (files === undefined) return tcp;
    const secure = connectTls({ socket: tcp, host, ...(isIP(host) === 0 ? { servername: host } : {}), ...files });
    await ready(broker, secure, 'secureConnect', ofTls);
    return secure;
  } catch (error) {
    tcp.destroy();
    throw error;
  } finally {
    timer.cancel();
  }
}

type Files = { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };

/** Each time anew: certificates are renewed. */
async function readFiles(broker: FarBroker, { ca, certificate, key }: NonNullable<FarBroker['tls']>): Promise<Files> {
  try {
    return {
      ...(ca === undefined ? {} : { ca: await readFile(ca) }),
      ...(certificate === undefined ? {} : { cert: await readFile(certificate) }),
      ...(key === undefined ? {} : { key: await readFile(key) }),
    };
  } catch (error) {
    throw troubleWith(broker, 'not-allowed', `a file of its tls cannot be read: ${messageOf(error)}`, error);
  }
}

async function ready(
  broker: FarBroker,
  socket: Socket,
  event: string,
  words: Readonly<Record<string, string>>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once(event, () => resolve());
  socket.once('error', reject);
  socket.once('close', () => reject(new Error('the connection was closed')));
  try {
    await promise;
  } catch (error) {
    const code = codeOf(error);
    throw troubleWith(broker, trustCodes.has(code) ? 'not-allowed' : 'away', words[code] ?? messageOf(error), error);
  }
  // What fails later is told by 'close', and by who has the socket.
  socket.on('error', () => undefined);
}

/** `sentence`: about the broker, whose name is put in front. */
export function troubleWith(
  { name, host, port }: FarBroker,
  kind: TroubleKind,
  sentence: string,
  cause?: unknown,
): RemoteTrouble {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new RemoteTrouble(kind, `${name} (${where}): ${sentence}`, { cause });
}

export function messageOf(error: unknown): string {
  if (error instanceof Error && error.message !== '') return error.message;
  return codeOf(error) || String(error);
}

function codeOf(error: unknown): string {
  // A host with several addresses fails once for each.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
