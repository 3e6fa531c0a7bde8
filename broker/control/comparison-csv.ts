// The comparison of a shadow as CSV: a line for each count, with the first messages that are in it.

import type { ComparedExample, RouteComparison } from './api-routes.ts';
import { csv } from './csv.ts';

const columns = ['what', 'count', 'example1', 'example2', 'example3'];
const mostExamples = 3;

export function comparisonCsv({ sent, refused, behind, dropped, compared }: RouteComparison): string {
  const { counts, waiting, examples } = compared ?? { counts: {}, waiting: undefined, examples: [] };
  const told = Object.entries({
    sent,
    refused,
    behind,
    dropped,
    ...counts,
    ...(waiting === undefined ? {} : { 'waiting on the left': waiting.left, 'waiting on the right': waiting.right }),
  });
  const lines = told.map(([what, count]) => {
    const of = examples.filter(({ state }) => state === what).map(exampleText);
    return [what, String(count), ...Array.from({ length: mostExamples }, (_, index) => of[index] ?? '')];
  });
  return csv(columns, lines);
}

/** In a line. */
export function exampleText({ id, byMs, difference }: ComparedExample): string {
  if (byMs !== undefined) return `${id}: ${(byMs / 1000).toFixed(1)} s`;
  if (difference === undefined) return id;
  return `${id}: ${difference.field}: ${difference.left} / ${difference.right}`;
}
