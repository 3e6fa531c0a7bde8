// The self-made certificate of the signing key: as much of it as a subscriber needs who takes the public key out of it.

import type { KeyObject } from 'node:crypto';
import { writeCertificate } from '../../../util/x509.ts';

const from = Date.UTC(2020, 0, 1);
const until = Date.UTC(2049, 11, 31, 23, 59, 59);

/** In PEM. */
export function selfSigned(
  name: string,
  keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
): string {
  return writeCertificate({
    subject: name,
    issuer: name,
    notBefore: from,
    notAfter: until,
    publicKey: keys.publicKey,
    issuerKeys: keys,
    use: 'plain',
  });
}
