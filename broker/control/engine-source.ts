// The engine as the live feed reads it: rows made afresh at each tick, and figures of the store that are asked for
// once a second, because they come from its thread.

import type { ConnectedClient } from '../core/clients.ts';
import type { StoreStats } from '../core/store.ts';
import type { Clock } from '../util/clock.ts';
import type { ClientRow, DestinationRow, Overview } from './api.ts';
import type { RouteRow } from './api-routes.ts';
import type { ConsoleEngine, ConsoleRoute } from './console-engine.ts';
import { destinationRows } from './destination-rows.ts';
import type { LiveSource } from './live.ts';

const storeFiguresMs = 1_000;

export class EngineSource implements LiveSource {
  readonly #engine: ConsoleEngine;
  readonly #clock: Clock;
  /** What routes had carried before this engine started: their counts outlive engines, totals do not. */
  readonly #bridgedBefore: number;
  #store: StoreStats = { bytes: 0, usedBytes: 0, spilledBytes: 0, commits: 0, lastCommitMs: 0 };
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(engine: ConsoleEngine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#bridgedBefore = transferred(engine.routes);
  }

  /** @throws BrokerError `closed`. */
  async refresh(): Promise<void> {
    this.#askedAt = this.#clock.monotonic();
    this.#store = await this.#engine.broker.store.stats();
  }

  overview(): Overview {
    this.#refreshIfOld();
    const { broker, dataDirectory, startedAt, version } = this.#engine;
    const { budget, store } = broker;
    const users = this.#engine.users();
    return {
      version,
      role: 'active', // a standby opens no port
      epoch: store.epoch,
      startedAt,
      dataDirectory,
      listeners: this.#engine.listeners(),
      ...(users === undefined ? {} : { users }),
      scheduled: broker.scheduler.size,
      memory: {
        residentBytes: process.memoryUsage.rss(),
        messageBytes: budget.usedBytes,
        messageLimitBytes: budget.limitBytes,
      },
      store: this.#store,
      totals: this.totals(),
    };
  }

  totals(): Overview['totals'] {
    const { broker, routes } = this.#engine;
    const bridged = transferred(routes) - this.#bridgedBefore;
    return { received: broker.received, delivered: broker.delivered, bridged };
  }

  destinations(): Iterable<DestinationRow> {
    return destinationRows(this.#engine);
  }

  *clients(): Iterable<ClientRow> {
    for (const client of this.#engine.clients) yield clientRow(client);
  }

  *routes(): Iterable<RouteRow> {
    for (const route of this.#engine.routes) yield routeRow(route);
  }

  #refreshIfOld(): void {
    if (this.#clock.monotonic() - this.#askedAt < storeFiguresMs) return;
    // A store that does not answer is told by everything else; its last figures stand.
    this.refresh().catch(() => undefined);
  }
}

export function routeRow(route: ConsoleRoute): RouteRow {
  const { name, from, to, state, error, shadow } = route;
  const compared = shadow?.report()?.counts;
  return {
    name,
    from,
    to,
    state,
    transferred: route.transferred,
    deadLettered: route.deadLettered,
    losses: route.losses(),
    ...(error === undefined ? {} : { error }),
    ...(shadow === undefined ? {} : { mode: shadow.mode, behind: shadow.behind, droppedCopies: shadow.dropped }),
    ...(compared === undefined ? {} : { compared }),
  };
}

function clientRow({ id, protocol, clientId, user, address, connectedAt, messagesIn, messagesOut }: ConnectedClient) {
  return {
    id,
    protocol,
    address,
    connectedAt,
    messagesIn,
    messagesOut,
    ...(clientId === undefined ? {} : { clientId }),
    ...(user === undefined ? {} : { user }),
  };
}

function transferred(routes: readonly ConsoleRoute[]): number {
  return routes.reduce((sum, route) => sum + route.transferred, 0);
}
