// Values in the Distinguished Encoding Rules of ASN.1 (X.690): those that certificates are made of, and nothing that reads them.

const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

const contextual = 0x80;
const constructed = 0x20;

export function sequence(...parts: readonly Buffer[]): Buffer {
  return element(tag.sequence, ...parts);
}

export function setOf(...parts: readonly Buffer[]): Buffer {
  return element(tag.set, ...parts);
}

/** A number that is not negative. */
export function integer(value: number | Buffer): Buffer {
  const bytes = typeof value === 'number' ? bytesOf(value) : value;
  // The highest bit is the sign's.
  return element(tag.integer, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

export function truth(): Buffer {
  return element(tag.boolean, Buffer.of(0xff));
}

export function nothing(): Buffer {
  return element(tag.null);
}

/** `1.2.840.10045.4.3.2` */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift((left & 0x7f) | 0x80);
    }
    bytes.push(...digits);
  }
  return element(tag.oid, Buffer.from(bytes));
}

export function utf8(text: string): Buffer {
  return element(tag.utf8, Buffer.from(text));
}

export function octets(content: Buffer): Buffer {
  return element(tag.octetString, content);
}

/** `unused`: bits of the last byte that are not meant. */
export function bits(content: Buffer, unused = 0): Buffer {
  return element(tag.bitString, Buffer.of(unused), content);
}

/** To the second; until 2049 with a year of two digits (RFC 5280, 4.1.2.5). */
export function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return Number(digits.slice(0, 4)) < 2050
    ? element(tag.utcTime, Buffer.from(digits.slice(2)))
    : element(tag.generalizedTime, Buffer.from(digits));
}

/** `[number] EXPLICIT` */
export function explicit(number: number, ...parts: readonly Buffer[]): Buffer {
  return element(contextual | constructed | number, ...parts);
}

/** `[number] IMPLICIT` of something that is not constructed. */
export function implicit(number: number, content: Buffer): Buffer {
  return element(contextual | number, content);
}

function bytesOf(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

function element(kind: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(kind, length), content]);
  const size = length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
  return Buffer.concat([Buffer.of(kind), size, content]);
}
