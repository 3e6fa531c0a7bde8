// The JSON wires (awsJson1_0, awsJson1_1): a structure is an object, a blob is base64, null is absent. Mistakes of type
// are answered with the words of the parser that AWS uses.

import { malformedInput } from '../errors.ts';
import type { AwsError } from '../errors.ts';
import type { Operation, Service } from '../service.ts';
import type { Shape, StructureShape, Value } from '../shape.ts';
import type { Answer, Payload, Wire } from './wire.ts';

export const json10 = jsonWire('json-1.0', 'application/x-amz-json-1.0');

function jsonWire(name: 'json-1.0' | 'json-1.1', contentType: string): Wire {
  return {
    name,
    parse: ({ entries }: StructureShape, { body }: Payload) => readMembers(entries, parseObject(body)),
    serialise(_service: Service, operation: Operation, output: object | undefined): Answer {
      const body = operation.output === undefined ? '' : write(operation.output, output ?? {});
      return { status: 200, contentType, body };
    },
    refuse(_service: Service | undefined, { kind, message }: AwsError): Answer {
      const body = JSON.stringify(message === '' ? { __type: kind.type } : { __type: kind.type, message });
      return { status: kind.status, contentType, body, queryError: `${kind.code};${kind.fault}` };
    },
  };
}

// ---- reading

function parseObject(body: Buffer): object {
  // An empty body is an empty structure.
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw malformedInput();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformedInput();
  return value;
}

function readMembers(entries: StructureShape['entries'], given: object): Value<StructureShape> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of entries) {
    const value = Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined;
    if (value !== undefined && value !== null) result[name] = read(member, value);
  }
  return result as Value<StructureShape>;
}

function read(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'string':
      return typeof value === 'string' ? value : refuseScalar(value, 'a String');
    case 'integer':
      return typeof value === 'number' ? truncate(value) : refuseScalar(value, 'an Integer');
    case 'boolean':
      return typeof value === 'boolean' ? value : refuseScalar(value, 'a Boolean');
    case 'blob':
      return typeof value === 'string' ? readBlob(value) : refuseScalar(value, 'a Blob');
    case 'list':
      if (!Array.isArray(value)) return refuseCollection(value, 'Expected list or null');
      return value.filter((item) => item !== null).map((item: unknown) => read(shape.member, item));
    case 'map':
      if (!isObject(value)) return refuseCollection(value, 'Expected map or null');
      return readMap(shape.of, value);
    case 'structure':
      return isObject(value) ? readMembers(shape.entries, value) : refuseCollection(value, 'Expected null');
  }
}

function readMap(of: Shape, given: object): ReadonlyMap<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [key, value] of Object.entries(given)) {
    if (value !== null) result.set(key, of.kind === 'string' ? readMapString(value) : read(of, value));
  }
  return result;
}

/** In a map of strings AWS takes numbers and booleans for their text; SDKs in loosely typed languages send them. */
function readMapString(value: unknown): string {
  if (Array.isArray(value)) throw malformedInput('Unrecognized collection type class java.lang.String');
  if (typeof value === 'object') throw malformedInput('Start of structure or map found where not expected.');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whole and within 32 bits, as the reference implementation makes every number for an Integer. */
function truncate(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value)));
}

function readBlob(text: string): Buffer {
  const refused = `'${text}' can not be converted to a Blob: `;
  if (text.length % 4 !== 0) {
    throw malformedInput(`${refused}Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`);
  }
  const [foreign] = /[^a-zA-Z0-9+/=]|=(?!=?$)/.exec(text) ?? [];
  if (foreign !== undefined) throw malformedInput(`${refused}Invalid Base64 character: '${foreign}'`);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) {
    throw malformedInput(`${refused}Invalid last non-pad Base64 character dectected`);
  }
  return bytes;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseScalar(value: unknown, wanted: string): never {
  if (typeof value === 'object') return refuseCollection(value, '');
  throw malformedInput(`${tokenName(value)} can not be converted to ${wanted}`);
}

function refuseCollection(value: unknown, wanted: string): never {
  if (Array.isArray(value)) throw malformedInput('Start of list found where not expected');
  if (typeof value === 'object') throw malformedInput('Start of structure or map found where not expected.');
  throw malformedInput(wanted);
}

/** What the parser of the reference implementation calls the token. */
function tokenName(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return 'STRING_VALUE';
}

// ---- writing

/** Members that are undefined are left out, and so are empty lists and maps, as the services do. */
function write(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case 'list':
      return `[${(value as readonly unknown[]).map((item) => write(shape.member, item)).join(',')}]`;
    case 'map': {
      const pairs = [...(value as ReadonlyMap<string, unknown>)];
      return `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${write(shape.of, item)}`).join(',')}}`;
    }
    case 'structure':
      return writeMembers(shape.entries, value as Record<string, unknown>);
    case 'blob':
      return JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'));
    case 'string':
    case 'integer':
    case 'boolean':
      return JSON.stringify(value);
  }
}

function writeMembers(entries: StructureShape['entries'], value: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const [name, member] of entries) {
    const item = value[name];
    if (item === undefined || isEmptyCollection(item)) continue;
    text += `${text === '' ? '' : ','}"${name}":${write(member, item)}`;
  }
  return `{${text}}`;
}

function isEmptyCollection(value: unknown): boolean {
  return (Array.isArray(value) && value.length === 0) || (value instanceof Map && value.size === 0);
}
