// A topic of SNS far away as a target: PublishBatch.

import { RemoteTrouble } from '../../remote.ts';
import type { Parcel, RemoteTarget } from '../../remote.ts';
import { deduplicationId, fifoSuffix, mapToSqs } from '../sqs.ts';
import { attributesOf, bytesOf } from './attributes.ts';
import { fatesOf, sendByHalves } from './batches.ts';
import type { AwsTargetOptions } from './sqs-target.ts';
import { topicArn } from './topic-arn.ts';

/** What topics take that nobody changed. */
const batchBytes = 256 * 1024;

export function awsSnsTarget({ address, name, remote, clock, rules }: AwsTargetOptions): RemoteTarget {
  const isFifo = name.endsWith(fifoSuffix);
  const arrival = { clock, account: '', isFar: true };
  let arn: string | undefined;
  return {
    address,
    isKeyed: isFifo,
    keepsOriginal: false,
    most: { messages: 10, bytes: batchBytes, calls: 8 },
    bytesOf,
    laneOf: ({ groupId }) => (isFifo ? groupId : undefined),
    map: (message, crossing, notes) => mapToSqs(message, crossing, rules, batchBytes, arrival, notes),
    open: async (signal) => {
      arn = await topicArn(remote, address, name, signal);
    },
    send: (parcels, signal) =>
      sendByHalves(parcels, async (part) => {
        if (arn === undefined) throw new RemoteTrouble('not-found', `${address} does not exist`);
        const { PublishBatchCommand } = await import('@aws-sdk/client-sns');
        const command = new PublishBatchCommand({ TopicArn: arn, PublishBatchRequestEntries: part.map(entryOf) });
        const client = await remote.sns();
        const answer = await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
        return fatesOf(part.length, answer);
      }),
    close: () => undefined,
  };

  function entryOf({ mapped, identity }: Parcel, index: number) {
    return {
      Id: String(index),
      Message: mapped.body.toString(),
      ...(mapped.properties.length > 0 && { MessageAttributes: attributesOf(mapped) }),
      ...(isFifo && { MessageGroupId: mapped.groupId ?? '', MessageDeduplicationId: deduplicationId(identity) }),
    };
  }
}
