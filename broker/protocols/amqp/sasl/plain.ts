// SASL PLAIN (RFC 4616): `authzid NUL authcid NUL password` in one message. Acting as someone else is refused.

import { refusal, type Mechanism, type Step } from './mechanism.ts';

const nul = 0;

export const plain: Mechanism = {
  name: 'PLAIN',
  isOffered: () => true,
  begin: (access, peer) => ({
    respond: async (response): Promise<Step> => {
      // Without an initial response the client is asked for it by an empty challenge (RFC 4422, section 5.1).
      if (response === undefined) return { kind: 'challenge', challenge: Buffer.alloc(0) };
      const credentials = parse(response);
      const principal = credentials && (await access.authenticate(peer, credentials));
      return principal === undefined ? refusal : { kind: 'success', principal };
    },
  }),
};

function parse(message: Buffer): { user: string; password: Buffer } | undefined {
  const first = message.indexOf(nul);
  const second = message.indexOf(nul, first + 1);
  if (first < 0 || second < 0 || message.includes(nul, second + 1)) return undefined;
  const authorized = message.toString('utf8', 0, first);
  const user = message.toString('utf8', first + 1, second);
  if (user === '' || (authorized !== '' && authorized !== user)) return undefined;
  // A copy: what is read from the socket is kept by nobody.
  return { user, password: Buffer.from(message.subarray(second + 1)) };
}
