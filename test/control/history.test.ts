import { expect, it } from 'vitest';
import { HistoryRecorder } from '../../broker/control/history.ts';
import { ManualClock } from '../support/manual-clock.ts';

it('keeps the totals of the last five minutes, one sample a second', () => {
  const clock = new ManualClock();
  const begin = clock.now();
  let received = 0;
  const history = new HistoryRecorder(() => ({ received: received++, delivered: 0, bridged: 0 }), clock);
  history.start();
  clock.turn(10_000);
  expect(history.read().samples).toHaveLength(11);
  expect(history.read().samples.at(-1)).toEqual({ at: begin + 10_000, received: 10, delivered: 0, bridged: 0 });
  clock.turn(3_600_000);
  const { samples } = history.read();
  expect(samples).toHaveLength(301);
  expect(samples.at(-1)!.at - samples[0]!.at).toBe(300_000);
  history.close();
  clock.turn(5_000);
  expect(history.read().samples.at(-1)).toEqual(samples.at(-1));
});
