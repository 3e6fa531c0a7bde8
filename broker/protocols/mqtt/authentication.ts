// Who a client is: by user name and password, by the certificate of its connection, or by enhanced authentication (MQTT 5,
// 4.12), of which SCRAM-SHA-256 is the method.

import type { Access, Peer, Principal } from '../../core/access.ts';
import { challenge, judgeClientFinal, readClientFirst } from '../../util/scram.ts';
import type { Challenge } from '../../util/scram.ts';
import type { Connect } from './codec/connect.ts';
import { reason, WireError } from './codec/reason.ts';

export const scramMethod = 'SCRAM-SHA-256';

/** @returns undefined if the client is refused. */
export async function authenticatePlainly(
  access: Access,
  peer: Peer,
  { user, password }: Connect,
): Promise<Principal | undefined> {
  if (user === undefined && password === undefined) {
    const known = peer.certificateSubject === undefined ? undefined : await access.authenticateByCertificate(peer);
    return known ?? access.authenticate(peer, undefined);
  }
  return access.authenticate(peer, { user: user ?? '', password: password ?? Buffer.alloc(0) });
}

/** Answers the first message of a client. @throws WireError for one that is not that. */
export async function beginScram(access: Access, first: Buffer): Promise<Challenge> {
  const read = readClientFirst(first);
  if (read === undefined) throw new WireError(reason.notAuthorized, 'not the first message of SCRAM');
  return challenge(read, await access.scramKeys(read.user));
}

/** @returns undefined if the client has not proved that it knows the password. */
export async function endScram(
  access: Access,
  peer: Peer,
  begun: Challenge,
  final: Buffer,
): Promise<{ readonly principal: Principal; readonly data: Buffer } | undefined> {
  const verdict = judgeClientFinal(begun, final);
  const principal = await access.authenticateByScram(peer, begun.first.user, verdict?.hasProved === true);
  return principal && verdict?.hasProved === true ? { principal, data: verdict.message } : undefined;
}
