// SASL ANONYMOUS (RFC 4505). The trace information that a client may send is not used.

import { refusal, type Mechanism } from './mechanism.ts';

export const anonymous: Mechanism = {
  name: 'ANONYMOUS',
  isOffered: (_, peer) => peer.anonymous,
  begin: (access, peer) => ({
    respond: async () => {
      const principal = await access.authenticate(peer, undefined);
      return principal === undefined ? refusal : { kind: 'success', principal };
    },
  }),
};
