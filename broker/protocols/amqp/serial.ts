// Serial numbers of 32 bits, which wrap (part 2, section 2.8.8 to 2.8.10; RFC 1982).

export function serialAdd(serial: number, count: number): number {
  return (serial + count) >>> 0;
}

/** How far `a` is ahead of `b`; negative if it is behind. */
export function serialDifference(a: number, b: number): number {
  return (a - b) | 0;
}
