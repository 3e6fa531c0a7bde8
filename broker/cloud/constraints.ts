// Checks a parsed value against the constraints of its shape. A service words what is found: SQS names the first
// missing parameter, most others gather up to ten failures into one message (`validationMessage`).

import type { ListShape, MapShape, Required, RequiredUnless, Shape, StringShape, StructureShape } from './shape.ts';

export interface Breach {
  /** `missing`: a required member is absent. */
  readonly constraint: 'missing' | 'length' | 'range' | 'pattern' | 'enum' | 'member';
  /** Path of the member as AWS writes it: `entries.2.member.id`. */
  readonly path: string;
  /** How the service names the member. */
  readonly label: string;
  /** The value as AWS shows it in the message; empty: what may be secret is not shown. */
  readonly shown: string;
  /** What it ought to be: `Member must …`. */
  readonly rule: string;
}

/** AWS names at most this many failures. */
const mostBreaches = 10;

export function checkConstraints(shape: StructureShape, value: object): readonly Breach[] {
  const found: Breach[] = [];
  checkStructure(shape, value, '', found);
  return found;
}

export function validationMessage(breaches: readonly Breach[]): string {
  const listed = breaches
    .map(
      ({ shown, path, rule }) =>
        `Value ${shown === '' ? '' : `${shown} `}at '${path}' failed to satisfy constraint: ${rule}`,
    )
    .join('; ');
  return `${breaches.length} validation error${breaches.length === 1 ? '' : 's'} detected: ${listed}`;
}

function checkStructure(shape: StructureShape, value: object, prefix: string, found: Breach[]): void {
  for (const [name, member] of shape.entries) {
    if (found.length >= mostBreaches) return;
    const given: unknown = Reflect.get(value, name);
    if (given === undefined && !isRequired(member, value)) continue;
    const path = prefix + lowerFirst(name);
    const label = member.label ?? name;
    if (given === undefined) {
      found.push(breach('missing', path, label, 'null', 'Member must not be null'));
      continue;
    }
    check(member, given, path, label, found);
  }
}

function check(shape: Shape, value: unknown, path: string, label: string, found: Breach[]): void {
  if (found.length >= mostBreaches) return;
  switch (shape.kind) {
    case 'string':
      if (typeof value === 'string') checkString(shape, value, path, label, found);
      return;
    case 'integer':
      if (typeof value === 'number') checkRange(shape, value, path, label, found);
      return;
    case 'blob':
      if (value instanceof Uint8Array) checkLength(shape, value.length, () => '', path, label, found);
      return;
    case 'list':
      if (!Array.isArray(value)) return;
      checkList(shape, value, path, label, found);
      return;
    case 'map':
      if (value instanceof Map) checkMap(shape, value, path, label, found);
      return;
    case 'structure':
      if (typeof value === 'object' && value !== null) checkStructure(shape, value, `${path}.`, found);
      break;
    case 'boolean':
    case 'timestamp':
  }
}

function isRequired({ required, unless }: Partial<Required & RequiredUnless>, within: object): boolean {
  return required === true || unless?.every((name) => Reflect.get(within, name) === undefined) === true;
}

/** What is wrong with strings of a list or a map is said once, with all that they must be. */
function checkList(shape: ListShape, value: readonly unknown[], path: string, label: string, found: Breach[]): void {
  const { member } = shape;
  const shown = (): string => `'[${value.map((item) => show(item, shape.shownAs)).join(', ')}]'`;
  checkLength(shape, value.length, shown, path, label, found);
  if (member.kind !== 'string') {
    value.forEach((item: unknown, index) => check(member, item, `${path}.${index + 1}.member`, label, found));
    return;
  }
  if (value.every((item) => typeof item !== 'string' || satisfies(member, item))) return;
  const rule = `Member must satisfy constraint: [${rulesOf(member).join(', ')}]`;
  if (found.length < mostBreaches) found.push(breach('member', path, label, shown(), rule));
}

function checkMap(
  shape: MapShape,
  value: ReadonlyMap<unknown, unknown>,
  path: string,
  label: string,
  found: Breach[],
): void {
  const { of, keys } = shape;
  const shown = (): string => `'{${[...value].map(([key, item]) => `${String(key)}=${show(item)}`).join(', ')}}'`;
  checkLength(shape, value.size, shown, path, label, found);
  const strings = (which: string, each: Iterable<unknown>, must: StringShape): void => {
    if ([...each].every((item) => typeof item !== 'string' || satisfies(must, item))) return;
    const rule = `${which} must satisfy constraint: [${rulesOf(must).join(', ')}]`;
    if (found.length < mostBreaches) found.push(breach('member', path, label, shown(), rule));
  };
  if (keys !== undefined) strings('Map keys', value.keys(), keys);
  if (of.kind === 'string') strings('Map value', value.values(), of);
  else for (const [key, item] of value) check(of, item, `${path}.${String(key)}.member`, label, found);
}

function satisfies({ min = 0, max = Infinity, pattern, oneOf }: StringShape, value: string): boolean {
  if (value.length < min || value.length > max || pattern?.test(value) === false) return false;
  return oneOf === undefined || oneOf.includes(value);
}

function rulesOf({ min, max, pattern, patternText, oneOf }: StringShape): readonly string[] {
  return [
    max === undefined ? [] : longest(max),
    min === undefined ? [] : shortest(min),
    pattern === undefined ? [] : matching(patternText ?? pattern.source),
    oneOf === undefined ? [] : among(oneOf),
  ].flat();
}

function longest(max: number): string {
  return `Member must have length less than or equal to ${max}`;
}

function shortest(min: number): string {
  return `Member must have length greater than or equal to ${min}`;
}

function matching(pattern: string): string {
  return `Member must satisfy regular expression pattern: ${pattern}`;
}

function among(values: readonly string[]): string {
  return `Member must satisfy enum value set: [${values.join(', ')}]`;
}

function checkString(
  shape: Extract<Shape, { kind: 'string' }>,
  value: string,
  path: string,
  label: string,
  found: Breach[],
): void {
  const shown = `'${value}'`;
  if (shape.pattern !== undefined && !shape.pattern.test(value)) {
    found.push(breach('pattern', path, label, shown, matching(shape.patternText ?? shape.pattern.source)));
  }
  checkLength(shape, value.length, () => shown, path, label, found);
  if (shape.oneOf !== undefined && !shape.oneOf.includes(value)) {
    found.push(breach('enum', path, label, shown, among(shape.oneOf)));
  }
}

function checkLength(
  { min, max }: { readonly min?: number; readonly max?: number },
  length: number,
  shown: () => string,
  path: string,
  label: string,
  found: Breach[],
): void {
  if (max !== undefined && length > max) {
    found.push(breach('length', path, label, shown(), longest(max)));
  }
  if (min !== undefined && length < min) {
    found.push(breach('length', path, label, shown(), shortest(min)));
  }
}

function checkRange(
  { min, max }: { readonly min?: number; readonly max?: number },
  value: number,
  path: string,
  label: string,
  found: Breach[],
): void {
  if (max !== undefined && value > max) {
    found.push(breach('range', path, label, `'${value}'`, `Member must have value less than or equal to ${max}`));
  }
  if (min !== undefined && value < min) {
    found.push(breach('range', path, label, `'${value}'`, `Member must have value greater than or equal to ${min}`));
  }
}

function breach(constraint: Breach['constraint'], path: string, label: string, shown: string, rule: string): Breach {
  return { constraint, path, label, shown, rule };
}

function show(value: unknown, structureAs = '(structure)'): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : structureAs;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
