// A broker over the store in memory, for tests of dialects: real Broker, real queues, commits that can be held back.

import { Broker } from '../../broker/core/broker.ts';
import type { BrokerOptions } from '../../broker/core/broker.ts';
import { Clients } from '../../broker/core/clients.ts';
import { defaultLimits } from '../../broker/core/dialect.ts';
import { openAccess } from '../../broker/core/access.ts';
import type { Peer } from '../../broker/core/access.ts';
import type { Dialect, DialectContext, DialectLimits } from '../../broker/core/dialect.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface TestBroker extends AsyncDisposable {
  readonly broker: Broker;
  readonly store: MemoryStore;
  readonly context: DialectContext;
}

export async function testBroker(
  options: Partial<BrokerOptions> & { readonly limits?: Partial<DialectLimits> } = {},
): Promise<TestBroker> {
  // One that another broker has left is taken up.
  const store = options.store instanceof MemoryStore ? options.store : new MemoryStore();
  const { limits, clock = systemClock, ...brokerOptions } = options;
  const broker = new Broker({
    store,
    clock,
    log: silent,
    memoryLimitBytes: 64 * 1024 * 1024,
    ...brokerOptions,
  });
  await broker.start(() => undefined);
  const context: DialectContext = {
    broker,
    clients: new Clients(() => clock.now()),
    access: openAccess,
    limits: { ...defaultLimits, ...limits },
    clock,
    log: silent,
    version: '1.2.3',
  };
  return {
    broker,
    store,
    context,
    [Symbol.asyncDispose]: async () => {
      broker.close();
      await store.close();
    },
  };
}

/** Listens on a free loopback port and hands every connection to the dialect. */
export async function serve(dialect: Dialect): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const peer: Peer = { address: `${socket.remoteAddress}:${socket.remotePort}`, anonymous: true };
    dialect.accept(socket, peer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      await dialect.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
