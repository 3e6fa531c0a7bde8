// The comparison of a shadow for a person to read: what was sent, and what became of it on both sides.

import type { ComparedExample, RouteComparison } from './control/api-routes.ts';

type Compared = NonNullable<RouteComparison['compared']>;

const explained: readonly (readonly [keyof Compared['counts'], (of: Compared) => string])[] = [
  ['arrived', () => 'done with on both sides'],
  ['missing', ({ right, windowMs }) => `not done with in ${right} within ${seconds(windowMs)}`],
  ['extra', ({ right }) => `done with in ${right} only`],
  ['late', ({ lateMs }) => `more than ${seconds(lateMs)} after the left side`],
  ['reordered', () => 'not in the order of the left side'],
  ['different', () => 'not the same'],
  ['unknown', () => 'the engine ended in between, or it was not sent yet'],
];

export function comparisonText(comparison: RouteComparison): string {
  const { name, mode, from, to, sent, refused, behind, dropped, compared } = comparison;
  const would = mode === 'dry-run' ? 'would be ' : '';
  const lines = [
    `${name}: ${mode} of ${from} to ${to}`,
    `${would}sent ${sent}, ${would}refused ${refused}; copies that wait ${behind}, dropped ${dropped}`,
  ];
  if (compared !== undefined) lines.push(...comparedLines(compared));
  else if (mode === 'shadow') lines.push(`it is not seen what is received from ${to}`);
  return `${lines.join('\n')}\n`;
}

function* comparedLines(compared: Compared): IterableIterator<string> {
  const { left, right, by, counts, waiting, examples } = compared;
  yield `left   ${left}: ${counts.left} settled, ${counts.leftFailed} dead or expired, ${waiting.left} wait`;
  yield `right  ${right}: ${counts.right} settled, ${counts.rightFailed} dead or expired, ${waiting.right} wait`;
  yield `known by ${by}`;
  for (const [state, explain] of explained) {
    yield `  ${state.padEnd(10)}${String(counts[state]).padStart(9)}  ${explain(compared)}`;
    for (const example of examples) if (example.state === state) yield `${' '.repeat(23)}${exampleLine(example)}`;
  }
  if (counts.unkeyed > 0) yield `  ${counts.unkeyed} without ${by}`;
  if (counts.endedEarly > 0) yield `  ${counts.endedEarly} ended early, because too many waited`;
}

function exampleLine({ id, at, byMs, difference }: ComparedExample): string {
  const head = `${id} at ${new Date(at).toISOString()}`;
  if (byMs !== undefined) return `${head}, by ${seconds(byMs)}`;
  if (difference === undefined) return head;
  return `${head}, ${difference.field}: ${difference.left} here, ${difference.right} there`;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}
