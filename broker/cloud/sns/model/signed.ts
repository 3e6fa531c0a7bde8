// Whether a request carries a signature at all: links in mails and notifications do not.

import type { Call } from '../../service.ts';

export function isSigned({ headers }: Call): boolean {
  return headers.authorization !== undefined;
}
