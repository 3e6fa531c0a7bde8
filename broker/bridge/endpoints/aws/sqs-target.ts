// A queue of SQS far away as a target: SendMessageBatch.

import type { Clock } from '../../../util/clock.ts';
import type { MappingRules } from '../../mapping.ts';
import type { RemoteTarget } from '../../remote.ts';
import { fifoSuffix, mapToSqs } from '../sqs.ts';
import { batchTarget, entryOf } from './batch-target.ts';
import { fatesOf, sendByHalves } from './batches.ts';
import { queueUrl } from './queue-url.ts';
import type { AwsRemote } from './remote.ts';
import { isDenied } from './trouble.ts';

export interface AwsTargetOptions {
  readonly address: string;
  /** Of the queue, topic or stream, there. */
  readonly name: string;
  readonly remote: AwsRemote;
  readonly clock: Clock;
  readonly rules: MappingRules;
}

const batchBytes = 1024 * 1024;

export function awsSqsTarget({ address, name, remote, clock, rules }: AwsTargetOptions): RemoteTarget {
  const isFifo = name.endsWith(fifoSuffix);
  const arrival = { clock, account: '', isFar: true };
  let url: string | undefined;
  // Of queues that nobody changed.
  let maxBytes = batchBytes;
  return {
    ...batchTarget(address, isFifo, batchBytes),
    map: (message, crossing, notes) => mapToSqs(message, crossing, rules, maxBytes, arrival, notes),
    open: async (signal) => {
      url = await queueUrl(remote, address, name, signal);
      maxBytes = (await largestMessage(remote, address, url, signal)) ?? batchBytes;
    },
    send: (parcels, signal) =>
      sendByHalves(parcels, async (part) => {
        const found = (url ??= await queueUrl(remote, address, name, signal));
        const { SendMessageBatchCommand } = await import('@aws-sdk/client-sqs');
        const entries = part.map((parcel, index) => ({
          ...entryOf(parcel, index, isFifo),
          MessageBody: parcel.mapped.body.toString(),
        }));
        const command = new SendMessageBatchCommand({ QueueUrl: found, Entries: entries });
        const client = await remote.sqs();
        const answer = await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
        return fatesOf(part.length, answer);
      }),
  };
}

/** What the queue says of itself; undefined: who may send need not be allowed to ask. */
async function largestMessage(
  remote: AwsRemote,
  address: string,
  url: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['MaximumMessageSize'] });
  const client = await remote.sqs();
  try {
    const { Attributes } = await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
    const bytes = Number(Attributes?.['MaximumMessageSize']);
    return Number.isInteger(bytes) && bytes > 0 ? bytes : undefined;
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}
