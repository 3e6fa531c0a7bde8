// The notation of the byte tables: hexadecimal digits, and text in quotes. `30 05 0001 'a' 'xy'` is a PUBLISH.

export function wireBytes(notation: string): Buffer {
  const parts: Buffer[] = [];
  for (const [token, text, hex] of notation.matchAll(/'([^']*)'|([^\s']+)/g)) {
    if (text !== undefined) parts.push(Buffer.from(text));
    else if (hex !== undefined && /^(?:[\dA-Fa-f]{2})+$/.test(hex)) parts.push(Buffer.from(hex, 'hex'));
    else throw new Error(`neither text nor bytes: ${token}`);
  }
  return Buffer.concat(parts);
}
