// The way to a listener, step by step, so that what fails has a name: TCP, then TLS, then WebSocket.

import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, rootCertificates } from 'node:tls';
import { createWebSocketStream, WebSocket } from 'ws';
import type { BrokerError } from '../core/errors.ts';
import { ailment, networkAilment, tlsAilment } from './ailment.ts';
import type { Target } from './target.ts';

export interface Trust {
  /** In PEM: certificates and authorities that are trusted beside the usual ones. */
  readonly ca: readonly Buffer[];
  readonly certificate: Buffer | undefined;
  readonly key: Buffer | undefined;
}

const subprotocols = { amqp: 'amqp', mqtt: 'mqtt', stomp: 'v12.stomp' } as const;

/**
 * A stream on which the target's protocol is to be spoken. Whatever was opened is in `opened`, also when it fails.
 * @throws BrokerError, in a sentence.
 */
export async function openStream(target: Target, trust: Trust, opened: Duplex[]): Promise<Duplex> {
  const { host, port, tls, webSocket } = target;
  let stream: Duplex = connectTcp({ host, port, noDelay: true });
  opened.push(stream);
  await ready(stream, 'connect', networkAilment);
  if (tls) {
    stream = connectTls({
      socket: stream,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      host,
      ca: [...rootCertificates, ...trust.ca],
      // The listener's own certificate, which the configuration names, is trusted for being that.
      allowPartialTrustChain: true,
      ...(trust.certificate === undefined ? {} : { cert: trust.certificate, key: trust.key }),
      ...(target.checksName ? {} : { checkServerIdentity: () => undefined }),
    });
    opened.push(stream);
    await ready(stream, 'secureConnect', tlsAilment);
  }
  return webSocket ? upgrade(target, stream, opened) : stream;
}

async function upgrade({ host, port, protocol, path }: Target, stream: Duplex, opened: Duplex[]): Promise<Duplex> {
  const authority = host.includes(':') ? `[${host}]` : host;
  const socket = new WebSocket(`ws://${authority}:${port}${path ?? '/'}`, subprotocols[protocol], {
    createConnection: () => stream,
    perMessageDeflate: false,
  });
  const answered = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (_, { statusCode, statusMessage }) => {
      reject(ailment(`it answers HTTP ${statusCode} ${statusMessage} where a WebSocket was asked for`));
    });
    socket.once('error', (error) => reject(ailment(`it does not speak WebSocket: ${error.message}`, error)));
  });
  await answered;
  const bytes = createWebSocketStream(socket);
  bytes.on('error', () => undefined);
  opened.push(bytes);
  return bytes;
}

async function ready(stream: Duplex, event: string, ailmentOf: (error: unknown) => BrokerError): Promise<void> {
  try {
    await once(stream, event);
  } catch (error) {
    throw ailmentOf(error);
  }
  // What fails later is told by the client that has the stream.
  stream.on('error', () => undefined);
}
