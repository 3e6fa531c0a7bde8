// The first thing in which two messages differ that should be the same, for people: short, and without secrets.

import type { Facts } from './comparison-facts.ts';
import { isSecret, shown } from './examples.ts';

export interface Difference {
  /** `body`, a place in it (`$.total`), or the field that was compared. */
  readonly field: string;
  readonly left: string;
  readonly right: string;
}

const absent = '(absent)';
const notKept = '(not kept)';

/** Undefined: they do not differ. */
export function differenceOf(left: Facts, right: Facts): Difference | undefined {
  for (const [index, one] of left.compared.entries()) {
    const other = right.compared[index];
    if (other === undefined || other.digest === one.digest) continue;
    const { name } = one;
    const within = name === 'body' ? withinJson(one.value, other.value) : undefined;
    return within ?? { field: name, left: told(name, one), right: told(name, other) };
  }
  return undefined;
}

function told(name: string, { digest, value }: Facts['compared'][number]): string {
  if (digest === '') return absent;
  if (value === undefined) return notKept;
  // Nothing says what of a body is secret.
  if (name === 'body') return `${value.length} bytes`;
  return isSecret(name) ? shown(name, value) : shown('', value);
}

function withinJson(left: string | undefined, right: string | undefined): Difference | undefined {
  const [one, other] = [parsed(left), parsed(right)];
  return one === undefined || other === undefined ? undefined : firstDifference('$', one, other, false);
}

function parsed(text: string | undefined): object | undefined {
  if (text === undefined || !/^[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function firstDifference(path: string, left: unknown, right: unknown, hidden: boolean): Difference | undefined {
  if (isObject(left) && isObject(right) && Array.isArray(left) === Array.isArray(right)) {
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const step = Array.isArray(left) ? `[${name}]` : stepTo(name);
      const one: unknown = Reflect.get(left, name);
      const other: unknown = Reflect.get(right, name);
      const found = firstDifference(path + step, one, other, hidden || isSecret(name));
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (Object.is(left, right)) return undefined;
  return { field: path, left: valueOf(left, hidden), right: valueOf(right, hidden) };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function stepTo(name: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function valueOf(value: unknown, hidden: boolean): string {
  if (value === undefined) return absent;
  if (hidden) return shown('secret', value);
  return shown('', isObject(value) ? JSON.stringify(value, hideSecrets) : value);
}

function hideSecrets(name: string, value: unknown): unknown {
  return isSecret(name) ? shown(name, value) : value;
}
