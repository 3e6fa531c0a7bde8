// TLS on accepted sockets: what comes out is decrypted, and knows the certificate of its client. TLS 1.2 and newer (RFC 8996
// retires what came before).

import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import type { Log } from '../../util/log.ts';
import type { Clock } from '../../util/clock.ts';
import type { Certificates } from './certificates.ts';
import { Occasionally } from '../../util/occasionally.ts';
import type { Link } from './link.ts';
import { distinguishedName } from './subject.ts';

export interface SecureStageOptions {
  readonly certificates: Certificates;
  readonly handshakeTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly onSecure: (socket: Socket, link: Link) => void;
  readonly onFailed: (link: Link, reason: string) => void;
}

export class SecureStage {
  readonly #options: SecureStageOptions;
  /** Never listens: it is handed sockets. */
  readonly #server: Server;
  /** By address and port of the far end, which both sides of TLS know. */
  readonly #shaking = new Map<string, Link>();
  readonly #told: Occasionally;

  constructor(options: SecureStageOptions) {
    this.#options = options;
    const { certificates, handshakeTimeoutMs, clock } = options;
    const { clientCertificates } = certificates.files;
    this.#told = new Occasionally(clock);
    this.#server = createServer({
      ...certificates.context,
      handshakeTimeout: handshakeTimeoutMs,
      requestCert: clientCertificates !== 'none',
      rejectUnauthorized: clientCertificates === 'require',
    });
    certificates.onReload((context) => this.#server.setSecureContext(context));
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error, socket) => {
      socket.destroy();
      this.#failed(keyOf(socket), error.message);
    });
  }

  accept(socket: Socket, link: Link): void {
    const key = keyOf(socket);
    this.#shaking.set(key, link);
    socket.once('close', () => this.#failed(key, 'the connection ended during the handshake'));
    this.#server.emit('connection', socket);
  }

  #secured(socket: TLSSocket): void {
    const key = keyOf(socket);
    const link = this.#shaking.get(key);
    const certificate = socket.getPeerX509Certificate();
    // Where certificates are wanted but need not be there, TLS itself lets bad ones pass.
    if (link === undefined || (certificate !== undefined && !socket.authorized)) {
      socket.destroy();
      this.#failed(key, `certificate not trusted: ${String(socket.authorizationError)}`);
      return;
    }
    this.#shaking.delete(key);
    socket.pause();
    this.#options.onSecure(socket, {
      ...link,
      encrypted: true,
      certificateSubject: certificate && distinguishedName(certificate.subject),
    });
  }

  /** Once for each connection, and in the log once in a while for each address: scanners come in floods. */
  #failed(key: string, reason: string): void {
    const link = this.#shaking.get(key);
    if (link === undefined) return;
    this.#shaking.delete(key);
    if (!this.#told.isDue(link.ip)) return;
    this.#options.log.warn({ address: link.address, reason }, 'TLS handshake failed');
    this.#options.onFailed(link, `TLS handshake: ${reason}`);
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? 0}`;
}
