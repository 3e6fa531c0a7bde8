// A network that fails: TCP to another port, cut after so many bytes, silent, slow, or not there.

import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that were made through it. */
  readonly connections: number;
  /** Ends every connection, at once and without a word. */
  cut(): void;
  /** From here on nothing is passed on, and nothing is said; until `resume`. */
  hang(): void;
  resume(): void;
  /** Each connection from now on ends after so many bytes, both ways together; undefined: never. */
  cutAfter: (() => number) | undefined;
  /** Milliseconds that every chunk takes. */
  delayMs: number;
}

export async function faultProxy(target: number): Promise<FaultProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isHanging = false;
  let connections = 0;
  const server = createServer((near) => {
    connections++;
    const far = connect(target, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    let left = proxy.cutAfter?.() ?? Infinity;
    const end = (): void => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const [from, to] of [pair, [far, near] as const]) {
      let last = Promise.resolve();
      from.on('data', (chunk: Buffer) => {
        const passed = chunk.subarray(0, Math.min(chunk.length, left));
        left -= passed.length;
        const isLast = left === 0;
        const pass = (): void => {
          to.write(passed, () => {
            if (isLast) end();
          });
        };
        const { delayMs } = proxy;
        if (delayMs === 0) pass();
        else last = last.then(() => new Promise((resolve) => setTimeout(() => (pass(), resolve()), delayMs)));
      });
      from.on('error', () => undefined);
      from.on('close', end);
    }
    if (isHanging) for (const socket of pair) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: FaultProxy = {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    cutAfter: undefined,
    delayMs: 0,
    cut: () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
    hang: () => {
      isHanging = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    resume: () => {
      isHanging = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    [Symbol.asyncDispose]: async () => {
      proxy.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
