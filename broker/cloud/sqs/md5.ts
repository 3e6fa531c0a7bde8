// The digests that SDKs verify (SQS Developer Guide, "Calculating the MD5 message digest for message attributes"): of a
// body, its UTF-8; of attributes, sorted by name, each as length-prefixed name, type and value.

import { hash } from 'node:crypto';

export interface DigestedAttribute {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
}

/** How the digest marks what kind of value follows. */
const transport = { string: 1, binary: 2 } as const;

export function md5OfBody(body: string | Uint8Array): string {
  return hash('md5', body, 'hex');
}

/** Of message attributes, and of message system attributes. Undefined where there are none: no digest is sent. */
export function md5OfAttributes(attributes: ReadonlyMap<string, DigestedAttribute>): string | undefined {
  if (attributes.size === 0) return undefined;
  const parts: Uint8Array[] = [];
  // By UTF-16 code units, as the SDKs sort.
  for (const [name, { DataType, StringValue, BinaryValue }] of [...attributes].sort(byName)) {
    addPrefixed(parts, Buffer.from(name));
    addPrefixed(parts, Buffer.from(DataType));
    parts.push(Buffer.of(BinaryValue === undefined ? transport.string : transport.binary));
    addPrefixed(parts, BinaryValue ?? Buffer.from(StringValue ?? ''));
  }
  return hash('md5', Buffer.concat(parts), 'hex');
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function addPrefixed(parts: Uint8Array[], bytes: Uint8Array): void {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  parts.push(length, bytes);
}
