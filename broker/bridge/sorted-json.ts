// JSON by what it says: members in the order of their names, no white space.

/** What the body says as JSON; undefined where it is none, or where reading it would lose digits of a number. */
export function jsonOf(body: Buffer): unknown {
  const first = body.find((byte) => byte > 0x20);
  if (first !== openBrace && first !== openBracket) return undefined;
  const text = body.toString();
  if (manyDigits.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // It only looks like it.
    return undefined;
  }
}

const openBrace = 0x7b;
const openBracket = 0x5b;
/** More than a double holds. */
const manyDigits = /\d{16}/;

/** Undefined: it is nested too deeply. */
export function sortedJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, one: unknown) => {
      if (typeof one !== 'object' || one === null || Array.isArray(one)) return one;
      return Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)));
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
