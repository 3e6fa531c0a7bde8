// Bodies that are maps, as the JSON or XML that ActiveMQ makes of JMS map messages (header `transformation`): the forms of
// XStream. To the engine such a body is a typed value. Java objects are not read: they stay the text that they came as.

import { BrokerError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import { property } from '../../core/message.ts';
import { elementsFromJson, elementsFromXml } from './wire/elements.ts';
import type { Element } from './wire/elements.ts';

type Format = 'xml' | 'json';

/** What a subscriber asks for, or a sender says it has done. */
export interface Transformation {
  readonly format: Format;
  /** The name under which a map in that form is sent. */
  readonly map: string;
}

const transformations: ReadonlyMap<string, Transformation> = new Map<string, Transformation>([
  ['jms-xml', { format: 'xml', map: 'jms-map-xml' }],
  ['jms-json', { format: 'json', map: 'jms-map-json' }],
  ['jms-map-xml', { format: 'xml', map: 'jms-map-xml' }],
  ['jms-map-json', { format: 'json', map: 'jms-map-json' }],
  // Where there are no objects, these are about maps as well: ActiveMQ writes them so.
  ['jms-object-xml', { format: 'xml', map: 'jms-object-xml' }],
  ['jms-object-json', { format: 'json', map: 'jms-object-json' }],
]);

/** What is longer would hold up the engine for too long. */
const longestBody = 4 * 1024 * 1024;

/** What SUBSCRIBE asks for. @throws BrokerError `unsupported`. */
export function parseTransformation(name: string): Transformation {
  const known = transformations.get(name);
  if (known !== undefined) return known;
  const names = Array.from(transformations.keys()).join(', ');
  throw new BrokerError('unsupported', `transformation "${name}" is none of ${names}`);
}

/**
 * The body of a SEND with the header `transformation`, as the JSON of a typed value; a reason why it is none; or
 * undefined: it is not about a map, and the body is what it is.
 */
export function mapOfBody(
  name: string,
  body: Buffer,
): { readonly json: string } | { readonly error: string } | undefined {
  if (name.startsWith('jms-object-')) return { error: 'Java objects are not read: the body is text' };
  const transformation = name.startsWith('jms-map-') ? transformations.get(name) : undefined;
  if (transformation === undefined) return undefined;
  if (body.length > longestBody) return { error: `bodies of more than ${longestBody} bytes are not transformed` };
  try {
    const text = body.toString();
    const root = transformation.format === 'xml' ? elementsFromXml(text) : elementsFromJson(text);
    if (!mapNames.has(root.name)) return { error: `expected a map, not "${root.name}"` };
    return { json: jsonOf(root, 0) };
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    return { error: error.message };
  }
}

/** A body in another form than the message's own, and the name of that. */
export interface Transformed {
  readonly name: string;
  readonly body: Buffer;
}

/**
 * A typed value in the form that the subscriber asked for, or else in the one that its sender used; undefined for what
 * stays as it is.
 */
export function transformed(message: Message, asked: Transformation | undefined): Transformed | undefined {
  if (message.bodyType !== 'value') return undefined;
  const sent = property(message, 'transformation')?.value;
  const transformation = asked ?? (typeof sent === 'string' ? transformations.get(sent) : undefined);
  if (transformation === undefined || message.body.length > longestBody) return undefined;
  const root = elementOf(JSON.parse(message.body.toString(), exactly));
  const text = transformation.format === 'xml' ? xmlOf(root, '') : JSON.stringify({ [root.name]: contentOf(root) });
  return { name: transformation.map, body: Buffer.from(text) };
}

// ---- elements to JSON

const mapNames: ReadonlySet<string> = new Set([
  'map',
  'linked-hash-map',
  'tree-map',
  'concurrent-hash-map',
  'properties',
]);
const listNames: ReadonlySet<string> = new Set(['list', 'linked-list', 'vector', 'set', 'linked-hash-set', 'tree-set']);
const integerNames: ReadonlySet<string> = new Set(['int', 'long', 'short', 'byte', 'big-int']);
const textNames: ReadonlySet<string> = new Set(['string', 'char', 'date', 'uuid', 'byte-array', 'big-decimal']);
const mostLevels = 64;

function jsonOf(element: Element, depth: number): string {
  const { name, text, children } = element;
  if (depth > mostLevels) throw new BrokerError('invalid', `more than ${mostLevels} levels`);
  if (mapNames.has(name)) return `{${children.map((entry) => memberOf(entry, depth)).join(',')}}`;
  if (listNames.has(name)) return `[${children.map((child) => jsonOf(child, depth + 1)).join(',')}]`;
  if (textNames.has(name)) return JSON.stringify(text);
  if (name === 'null') return 'null';
  const plain = text.trim();
  if (name === 'boolean' && (plain === 'true' || plain === 'false')) return plain;
  if (integerNames.has(name) && /^[+-]?[0-9]{1,40}$/.test(plain)) return String(BigInt(plain.replace(/^\+/, '')));
  if ((name === 'double' || name === 'float') && /^(?:NaN|-?Infinity|[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)$/.test(plain)) {
    return Number.isFinite(Number(plain)) ? String(Number(plain)) : JSON.stringify(plain);
  }
  throw new BrokerError('invalid', `no value of a map: "${name}" with "${plain.slice(0, 64)}"`);
}

function memberOf({ name, children }: Element, depth: number): string {
  const [key, value] = children;
  if (name !== 'entry' || key === undefined || value === undefined || children.length > 2) {
    throw new BrokerError('invalid', `a map has entries of a key and a value, not "${name}" with ${children.length}`);
  }
  return `${JSON.stringify(key.text)}:${jsonOf(value, depth + 1)}`;
}

// ---- JSON to elements

/** Integers that a number cannot hold. */
function exactly(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?[0-9]+$/.test(source) ? BigInt(source) : value;
}

function elementOf(value: unknown): Element {
  if (value === null || value === undefined) return { name: 'null', text: '', children: [] };
  if (Array.isArray(value)) return { name: 'list', text: '', children: value.map((item: unknown) => elementOf(item)) };
  if (typeof value === 'object') {
    const children = Object.entries(value).map(([key, item]: [string, unknown]) => ({
      name: 'entry',
      text: '',
      children: [{ name: 'string', text: key, children: [] }, elementOf(item)],
    }));
    return { name: 'map', text: '', children };
  }
  if (typeof value === 'string') return { name: 'string', text: value, children: [] };
  if (typeof value === 'boolean') return { name: 'boolean', text: String(value), children: [] };
  if (typeof value === 'bigint') {
    return { name: BigInt.asIntN(64, value) === value ? 'long' : 'big-int', text: String(value), children: [] };
  }
  const number = Number(value);
  const integer = Math.abs(number) <= 0x7fffffff ? 'int' : 'long';
  return { name: Number.isSafeInteger(number) ? integer : 'double', text: String(number), children: [] };
}

function xmlOf({ name, text, children }: Element, indent: string): string {
  if (name === 'null') return `${indent}<null/>\n`;
  if (children.length > 0) {
    return `${indent}<${name}>\n${children.map((child) => xmlOf(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
  }
  return text === '' && name !== 'string' ? `${indent}<${name}/>\n` : `${indent}<${name}>${escaped(text)}</${name}>\n`;
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escaped(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what XML cannot carry as they are.
  return text.replace(/[&<>"'\0-\x08\x0b-\x1f]/g, (at) => references[at] ?? `&#x${at.charCodeAt(0).toString(16)};`);
}

/** Children of one name are an array where there are several, as Jettison writes them. */
function contentOf({ name, text, children }: Element): unknown {
  if (children.length === 0) return name === 'boolean' || name === 'int' || name === 'double' ? JSON.parse(text) : text;
  const byName = new Map<string, unknown[]>();
  for (const child of children) {
    const known = byName.get(child.name);
    if (known === undefined) byName.set(child.name, [contentOf(child)]);
    else known.push(contentOf(child));
  }
  return Object.fromEntries(Array.from(byName, ([each, items]) => [each, items.length === 1 ? items[0] : items]));
}
