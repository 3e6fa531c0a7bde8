// The Query wire (awsQuery): a request is a flat list of named parameters, in the URL or as a form, that are unflattened
// along the shapes. Answers are XML (xml.ts).

import { malformedInput } from '../errors.ts';
import type { AwsError } from '../errors.ts';
import type { Operation, Service } from '../service.ts';
import type { ListShape, MapShape, Shape, StructureShape, Value } from '../shape.ts';
import type { Answer, Payload, Wire } from './wire.ts';
import { element, escapeXml } from './xml.ts';

const contentType = 'text/xml';
/** Parameters beyond this are refused: no operation takes as many. */
const mostParameters = 10_000;
/** Deepest `A.1.B.2…` that any shape has. */
const deepestName = 12;

export const query: Wire = {
  name: 'query',
  parse({ entries }: StructureShape, { parameters }: Payload) {
    return readMembers(entries, unflatten(parameters ?? new Map()));
  },
  serialise(service: Service, { name, output }: Operation, value: object | undefined, requestId: string): Answer {
    const result = output === undefined ? '' : element(output, `${name}Result`, value ?? {});
    const body =
      `<?xml version="1.0"?><${name}Response xmlns="${service.xmlNamespace}">${result}` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`;
    return { status: 200, contentType, body };
  },
  refuse(service: Service | undefined, { kind, queryMessage }: AwsError, requestId: string): Answer {
    const namespace = service === undefined ? '' : ` xmlns="${service.xmlNamespace}"`;
    const detail = service?.plainErrors === true ? '' : '<Detail/>';
    const body =
      `<?xml version="1.0"?><ErrorResponse${namespace}><Error><Type>${kind.fault}</Type><Code>${kind.code}</Code>` +
      `<Message>${escapeXml(queryMessage)}</Message>${detail}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status: kind.status, contentType, body };
  },
};

/**
 * Adds the parameters of a URL's query or a form to `into`. Of parameters with the same name the first holds.
 * @throws AwsError for bytes that are no UTF-8, or too many parameters.
 */
export function readParameters(text: string, into: Map<string, string>): void {
  let start = 0;
  for (let count = 0; start < text.length; count++) {
    if (count >= mostParameters) throw malformedInput('Too many parameters');
    const ampersand = text.indexOf('&', start);
    const end = ampersand < 0 ? text.length : ampersand;
    const parameter = text.slice(start, end);
    const equals = parameter.indexOf('=');
    const name = decode(equals < 0 ? parameter : parameter.slice(0, equals));
    if (name !== '' && !into.has(name)) into.set(name, equals < 0 ? '' : decode(parameter.slice(equals + 1)));
    start = end + 1;
  }
}

function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformedInput('Malformed percent-encoding');
  }
}

// ---- unflattening

interface Node {
  text: string | undefined;
  children: Map<string, Node> | undefined;
}

function unflatten(parameters: ReadonlyMap<string, string>): Node {
  const root: Node = { text: undefined, children: undefined };
  for (const [name, value] of parameters) {
    const steps = name.split('.', deepestName + 1);
    // Deeper than any shape: nothing would read it.
    if (steps.length > deepestName) continue;
    let node = root;
    for (const step of steps) node = childOf(node, step);
    node.text = value;
  }
  return root;
}

function childOf(node: Node, name: string): Node {
  node.children ??= new Map();
  let child = node.children.get(name);
  if (child === undefined) {
    child = { text: undefined, children: undefined };
    node.children.set(name, child);
  }
  return child;
}

// ---- reading

function readMembers(entries: StructureShape['entries'], node: Node): Value<StructureShape> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of entries) {
    const value = read(member, memberNode(member, name, node));
    if (value !== undefined) result[name] = value;
    // On this wire an empty list leaves no trace: what must be there is there, with nothing in it.
    else if (member.required && member.kind === 'list') result[name] = [];
  }
  return result as Value<StructureShape>;
}

function memberNode(member: Shape, name: string, node: Node): Node | undefined {
  const flat = member.kind === 'list' || member.kind === 'map' ? member.flat : undefined;
  return node.children?.get(flat ?? name);
}

function read(shape: Shape, node: Node | undefined): unknown {
  if (node === undefined) return undefined;
  switch (shape.kind) {
    case 'list':
      return readList(shape, node);
    case 'map':
      return readMap(shape, node);
    case 'structure':
      return node.children === undefined ? undefined : readMembers(shape.entries, node);
    case 'string':
      return node.text;
    case 'integer':
      return node.text === undefined ? undefined : readInteger(node.text);
    case 'boolean':
      return node.text === undefined ? undefined : readBoolean(node.text);
    case 'timestamp':
      return node.text === undefined ? undefined : readTimestamp(node.text);
    case 'blob':
      return node.text === undefined ? undefined : Buffer.from(node.text, 'base64');
  }
}

/** `Name.1=`, `Name.2=`; `Name.member.1=` where it is not flat; `Name=` alone counts as the first. */
function readList(shape: ListShape, node: Node): unknown[] | undefined {
  const items = shape.flat === undefined ? node.children?.get('member') : node;
  if (items === undefined) return undefined;
  const numbered = inOrder(items);
  const nodes = numbered.length > 0 || items.text === '' ? numbered : [items];
  const found = nodes.map((item) => read(shape.member, item)).filter((item) => item !== undefined);
  return found.length === 0 ? undefined : found;
}

/** `Name.1.Key=` and `Name.1.Value=`; `Name.entry.1.key=` where it is not flat; `Name.Key=` alone counts as the first. */
function readMap(shape: MapShape, node: Node): ReadonlyMap<string, unknown> | undefined {
  const items = shape.flat === undefined ? node.children?.get('entry') : node;
  if (items === undefined) return undefined;
  const result = new Map<string, unknown>();
  for (const item of [...inOrder(items), items]) {
    const key = item.children?.get(shape.key)?.text;
    if (key === undefined) continue;
    const value = read(shape.of, item.children?.get(shape.value));
    // A key without a value is there: what that means is the action's to say.
    result.set(key, value ?? (shape.of.kind === 'structure' ? readMembers(shape.of.entries, emptyNode) : ''));
  }
  return result.size === 0 ? undefined : result;
}

const emptyNode: Node = { text: undefined, children: undefined };

function inOrder(node: Node): Node[] {
  const numbered: [number, Node][] = [];
  for (const [name, child] of node.children ?? []) if (/^\d{1,9}$/.test(name)) numbered.push([Number(name), child]);
  return numbered.sort(([a], [b]) => a - b).map(([, child]) => child);
}

function readInteger(text: string): number {
  if (!/^[+-]?\d{1,19}$/.test(text)) throw malformedInput('STRING_VALUE can not be converted to an Integer');
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Number(text)));
}

function readTimestamp(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw malformedInput('STRING_VALUE can not be converted to a Timestamp');
  return ms;
}

function readBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw malformedInput('STRING_VALUE can not be converted to a Boolean');
  return text === 'true';
}
