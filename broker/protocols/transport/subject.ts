// The subject of a certificate as a user's name: the string form of a distinguished name (RFC 4514).

/**
 * `subject`: as node:crypto gives it, one relative name a line, in the order of the certificate, values escaped as RFC 2253
 * says, which RFC 4514 allows.
 */
export function distinguishedName(subject: string): string {
  return (
    subject
      .split('\n')
      .filter((line) => line !== '')
      // "starting with the last element of the sequence and moving backwards toward the first" (2.1).
      .toReversed()
      // A plus sign that belongs to a value is escaped: this one joins two of one relative name (2.2).
      .map((line) => line.replaceAll(' + ', '+'))
      .join(',')
  );
}
