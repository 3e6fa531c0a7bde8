// Access for tests: names are decided by a function, and whoever has one may do everything.

import { openAccess, unrestricted } from '../../broker/core/access.ts';
import type { Access, Credentials, Peer } from '../../broker/core/access.ts';

export function accessBy(
  authenticate: (peer: Peer, credentials: Credentials | undefined) => Promise<string | undefined>,
): Access {
  return {
    ...openAccess,
    authenticate: async (peer, credentials) => {
      const user = await authenticate(peer, credentials);
      return user === undefined ? undefined : unrestricted(user);
    },
  };
}
