// AMQP values with their types (part 1, section 1.1). A value that is decoded and encoded again keeps its type:
// `long 1` does not come back as `int 1`, nor a symbol as a string.

export interface ArrayValue {
  /** Type of every item; for an array of described values, the type that is described. */
  readonly element: PrimitiveType;
  readonly descriptor?: Value | undefined;
  readonly items: readonly PrimitiveValue[];
}

export interface DescribedValue {
  readonly descriptor: Value;
  readonly value: Value;
}

interface ValueTypes {
  null: null;
  boolean: boolean;
  ubyte: number;
  ushort: number;
  uint: number;
  ulong: bigint;
  byte: number;
  short: number;
  int: number;
  long: bigint;
  float: number;
  double: number;
  /** IEEE 754-2008 decimals are carried, not computed with: their bytes. */
  decimal32: Buffer;
  decimal64: Buffer;
  decimal128: Buffer;
  /** A Unicode scalar value. */
  char: number;
  /** Milliseconds since the epoch. */
  timestamp: bigint;
  uuid: Buffer;
  binary: Buffer;
  string: string;
  symbol: string;
  list: readonly Value[];
  /** In the order of the wire. */
  map: readonly (readonly [Value, Value])[];
  array: ArrayValue;
  described: DescribedValue;
}

export type ValueType = keyof ValueTypes;
export type PrimitiveType = Exclude<ValueType, 'described'>;
export type ValueOf<T extends ValueType> = { readonly type: T; readonly value: ValueTypes[T] };
export type PrimitiveValue = { [T in PrimitiveType]: ValueOf<T> }[PrimitiveType];
export type Value = PrimitiveValue | ValueOf<'described'>;
export type MapEntries = ValueTypes['map'];

export function symbol(value: string): ValueOf<'symbol'> {
  return { type: 'symbol', value };
}

export function string(value: string): ValueOf<'string'> {
  return { type: 'string', value };
}

/** The value of a map under a key that is a symbol or a string. */
export function entry(map: MapEntries | undefined, name: string): Value | undefined {
  return map?.find(([key]) => (key.type === 'symbol' || key.type === 'string') && key.value === name)?.[1];
}
