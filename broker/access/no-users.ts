// Without users: whoever is let in without credentials may also give some, which are checked against nothing; a certificate that
// TLS trusts is enough too. All of them may do everything.

import { BrokerError } from '../core/errors.ts';
import { unrestricted } from '../core/access.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import { anonymous } from './user-records.ts';

export function withoutUsers(mostConnectionsOfUser: number): Doorkeeper {
  return {
    knowsScram: false,
    admit: async (peer, credentials) => {
      const { certificateSubject } = peer;
      if (credentials === undefined && certificateSubject !== undefined) {
        return { principal: unrestricted(certificateSubject), by: 'certificate' };
      }
      if (!peer.anonymous) return { refused: 'there are no users, and this listener is not open to all' };
      return { principal: unrestricted(credentials?.user ?? anonymous), by: 'nothing' };
    },
    admitByCertificate: async ({ certificateSubject }) =>
      certificateSubject === undefined
        ? { refused: 'no certificate' }
        : { principal: unrestricted(certificateSubject), by: 'certificate' },
    admitByScram: async () => ({ refused: 'there are no users' }),
    scramKeys: () => Promise.reject(new BrokerError('unsupported', 'there are no users')),
    isProven: () => false,
    principalOf: (user) => unrestricted(user),
    mostConnections: (user) => (user === anonymous ? Infinity : mostConnectionsOfUser),
  };
}
