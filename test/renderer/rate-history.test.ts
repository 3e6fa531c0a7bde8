import { describe, expect, it } from 'vitest';
import { RateHistory } from '../../renderer/client/rate-history.ts';

const begin = 1_700_000_000_000;

function sample(second: number, received: number) {
  return { at: begin + second * 1000, received, delivered: received / 2, bridged: 0 };
}

describe('the history of rates', () => {
  it('is the difference of totals over the time between them', () => {
    const history = new RateHistory();
    history.add(sample(0, 100));
    history.add(sample(2, 300));
    expect(history.columns()).toMatchObject({ at: [begin / 1000 + 2], received: [100], delivered: [50] });
    expect(history.latest).toEqual({ received: 100, delivered: 50, bridged: 0 });
  });

  it('has a gap where nothing is known', () => {
    const history = new RateHistory();
    for (const [second, received] of [
      [0, 0],
      [1, 10],
      [9, 90],
      [10, 100],
      [11, 4],
      [12, 8],
    ] as const) {
      history.add(sample(second, received));
    }
    expect(history.columns().received).toEqual([10, null, 10, null, 4]);
  });

  it('has no value while the newest point is a gap', () => {
    const history = new RateHistory();
    history.add(sample(0, 0));
    expect(history.latest).toBeUndefined();
    history.add(sample(1, 10));
    history.add(sample(60, 10));
    expect(history.latest).toBeUndefined();
  });

  it('takes samples that are close together for one', () => {
    const history = new RateHistory();
    history.add(sample(0, 0));
    history.add(sample(0.02, 30));
    history.add(sample(1, 40));
    expect(history.columns().received).toEqual([40]);
  });

  it('replays what the engine remembers, after what the page saw before it', () => {
    const history = new RateHistory();
    history.add(sample(0, 1000));
    history.add(sample(1, 1010));
    history.interrupt();
    history.add(sample(12, 7));
    history.replay([sample(10, 1), sample(11, 4), sample(12, 7)]);
    history.add(sample(13, 10));
    expect(history.columns().received).toEqual([10, null, 3, 3, 3]);
  });

  it('keeps five minutes, however long it goes on and however clocks jump', () => {
    const history = new RateHistory();
    for (let second = 0; second < 2000; second += 1) history.add(sample(second, second));
    expect(history.columns().at).toHaveLength(301);
    for (let second = 0; second < 5000; second += 1) history.add(sample(second % 2 === 0 ? 0 : 100, second));
    expect(history.columns().at.length).toBeLessThanOrEqual(600);
  });
});
