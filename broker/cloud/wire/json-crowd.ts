// Counts the values of a JSON text before it is parsed: an object of two bytes takes some fifty in memory, and a body of 16 MB
// is to cost no multiple of that. Its grammar is the parser's matter.

/** No request has as many: 500 records are some 2,000, and a batch with all attributes is fewer. */
const mostValues = 100_000;
/** What is shorter costs little, whatever it is. */
const harmlessBytes = 256 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const openBrace = 0x7b;

/** Strings are skipped, not looked through: most of a long request is one or a few of them. */
export function isCrowded(body: Buffer): boolean {
  if (body.length <= harmlessBytes) return false;
  let values = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === quote) at = endOfString(body, at);
    else if (byte === comma || byte === openBracket || byte === openBrace) values++;
    if (values > mostValues) return true;
  }
  return false;
}

/** Where the closing quote of the string is that begins at `start`. */
function endOfString(body: Buffer, start: number): number {
  let end = start;
  for (;;) {
    end = body.indexOf(quote, end + 1);
    if (end < 0) return body.length;
    let backslashes = 0;
    while (body[end - 1 - backslashes] === backslash) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}
