// Sizes in the configuration: bytes, with units, or a part of something larger.

import { z } from 'zod';

const units: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 };

/** A number of bytes, or a number with a unit: `100 MiB`. */
export const bytes = z
  .union([
    z.number().int().positive(),
    z.string().regex(/^\d+(\.\d+)?\s*([KMGT]i)?B$/, 'expected bytes, or a number with KiB, MiB, GiB or TiB'),
  ])
  .transform((value) => (typeof value === 'number' ? value : parseBytes(value)));

/** The same, or a percentage of what there is: `80%`. */
export const capacity = z
  .union([
    z.number().int().positive(),
    z
      .string()
      .regex(/^\d+(\.\d+)?\s*(%|([KMGT]i)?B)$/, 'expected bytes, a number with KiB, MiB, GiB or TiB, or a percentage'),
  ])
  .transform((value): Capacity => {
    if (typeof value === 'number') return { bytes: value };
    return value.endsWith('%') ? { percent: Number.parseFloat(value) } : { bytes: parseBytes(value) };
  });

export type Capacity = { readonly bytes: number } | { readonly percent: number };

/** `whole`: what a percentage is of, in bytes. */
export function bytesOf(size: Capacity, whole: () => number): number {
  return 'bytes' in size ? size.bytes : Math.floor((whole() * size.percent) / 100);
}

function parseBytes(text: string): number {
  const [, number = '0', unit = 'B'] = /^([\d.]+)\s*(\w+)$/.exec(text) ?? [];
  return Math.floor(Number(number) * units[unit]!);
}
