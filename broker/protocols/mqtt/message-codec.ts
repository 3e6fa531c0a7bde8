// Messages as bytes in records of the store, for wills and retained messages: a length, the header fields as JSON, the
// body. What another dialect would need to be faithful to itself is not kept.

import { BrokerError } from '../../core/errors.ts';
import type { Message, Property, PropertyValue } from '../../core/message.ts';

type Header = Omit<Message, 'body' | 'original' | 'properties'>;

interface Encoded extends Header {
  readonly properties: readonly (Omit<Property, 'value'> & { readonly value: EncodedValue })[];
}

type EncodedValue = string | number | boolean | null | { readonly bigint: string } | { readonly bytes: string };

const lengthBytes = 4;

export function encodeMessage(message: Message): Buffer {
  const { body, original: _original, properties, ...header } = message;
  const encoded: Encoded = {
    ...header,
    properties: properties.map((property) => ({ ...property, value: encodeValue(property.value) })),
  };
  const json = Buffer.from(JSON.stringify(encoded));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, body]);
}

/** @throws BrokerError `store-failed` for what encodeMessage did not write. */
export function decodeMessage(bytes: Buffer): Message {
  if (bytes.length < lengthBytes) throw new BrokerError('store-failed', 'read a message of a record: cut short');
  const end = lengthBytes + bytes.readUInt32BE(0);
  try {
    const { properties, ...header } = JSON.parse(bytes.toString('utf8', lengthBytes, end)) as Encoded;
    return {
      ...header,
      properties: properties.map((property) => ({ ...property, value: decodeValue(property.value) })),
      body: bytes.subarray(end),
    };
  } catch (cause) {
    throw new BrokerError('store-failed', 'read a message of a record', { cause });
  }
}

function encodeValue(value: PropertyValue): EncodedValue {
  if (typeof value === 'bigint') return { bigint: String(value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  return value;
}

function decodeValue(value: EncodedValue): PropertyValue {
  if (typeof value !== 'object' || value === null) return value;
  return 'bigint' in value ? BigInt(value.bigint) : Buffer.from(value.bytes, 'base64');
}
