// The way to another broker: TCP, then TLS, each with a bound in time; what fails has a sentence.

import { readFile } from 'node:fs/promises';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { codeOf, messageOf, networkWords, tlsWords } from '../../../util/network-words.ts';
import { RemoteTrouble } from '../../remote.ts';
import type { TroubleKind } from '../../remote.ts';
import { usualTiming } from './far-broker.ts';
import type { FarBroker, FarEndOptions } from './far-broker.ts';

/** By the code of the error. */
const ofTls: Readonly<Record<string, string>> = {
  ...tlsWords('in tls.ca', 'name one in tls.certificate and tls.key'),
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
    await ready(broker, tcp, 'connect', networkWords);
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
