// The dialect over the broker in memory, on a free port: what tests of MQTT start with. Given the store of an earlier one, it
// is the engine that starts after it.

import type { Duplex } from 'node:stream';
import type { DialectContext } from '../../../broker/core/dialect.ts';
import { Dialect } from '../../../broker/protocols/mqtt/dialect.ts';
import { serve, testBroker } from '../../support/broker.ts';
import type { TestBroker } from '../../support/broker.ts';
import { CrashStore } from './crash-store.ts';

export interface MqttServer extends AsyncDisposable, Pick<TestBroker, 'broker' | 'context'> {
  readonly store: CrashStore;
  readonly port: number;
  /** Hands it a connection that did not come over the network. */
  accept(socket: Duplex): void;
  /** Kills the engine: what is not in the store now is lost. */
  crash(): Promise<void>;
}

export async function mqttServer(
  options: Omit<NonNullable<Parameters<typeof testBroker>[0]>, 'store'> & {
    readonly store?: CrashStore;
    readonly access?: DialectContext['access'];
    readonly options?: ConstructorParameters<typeof Dialect>[1];
    readonly maxInFlight?: number;
  } = {},
): Promise<MqttServer> {
  const { access, maxInFlight = 100, options: chosen, store: given, ...brokerOptions } = options;
  const store = given?.restarted() ?? new CrashStore();
  const test = await testBroker({ ...brokerOptions, store });
  const { log = test.context.log } = options;
  const context = { ...test.context, access: access ?? test.context.access, log };
  const dialect = new Dialect(context, { maxInFlight, statisticsMs: 0, ...chosen });
  await dialect.start();
  let crashed = false;
  const server = await serve({
    name: dialect.name,
    accept: (socket, peer) => dialect.accept(socket, peer),
    close: async () => {
      if (!crashed) await dialect.close();
    },
  });
  return {
    broker: test.broker,
    store,
    context,
    port: server.port,
    accept: (socket) => dialect.accept(socket, { address: 'here', anonymous: true }),
    crash: async () => {
      crashed = true;
      store.crash();
      await server[Symbol.asyncDispose]();
      test.broker.close();
    },
    [Symbol.asyncDispose]: async () => {
      store.resume();
      await server[Symbol.asyncDispose]();
      await test[Symbol.asyncDispose]();
    },
  };
}
