// npm run fuzz: every fuzz test at length, and what was played at the end. --rounds N (100): that many times the cases of
// npm test, which is a million for the parsers and the sessions of each protocol. --seed N (any): of the first round, each
// further one has the next. Names behind that: only files whose paths contain one of them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Played } from './support/fuzz.ts';

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
  allowPositionals: true,
});

const directory = await mkdtemp(join(tmpdir(), 'causeway-fuzz-'));
const report = join(directory, 'played');
process.stdout.write(`fuzz tests: --rounds ${values.rounds} --seed ${values.seed}\n`);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const names = positionals.length === 0 ? ['fuzz'] : positionals;
const child = spawn(process.execPath, [vitest, 'run', ...names, '-t', 'cases of seed'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_ROUNDS: values.rounds, FUZZ_SEED: values.seed, FUZZ_REPORT: report },
});
const [code] = await once(child, 'exit');
const played = await readFile(report, 'utf8').catch(() => '');
await rm(directory, { recursive: true });
summarize(played.split('\n').filter((line) => line !== ''));
process.exitCode = typeof code === 'number' ? code : 1;

function summarize(lines: readonly string[]): void {
  const rows = new Map<string, { rounds: number; cases: number; seconds: number; peakBytes: number }>();
  for (const line of lines) {
    const { name, cases, seconds, peakBytes }: Played = JSON.parse(line);
    const row = rows.get(name) ?? { rounds: 0, cases: 0, seconds: 0, peakBytes: 0 };
    row.rounds++;
    row.cases += cases;
    row.seconds += seconds;
    row.peakBytes = Math.max(row.peakBytes, peakBytes);
    rows.set(name, row);
  }
  process.stdout.write('\npassed:     cases  rounds  seconds  peak MiB\n');
  for (const [name, { rounds, cases, seconds, peakBytes }] of [...rows].toSorted(([a], [b]) => a.localeCompare(b))) {
    const figures = [
      String(cases).padStart(17),
      String(rounds).padStart(8),
      seconds.toFixed(0).padStart(9),
      (peakBytes / 2 ** 20).toFixed(0).padStart(10),
    ];
    process.stdout.write(`${figures.join('')}  ${name}\n`);
  }
}
