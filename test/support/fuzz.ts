// Fuzz tests: rounds of cases, each from a seed of its own and against an engine of its own, so that what an engine rightly
// keeps of one round is not there in the next. `npm test` plays one round of a fixed seed, `npm run fuzz` many, and is told
// of each.

import { appendFileSync } from 'node:fs';
import { test } from 'vitest';

export interface Round {
  readonly cases: number;
  readonly seed: number;
}

export interface Usual extends Round {
  /** Milliseconds that a round may take. */
  readonly timeout?: number;
  /** Rounds at most, where one takes long. */
  readonly mostRounds?: number;
}

/** What is said of a round that passed. */
export interface Played extends Round {
  /** Of the file and the test. */
  readonly name: string;
  readonly seconds: number;
  /** The most that the process of the file had resident so far. */
  readonly peakBytes: number;
}

const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 1);
const given = process.env['FUZZ_SEED'];
const report = process.env['FUZZ_REPORT'];

/** `cases` are those of one round, and are all played; `usual.seed` is that of `npm test`. */
export function fuzzTest(title: string, usual: Usual, play: (round: Round) => void | Promise<void>): void {
  const { cases, timeout = 120_000, mostRounds = Infinity } = usual;
  const first = given === undefined ? usual.seed : Number(given);
  for (let number = 0; number < Math.min(rounds, mostRounds); number++) {
    const round = { cases, seed: first + number };
    test(`${title}: ${cases} cases of seed ${round.seed}`, { timeout }, async ({ task }) => {
      const started = performance.now();
      await play(round);
      if (report === undefined) return;
      const played: Played = {
        ...round,
        name: `${task.file.name.replace(/^test\/|\.test\.ts$/g, '')}: ${title}`,
        seconds: (performance.now() - started) / 1000,
        peakBytes: process.resourceUsage().maxRSS * 1024,
      };
      appendFileSync(report, `${JSON.stringify(played)}\n`);
    });
  }
}
