// Values as examples for people: short, and without secrets.

/** Names of what nobody else is to see. */
const secretName = /pass(word|wd|phrase)?|secret|token|api[-_.]?key|credential|authori[sz]ation|cookie|private/i;
const longestBytes = 100;

export function isSecret(field: string): boolean {
  return secretName.test(field);
}

/** At most 100 bytes of UTF-8. */
export function shown(field: string, value: unknown): string {
  if (isSecret(field)) return '(hidden)';
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  const text = String(value);
  if (text.length * 3 <= longestBytes || Buffer.byteLength(text) <= longestBytes) return text.toWellFormed();
  // A character that is cut in two is left out.
  const cut = Buffer.from(text)
    .subarray(0, longestBytes - 3)
    .toString();
  return `${cut.replace(/\ufffd+$/, '')}…`;
}
