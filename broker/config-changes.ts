// What of a configuration that was read again is in force at once, and what only after a restart.

import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.ts';

/** Their changes are taken up while the engine runs. Of `cloud`, queues and buckets that are new are made, and mail goes by another relay. */
const live: ReadonlySet<string> = new Set(['routes', 'remotes', 'cloud.queues', 'cloud.buckets', 'cloud.sns']);

type Section = Readonly<Record<string, unknown>>;

/** Keys, as they were written, that are others by now and wait for a restart: of sections, the key within. */
export function waitingKeys(before: Config, after: Config): readonly string[] {
  return changes(before.given, after.given)
    .flatMap((name) => {
      const [one, other] = [before.given[name], after.given[name]].map(sectionOf);
      return one === undefined || other === undefined ? [name] : changes(one, other).map((inner) => `${name}.${inner}`);
    })
    .filter((key) => !live.has(key));
}

function changes(before: Section, after: Section): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Array.from(names).filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** What is not there is a section without keys; undefined: it is a value. */
function sectionOf(value: unknown = {}): Section | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
