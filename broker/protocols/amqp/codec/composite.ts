// Decodes and encodes the composite types of tables.ts (part 1, section 1.4): a described list, whose fields are in the
// order of the table, whose absent fields are null or left off the end, and whose defaults are filled in.

import { decodeError, WireError } from '../conditions.ts';
import { constructorOf, type Constructor } from './constructors.ts';
import { readConstructor, readData, readLength, readBooleanOctet, readValue, requireEnd } from './decode.ts';
import { writeMap, writeValue } from './encode.ts';
import type { Reader } from './reader.ts';
import { archetypes, tables, type Archetype, type CompositeKind, type Field, type FieldType } from './tables.ts';
import type { MapEntries, Value } from './value.ts';
import type { Writer } from './writer.ts';

interface FieldValues {
  boolean: boolean;
  ubyte: number;
  ushort: number;
  uint: number;
  ulong: bigint;
  timestamp: number;
  string: string;
  symbol: string;
  binary: Buffer;
  map: MapEntries;
  any: Value;
  error: Composite<'error'>;
  source: Composite<'source'>;
  target: Composite<'target'> | Composite<'coordinator'>;
  state: Composite<(typeof archetypes.state)[number]>;
  outcome: Composite<(typeof archetypes.outcome)[number]>;
}

type Scalar<F extends Field> = FieldValues[F['type']];
type FieldValue<F extends Field> = F extends { multiple: true } ? readonly Scalar<F>[] : Scalar<F>;
type Fields<K extends CompositeKind> = (typeof tables)[K]['fields'];

type Absent<F> = F extends { mandatory: true } | { default: unknown } ? never : undefined;
type DecodedField<F> = F extends Field ? FieldValue<F> | Absent<F> : never;
type Decoded<K extends CompositeKind> = { readonly [N in keyof Fields<K>]: DecodedField<Fields<K>[N]> };

/** A composite as it was decoded: every field is there, absent ones as their default or undefined. */
export type Composite<K extends CompositeKind> = K extends CompositeKind ? { readonly kind: K } & Decoded<K> : never;

type MandatoryNames<K extends CompositeKind> = {
  [N in keyof Fields<K>]: Fields<K>[N] extends { mandatory: true } ? N : never;
}[keyof Fields<K>];

/** What is needed to encode one: its mandatory fields, and of the others those that are not to be absent. */
export type Draft<K extends CompositeKind> = { readonly [N in MandatoryNames<K>]: Decoded<K>[N] } & {
  readonly [N in keyof Fields<K>]?: Decoded<K>[N] | undefined;
};

export type Performative = Composite<
  'open' | 'begin' | 'attach' | 'flow' | 'transfer' | 'disposition' | 'detach' | 'end' | 'close'
>;
export type SaslFrame = Composite<'saslMechanisms' | 'saslInit' | 'saslChallenge' | 'saslResponse' | 'saslOutcome'>;
export type DeliveryState = FieldValues['state'];
export type Outcome = FieldValues['outcome'];
export type AmqpError = Composite<'error'>;
export type Source = Composite<'source'>;
export type Target = Composite<'target'>;

interface Plan {
  readonly kind: CompositeKind;
  readonly code: number;
  readonly names: readonly string[];
  readonly fields: readonly Field[];
  /** With no field given: copied for each, so that all composites of a kind have one shape. */
  readonly blank: object;
  /** Fields up to the last mandatory one must be there. */
  readonly fewest: number;
}

const plans: readonly Plan[] = Object.entries(tables).map(([kind, table]) => {
  const fields = Object.entries<Field>(table.fields);
  return {
    kind: kind as CompositeKind,
    code: table.code,
    names: fields.map(([name]) => name),
    fields: fields.map(([, field]) => field),
    blank: { kind, ...Object.fromEntries(fields.map(([name, field]) => [name, field.default])) },
    fewest: fields.findLastIndex(([, field]) => field.mandatory === true) + 1,
  };
});
const planOfCode: readonly (Plan | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  plans.find((plan) => plan.code === code),
);
const planOfKind = Object.fromEntries(plans.map((plan) => [plan.kind, plan])) as Record<CompositeKind, Plan>;
const codeOfSymbol = new Map(Object.values(tables).map(({ symbol, code }) => [symbol as string, code as number]));

/** One of the given kinds, at the cursor; anything else there is a decode error. */
export function readComposite<K extends CompositeKind>(reader: Reader, kinds: readonly K[]): Composite<K> {
  const start = reader.position;
  const plan = planOfCode[readDescriptor(reader)];
  if (plan === undefined || !(kinds as readonly CompositeKind[]).includes(plan.kind)) {
    throw decodeError(`what is at ${start} is none of: ${kinds.join(', ')}`);
  }
  return readFields(reader, plan) as Composite<K>;
}

/** The fields of a composite whose descriptor was read. */
export function readCompositeFields<K extends CompositeKind>(reader: Reader, kind: K): Composite<K> {
  return readFields(reader, planOfKind[kind]) as Composite<K>;
}

/** Code of a descriptor, numeric or symbolic; -1 for one that AMQP 1.0 does not define. */
export function readDescriptor(reader: Reader, names: ReadonlyMap<string, number> = codeOfSymbol): number {
  if (reader.u8() !== 0) throw decodeError(`no described value at ${reader.position - 1}`);
  const code = reader.u8();
  if (code === 0x53) return reader.u8();
  const constructor = constructorOf[code];
  if (constructor === undefined) throw decodeError(`0x${code.toString(16)} is not a format code`);
  const descriptor = readData(reader, constructor);
  if (descriptor.type === 'ulong') return descriptor.value < 256n ? Number(descriptor.value) : -1;
  if (descriptor.type === 'symbol') return names.get(descriptor.value) ?? -1;
  return -1;
}

