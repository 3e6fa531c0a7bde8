// MQTT 3.1.1, and 3.1 where it differs in little: OASIS Standard "MQTT Version 3.1.1", whose clause numbers stand beside the
// code that obeys them. MQTT 5 is refused in its own terms. What carries the bytes (TCP, TLS, WebSocket) is the listener's.

import type { Duplex } from 'node:stream';
import type { Peer } from '../../core/access.ts';
import type { Dialect as DialectContract, DialectContext } from '../../core/dialect.ts';
import { Connection } from './connection.ts';
import { FlushTurn } from './flush-turn.ts';
import type { Hub, MqttOptions } from './hub.ts';
import { Sessions } from './sessions.ts';
import { TopicNames } from './topic-names.ts';
import { publishLeftWills } from './will.ts';

export const defaultOptions: MqttOptions = { maxInFlight: 100 };

/** How long connections have to end when the engine closes. */
const closeMs = 1000;

export class Dialect implements DialectContract {
  readonly name = 'mqtt';
  readonly #hub: Hub;
  readonly #connections = new Set<Connection>();
  #closing: Promise<void> | undefined;

  constructor(context: DialectContext, options: MqttOptions = defaultOptions) {
    const { broker } = context;
    const log = context.log.child({ component: 'mqtt' });
    let lastMessage = 0;
    this.#hub = {
      context: { ...context, log },
      options,
      sessions: new Sessions(broker, options.maxInFlight),
      topics: new TopicNames(),
      flushes: new FlushTurn(),
      owners: new Map(),
      nextMessageId: () => `ID:mqtt-${broker.store.epoch}-${++lastMessage}`,
    };
  }

  /** @throws BrokerError as Store.write does. */
  async start(): Promise<void> {
    await this.#hub.sessions.restore();
    await publishLeftWills(this.#hub);
  }

  accept(socket: Duplex, peer: Peer): void {
    if (this.#closing !== undefined) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, peer, this.#hub);
    this.#connections.add(connection);
    const gone = connection.ended.then(() => this.#connections.delete(connection));
    this.#hub.context.broker.background(gone, 'forget an MQTT connection');
    connection.start();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const ended = [...this.#connections].map((connection) => {
      connection.end('the engine is stopping');
      return connection.ended;
    });
    const late = Promise.withResolvers<void>();
    const timer = this.#hub.context.clock.after(closeMs, late.resolve);
    const inOrder = Promise.all(ended).then(() => this.#hub.sessions.close());
    await Promise.race([inOrder, late.promise]);
    timer.cancel();
  }
}
