// npm run test:crash: the crash test at length, and its report. --rounds N (200), --seed N (any).

import { parseArgs } from 'node:util';
import { crashRun, isSound } from './crash-run.ts';
import type { CrashReport } from './crash-run.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } });
const rounds = Number(values.rounds ?? 200);
const seed = Number(values.seed ?? Date.now() % 1_000_000);

for (const consuming of [false, true]) {
  const what = consuming ? 'SQS workers at work' : 'SQS drained at the end';
  print(`${rounds} kills, ${what}: --seed ${seed}`);
  const startedAt = performance.now();
  const report = await crashRun({ rounds, seed, consuming, onRound: showRound });
  print(`${describe(report)}, ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  if (isSound(report, consuming)) continue;
  print(JSON.stringify(report, undefined, 2));
  process.exitCode = 1;
}

function showRound(round: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${round} of ${rounds}\r`);
}

function describe(report: CrashReport): string {
  const { acknowledged, unacknowledged } = report;
  const total = [...acknowledged.values()].reduce((sum, count) => sum + count, 0);
  const each = Array.from(acknowledged, ([protocol, count]) => `${protocol} ${count}`).join(', ');
  return [
    `${report.rounds} kills (${report.killedWhileStarting} while starting)`,
    `${total} messages acknowledged (${each})`,
    `${report.delivered} of them received and deleted`,
    `lost ${report.lost.length}`,
    `duplicated ${report.duplicated.length}`,
    `back after deletion ${report.resurrected.length}`,
    `foreign ${report.foreign.length}`,
    `torn transactions ${report.torn.length}`,
    `missing or doubled in the durable subscription ${report.uncopied.length}`,
    `received more than once ${report.repeated.length}`,
    `unacknowledged: ${unacknowledged.present} there, ${unacknowledged.absent} not`,
  ].join(', ');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