export function writeComposite<K extends CompositeKind>(writer: Writer, kind: K, draft: Draft<K>): void {
  const { code, names, fields } = planOfKind[kind];
  const values = draft as { readonly [name: string]: unknown };
  writer.u8(0);
  writer.u8(0x53);
  writer.u8(code);
  let count = names.length;
  while (count > 0 && isAbsent(values[names[count - 1] as string], fields[count - 1] as Field)) count--;
  if (count === 0) return writer.u8(0x45);
  const start = writer.begin(0xc0);
  for (let i = 0; i < count; i++) {
    const field = fields[i] as Field;
    const value = values[names[i] as string];
    if (isAbsent(value, field)) writer.null();
    else if (field.multiple) writeMultiple(writer, value as readonly string[]);
    else writeField(writer, field.type, value);
  }
  writer.end(start, count);
}

function isAbsent(value: unknown, field: Field): boolean {
  return value === undefined || (value === field.default && field.explicit !== true);
}

function readFields(reader: Reader, { kind, names, fields, blank, fewest }: Plan): object {
  const composite: Record<string, unknown> = { ...blank };
  const code = reader.u8();
  if (code !== 0xc0 && code !== 0xd0 && code !== 0x45) throw decodeError(`${kind} is not a list`);
  const size = code === 0x45 ? 0 : readLength(reader, code);
  const end = reader.position + size;
  const count = code === 0x45 ? 0 : readLength(reader, code);
  if (end > reader.end) throw decodeError(`${kind} runs past the end`);
  if (count > fields.length) throw decodeError(`${kind} has ${count} fields`);
  for (let i = 0; i < count; i++) {
    const field = fields[i] as Field;
    const name = names[i] as string;
    // Most fields of most frames are null, which means absent.
    if (reader.bytes[reader.position] !== 0x40) composite[name] = readField(reader, kind, name, field);
    else if (field.mandatory) throw missing(kind, name);
    else reader.advance(1);
  }
  requireEnd(reader, end);
  for (let i = count; i < fewest; i++) if (fields[i]?.mandatory) throw missing(kind, names[i] as string);
  return composite;
}

function readField(reader: Reader, kind: CompositeKind, name: string, field: Field): unknown {
  const { type } = field;
  switch (type) {
    case 'any':
      return readValue(reader);
    case 'error':
    case 'source':
    case 'target':
    case 'state':
    case 'outcome':
      return readComposite(reader, archetypes[type]);
    default: {
      const constructor = readConstructor(reader);
      if (field.multiple && constructor?.type === 'array') return readMultiple(reader, constructor, kind, name, type);
      if (constructor?.type !== type) throw mistyped(kind, name, type);
      const value = readScalar(reader, constructor);
      return field.multiple ? [value] : value;
    }
  }
}

/** A primitive's bare value, without the object that names its type. */
function readScalar(reader: Reader, constructor: Constructor): unknown {
  switch (constructor.code) {
    case 0x41:
      return true;
    case 0x42:
      return false;
    case 0x43:
      return 0;
    case 0x50:
    case 0x52:
      return reader.u8();
    case 0x56:
      return readBooleanOctet(reader);
    case 0x60:
      return reader.u16();
    case 0x70:
      return reader.u32();
    case 0xa0:
    case 0xb0:
      return reader.take(readLength(reader, constructor.code));
    case 0xa1:
    case 0xb1:
      return reader.text(readLength(reader, constructor.code));
    case 0xa3:
    case 0xb3:
      return reader.ascii(readLength(reader, constructor.code));
    case 0x83:
      return Number(reader.bytes.readBigInt64BE(reader.advance(8)));
    default:
      return readData(reader, constructor).value;
  }
}

function readMultiple(
  reader: Reader,
  constructor: Constructor,
  kind: CompositeKind,
  name: string,
  type: FieldType,
): unknown[] {
  const array = readData(reader, constructor);
  if (array.type !== 'array' || (array.value.element !== type && array.value.items.length > 0)) {
    throw mistyped(kind, name, type);
  }
  return array.value.items.map((item) => item.value);
}

function writeField(writer: Writer, type: FieldType, value: unknown): void {
  switch (type) {
    case 'boolean':
      return writer.boolean(value as boolean);
    case 'ubyte':
      return writer.ubyte(value as number);
    case 'ushort':
      return writer.ushort(value as number);
    case 'uint':
      return writer.uint(value as number);
    case 'ulong':
      return writer.ulong(value as bigint);
    case 'timestamp':
      return writer.timestamp(BigInt(value as number));
    case 'string':
      return writer.string(value as string);
    case 'symbol':
      return writer.symbol(value as string);
    case 'binary':
      return writer.binary(value as Buffer);
    case 'map':
      return writeMap(writer, value as MapEntries);
    case 'any':
      return writeValue(writer, value as Value);
    default: {
      const composite = value as Composite<(typeof archetypes)[Archetype][number]>;
      return writeComposite(writer, composite.kind, composite as Draft<typeof composite.kind>);
    }
  }
}

/** Always as an array, though one value could stand for itself: not every client expects that. */
function writeMultiple(writer: Writer, symbols: readonly string[]): void {
  const items = symbols.map((value) => ({ type: 'symbol', value }) as const);
  writeValue(writer, { type: 'array', value: { element: 'symbol', items } });
}

function wireName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function missing(kind: CompositeKind, name: string): WireError {
  return new WireError(
    'connection',
    'amqp:invalid-field',
    `${wireName(kind)} without its mandatory field ${wireName(name)}`,
  );
}

function mistyped(kind: CompositeKind, name: string, type: FieldType): WireError {
  return decodeError(`${wireName(name)} of ${wireName(kind)} is not of type ${type}`);
}
