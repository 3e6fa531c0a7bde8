// Tells HTTP/2 with prior knowledge from HTTP/1.1 by the first bytes of a connection (RFC 9113, section 3.4), so that
// one port serves both.

import type { Socket } from 'node:net';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Calls back once it is known which it is, with the socket as if nothing had been read; never, if it closes before. */
export function sniff(socket: Socket, onHttp1: () => void, onHttp2: () => void): void {
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
    if (isHttp2) onHttp2();
    else onHttp1();
  };
  socket.on('readable', look);
}
