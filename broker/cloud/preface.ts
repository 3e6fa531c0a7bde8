// Tells TLS, HTTP/2 with prior knowledge (RFC 9113, section 3.4) and HTTP/1.1 apart by the first bytes of a connection, so that
// one port serves them all.

import type { Socket } from 'node:net';

export type Spoken = 'tls' | 'http2' | 'http1';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** A record of TLS with a handshake in it (RFC 8446, 5.1): no method of HTTP begins with it. */
const handshake = 0x16;

/** Calls back once it is known which it is, with the socket as if nothing had been read; never, if it closes before. */
export function sniff(socket: Socket, found: (spoken: Spoken) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const look = (): void => {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, preface.length);
    const isHttp2 = seen.subarray(0, compared).equals(preface.subarray(0, compared));
    // The beginning of the preface may yet become the method of another request.
    if (isHttp2 && compared < preface.length) return;
    socket.off('readable', look);
    socket.unshift(seen);
    found(isHttp2 ? 'http2' : seen[0] === handshake ? 'tls' : 'http1');
  };
  socket.on('readable', look);
}
