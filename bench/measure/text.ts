// Figures as text: no more digits than they are worth.

import { spread } from './statistics.ts';

export function round(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(Math.abs(value) >= 100 ? 3 : 2);
}

/** The median, and in brackets the least and the most. */
export function withSpread(values: readonly number[]): string {
  const { median, least, most } = spread(values);
  return values.length < 2 ? round(median) : `${round(median)} (${round(least)} to ${round(most)})`;
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
