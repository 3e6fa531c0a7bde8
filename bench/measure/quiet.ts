// A machine that does something else gives figures of something else: a measurement waits until it is idle, and one
// that was disturbed is thrown away. What decides is the time that others had, never the figure.

import { setTimeout as delay } from 'node:timers/promises';
import { now } from './clock.ts';
import { machineCpuSeconds } from './processes.ts';
import type { Usage } from './usage.ts';

/** Processors that others may use: more, and a measurement is disturbed. */
const tolerated = 0.15;
const lookMs = 500;
/** As often as this, a disturbed measurement is made again. */
const repeats = 3;

/** Resolves once others leave the machine alone; false: they did not for so long. */
export async function quiet(patienceMs: number): Promise<boolean> {
  const deadline = now() + patienceMs;
  for (;;) {
    const before = machineCpuSeconds();
    const from = now();
    await delay(lookMs);
    if ((machineCpuSeconds() - before) / ((now() - from) / 1000) < tolerated) return true;
    if (now() > deadline) return false;
  }
}

export function isDisturbed({ others }: Usage): boolean {
  return others > tolerated;
}

/** Measures until nobody disturbs it, a few times at most; the last result counts as it is. */
export async function undisturbed<Result>(
  patienceMs: number,
  measure: () => Promise<Result>,
  usageOf: (result: Result) => Usage,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    await quiet(patienceMs);
    const result = await measure();
    if (attempt === repeats || !isDisturbed(usageOf(result))) return result;
  }
}
