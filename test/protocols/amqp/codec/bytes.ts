// Octets from hexadecimal digits, in which spaces are for the reader.

export function hex(digits: string): Buffer {
  const compact = digits.replaceAll(/\s/g, '');
  const bytes = Buffer.from(compact, 'hex');
  if (2 * bytes.length !== compact.length) throw new Error(`not hexadecimal: ${digits}`);
  return bytes;
}
