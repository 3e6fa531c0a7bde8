// A filter policy, compiled: which messages a subscription wants, by their attributes or by their body. Fields that
// matched within one array must be of the same element of it, as in AWS's rule engine.

import type { DigestedAttribute } from '../../sqs/md5.ts';
import { InvalidAttribute } from './errors.ts';
import { parseFilter } from './filter-parser.ts';
import type { Alternative, Field } from './filter-parser.ts';
import type { Scalar } from './filter-pattern.ts';
import { limits } from './limits.ts';

export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** Which element of which array a value lies in: pairs of an array's number and an index. */
type Membership = readonly (readonly [array: number, index: number])[];

interface Found {
  readonly value: Scalar;
  readonly within: Membership;
}

/** The scalars of a message, by path. */
export type Fields = ReadonlyMap<string, readonly Found[]>;

export interface FilterPolicy {
  readonly scope: FilterScope;
  readonly alternatives: readonly Alternative[];
}

/** Deeper than this a body is not looked into. */
const deepest = 500;
/** Combinations of array elements that are tried for one message: beyond, it does not match. */
const mostTries = 100_000;

/** @throws InvalidAttribute. */
export function compileFilter(text: string, scope: FilterScope): FilterPolicy {
  if (Buffer.byteLength(text) > limits.filterPolicyBytes) {
    throw new InvalidAttribute('FilterPolicy: Filter policy is too large');
  }
  try {
    const alternatives = parseFilter(text);
    checkLimits(alternatives);
    if (scope === 'MessageAttributes' && alternatives.some((fields) => fields.some(isNested))) throw nested;
    return { scope, alternatives };
  } catch (error) {
    if (!(error instanceof InvalidAttribute) || error === nested) throw error;
    throw new InvalidAttribute(`FilterPolicy: ${error.message}`);
  }
}

export function accepts({ alternatives }: FilterPolicy, fields: Fields): boolean {
  return alternatives.some((alternative) => new Search(alternative, fields).succeeds());
}

/** What a filter sees of message attributes: texts, numbers, and the elements of arrays; nothing of binary values. */
export function fieldsOfAttributes(attributes: ReadonlyMap<string, DigestedAttribute>): Fields {
  const fields = new Map<string, readonly Found[]>();
  for (const [name, { DataType, StringValue: text }] of attributes) {
    if (text === undefined) continue;
    const values =
      DataType === 'String.Array' ? elementsOf(text) : [DataType.startsWith('Number') ? Number(text) : text];
    const found = values.map((value) => ({ value, within: [] }));
    if (found.length > 0) fields.set(name, found);
  }
  return fields;
}

/** Undefined: the body is no JSON object, and no filter on the body wants it. */
export function fieldsOfBody(body: string): Fields | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const collector = new Collector();
  collector.object(value, '', []);
  return collector.fields;
}

const nested = new InvalidAttribute('Filter policy scope MessageAttributes does not support nested filter policy');

function isNested({ steps }: Field): boolean {
  return steps.length > 1;
}

function checkLimits(alternatives: readonly Alternative[]): void {
  const keys = new Set(alternatives.flatMap((fields) => fields.map(({ steps }) => steps[0])));
  if (keys.size > limits.filterPolicyKeys) {
    throw new InvalidAttribute(`Filter policy can not have more than ${limits.filterPolicyKeys} keys`);
  }
  let combinations = 0;
  for (const fields of alternatives) {
    combinations += fields.reduce((product, { steps, patterns }) => product * steps.length * patterns.length, 1);
  }
  if (combinations > limits.filterPolicyCombinations) throw new InvalidAttribute('Filter policy is too complex');
}

function elementsOf(text: string): readonly Scalar[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  // A single value counts as an array of it.
  return (Array.isArray(value) ? value : [value]).filter(isScalar);
}

function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

class Collector {
  readonly fields = new Map<string, Found[]>();
  #arrays = 0;
  #depth = 0;

  object(value: object, prefix: string, within: Membership): void {
    if (this.#depth >= deepest) return;
    this.#depth++;
    for (const [name, member] of Object.entries(value)) this.#value(member, prefix + name, within);
    this.#depth--;
  }

  #value(value: unknown, path: string, within: Membership): void {
    if (isScalar(value)) {
      const found = this.fields.get(path);
      if (found === undefined) this.fields.set(path, [{ value, within }]);
      else found.push({ value, within });
    } else if (Array.isArray(value)) {
      this.#array(value, path, within);
    } else if (typeof value === 'object' && value !== null) {
      this.object(value, `${path}.`, within);
    }
  }

  #array(items: readonly unknown[], path: string, within: Membership): void {
    if (this.#depth >= deepest) return;
    this.#depth++;
    const array = this.#arrays++;
    items.forEach((item, index) => {
      this.#value(item, path, isScalar(item) ? within : [...within, [array, index]]);
    });
    this.#depth--;
  }
}

/** One look for values of all fields that hold together. */
class Search {
  readonly #alternative: Alternative;
  readonly #fields: Fields;
  readonly #chosen = new Map<number, number>();
  #tries = 0;

  constructor(alternative: Alternative, fields: Fields) {
    this.#alternative = alternative;
    this.#fields = fields;
  }

  succeeds(from = 0): boolean {
    const field = this.#alternative[from];
    if (field === undefined) return true;
    const found = this.#fields.get(field.path);
    if (found === undefined) return field.patterns.includes('absent') && this.succeeds(from + 1);
    for (const { value, within } of found) {
      if (++this.#tries > mostTries) return false;
      if (!field.patterns.some((pattern) => pattern !== 'absent' && pattern(value))) continue;
      // Outside of arrays, one value that holds is as good as another.
      if (within.length === 0) return this.succeeds(from + 1);
      const added = this.#choose(within);
      if (added === undefined) continue;
      if (this.succeeds(from + 1)) return true;
      for (const array of added) this.#chosen.delete(array);
    }
    return false;
  }

  /** The arrays of which an element was chosen now; undefined: another one was chosen before. */
  #choose(within: Membership): readonly number[] | undefined {
    if (within.some(([array, index]) => (this.#chosen.get(array) ?? index) !== index)) return undefined;
    const added = within.filter(([array]) => !this.#chosen.has(array));
    for (const [array, index] of added) this.#chosen.set(array, index);
    return added.map(([array]) => array);
  }
}
