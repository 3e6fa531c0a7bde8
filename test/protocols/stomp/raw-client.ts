// A client for tests of the wire: sends bytes as they are, and gives what the server sends frame by frame. Reading is
// by the codec, which wire.test.ts holds to the specification.

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Frame } from '../../../broker/protocols/stomp/wire/frame.ts';
import { Parser } from '../../../broker/protocols/stomp/wire/parser.ts';
import { versions } from '../../../broker/protocols/stomp/wire/version.ts';

export class RawClient implements AsyncDisposable {
  readonly socket: Socket;
  /** Line feeds between frames are counted, not parsed away. */
  bytesReceived = 0;
  readonly closed: Promise<void>;
  readonly #parser = new Parser();
  readonly #frames: Frame[] = [];
  #waiting: { resolve: (frame: Frame) => void; reject: (error: Error) => void } | undefined;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.bytesReceived += chunk.length;
      this.#parser.push(chunk);
      this.#read();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        this.#waiting?.reject(new Error('the connection was closed'));
        resolve();
      });
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  /** Connected in a version, with further headers for CONNECT. */
  static async connected(port: number, version = '1.2', headers = ''): Promise<RawClient> {
    const client = await RawClient.open(port);
    client.send(`CONNECT\naccept-version:${version}\nhost:test\n${headers}\n\0`);
    const frame = await client.frame();
    if (frame.command !== 'CONNECTED') throw new Error(`${frame.command}: ${frame.headers.get('message')}`);
    return client;
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** The next frame that the server sends. Rejects if the connection closes without one. */
  frame(): Promise<Frame> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    if (this.#isClosed) return Promise.reject(new Error('the connection was closed'));
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  async frames(count: number): Promise<Frame[]> {
    const frames: Frame[] = [];
    while (frames.length < count) frames.push(await this.frame());
    return frames;
  }

  /** Frames that have come and were not asked for. */
  get pending(): readonly Frame[] {
    return this.#frames;
  }

  /** Sends a frame that changes nothing, and waits for its receipt: all before it was handled and answered. */
  async settled(): Promise<Frame[]> {
    const name = `barrier-${Math.random()}`;
    this.send(`BEGIN\ntransaction:${name}\n\n\0ABORT\ntransaction:${name}\nreceipt:${name}\n\n\0`);
    const before: Frame[] = [];
    for (;;) {
      const frame = await this.frame();
      if (frame.command === 'RECEIPT' && frame.headers.get('receipt-id') === name) return before;
      before.push(frame);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #read(): void {
    for (let frame = this.#parser.next(); frame; frame = this.#parser.next()) {
      const version = versions.find((known) => known === frame?.headers.get('version'));
      if (frame.command === 'CONNECTED') this.#parser.accept(version ?? '1.0');
      if (this.#waiting === undefined) {
        this.#frames.push(frame);
        continue;
      }
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      resolve(frame);
    }
  }
}
