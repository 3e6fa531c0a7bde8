// What the page knows of the engine: the live feed's batches put together, with rates. Holds each row once and five
// minutes of totals, whatever the traffic. Knows no DOM; who shows it is told by subscription, four times a second at
// most.

import type { ClientRow, DestinationRow, History, LiveBatch, Overview } from '../../broker/control/api.ts';
import type { RouteRow } from '../../broker/control/api-routes.ts';
import { RatedTable } from './rated-table.ts';
import { RateHistory } from './rate-history.ts';

/** Rates are taken over at least this long. */
const rateMs = 1_000;
/** Every so many rates, rows find their places anew. */
const ratesPerSettling = 2;

const names = new Intl.Collator('en', { numeric: true });

export class LiveModel {
  readonly destinations = new RatedTable<DestinationRow>({
    id: ({ id }) => id,
    countIn: ({ enqueued }) => enqueued,
    countOut: ({ dequeued }) => dequeued,
    compare: (left, right) => names.compare(left.name, right.name) || names.compare(left.id, right.id),
  });
  readonly clients = new RatedTable<ClientRow>({
    id: ({ id }) => id,
    countIn: ({ messagesIn }) => messagesIn,
    countOut: ({ messagesOut }) => messagesOut,
    compare: (left, right) =>
      names.compare(left.clientId ?? '~', right.clientId ?? '~') || names.compare(left.id, right.id),
  });
  readonly routes = new RatedTable<RouteRow>({
    id: ({ name }) => name,
    countIn: ({ transferred }) => transferred,
    countOut: ({ deadLettered }) => deadLettered,
    compare: (left, right) => names.compare(left.name, right.name),
  });
  readonly history = new RateHistory();

  #overview: Overview | undefined;
  #at = 0;
  #ratedAt = 0;
  #rates = 0;
  #commitRate = 0;
  #ratedCommits = 0;

  /** Undefined until the first batch. */
  get overview(): Overview | undefined {
    return this.#overview;
  }

  /** The engine's clock at the last batch. */
  get at(): number {
    return this.#at;
  }

  get commitRate(): number {
    return this.#commitRate;
  }

  apply(batch: LiveBatch): void {
    const { at, overview, snapshot } = batch;
    if (snapshot && overview.startedAt !== this.#overview?.startedAt) this.history.interrupt();
    this.#overview = overview;
    this.#at = at;
    this.destinations.apply(batch.destinations, batch.removedDestinations, snapshot);
    this.clients.apply(batch.clients, batch.removedClients, snapshot);
    this.routes.apply(batch.routes, batch.removedRoutes, snapshot);
    if (snapshot) this.#base();
    else if (at - this.#ratedAt >= rateMs) this.#rate();
  }

  replay({ samples }: History): void {
    this.history.replay(samples);
  }

  #base(): void {
    this.#ratedAt = this.#at;
    this.#ratedCommits = this.#overview?.store.commits ?? 0;
    this.#commitRate = 0;
    this.#sample();
  }

  #rate(): void {
    const seconds = (this.#at - this.#ratedAt) / 1000;
    this.#ratedAt = this.#at;
    for (const table of [this.destinations, this.clients, this.routes]) table.roll(seconds);
    const commits = this.#overview?.store.commits ?? 0;
    this.#commitRate = Math.max(0, commits - this.#ratedCommits) / seconds;
    this.#ratedCommits = commits;
    this.#sample();
    this.#rates += 1;
    if (this.#rates % ratesPerSettling > 0) return;
    for (const table of [this.destinations, this.clients, this.routes]) table.settle();
  }

  #sample(): void {
    if (this.#overview !== undefined) this.history.add({ at: this.#at, ...this.#overview.totals });
  }
}
