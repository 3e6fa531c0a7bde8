import { describe, expect, it } from 'vitest';
import type { DestinationRow, LiveBatch, Overview } from '../../broker/control/api.ts';
import { LiveModel } from '../../renderer/client/live-model.ts';

const begin = 1_700_000_000_000;

function row(name: string, enqueued: number, dequeued = 0): DestinationRow {
  const zero = { ready: 0, inFlight: 0, delayed: 0, dead: 0, expired: 0, consumers: 0 };
  return { id: `mq:${name}`, world: 'mq', kind: 'queue', name, ...zero, enqueued, dequeued };
}

function overview(received: number, startedAt = begin): Overview {
  return {
    version: '1',
    role: 'active',
    epoch: 1,
    startedAt,
    dataDirectory: '/',
    listeners: {},
    scheduled: 0,
    memory: { residentBytes: 0, messageBytes: 0, messageLimitBytes: 0 },
    store: { bytes: 0, commits: received, lastCommitMs: 0 },
    totals: { received, delivered: 0, bridged: 0 },
  };
}

function batch(ms: number, fields: Partial<LiveBatch> = {}): LiveBatch {
  const empty = { removedDestinations: [], clients: [], removedClients: [], routes: [], removedRoutes: [] };
  return { at: begin + ms, overview: overview(0), destinations: [], ...empty, snapshot: false, ...fields };
}

describe('the live model', () => {
  it('takes rates over the time between the batches, not over when they came', () => {
    const model = new LiveModel();
    model.apply(batch(0, { snapshot: true, destinations: [row('orders', 100, 50)] }));
    model.apply(batch(700, { destinations: [row('orders', 170, 50)] }));
    expect(model.destinations.get('mq:orders')?.inRate).toBe(0);
    model.apply(batch(1250, { destinations: [row('orders', 350, 75)] }));
    expect(model.destinations.get('mq:orders')).toMatchObject({ inRate: 200, outRate: 20 });
  });

  it('lets a rate fall to nothing when its row no longer changes', () => {
    const model = new LiveModel();
    model.apply(batch(0, { snapshot: true, destinations: [row('orders', 0)] }));
    model.apply(batch(1000, { destinations: [row('orders', 10)] }));
    expect(model.destinations.get('mq:orders')?.inRate).toBe(10);
    model.apply(batch(3000));
    expect(model.destinations.get('mq:orders')?.inRate).toBe(0);
  });

  it('does not take the first sight of a row, or counts that begin anew, for traffic', () => {
    const model = new LiveModel();
    model.apply(batch(0, { snapshot: true, destinations: [row('orders', 1_000_000)] }));
    model.apply(batch(1000, { destinations: [row('late', 5_000)] }));
    expect(model.destinations.get('mq:orders')?.inRate).toBe(0);
    expect(model.destinations.get('mq:late')?.inRate).toBe(0);
    model.apply(batch(2000, { destinations: [row('orders', 3)] }));
    expect(model.destinations.get('mq:orders')?.inRate).toBe(0);
  });

  it('keeps rows that are sorted by where they are for two seconds, and draws them with the newest figures', () => {
    const model = new LiveModel();
    model.apply(batch(0, { snapshot: true, destinations: [row('b', 0), row('a', 0)] }));
    const { settled } = model.destinations;
    expect(settled.map((rated) => rated.row.name)).toEqual(['a', 'b']);
    model.apply(batch(1000, { destinations: [row('a', 7)] }));
    expect(model.destinations.settled).toBe(settled);
    expect(model.destinations.get('mq:a')?.row.enqueued).toBe(7);
    model.apply(batch(2000, { destinations: [row('a', 8)] }));
    expect(model.destinations.settled).not.toBe(settled);
    expect(model.destinations.settled[0]?.row.enqueued).toBe(8);
  });

  it('finds places for new rows at once, and forgets removed ones', () => {
    const model = new LiveModel();
    model.apply(batch(0, { snapshot: true, destinations: [row('queue10', 0), row('queue9', 0)] }));
    model.apply(batch(100, { destinations: [row('queue1', 0)], removedDestinations: ['mq:queue9'] }));
    expect(model.destinations.settled.map((rated) => rated.row.name)).toEqual(['queue1', 'queue10']);
    expect(model.destinations.get('mq:queue9')).toBeUndefined();
  });

  it('keeps a row that was removed and made anew in one batch', () => {
    const model = new LiveModel();
    model.apply(batch(0, { snapshot: true, destinations: [row('a', 5)] }));
    model.apply(batch(100, { destinations: [row('a', 1)], removedDestinations: ['mq:a'] }));
    expect(model.destinations.get('mq:a')?.row.enqueued).toBe(1);
  });

  it('replaces all it holds by the snapshot of another engine, and shows the change as a gap', () => {
    const model = new LiveModel();
    model.apply(batch(0, { snapshot: true, destinations: [row('old', 0)], overview: overview(100) }));
    model.apply(batch(1000, { overview: overview(150) }));
    model.apply(
      batch(2000, { snapshot: true, destinations: [row('new', 0)], overview: overview(5_000, begin + 1500) }),
    );
    model.apply(batch(3000, { overview: overview(5_010, begin + 1500) }));
    expect(model.destinations.settled.map((rated) => rated.row.name)).toEqual(['new']);
    expect(model.history.columns().received).toEqual([50, null, 10]);
  });
});
