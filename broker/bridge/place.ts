// Where an end of a route is: of this engine, or of a remote that the configuration names.

/** `SCHEME://NAME`, and the text after the last `@` of an address: the name of a remote. Undefined: it is of this engine. */
export function splitAddress(address: string): { readonly place: string; readonly remote: string | undefined } {
  const at = address.lastIndexOf('@');
  if (at < 0) return { place: address, remote: undefined };
  return { place: address.slice(0, at), remote: address.slice(at + 1) };
}
