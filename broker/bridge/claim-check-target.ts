// Targets whose large bodies go into an object store: each is stored before its message is, under a key that is made of the
// message, so that whatever happens in between, the message that is sent again finds the place that it had.

import { BrokerError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import { isClaimed, keyFor, pointerBytes, pointerTo } from './claim-check.ts';
import type { ClaimCheck, ObjectStore } from './claim-check.ts';
import type { Parcel, RemoteTarget } from './remote.ts';
import { RemoteTrouble } from './remote.ts';
import type { Target } from './target.ts';

export function checkingTarget(target: Target, claimCheck: ClaimCheck, objects: ObjectStore): Target {
  const pointers = new WeakMap<Message, Message>();
  const sent = (mapped: Message): Message => pointers.get(mapped) ?? mapped;
  return {
    address: target.address,
    isKeyed: target.isKeyed,
    keepsOriginal: target.keepsOriginal,
    obstacle: () => target.obstacle(),
    map: (message, crossing, notes) => target.map(message, crossing, notes),
    prepare: (mapped, from) => {
      if (!isClaimed(mapped)) return target.prepare?.(mapped, from);
      return passing(check(mapped, from.identity(), claimCheck, objects)).then((pointer) => {
        pointers.set(mapped, pointer);
        return target.prepare?.(pointer, from);
      });
    },
    put: (transaction, mapped, from) => target.put(transaction, sent(mapped), from),
    beforeCommit: (transaction) => target.beforeCommit?.(transaction),
  };
}

export function checkingRemoteTarget(target: RemoteTarget, claimCheck: ClaimCheck, objects: ObjectStore): RemoteTarget {
  const sent = async (parcel: Parcel): Promise<Parcel> => {
    const { mapped, identity } = parcel;
    return isClaimed(mapped) ? { identity, mapped: await check(mapped, identity, claimCheck, objects) } : parcel;
  };
  return {
    ...target,
    bytesOf: (mapped) => {
      const bytes = target.bytesOf(mapped);
      return isClaimed(mapped) ? bytes - mapped.body.length + pointerBytes(claimCheck) : bytes;
    },
    send: async (parcels, signal) => target.send(await Promise.all(parcels.map(sent)), signal),
  };
}

/** Resolves with the message that says where its body is, once it is there. */
async function check(
  mapped: Message,
  identity: string,
  claimCheck: ClaimCheck,
  objects: ObjectStore,
): Promise<Message> {
  const { bucket } = claimCheck;
  const key = keyFor(claimCheck, identity);
  await objects.put(bucket, key, mapped.body);
  return { ...mapped, body: Buffer.from(pointerTo({ bucket, key })) };
}

/** Trouble with the object store is none of the message. */
async function passing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof RemoteTrouble)) throw error;
    throw new BrokerError('store-failed', error.message, { cause: error });
  }
}
