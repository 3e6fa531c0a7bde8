// MQTT 5.0, 3.1.1, and 3.1 where it differs in little: OASIS Standards "MQTT Version 5.0" and "MQTT Version 3.1.1", whose clause
// numbers stand beside the code that obeys them. What carries the bytes (TCP, TLS, WebSocket) is the listener's.

import type { Duplex } from 'node:stream';
import type { Peer } from '../../core/access.ts';
import type { Dialect as DialectContract, DialectContext } from '../../core/dialect.ts';
import { Connection } from './connection.ts';
import { FlushTurn } from './flush-turn.ts';
import type { Hub, MqttOptions } from './hub.ts';
import { reason } from './codec/reason.ts';
import { Sessions } from './sessions.ts';
import { newTraffic, Statistics } from './statistics.ts';
import { TopicNames } from './topic-names.ts';
import { Wills } from './will.ts';

const defaultOptions: MqttOptions = {
  maxInFlight: 100,
  receiveMaximum: 1000,
  topicAliasMaximum: 64,
  maxKeepAliveSeconds: 60,
  maxSessionExpirySeconds: Infinity,
  statisticsMs: 10_000,
  serverName: 'causeway',
};

/** How long connections have to end when the engine closes. */
const closeMs = 1000;

export class Dialect implements DialectContract {
  readonly name = 'mqtt';
  readonly #hub: Hub;
  readonly #connections = new Set<Connection>();
  #closing: Promise<void> | undefined;

  constructor(context: DialectContext, options: Partial<MqttOptions> = {}) {
    this.#hub = makeHub(context, { ...defaultOptions, ...options });
  }

  /** @throws BrokerError as Store.write does. */
  async start(): Promise<void> {
    await this.#hub.sessions.restore();
    await this.#hub.wills.restore();
    this.#hub.statistics.start();
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
    this.#hub.statistics.close();
    const ended = [...this.#connections].map((connection) => {
      connection.end('the engine is stopping', reason.shuttingDown);
      return connection.ended;
    });
    const late = Promise.withResolvers<void>();
    const timer = this.#hub.context.clock.after(closeMs, late.resolve);
    const inOrder = Promise.all(ended).then(() => this.#hub.sessions.close());
    await Promise.race([inOrder, late.promise]);
    timer.cancel();
    this.#hub.wills.close();
  }
}

function makeHub(context: DialectContext, options: MqttOptions): Hub {
  const { broker, clock } = context;
  let lastMessage = 0;
  // These need the hub themselves, once they are asked for something.
  const hub: Hub = {
    context: { ...context, log: context.log.child({ component: 'mqtt' }) },
    options,
    sessions: new Sessions(broker, clock, options.maxInFlight),
    get wills() {
      return wills;
    },
    get statistics() {
      return statistics;
    },
    topics: new TopicNames(),
    flushes: new FlushTurn(),
    traffic: newTraffic(),
    owners: new Map(),
    nextMessageId: () => `ID:mqtt-${broker.store.epoch}-${++lastMessage}`,
  };
  const wills = new Wills(hub);
  const statistics = new Statistics(hub);
  return hub;
}
