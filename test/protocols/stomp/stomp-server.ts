// The dialect over the broker in memory, on a free port: what tests of STOMP start with.

import type { Duplex } from 'node:stream';
import { Dialect } from '../../../broker/protocols/stomp/dialect.ts';
import { serve, testBroker } from '../../support/broker.ts';
import type { TestBroker } from '../../support/broker.ts';

export interface StompServer extends AsyncDisposable, Pick<TestBroker, 'broker' | 'store' | 'context'> {
  readonly port: number;
  /** Hands it a connection that did not come over the network. */
  accept(socket: Duplex): void;
}

export async function stompServer(
  options: Parameters<typeof testBroker>[0] & { readonly access?: TestBroker['context']['access'] } = {},
): Promise<StompServer> {
  const { access, ...brokerOptions } = options;
  const { broker, store, context, ...rest } = await testBroker(brokerOptions);
  const { log = context.log } = options;
  const dialect = new Dialect({ ...context, access: access ?? context.access, log });
  const server = await serve(dialect);
  return {
    broker,
    store,
    context,
    port: server.port,
    accept: (socket) => dialect.accept(socket, { address: 'here', anonymous: true }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rest[Symbol.asyncDispose]();
    },
  };
}
