// A WebSocket as the stream of bytes that a dialect takes. Where messages begin and end means nothing to what comes in. Neither
// side runs ahead: a dialect that does not read stops the socket, and a write is done when the system took its bytes.

import { isUtf8 } from 'node:buffer';
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { StompFrames } from './stomp-frames.ts';
import type { Subprotocol } from './subprotocols.ts';

/** Close codes (RFC 6455, 7.4.1). */
const normalClosure = 1000;
const unsupportedData = 1003;

export function webSocketStream(socket: WebSocket, messages: Subprotocol['messages']): Duplex {
  const frames = messages === 'frames' ? new StompFrames() : undefined;

  const send = (chunk: Buffer, done: (error?: Error | null) => void): void => {
    const out = frames === undefined ? [chunk] : frames.push(chunk);
    const last = out.length - 1;
    if (last < 0) return done();
    for (const [i, message] of out.entries()) {
      const options = { binary: frames === undefined || !isUtf8(message) };
      if (i === last) socket.send(message, options, (error) => done(error));
      else socket.send(message, options);
    }
  };

  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => send(chunk, done),
    writev: (chunks, done) => {
      const parts = chunks.map(({ chunk }: { readonly chunk: Buffer }) => chunk);
      const [only] = parts;
      send(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts), done);
    },
    final: (done) => {
      if (socket.readyState === socket.CLOSED) return done();
      socket.once('close', () => done());
      socket.close(normalClosure);
    },
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });

  socket.on('message', (data, isBinary) => {
    // What came before the fault is still handled; nothing after it is.
    if (stream.readableEnded || stream.destroyed || socket.readyState !== socket.OPEN) return;
    if (!isBinary && messages === 'binary') {
      // "If any other type of data frame is received the recipient MUST close the Network Connection" [MQTT-6.0.0-1].
      socket.close(unsupportedData, 'only binary messages are taken');
      return;
    }
    if (Buffer.isBuffer(data) && !stream.push(data)) socket.pause();
  });
  socket.once('close', () => {
    if (!stream.readableEnded && !stream.destroyed) stream.push(null);
  });
  socket.on('error', (error) => stream.destroy(error));
  return stream;
}
