// One scenario on several systems: in turn, each run of each system a process started anew, the order turned round from
// run to run. What is compared are the runs, one by one: ratios with their spread.

import { isDisturbed, undisturbed } from './measure/quiet.ts';
import { spread } from './measure/statistics.ts';
import { table, withSpread } from './measure/text.ts';
import type { Usage } from './measure/usage.ts';
import type { Sample, Timing } from './scenarios/sample.ts';
import type { Launcher, System } from './systems/system.ts';

export interface Comparison {
  readonly title: string;
  /** The first is compared with each of the others. */
  readonly systems: readonly Launcher[];
  readonly measure: (system: System, timing: Timing) => Promise<readonly Sample[]>;
}

export interface ComparisonOptions {
  readonly timing: Timing;
  readonly runs: number;
  readonly patienceMs: number;
  readonly progress: (line: string) => void;
}

/** The figures of one run. */
type Run = readonly Sample[];

export async function compare(comparison: Comparison, options: ComparisonOptions): Promise<string> {
  const { systems, title } = comparison;
  const runs = new Map<Launcher, Run[]>(systems.map((system) => [system, []]));
  for (let run = 0; run < options.runs; run++) {
    const order = run % 2 === 0 ? systems : [...systems].reverse();
    for (const launcher of order) {
      options.progress(`${title}: ${launcher.name}, run ${run + 1} of ${options.runs}`);
      runs.get(launcher)!.push(await measureOnce(comparison, launcher, options));
    }
  }
  return `### ${title}\n\n${describe(runs)}`;
}

async function measureOnce(
  { measure }: Comparison,
  launcher: Launcher,
  { timing, patienceMs }: ComparisonOptions,
): Promise<readonly Sample[]> {
  const measureAnew = async (): Promise<readonly Sample[]> => {
    await using system = await launcher.start();
    return await measure(system, timing);
  };
  return undisturbed(patienceMs, measureAnew, mostDisturbed);
}

function mostDisturbed(samples: readonly Sample[]): Usage {
  return samples.map(({ usage }) => usage).reduce((a, b) => (a.others > b.others ? a : b));
}

function describe(runs: ReadonlyMap<Launcher, readonly Run[]>): string {
  const [first] = runs.values();
  const parts = first![0]!.map(({ what }, index) => {
    const heading = what === '' ? '' : `${what}\n\n`;
    const rows = Array.from(runs, ([launcher, ofSystem]) => row(launcher, ofSystem, index));
    const head = ['', 'messages/s', 'CPU us/message', 'of the load', 'processors', 'of the load'];
    return [`${heading}${table(head, rows)}`, ratios(runs, index)].filter((text) => text !== '').join('\n\n');
  });
  const disturbed = [...runs.values()].flat().filter((run) => isDisturbed(mostDisturbed(run))).length;
  const warning = disturbed === 0 ? '' : `\n\n${disturbed} runs were disturbed by others on the machine.`;
  return parts.join('\n\n') + warning;
}

function row({ name, keeps }: Launcher, runs: readonly Run[], index: number): readonly string[] {
  const samples = runs.map((run) => run[index]!);
  const perMessage = (of: 'system' | 'load'): string =>
    withSpread(samples.map(({ usage, count }) => (usage[of] * usage.seconds * 1e6) / count));
  const processors = (of: 'system' | 'load'): string => spread(samples.map(({ usage }) => usage[of])).median.toFixed(2);
  return [
    `${name}, ${keeps}`,
    withSpread(samples.map(({ perSecond }) => perSecond)),
    perMessage('system'),
    perMessage('load'),
    processors('system'),
    processors('load'),
  ];
}

function ratios(runs: ReadonlyMap<Launcher, readonly Run[]>, index: number): string {
  const [[own, ofOwn], ...others] = [...runs] as [[Launcher, Run[]], ...[Launcher, Run[]][]];
  const lines = others.map(([{ name }, ofOther]) => {
    const each = ofOwn.map((run, i) => run[index]!.perSecond / ofOther[i]![index]!.perSecond);
    return `${own.name} to ${name}: ${withSpread(each)}`;
  });
  return lines.join('  \n');
}
