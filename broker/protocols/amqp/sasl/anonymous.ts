// SASL ANONYMOUS (RFC 4505). The trace information that a client may send is not used.

import { refusal, type Mechanism } from './mechanism.ts';

export const anonymous: Mechanism = {
  name: 'ANONYMOUS',
  isOffered: (peer) => peer.anonymous,
  begin: (access, peer) => ({
    respond: async () => {
      const user = await access.authenticate(peer, undefined);
      return user === undefined ? refusal : { kind: 'success', user };
    },
  }),
};
