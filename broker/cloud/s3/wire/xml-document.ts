// Reads the small XML documents that S3's requests carry: elements and text. No document types, and so no entities but the five
// of XML itself; attributes and namespaces are passed over.

export interface Element {
  readonly name: string;
  readonly children: readonly Element[];
  /** Of an element without children. */
  readonly text: string;
}

const deepest = 16;
const token =
  /<(?:!--[\s\S]*?-->|\?[\s\S]*?\?>|!\[CDATA\[([\s\S]*?)\]\]>|(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>)|([^<]+)/y;
const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

interface Open {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

/** The root; undefined for what is not well formed, or goes too deep. */
export function readXml(document: string): Element | undefined {
  const root: Open = { name: '', children: [], text: '' };
  const open: Open[] = [root];
  token.lastIndex = document.startsWith('\uFEFF') ? 1 : 0;
  while (token.lastIndex < document.length) {
    const found = token.exec(document);
    if (found === null) return undefined;
    const [, raw, closing, name, , empty, text] = found;
    const current = open.at(-1) ?? root;
    if (raw !== undefined) current.text += raw;
    if (text !== undefined) {
      const decoded = decode(text);
      if (decoded === undefined || (current === root && decoded.trim() !== '')) return undefined;
      current.text += decoded;
    }
    if (name === undefined) continue;
    const local = name.slice(name.indexOf(':') + 1);
    if (closing === '/') {
      if (open.length < 2 || current.name !== local || empty === '/') return undefined;
      open.pop();
      close(current, open.at(-1) ?? root);
    } else {
      const element = { name: local, children: [], text: '' };
      if (empty === '/') close(element, current);
      else if (open.push(element) > deepest) return undefined;
    }
  }
  const [only, ...others] = root.children;
  return open.length === 1 && others.length === 0 ? only : undefined;
}

export function child(element: Element, name: string): Element | undefined {
  return element.children.find((candidate) => candidate.name === name);
}

/** Of the first child with that name. */
export function textOf(element: Element, name: string): string | undefined {
  return child(element, name)?.text;
}

function close(element: Open, parent: Open): void {
  parent.children.push({ ...element, text: element.children.length === 0 ? element.text : '' });
}

function decode(text: string): string | undefined {
  let isSound = true;
  const decoded = text.replaceAll(/&([^;&]{0,16};?)/g, (whole: string, body: string) => {
    const name = body.endsWith(';') ? body.slice(0, -1) : '';
    const code = /^#(?:x([\da-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const point =
      code === null ? undefined : Number.parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 10 : 16);
    const character = point === undefined ? named[name] : point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
    if (character === undefined) isSound = false;
    return character ?? whole;
  });
  return isSound ? decoded : undefined;
}
