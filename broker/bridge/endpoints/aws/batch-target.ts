// What queues of SQS and topics of SNS far away have in common as targets: batches of ten, FIFO or not.

import { deduplicationId } from '../sqs.ts';
import type { Parcel, RemoteTarget } from '../../remote.ts';
import { attributesOf, bytesOf } from './attributes.ts';

type Common = Pick<RemoteTarget, 'address' | 'isKeyed' | 'keepsOriginal' | 'most' | 'bytesOf' | 'laneOf' | 'close'>;

/** `bytes`: of a batch. */
export function batchTarget(address: string, isFifo: boolean, bytes: number): Common {
  return {
    address,
    isKeyed: isFifo,
    keepsOriginal: false,
    most: { messages: 10, bytes, calls: 8 },
    bytesOf,
    laneOf: ({ groupId }) => (isFifo ? groupId : undefined),
    close: () => undefined,
  };
}

/** An entry of a batch, without its body, which each service has by another name. */
export function entryOf({ mapped, identity }: Parcel, index: number, isFifo: boolean) {
  return {
    Id: String(index),
    ...(mapped.properties.length > 0 && { MessageAttributes: attributesOf(mapped) }),
    ...(isFifo && { MessageGroupId: mapped.groupId ?? '', MessageDeduplicationId: deduplicationId(identity) }),
  };
}
