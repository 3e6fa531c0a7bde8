// The small language in which the requests and answers of AWS operations are described, after the service models
// (Smithy: structure, list, map and the simple types, with their constraint traits). One description drives parsing,
// checking and writing on every wire. What a breach of a constraint is called is the service's affair.

/** Trait: absent is an error. `label` is how the service names it where that is not the member's name. */
export interface Required {
  readonly required: true;
  readonly label?: string;
}

/** Trait: absent is an error as long as all of the other members are absent too. */
export interface RequiredUnless {
  readonly unless: readonly string[];
}

export interface StringShape {
  readonly kind: 'string';
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** The pattern as AWS shows it, where it is not the expression's source. */
  readonly patternText?: string;
  readonly oneOf?: readonly string[];
}

export interface IntegerShape {
  readonly kind: 'integer';
  readonly min?: number;
  readonly max?: number;
}

export interface BooleanShape {
  readonly kind: 'boolean';
}

/** A moment: milliseconds since the epoch. */
export interface TimestampShape {
  readonly kind: 'timestamp';
}

export interface BlobShape {
  readonly kind: 'blob';
  readonly min?: number;
  readonly max?: number;
}

/** `flat` is the name of its elements on the Query wire where they stand without one around them (`flattened`). */
export interface ListShape<M extends Shape = Shape> {
  readonly kind: 'list';
  readonly member: M;
  readonly flat?: string;
  readonly min?: number;
  readonly max?: number;
  /** How AWS shows each structure of it. */
  readonly shownAs?: string;
}

/** Keys are strings. `key` and `value` name the two halves of an entry on the Query wire. */
export interface MapShape<V extends Shape = Shape> {
  readonly kind: 'map';
  readonly of: V;
  readonly flat?: string;
  readonly min?: number;
  readonly max?: number;
  /** Constraints on its keys. */
  readonly keys?: StringShape;
  readonly key: string;
  readonly value: string;
}

export type Members = Readonly<Record<string, Shape & Partial<Required & RequiredUnless>>>;

export interface StructureShape<M extends Members = Members> {
  readonly kind: 'structure';
  readonly members: M;
  /** The same, as what parsers and writers go through. */
  readonly entries: readonly (readonly [name: string, member: Shape & Partial<Required & RequiredUnless>])[];
}

export type Shape =
  | StringShape
  | IntegerShape
  | BooleanShape
  | TimestampShape
  | BlobShape
  | ListShape
  | MapShape
  | StructureShape;

/** What a value of a shape is to the code that acts on it. Maps keep their order and have no inherited keys. */
export type Value<S> = S extends { kind: 'string' }
  ? string
  : S extends { kind: 'integer' | 'timestamp' }
    ? number
    : S extends { kind: 'boolean' }
      ? boolean
      : S extends { kind: 'blob' }
        ? Uint8Array
        : S extends { kind: 'list'; member: infer M }
          ? readonly Value<M>[]
          : S extends { kind: 'map'; of: infer V }
            ? ReadonlyMap<string, Value<V>>
            : S extends { kind: 'structure'; members: infer M }
              ? StructureValue<M>
              : never;

type RequiredNames<M> = { [K in keyof M]: M[K] extends { required: true } ? K : never }[keyof M];

export type StructureValue<M> = { readonly [K in RequiredNames<M>]: Value<M[K]> } & {
  readonly [K in Exclude<keyof M, RequiredNames<M>>]?: Value<M[K]> | undefined;
};

export function string(constraints: Omit<StringShape, 'kind'> = {}): StringShape {
  return { kind: 'string', ...constraints };
}

export function integer(constraints: Omit<IntegerShape, 'kind'> = {}): IntegerShape {
  return { kind: 'integer', ...constraints };
}

export function boolean(): BooleanShape {
  return { kind: 'boolean' };
}

export function timestamp(): TimestampShape {
  return { kind: 'timestamp' };
}

export function blob(constraints: Omit<BlobShape, 'kind'> = {}): BlobShape {
  return { kind: 'blob', ...constraints };
}

export function list<M extends Shape>(member: M, traits: Omit<ListShape, 'kind' | 'member'> = {}): ListShape<M> {
  return { kind: 'list', member, ...traits };
}

export function map<V extends Shape>(of: V, traits: Partial<Omit<MapShape, 'kind' | 'of'>> = {}): MapShape<V> {
  return { kind: 'map', of, key: 'key', value: 'value', ...traits };
}

export function structure<M extends Members>(members: M): StructureShape<M> {
  return { kind: 'structure', members, entries: Object.entries(members) };
}

export function required<S extends Shape>(shape: S, label?: string): S & Required {
  return label === undefined ? { ...shape, required: true } : { ...shape, required: true, label };
}

/** It may be absent where one of the other members is there. */
export function requiredUnless<S extends Shape>(others: readonly string[], shape: S): S & RequiredUnless {
  return { ...shape, unless: others };
}
