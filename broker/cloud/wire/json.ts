// The JSON wires (awsJson1_0, awsJson1_1): a structure is an object, a blob is base64, null is absent. Mistakes of type
// are answered with the words of the parser that AWS uses.

import { malformedInput } from '../errors.ts';
import type { AwsError } from '../errors.ts';
import type { Operation, Service } from '../service.ts';
import { eventAnswer } from './event-stream.ts';
import { jsonBytes } from './json-bytes.ts';
import { isCrowded } from './json-crowd.ts';
import { plainRefusal } from './refusal.ts';
import type { Shape, StructureShape, Value } from '../shape.ts';
import type { Answer, Payload, Wire } from './wire.ts';

/** How the services on a version of the wire differ: each was built with the parser of its time. */
interface Manners {
  readonly name: 'json-1.0' | 'json-1.1';
  readonly contentType: string;
  /** Whether maps of strings take numbers and booleans for their text. */
  readonly convertsInMaps: boolean;
  /** What is said of a value that is not of its member's kind. */
  misfit(value: unknown, wanted: Wanted): string;
}

type Wanted = 'String' | 'Integer' | 'Boolean' | 'Blob' | 'Timestamp';

const manners10: Manners = {
  name: 'json-1.0',
  contentType: 'application/x-amz-json-1.0',
  convertsInMaps: true,
  misfit: (value, wanted) => `${tokenName(value)} can not be converted to ${articles10[wanted]}`,
};

const manners11: Manners = {
  name: 'json-1.1',
  contentType: 'application/x-amz-json-1.1',
  convertsInMaps: false,
  misfit: (value, wanted) => {
    const given = wanted === 'Boolean' && typeof value === 'string' ? `'${value.toUpperCase()}'` : className(value);
    return `${given} can not be converted to ${articles11[wanted]}`;
  },
};

const articles10: Readonly<Record<Wanted, string>> = {
  String: 'a String',
  Integer: 'an Integer',
  Boolean: 'a Boolean',
  Blob: 'a Blob',
  Timestamp: 'a Timestamp',
};

const articles11: Readonly<Record<Wanted, string>> = {
  String: 'an String',
  Integer: 'an Integer',
  Boolean: 'an Boolean',
  Blob: 'a Blob',
  Timestamp: 'milliseconds since epoch',
};

export const json10: Wire = {
  name: manners10.name,
  parse: ({ entries }: StructureShape, { body }: Payload) =>
    // An empty body is an empty structure.
    body.length === 0 ? {} : readMembers(entries, parseObject(body), manners10),
  serialise(_service: Service, operation: Operation, output: object | undefined): Answer {
    const body = operation.output === undefined ? '' : write(operation.output, output ?? {});
    return { status: 200, contentType: manners10.contentType, body };
  },
  refuse(_service: Service | undefined, { kind, message }: AwsError): Answer {
    const body = JSON.stringify(message === '' ? { __type: kind.type } : { __type: kind.type, message });
    return {
      status: kind.status,
      contentType: manners10.contentType,
      body,
      queryError: `${kind.code};${kind.fault}`,
    };
  },
};

export const json11: Wire = {
  name: manners11.name,
  parse: ({ entries }: StructureShape, { body }: Payload) => readMembers(entries, parseObject(body), manners11),
  serialise(_service: Service, operation: Operation, output: object | undefined): Answer {
    const { contentType } = manners11;
    if (operation.events !== undefined) return eventAnswer(operation.events, output, 'application/json', jsonBytes);
    const body = operation.output === undefined ? '' : jsonBytes(operation.output, output ?? {});
    return { status: 200, contentType, body };
  },
  refuse(_service: Service | undefined, error: AwsError): Answer {
    const body = JSON.stringify(plainRefusal(error));
    return { status: error.kind.status, contentType: manners11.contentType, body };
  },
};

// ---- reading

function parseObject(body: Buffer): object {
  if (isCrowded(body)) throw malformedInput();
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw malformedInput();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformedInput();
  return value;
}

function readMembers(entries: StructureShape['entries'], given: object, manners: Manners): Value<StructureShape> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of entries) {
    const value = Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined;
    if (value !== undefined && value !== null) result[name] = read(member, value, manners);
  }
  return result as Value<StructureShape>;
}

function read(shape: Shape, value: unknown, manners: Manners): unknown {
  switch (shape.kind) {
    case 'string':
      return typeof value === 'string' ? value : refuseScalar(value, 'String', manners);
    case 'integer':
      return typeof value === 'number' ? truncate(value) : refuseScalar(value, 'Integer', manners);
    case 'boolean':
      return typeof value === 'boolean' ? value : refuseScalar(value, 'Boolean', manners);
    case 'timestamp':
      return typeof value === 'number' ? value * 1000 : refuseScalar(value, 'Timestamp', manners);
    case 'blob':
      return typeof value === 'string' ? readBlob(value) : refuseScalar(value, 'Blob', manners);
    case 'list':
      if (!Array.isArray(value)) return refuseCollection(value, 'Expected list or null');
      return value.filter((item) => item !== null).map((item: unknown) => read(shape.member, item, manners));
    case 'map':
      if (!isObject(value)) return refuseCollection(value, 'Expected map or null');
      return readMap(shape.of, value, manners);
    case 'structure':
      return isObject(value) ? readMembers(shape.entries, value, manners) : refuseCollection(value, 'Expected null');
  }
}

function readMap(of: Shape, given: object, manners: Manners): ReadonlyMap<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [key, value] of Object.entries(given)) {
    if (value === null) continue;
    const converts = of.kind === 'string' && manners.convertsInMaps;
    result.set(key, converts ? readMapString(value) : read(of, value, manners));
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
  const bytes = Buffer.from(text, 'base64');
  // The decoder skips what is foreign: then there are fewer bytes than there should be.
  if (bytes.length === decodedLength(text) && isCanonical(text)) return bytes;
  const refused = `'${text}' can not be converted to a Blob: `;
  if (text.length % 4 !== 0) {
    throw malformedInput(`${refused}Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`);
  }
  const [foreign] = /[^a-zA-Z0-9+/=]|=(?!=?$)/.exec(text) ?? [];
  if (foreign !== undefined) throw malformedInput(`${refused}Invalid Base64 character: '${foreign}'`);
  throw malformedInput(`${refused}Invalid last non-pad Base64 character dectected`);
}

/** Undefined for what is not in groups of four. */
function decodedLength(text: string): number | undefined {
  if (text.length % 4 !== 0) return undefined;
  return (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
}

const base64Characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Whether no bits are left over, and the alphabet is not the one of URLs, which the decoder takes too. */
function isCanonical(text: string): boolean {
  if (text.includes('-') || text.includes('_')) return false;
  const pads = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const last = base64Characters.indexOf(text.charAt(text.length - 1 - pads));
  return pads === 0 || (pads === 1 ? last % 4 === 0 : last % 16 === 0);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseScalar(value: unknown, wanted: Wanted, manners: Manners): never {
  if (typeof value === 'object') return refuseCollection(value, '');
  throw malformedInput(manners.misfit(value, wanted));
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

/** What an older parser calls it. */
function className(value: unknown): string {
  if (typeof value === 'number') return 'class com.amazon.coral.value.json.numbers.TruncatingBigNumber';
  return `class java.lang.${typeof value === 'boolean' ? 'Boolean' : 'String'}`;
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
      return `"${asBuffer(value as Uint8Array).toString('base64')}"`;
    case 'timestamp':
      return String((value as number) / 1000);
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

/** Without a copy. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
