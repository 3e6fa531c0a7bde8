// ReplayPolicy (Developer Guide, "Amazon SNS message replay for FIFO topic subscribers"): from when, and until when,
// messages of a topic's archive are delivered again.

import { InvalidAttribute } from './errors.ts';

export interface ReplayPolicy {
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** Undefined: all there is. */
  readonly to: number | undefined;
}

/** @throws InvalidAttribute. */
export function readReplayPolicy(text: string): ReplayPolicy {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidAttribute('ReplayPolicy: must be a JSON object');
  }
  const told = new Map<string, unknown>(Object.entries(value));
  if (told.get('PointType') !== 'Timestamp') throw new InvalidAttribute('ReplayPolicy: PointType must be Timestamp');
  const from = pointOf(told, 'StartingPoint');
  const to = told.has('EndingPoint') ? pointOf(told, 'EndingPoint') : undefined;
  if (to !== undefined && to < from) {
    throw new InvalidAttribute('ReplayPolicy: EndingPoint must be after StartingPoint');
  }
  return { from, to };
}

function pointOf(told: ReadonlyMap<string, unknown>, name: string): number {
  const text = told.get(name);
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidAttribute(`ReplayPolicy: ${name} must be a timestamp`);
  return at;
}
