// LIKE of message selectors (JMS 2.0, 3.8.1.1): `_` is any character, `%` any run of them, unless escaped.

/** One character, any character, or any run of them. */
type LikeElement = string | typeof anyOne | typeof anyRun;
const anyOne = Symbol('_');
const anyRun = Symbol('%');

/** Matches in time proportional to text times pattern, whatever the pattern: a run is tried again only from the last one. */
export function likeMatcher(pattern: string, escape: string | undefined): (text: string) => boolean {
  const elements = likeElements(pattern, escape);
  return (text) => {
    const characters = Array.from(text);
    let at = 0;
    let element = 0;
    let run = -1;
    let runAt = 0;
    while (at < characters.length) {
      const expected = elements[element];
      if (expected === anyRun) {
        run = element++;
        runAt = at;
      } else if (expected === anyOne || expected === characters[at]) {
        at++;
        element++;
      } else if (run >= 0) {
        at = ++runAt;
        element = run + 1;
      } else return false;
    }
    while (elements[element] === anyRun) element++;
    return element === elements.length;
  };
}

function likeElements(pattern: string, escape: string | undefined): LikeElement[] {
  const elements: LikeElement[] = [];
  let escaped = false;
  for (const character of pattern) {
    if (!escaped && character === escape) {
      escaped = true;
      continue;
    }
    elements.push(escaped ? character : character === '%' ? anyRun : character === '_' ? anyOne : character);
    escaped = false;
  }
  return elements;
}
