import { describe, expect, it } from 'vitest';
import type { DestinationRow, LiveBatch } from '../../broker/control/api.ts';
import { LiveFeed } from '../../broker/control/live.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { FakeEngine } from '../support/fake-engine.ts';

/** A page on a wire that takes nothing while `stalled`. */
class Sink {
  readonly batches: LiveBatch[] = [];
  stalled = false;
  bufferedBytes = 0;

  send(text: string): void {
    if (this.stalled) this.bufferedBytes += text.length;
    this.batches.push(JSON.parse(text) as LiveBatch);
  }

  drain(): void {
    this.stalled = false;
    this.bufferedBytes = 0;
  }

  /** What a page that got these batches holds. */
  destinations(): Map<string, DestinationRow> {
    const rows = new Map<string, DestinationRow>();
    for (const { snapshot, removedDestinations, destinations } of this.batches) {
      if (snapshot) rows.clear();
      for (const id of removedDestinations) rows.delete(id);
      for (const row of destinations) rows.set(row.id, row);
    }
    return rows;
  }
}

function start(options: { extraDestinations?: number } = {}) {
  const clock = new ManualClock();
  const engine = new FakeEngine({ now: clock.now(), ...options });
  const feed = new LiveFeed(engine, clock);
  return { clock, engine, feed };
}

function rowsOf(engine: FakeEngine): Map<string, DestinationRow> {
  return new Map(Array.from(engine.destinations(), (row) => [row.id, row]));
}

describe('the live feed', () => {
  it('begins with everything there is', () => {
    const { engine, feed } = start();
    const sink = new Sink();
    feed.attach(sink);
    expect(sink.batches).toHaveLength(1);
    expect(sink.batches[0]).toMatchObject({ snapshot: true, overview: { role: 'active' } });
    expect(sink.destinations()).toEqual(rowsOf(engine));
    expect(sink.batches[0]?.clients).toHaveLength([...engine.clients()].length);
    expect(sink.batches[0]?.routes).toHaveLength(5);
  });

  it('sends four batches a second at most, however fast things change', () => {
    const { clock, engine, feed } = start();
    const sink = new Sink();
    feed.attach(sink);
    for (let i = 0; i < 200; i += 1) {
      engine.step(5);
      clock.turn(5);
    }
    expect(sink.batches).toHaveLength(1 + 4);
    expect(sink.destinations()).toEqual(rowsOf(engine));
  });

  it('leaves out what did not change', () => {
    const { clock, engine, feed } = start();
    const sink = new Sink();
    feed.attach(sink);
    clock.turn(250); // the counters of the overview are remembered from the first batch on
    void engine.handlers.purge({ destination: 'mq:queue:shipping.labels' });
    clock.turn(250);
    expect(sink.batches.at(-1)).toMatchObject({ snapshot: false, clients: [], routes: [], removedDestinations: [] });
    expect(sink.batches.at(-1)?.destinations.map(({ id }) => id)).toEqual(['mq:queue:shipping.labels']);
  });

  it('says that it is there every two seconds when nothing changes, and no more often', () => {
    const { clock, feed } = start();
    const sink = new Sink();
    feed.attach(sink);
    clock.turn(250);
    const before = sink.batches.length;
    clock.turn(10_000);
    const quiet = sink.batches.slice(before);
    expect(quiet).toHaveLength(5);
    expect(quiet.every(({ destinations, routes }) => destinations.length + routes.length === 0)).toBe(true);
  });

  it('tells of destinations that went', () => {
    const { clock, engine, feed } = start();
    const sink = new Sink();
    feed.attach(sink);
    engine.removeDestination('mq:queue:orders');
    clock.turn(250);
    expect(sink.batches.at(-1)?.removedDestinations).toEqual(['mq:queue:orders']);
    expect(sink.destinations()).toEqual(rowsOf(engine));
  });

  it('sends a page that reads slowly the newest state when it has read the last one, never a backlog', () => {
    const { clock, engine, feed } = start();
    const slow = new Sink();
    const quick = new Sink();
    feed.attach(slow);
    feed.attach(quick);
    slow.stalled = true;
    for (let i = 0; i < 40; i += 1) {
      engine.step(250);
      if (i === 20) engine.removeDestination('mq:queue:orders');
      clock.turn(250);
    }
    expect(slow.batches).toHaveLength(2); // the snapshot, and the one that it does not read
    slow.drain();
    clock.turn(250);
    expect(slow.batches).toHaveLength(3);
    expect(slow.batches.at(-1)?.snapshot).toBe(false);
    expect(slow.destinations()).toEqual(quick.destinations());
    expect(slow.destinations()).toEqual(rowsOf(engine));
  });

  it('sends everything anew to a page that missed more removals than are remembered', () => {
    const { clock, engine, feed } = start({ extraDestinations: 10_001 });
    const sink = new Sink();
    feed.attach(sink);
    sink.stalled = true;
    engine.step(250);
    clock.turn(250);
    for (const { id, name } of Array.from(engine.destinations())) {
      if (name.startsWith('tenant-')) engine.removeDestination(id);
    }
    clock.turn(250);
    engine.removeDestination('mq:queue:orders');
    clock.turn(250);
    sink.drain();
    clock.turn(250);
    expect(sink.batches.at(-1)?.snapshot).toBe(true);
    expect(sink.destinations()).toEqual(rowsOf(engine));
  });

  it('reads nothing while no page is open', () => {
    const { clock, engine, feed } = start();
    let reads = 0;
    const counted = new LiveFeed(
      {
        overview: () => engine.overview(),
        clients: () => engine.clients(),
        routes: () => engine.routes(),
        destinations: () => {
          reads += 1;
          return engine.destinations();
        },
      },
      clock,
    );
    const sink = new Sink();
    counted.attach(sink);
    clock.turn(1000);
    counted.detach(sink);
    const before = reads;
    clock.turn(60_000);
    expect(reads).toBe(before);
    expect(before).toBe(5);
    feed.close();
  });

  it('gives a second page a snapshot that later batches continue', () => {
    const { clock, engine, feed } = start();
    const first = new Sink();
    feed.attach(first);
    engine.step(250);
    clock.turn(250);
    engine.step(100);
    const second = new Sink();
    feed.attach(second);
    engine.step(150);
    clock.turn(250);
    expect(second.destinations()).toEqual(rowsOf(engine));
    expect(second.destinations()).toEqual(first.destinations());
  });
});
