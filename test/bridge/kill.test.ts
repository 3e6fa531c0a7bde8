// The engine, killed with -9 while messages go through every kind of local end, one after the other: each comes out once, in
// the order of its group. test:crash does the same at length. And proof that the check bites.

import { expect, it } from 'vitest';
import { isRoutesSound, routesRun } from '../crash/routes-run.ts';

const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
process.stdout.write(`crash tests of routes: CRASH_SEED=${seed}\n`);

const perRound = 150;
const timeout = 300_000;

it('has each message once, and in order, at the end of its routes', { timeout }, async () => {
  const report = await routesRun({ kills: 10, seed, perRound });
  expect(isRoutesSound(report), JSON.stringify(report)).toBe(true);
  // A run in which little was sent proves little.
  for (const [producer, count] of Object.entries(report.acknowledged)) expect(count, producer).toBeGreaterThan(10);
});

it('finds messages that crossed a route in one transaction and left it in another', { timeout }, async () => {
  const preload = new URL('../crash/broken-stores/settle-apart.ts', import.meta.url);
  const { duplicated } = await routesRun({ kills: 3, seed: 1, perRound, preload });
  expect(duplicated).not.toEqual([]);
});
