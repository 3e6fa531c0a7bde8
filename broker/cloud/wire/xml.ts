// XML as the Query wire writes it: element names from the shapes, no attributes, no mixed content.

import type { ListShape, MapShape, Shape } from '../shape.ts';

/** The element `name` with the value, or the elements themselves of a flat list or map. */
export function element(shape: Shape, name: string, value: unknown): string {
  switch (shape.kind) {
    case 'structure': {
      const inner = shape.entries.map(([member, of]) => memberElement(of, member, value)).join('');
      return inner === '' ? `<${name}/>` : `<${name}>${inner}</${name}>`;
    }
    case 'list':
      return wrapUnlessFlat(shape, name, listElements(shape, value as readonly unknown[]));
    case 'map':
      return wrapUnlessFlat(shape, name, mapElements(shape, value as ReadonlyMap<string, unknown>));
    case 'blob':
      return `<${name}>${Buffer.from(value as Uint8Array).toString('base64')}</${name}>`;
    case 'string':
      return `<${name}>${escapeXml(value as string)}</${name}>`;
    case 'timestamp':
      return `<${name}>${new Date(value as number).toISOString()}</${name}>`;
    case 'integer':
    case 'boolean':
      return `<${name}>${String(value)}</${name}>`;
  }
}

/** Markup, carriage returns (a reader would take them for line ends), and what XML 1.0 cannot hold at all. */
export function escapeXml(text: string): string {
  return markup.test(text) ? text.replace(everyMarkup, (found) => entities[found] ?? replacement) : text;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};
const replacement = '\uFFFD';
// eslint-disable-next-line no-control-regex -- the characters are what it is about
const markup = /[&<>"\r\u0000-\u0008\u000B\u000C\u000E-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/;
const everyMarkup =
  // eslint-disable-next-line no-control-regex -- the characters are what it is about
  /[&<>"\r\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function memberElement(shape: Shape, name: string, value: unknown): string {
  const item = (value as Readonly<Record<string, unknown>>)[name];
  return item === undefined ? '' : element(shape, name, item);
}

function wrapUnlessFlat(shape: ListShape | MapShape, name: string, inner: string): string {
  if (shape.flat !== undefined) return inner;
  return inner === '' ? `<${name}/>` : `<${name}>${inner}</${name}>`;
}

function listElements(shape: ListShape, items: readonly unknown[]): string {
  return items.map((item) => element(shape.member, shape.flat ?? 'member', item)).join('');
}

function mapElements(shape: MapShape, items: ReadonlyMap<string, unknown>): string {
  const name = shape.flat ?? 'entry';
  let text = '';
  for (const [key, item] of items) {
    text += `<${name}><${shape.key}>${escapeXml(key)}</${shape.key}>${element(shape.of, shape.value, item)}</${name}>`;
  }
  return text;
}
