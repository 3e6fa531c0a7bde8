// Elements of the XML that XStream writes, and of the JSON that Jettison makes of it: names, text and children. Of XML
// it reads what data needs; document types and other entities than the five of XML are refused.

import { BrokerError } from '../../../core/errors.ts';

export interface Element {
  readonly name: string;
  readonly text: string;
  readonly children: readonly Element[];
}

const mostLevels = 128;

/** @throws BrokerError `invalid`. */
export function elementsFromJson(text: string): Element {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BrokerError('invalid', 'the body is not JSON', { cause: error });
  }
  const [root, ...others] = childrenOfJson(value, 0);
  if (root === undefined || others.length > 0) throw new BrokerError('invalid', 'expected one object with one member');
  return root;
}

function childrenOfJson(value: unknown, depth: number): Element[] {
  if (depth > mostLevels) throw new BrokerError('invalid', `more than ${mostLevels} levels`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const children: Element[] = [];
  for (const [name, content] of Object.entries(value)) {
    // `@name` is an attribute, `$` the text beside them.
    if (name.startsWith('@') || name === '$') continue;
    const items: readonly unknown[] = Array.isArray(content) ? content : [content];
    for (const item of items) {
      children.push({ name, text: textOfJson(item), children: childrenOfJson(item, depth + 1) });
    }
  }
  return children;
}

function textOfJson(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object' && value !== null && '$' in value) return textOfJson(value.$);
  return '';
}

interface Open {
  readonly name: string;
  text: string;
  readonly children: Element[];
}

/** Comments, instructions and CDATA as a whole, or a tag, or text up to the next of these. */
const token = /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[([^]*?)\]\]>|<(\/?)([A-Za-z_][\w.-]*)(?:\s[^<>]*?)?(\/?)>|[^<]+/y;

/** @throws BrokerError `invalid`. */
export function elementsFromXml(text: string): Element {
  const document: Open = { name: '', text: '', children: [] };
  const open: Open[] = [document];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null) throw new BrokerError('invalid', `no XML that is read here, at ${at}`);
    const [all, data, isEnd, name, isEmpty] = found;
    const current = open.at(-1) ?? document;
    if (data !== undefined) current.text += data;
    else if (name === undefined) current.text += all.startsWith('<') ? '' : resolved(all);
    else if (isEnd === '/') {
      if (open.length < 2 || current.name !== name) throw new BrokerError('invalid', `unexpected </${name}> at ${at}`);
      open.pop();
      close(open.at(-1) ?? document, current);
    } else if (isEmpty === '/') close(current, { name, text: '', children: [] });
    else if (open.length > mostLevels) throw new BrokerError('invalid', `more than ${mostLevels} levels`);
    else open.push({ name, text: '', children: [] });
  }
  const [root, ...others] = document.children;
  if (root === undefined || others.length > 0 || open.length > 1 || document.text.trim() !== '') {
    throw new BrokerError('invalid', 'expected one XML element');
  }
  return root;
}

function close(parent: Open, element: Open): void {
  parent.children.push(element);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function resolved(text: string): string {
  return text.replace(/&([^;&]*;?)/g, (all, reference: string) => {
    const [, code] = /^#([0-9]{1,7}|x[0-9a-fA-F]{1,6});$/.exec(reference) ?? [];
    if (code !== undefined) {
      const point = Number(code.startsWith('x') ? `0${code}` : code);
      if (point <= 0x10ffff) return String.fromCodePoint(point);
    }
    const name = reference.slice(0, -1);
    const character = reference.endsWith(';') && Object.hasOwn(entities, name) ? entities[name] : undefined;
    if (character !== undefined) return character;
    throw new BrokerError('invalid', `no entity that is known here: "${all.slice(0, 32)}"`);
  });
}
