// Checks a parsed value against the constraints of its shape. A service words what is found: SQS names the first
// missing parameter, most others gather up to ten failures into one message (`validationMessage`).

import type { Shape, StructureShape } from './shape.ts';

export interface Breach {
  /** `missing`: a required member is absent. */
  readonly constraint: 'missing' | 'length' | 'range' | 'pattern' | 'enum';
  /** Path of the member as AWS writes it: `entries.2.member.id`. */
  readonly path: string;
  /** How the service names the member. */
  readonly label: string;
  /** The value as AWS shows it in the message. */
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
    .map(({ shown, path, rule }) => `Value ${shown} at '${path}' failed to satisfy constraint: ${rule}`)
    .join('; ');
  return `${breaches.length} validation error${breaches.length === 1 ? '' : 's'} detected: ${listed}`;
}

function checkStructure(shape: StructureShape, value: object, prefix: string, found: Breach[]): void {
  for (const [name, member] of shape.entries) {
    if (found.length >= mostBreaches) return;
    const given: unknown = Reflect.get(value, name);
    if (given === undefined && !member.required) continue;
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
      if (value instanceof Uint8Array) checkLength(shape, value.length, () => '(blob)', path, label, found);
      return;
    case 'list':
      if (!Array.isArray(value)) return;
      checkLength(shape, value.length, () => `'[${value.map(show).join(', ')}]'`, path, label, found);
      value.forEach((item: unknown, index) => {
        check(shape.member, item, `${path}.${index + 1}.member`, label, found);
      });
      return;
    case 'map':
      if (!(value instanceof Map)) return;
      for (const [key, item] of value) check(shape.of, item, `${path}.${String(key)}.member`, label, found);
      return;
    case 'structure':
      if (typeof value === 'object' && value !== null) checkStructure(shape, value, `${path}.`, found);
      break;
    case 'boolean':
  }
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
    const rule = `Member must satisfy regular expression pattern: ${shape.pattern.source}`;
    found.push(breach('pattern', path, label, shown, rule));
  }
  checkLength(shape, value.length, () => shown, path, label, found);
  if (shape.oneOf !== undefined && !shape.oneOf.includes(value)) {
    const rule = `Member must satisfy enum value set: [${shape.oneOf.join(', ')}]`;
    found.push(breach('enum', path, label, shown, rule));
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
    found.push(breach('length', path, label, shown(), `Member must have length less than or equal to ${max}`));
  }
  if (min !== undefined && length < min) {
    found.push(breach('length', path, label, shown(), `Member must have length greater than or equal to ${min}`));
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

function show(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '(structure)';
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
