// IEEE 754-2008 decimals in their binary integer encoding, as text (part 1, section 1.6.13 to 1.6.15), for those who do
// not know the type.

interface Format {
  readonly exponentBits: number;
  readonly bias: number;
}

const formatOfLength: { readonly [octets: number]: Format } = {
  4: { exponentBits: 8, bias: 101 },
  8: { exponentBits: 10, bias: 398 },
  16: { exponentBits: 14, bias: 6176 },
};

/** Of 4, 8 or 16 octets. */
export function decimalText(octets: Buffer): string {
  const format = formatOfLength[octets.length];
  if (format === undefined) throw new RangeError(`${octets.length} octets are no decimal`);
  const { exponentBits, bias } = format;
  const bits = BigInt(`0x${octets.toString('hex')}`);
  const width = 8 * octets.length;
  const field = (start: number, length: number) =>
    Number((bits >> BigInt(width - start - length)) & ((1n << BigInt(length)) - 1n));
  const sign = field(0, 1) === 1 ? '-' : '';
  if (field(1, 4) === 0xf) return field(5, 1) === 1 ? 'NaN' : `${sign}Infinity`;
  // Two leading ones of the combination: the exponent is two bits later, and the coefficient begins with 100.
  const isLarge = field(1, 2) === 3;
  const exponent = field(isLarge ? 3 : 1, exponentBits) - bias;
  const tailBits = BigInt(width - 1 - exponentBits - (isLarge ? 2 : 0));
  const tail = bits & ((1n << tailBits) - 1n);
  const coefficient = isLarge ? (4n << tailBits) | tail : tail;
  return sign + shifted(String(coefficient), exponent);
}

/** Digits times a power of ten, without an exponent where that is short. */
function shifted(digits: string, exponent: number): string {
  if (exponent === 0) return digits;
  const point = digits.length + exponent;
  if (exponent > 0 || point < -5) return `${digits}e${exponent}`;
  if (point > 0) return `${digits.slice(0, point)}.${digits.slice(point)}`;
  return `0.${'0'.repeat(-point)}${digits}`;
}
