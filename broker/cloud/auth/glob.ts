// Patterns of policies: `*` for any text, `?` for one character. Takes time in proportion to the product of the lengths at
// worst: policies come from anybody.

/** Stands before a character that is meant as it is. */
export const literally = '\u0000';

export function matches(pattern: string, text: string): boolean {
  if (!/[*?\0]/.test(pattern)) return pattern === text;
  let at = 0;
  let read = 0;
  let star = -1;
  let retry = 0;
  while (read < text.length) {
    const character = pattern[at];
    const isLiteral = character === literally;
    const wanted = isLiteral ? pattern[at + 1] : character;
    if (!isLiteral && wanted === '*') {
      star = at++;
      retry = read;
    } else if (wanted !== undefined && (wanted === text[read] || (!isLiteral && wanted === '?'))) {
      at += isLiteral ? 2 : 1;
      read++;
    } else if (star >= 0) {
      at = star + 1;
      read = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at >= pattern.length;
}
