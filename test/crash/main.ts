// npm run test:crash: the crash test at length, and its report. --rounds N (200), --seed N (any). With --routes N, instead: so
// many kills over routes between every kind of local end.

import { parseArgs } from 'node:util';
import { crashRun, isSound } from './crash-run.ts';
import type { CrashReport } from './crash-run.ts';
import { isRoutesSound, routesRun } from './routes-run.ts';
import type { RoutesReport } from './routes-run.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string' }, seed: { type: 'string' }, routes: { type: 'string' } },
});
const rounds = Number(values.routes ?? values.rounds ?? 200);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const perRoundOfRoutes = 1000;
/** Of the messages with which something is wrong. */
const mostShown = 50;

if (values.routes === undefined) {
  for (const consuming of [false, true]) {
    const report = await timed(consuming ? 'SQS workers at work' : 'SQS drained at the end', describe, () =>
      crashRun({ rounds, seed, consuming, onRound: showRound }),
    );
    if (!isSound(report, consuming)) fail(report);
  }
} else {
  const report = await timed('routes between every kind of local end', describeRoutes, () =>
    routesRun({ kills: rounds, seed, perRound: perRoundOfRoutes, onKill: showRound }),
  );
  if (!isRoutesSound(report)) fail(report);
}

async function timed<Report>(
  what: string,
  describeReport: (report: Report) => string,
  run: () => Promise<Report>,
): Promise<Report> {
  print(`${rounds} kills, ${what}: --seed ${seed}`);
  const startedAt = performance.now();
  const report = await run();
  print(`${describeReport(report)}, ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  return report;
}

function fail(report: object): void {
  const cut = (_: string, value: unknown): unknown => (Array.isArray(value) ? value.slice(0, mostShown) : value);
  print(JSON.stringify(report, cut, 2));
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

function describeRoutes(report: RoutesReport): string {
  const each = Object.entries(report.acknowledged);
  return [
    `${report.kills} kills (${report.killedWhileStarting} while starting)`,
    `${each.reduce((sum, [, count]) => sum + count, 0)} messages acknowledged (${each.map((one) => one.join(' ')).join(', ')})`,
    `${report.found} found at the ends of their routes`,
    `lost ${report.lost.length}`,
    `duplicated ${report.duplicated.length}`,
    `out of order in their group ${report.disordered.length}`,
    `foreign ${report.foreign.length}`,
    `dead letters ${report.deadLettered}`,
    `unacknowledged, and there ${report.unacknowledged}`,
  ].join(', ');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
