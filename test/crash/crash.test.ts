// The engine, killed with -9 under load from all three protocols (transactions, QoS 2, delayed
// and grouped messages, a durable subscription among it), ten times over; test:crash does the same at length.
// And proof that the check bites: stores that acknowledge too early, or settle apart from the write, make it fail.

import { describe, expect, it } from 'vitest';
import { crashRun } from './crash-run.ts';
import type { CrashReport } from './crash-run.ts';

const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
process.stdout.write(`crash tests: CRASH_SEED=${seed}\n`);

const allIsWell = { lost: [], duplicated: [], resurrected: [], foreign: [], torn: [], uncopied: [] };
const perRound = 500;
const timeout = 120_000;

describe('an engine that is killed under load', { timeout }, () => {
  it('has every acknowledged message in SQS exactly once', async () => {
    const report = await crashRun({ rounds: 10, seed, perRound });
    expect(report).toMatchObject({ ...allIsWell, repeated: [] });
    expectLoad(report);
  });

  it('never gives back what an SQS worker deleted', async () => {
    const report = await crashRun({ rounds: 5, seed: seed + 1, perRound, consuming: true });
    expect(report).toMatchObject(allIsWell);
    expectLoad(report);
  });
});

describe('the crash test finds', { timeout }, () => {
  const brokenStores = {
    early: new URL('broken-stores/acknowledge-early.ts', import.meta.url),
    apart: new URL('broken-stores/settle-apart.ts', import.meta.url),
  };

  it('messages that were acknowledged before they were stored', async () => {
    const { lost } = await crashRun({ rounds: 3, perRound, seed: 1, preload: brokenStores.early });
    expect(lost).not.toEqual([]);
  });

  it('deletions that were answered before they were stored', async () => {
    const { resurrected } = await crashRun({
      rounds: 3,
      perRound,
      seed: 1,
      preload: brokenStores.early,
      consuming: true,
    });
    expect(resurrected).not.toEqual([]);
  });

  it('messages that crossed a route in one transaction and left it in another', async () => {
    const { duplicated } = await crashRun({ rounds: 3, perRound, seed: 1, preload: brokenStores.apart });
    expect(duplicated).not.toEqual([]);
  });
});

/** A run in which little was sent proves little. */
function expectLoad({ acknowledged }: CrashReport): void {
  for (const producer of ['stomp', 'delayed', 'transaction', 'mqtt', 'mqtt2', 'amqp']) {
    expect(acknowledged.get(producer), producer).toBeGreaterThan(10);
  }
}
