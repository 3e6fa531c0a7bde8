// TLS for those connections of the cloud endpoint that begin with it, HTTP/2 or HTTP/1.1 by ALPN (RFC 7301). TLS 1.2 and
// newer, as the certificates say.

import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { SecureContextOptions, Server, TLSSocket } from 'node:tls';

/** What a server shows; it may change while the server runs. */
export interface ServerCertificates {
  readonly context: SecureContextOptions;
  onReload(take: (context: SecureContextOptions) => void): void;
}

export interface TlsOptions {
  readonly certificates: ServerCertificates;
  readonly handshakeMs: number;
  readonly onSecure: (socket: TLSSocket, raw: Socket) => void;
}

export class Tls {
  /** Never listens: it is handed sockets. */
  readonly #server: Server;
  /** By address and port of the far end, which both sides of TLS know. */
  readonly #shaking = new Map<string, Socket>();

  constructor({ certificates, handshakeMs, onSecure }: TlsOptions) {
    this.#server = createServer({
      ...certificates.context,
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: handshakeMs,
    });
    certificates.onReload((context) => this.#server.setSecureContext(context));
    this.#server.on('secureConnection', (socket) => {
      const raw = this.#shaking.get(keyOf(socket));
      if (raw === undefined) socket.destroy();
      else onSecure(socket, raw);
    });
    // A handshake that fails ends the connection; scanners and clients without trust are no matter for the log.
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  accept(socket: Socket): void {
    const key = keyOf(socket);
    this.#shaking.set(key, socket);
    socket.once('close', () => this.#shaking.delete(key));
    this.#server.emit('connection', socket);
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? 0}`;
}
