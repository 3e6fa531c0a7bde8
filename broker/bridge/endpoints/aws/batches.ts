// What becomes of the parcels of a call: by the answer's entries where there are some, and by halves where the call was refused
// as a whole, so that the one to blame is found and the others arrive.

import { RemoteTrouble } from '../../remote.ts';
import type { Fate, Parcel } from '../../remote.ts';
import { CallRefused, isThrottling } from './trouble.ts';

export const sent: Fate = { outcome: 'sent' };

/** @throws RemoteTrouble: none is known to have arrived. */
export async function sendByHalves(
  parcels: readonly Parcel[],
  send: (parcels: readonly Parcel[]) => Promise<readonly Fate[]>,
): Promise<readonly Fate[]> {
  try {
    return await send(parcels);
  } catch (error) {
    if (!(error instanceof CallRefused)) throw error;
    if (parcels.length === 1) return [{ outcome: 'refused', reason: error.message }];
  }
  const middle = Math.ceil(parcels.length / 2);
  const first = await sendByHalves(parcels.slice(0, middle), send);
  const rest = parcels.slice(middle);
  try {
    return [...first, ...(await sendByHalves(rest, send))];
  } catch (error) {
    if (!(error instanceof RemoteTrouble)) throw error;
    const { message: reason } = error;
    // The first ones may have arrived: the trouble will show itself again.
    return [...first, ...rest.map((): Fate => ({ outcome: 'again', reason, isThrottled: true }))];
  }
}

interface Answer {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?: readonly Failure[] | undefined;
}

interface Failure {
  readonly Id: string | undefined;
  readonly Code: string | undefined;
  readonly Message?: string | undefined;
  readonly SenderFault: boolean | undefined;
}

/** Of the batches of SQS and SNS, whose entries have their places as ids. */
export function fatesOf(count: number, { Successful, Failed }: Answer): Fate[] {
  const fates = Array.from({ length: count }, (): Fate => ({ outcome: 'again', reason: 'the answer left it out' }));
  for (const { Id } of Successful ?? []) fates[Number(Id)] = sent;
  for (const failure of Failed ?? []) fates[Number(failure.Id)] = fateOf(failure);
  return fates;
}

function fateOf({ Code, Message, SenderFault }: Failure): Fate {
  const reason = Message === undefined ? (Code ?? 'refused') : `${Code}: ${Message}`;
  if (isThrottling(Code)) return { outcome: 'again', reason, isThrottled: true };
  return SenderFault === true ? { outcome: 'refused', reason } : { outcome: 'again', reason };
}
