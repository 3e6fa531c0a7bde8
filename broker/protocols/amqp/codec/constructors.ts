// The encodings of the primitive types (part 1, section 1.6), as a table: format code, type, and for encodings that
// stand for one value, that value. Category and width follow from the upper half of the code (section 1.2).

import type { PrimitiveType, PrimitiveValue } from './value.ts';

export interface Constructor {
  readonly code: number;
  readonly type: PrimitiveType;
  readonly constant?: PrimitiveValue;
}

export const constructors: readonly Constructor[] = [
  { code: 0x40, type: 'null', constant: { type: 'null', value: null } },
  { code: 0x41, type: 'boolean', constant: { type: 'boolean', value: true } },
  { code: 0x42, type: 'boolean', constant: { type: 'boolean', value: false } },
  { code: 0x43, type: 'uint', constant: { type: 'uint', value: 0 } },
  { code: 0x44, type: 'ulong', constant: { type: 'ulong', value: 0n } },
  { code: 0x45, type: 'list', constant: { type: 'list', value: [] } },
  { code: 0x50, type: 'ubyte' },
  { code: 0x51, type: 'byte' },
  { code: 0x52, type: 'uint' },
  { code: 0x53, type: 'ulong' },
  { code: 0x54, type: 'int' },
  { code: 0x55, type: 'long' },
  { code: 0x56, type: 'boolean' },
  { code: 0x60, type: 'ushort' },
  { code: 0x61, type: 'short' },
  { code: 0x70, type: 'uint' },
  { code: 0x71, type: 'int' },
  { code: 0x72, type: 'float' },
  { code: 0x73, type: 'char' },
  { code: 0x74, type: 'decimal32' },
  { code: 0x80, type: 'ulong' },
  { code: 0x81, type: 'long' },
  { code: 0x82, type: 'double' },
  { code: 0x83, type: 'timestamp' },
  { code: 0x84, type: 'decimal64' },
  { code: 0x94, type: 'decimal128' },
  { code: 0x98, type: 'uuid' },
  { code: 0xa0, type: 'binary' },
  { code: 0xa1, type: 'string' },
  { code: 0xa3, type: 'symbol' },
  { code: 0xb0, type: 'binary' },
  { code: 0xb1, type: 'string' },
  { code: 0xb3, type: 'symbol' },
  { code: 0xc0, type: 'list' },
  { code: 0xc1, type: 'map' },
  { code: 0xd0, type: 'list' },
  { code: 0xd1, type: 'map' },
  { code: 0xe0, type: 'array' },
  { code: 0xf0, type: 'array' },
];

/** By format code; undefined where the code means nothing. */
export const constructorOf: readonly (Constructor | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  constructors.find((constructor) => constructor.code === code),
);

/** Octets of data of a fixed-width encoding, by the upper half of its code (0x4 to 0x9). */
export const fixedWidths: readonly number[] = [0, 0, 0, 0, 0, 1, 2, 4, 8, 16];
