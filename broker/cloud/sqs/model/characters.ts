// The characters that a body and a text attribute may have: those of XML 1.0 (SendMessage, "A message can include only
// XML, JSON, and unformatted text").

// eslint-disable-next-line no-control-regex -- the characters are what it is about
const foreign = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;
const everyForeign = new RegExp(foreign, 'g');

export function hasOnlyXmlCharacters(text: string): boolean {
  return !foreign.test(text) && text.isWellFormed();
}

export function replaceForeign(text: string): string {
  return text.replace(everyForeign, '\uFFFD').toWellFormed();
}
