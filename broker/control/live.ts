// The live feed: what changed, four times a second at most, to every page that is open. While none is, nothing runs.
// Serialises a batch once for all pages that are up to date, whatever their number.

import type { Clock, Timer } from '../util/clock.ts';
import type { ClientRow, DestinationRow, LiveBatch, Overview } from './api.ts';
import type { RouteRow } from './api-routes.ts';
import type { Rows } from './row-changes.ts';
import { RowChanges } from './row-changes.ts';

const intervalMs = 250;
/** A batch is sent after so many quiet ticks, so that silence has a meaning. */
const quietTicks = 8;

/** The state of the engine, read at every tick: each call costs time in proportion to the rows. */
export interface LiveSource {
  overview(): Overview;
  destinations(): Iterable<DestinationRow>;
  clients(): Iterable<ClientRow>;
  routes(): Iterable<RouteRow>;
}

/** A connected page. */
export interface LiveSink {
  /** Bytes handed to `send` that the peer has not yet been sent. */
  readonly bufferedBytes: number;
  send(text: string): void;
}

interface Changes {
  readonly destinations: Rows<DestinationRow>;
  readonly clients: Rows<ClientRow>;
  readonly routes: Rows<RouteRow>;
}

export class LiveFeed {
  readonly #source: LiveSource;
  readonly #clock: Clock;
  readonly #destinations = new RowChanges<DestinationRow>(({ id }) => id);
  readonly #clients = new RowChanges<ClientRow>(({ id }) => id);
  readonly #routes = new RowChanges<RouteRow>(({ name }) => name);
  /** Each page with the tick up to which it has been sent everything. */
  readonly #sinks = new Map<LiveSink, number>();
  #tick = 0;
  #lastSentTick = 0;
  #counters = '';
  #timer: Timer | undefined;

  constructor(source: LiveSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  get size(): number {
    return this.#sinks.size;
  }

  /** Sends a snapshot now, and what changes until the sink is detached. */
  attach(sink: LiveSink): void {
    if (this.#timer === undefined) {
      this.#read();
      this.#schedule();
    }
    this.#sinks.set(sink, this.#tick);
    sink.send(this.#snapshot(this.#source.overview()));
  }

  detach(sink: LiveSink): void {
    this.#sinks.delete(sink);
    if (this.#sinks.size === 0) this.close();
  }

  close(): void {
    this.#sinks.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer = this.#clock.after(intervalMs, () => {
      this.#schedule();
      this.#send();
    });
  }

  #read(): Changes {
    this.#tick += 1;
    return {
      destinations: this.#destinations.update(this.#source.destinations(), this.#tick),
      clients: this.#clients.update(this.#source.clients(), this.#tick),
      routes: this.#routes.update(this.#source.routes(), this.#tick),
    };
  }

  #send(): void {
    const changes = this.#read();
    const overview = this.#source.overview();
    const due = this.#isDue(changes, overview);
    let shared: string | undefined;
    for (const [sink, sentTick] of this.#sinks) {
      // Something of the last batch is still on its way: this page is sent the newest state when it has read that.
      if (sink.bufferedBytes > 0) continue;
      const upToDate = sentTick === this.#tick - 1;
      this.#sinks.set(sink, this.#tick);
      if (!upToDate) sink.send(this.#catchUp(sentTick, overview));
      else if (due) sink.send((shared ??= this.#batch(changes, overview, false)));
    }
  }

  #isDue(changes: Changes, overview: Overview): boolean {
    const { role, epoch, listeners, users, scheduled, totals } = overview;
    const counters = JSON.stringify([role, epoch, listeners, users, scheduled, totals]);
    const { destinations, clients, routes } = changes;
    const changed = counters !== this.#counters || [destinations, clients, routes].some((rows) => !isEmpty(rows));
    this.#counters = counters;
    if (!changed && this.#tick - this.#lastSentTick < quietTicks) return false;
    this.#lastSentTick = this.#tick;
    return true;
  }

  #catchUp(sentTick: number, overview: Overview): string {
    const destinations = this.#destinations.since(sentTick);
    const clients = this.#clients.since(sentTick);
    const routes = this.#routes.since(sentTick);
    if (destinations === undefined || clients === undefined || routes === undefined) return this.#snapshot(overview);
    return this.#batch({ destinations, clients, routes }, overview, false);
  }

  #snapshot(overview: Overview): string {
    const changes = {
      destinations: { changed: this.#destinations.all(), removed: [] },
      clients: { changed: this.#clients.all(), removed: [] },
      routes: { changed: this.#routes.all(), removed: [] },
    };
    return this.#batch(changes, overview, true);
  }

  #batch({ destinations, clients, routes }: Changes, overview: Overview, snapshot: boolean): string {
    const batch: LiveBatch = {
      at: this.#clock.now(),
      overview,
      destinations: destinations.changed,
      removedDestinations: destinations.removed,
      clients: clients.changed,
      removedClients: clients.removed,
      routes: routes.changed,
      removedRoutes: routes.removed,
      snapshot,
    };
    return JSON.stringify(batch);
  }
}

function isEmpty({ changed, removed }: Rows<unknown>): boolean {
  return changed.length === 0 && removed.length === 0;
}
