// A topic of SNS far away as a target: PublishBatch.

import { RemoteTrouble } from '../../remote.ts';
import type { RemoteTarget } from '../../remote.ts';
import { fifoSuffix, mapToSqs } from '../sqs.ts';
import { batchTarget, entryOf } from './batch-target.ts';
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
    ...batchTarget(address, isFifo, batchBytes),
    map: (message, crossing, notes) => mapToSqs(message, crossing, rules, batchBytes, arrival, notes),
    open: async (signal) => {
      arn = await topicArn(remote, address, name, signal);
    },
    send: (parcels, signal) =>
      sendByHalves(parcels, async (part) => {
        if (arn === undefined) throw new RemoteTrouble('not-found', `${address} does not exist`);
        const { PublishBatchCommand } = await import('@aws-sdk/client-sns');
        const entries = part.map((parcel, index) => ({
          ...entryOf(parcel, index, isFifo),
          Message: parcel.mapped.body.toString(),
        }));
        const command = new PublishBatchCommand({ TopicArn: arn, PublishBatchRequestEntries: entries });
        const client = await remote.sns();
        const answer = await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
        return fatesOf(part.length, answer);
      }),
  };
}
