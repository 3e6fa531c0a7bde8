// SASL EXTERNAL (RFC 4422, appendix A): the client is who its certificate says. Acting as someone else is refused.

import { refusal, type Mechanism, type Step } from './mechanism.ts';

export const external: Mechanism = {
  name: 'EXTERNAL',
  isOffered: (_, peer) => peer.certificateSubject !== undefined,
  begin: (access, peer) => ({
    respond: async (response): Promise<Step> => {
      // The client's message, which may be empty, is asked for by an empty challenge (RFC 4422, section 5.1).
      if (response === undefined) return { kind: 'challenge', challenge: Buffer.alloc(0) };
      const principal = await access.authenticateByCertificate(peer);
      const actsAs = response.toString('utf8');
      const isOwn = actsAs === '' || actsAs === principal?.user || actsAs === peer.certificateSubject;
      return principal === undefined || !isOwn ? refusal : { kind: 'success', principal };
    },
  }),
};
