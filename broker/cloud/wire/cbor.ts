// The CBOR wire (awsCbor 1.1, RFC 8949), as the AWS SDKs for Java speak it to Kinesis: a structure is a map of its
// members' names, a blob is a byte string, a timestamp is tag 1 with whole milliseconds.

import { malformedInput } from '../errors.ts';
import type { AwsError } from '../errors.ts';
import type { Operation, Service } from '../service.ts';
import type { Shape, StructureShape, Value } from '../shape.ts';
import { CborDecoder } from './cbor-decoder.ts';
import { CborEncoder } from './cbor-encoder.ts';
import { eventAnswer } from './event-stream.ts';
import { plainRefusal } from './refusal.ts';
import type { Answer, Payload, Wire } from './wire.ts';

const contentType = 'application/x-amz-cbor-1.1';

export const cbor11: Wire = {
  name: 'cbor-1.1',
  parse({ entries }: StructureShape, { body }: Payload) {
    const value = new CborDecoder(body).whole();
    if (!(value instanceof Map)) throw malformedInput();
    return readMembers(entries, value);
  },
  serialise(_service: Service, operation: Operation, output: object | undefined): Answer {
    if (operation.events !== undefined) return eventAnswer(operation.events, output, contentType, writeCbor);
    const body = operation.output === undefined ? '' : writeCbor(operation.output, output ?? {});
    return { status: 200, contentType, body };
  },
  refuse(_service: Service | undefined, error: AwsError): Answer {
    const encoder = new CborEncoder();
    const members = Object.entries(plainRefusal(error));
    encoder.map(members.length);
    for (const [name, value] of members) {
      encoder.text(name);
      encoder.text(value);
    }
    return { status: error.kind.status, contentType, body: encoder.take() };
  },
};

// ---- reading

function readMembers(entries: StructureShape['entries'], given: ReadonlyMap<unknown, unknown>): Value<StructureShape> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of entries) {
    const value = given.get(name);
    if (value !== undefined && value !== null) result[name] = read(member, value);
  }
  return result as Value<StructureShape>;
}

function read(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'string':
      return typeof value === 'string' ? value : refuse();
    case 'integer':
      return typeof value === 'number' ? Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value))) : refuse();
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse();
    case 'timestamp':
      return typeof value === 'number' ? value : refuse();
    case 'blob':
      return value instanceof Uint8Array ? value : refuse();
    case 'list':
      if (!Array.isArray(value)) return refuse();
      return value.filter((item) => item !== null).map((item: unknown) => read(shape.member, item));
    case 'map':
      return value instanceof Map ? readMap(shape.of, value) : refuse();
    case 'structure':
      return value instanceof Map ? readMembers(shape.entries, value) : refuse();
  }
}

function readMap(of: Shape, given: ReadonlyMap<unknown, unknown>): ReadonlyMap<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [key, value] of given) {
    if (typeof key !== 'string') return refuse();
    if (value !== null) result.set(key, read(of, value));
  }
  return result;
}

function refuse(): never {
  throw malformedInput();
}

// ---- writing

function writeCbor(shape: StructureShape, value: object): Buffer {
  const encoder = new CborEncoder();
  write(encoder, shape, value);
  return encoder.take();
}

function write(encoder: CborEncoder, shape: Shape, value: unknown): void {
  switch (shape.kind) {
    case 'string':
      return encoder.text(value as string);
    case 'integer':
      return encoder.integer(value as number);
    case 'boolean':
      return encoder.boolean(value as boolean);
    case 'timestamp':
      // SDKs for Java read no floating point here.
      encoder.tag(1);
      return encoder.integer(Math.trunc(value as number));
    case 'blob':
      return encoder.bytes(value as Uint8Array);
    case 'list': {
      const items = value as readonly unknown[];
      encoder.array(items.length);
      for (const item of items) write(encoder, shape.member, item);
      return;
    }
    case 'map': {
      const pairs = value as ReadonlyMap<string, unknown>;
      encoder.map(pairs.size);
      for (const [key, item] of pairs) {
        encoder.text(key);
        write(encoder, shape.of, item);
      }
      return;
    }
    case 'structure':
      writeMembers(encoder, shape.entries, value as Readonly<Record<string, unknown>>);
  }
}

function writeMembers(
  encoder: CborEncoder,
  entries: StructureShape['entries'],
  value: Readonly<Record<string, unknown>>,
): void {
  let count = 0;
  for (const [name] of entries) if (value[name] !== undefined) count++;
  encoder.map(count);
  for (const [name, member] of entries) {
    const item = value[name];
    if (item === undefined) continue;
    encoder.text(name);
    write(encoder, member, item);
  }
}
