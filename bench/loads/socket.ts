// Connections of load processes: loopback, no delay, and an end that nobody asked for is an error.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export async function connected(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  socket.on('close', () => {
    throw new Error('the connection was closed by its peer');
  });
  return socket;
}

/** The next bytes that arrive: for the few answers of a handshake, which come alone. */
export async function nextBytes(socket: Socket): Promise<Buffer> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk;
}

/** Joins what was left of the chunk before to the next one. */
export class Remainder {
  #bytes: Buffer | undefined;

  join(chunk: Buffer): Buffer {
    return this.#bytes === undefined ? chunk : Buffer.concat([this.#bytes, chunk]);
  }

  keep(bytes: Buffer): void {
    this.#bytes = bytes.length === 0 ? undefined : bytes;
  }
}
