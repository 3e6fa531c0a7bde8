// A stream of Kinesis far away as a target: PutRecords. Records of one key go one after the other, so that they are in the stream
// in the order in which they were taken: PutRecords itself keeps none.

import { mapToRecord } from '../kinesis-target.ts';
import type { Fate, Parcel, RemoteTarget } from '../../remote.ts';
import { sendByHalves, sent } from './batches.ts';
import type { AwsTargetOptions } from './sqs-target.ts';
import { streamOf } from './stream.ts';
import type { StreamReference } from './stream.ts';
import { isThrottling } from './trouble.ts';

/** What every version of the API takes. */
const batchBytes = 5 * 1024 * 1024;
const usualRecordKiB = 1024;

export function awsKinesisTarget({ address, name, remote, rules }: AwsTargetOptions): RemoteTarget {
  let maxBytes = usualRecordKiB * 1024;
  let stream: StreamReference = { StreamName: name };
  return {
    address,
    isKeyed: true,
    keepsOriginal: false,
    most: { messages: 500, bytes: batchBytes, calls: 4 },
    bytesOf: ({ body, groupId = '' }) => body.length + Buffer.byteLength(groupId),
    laneOf: ({ groupId }) => groupId,
    map: (message, crossing, notes) => mapToRecord(message, crossing, rules, maxBytes, notes),
    open: async (signal) => {
      const found = await streamOf(remote, address, name, signal);
      ({ stream } = found);
      maxBytes = (found.summary?.MaxRecordSizeInKiB ?? usualRecordKiB) * 1024;
    },
    send: (parcels, signal) =>
      sendByHalves(parcels, async (part) => {
        const { PutRecordsCommand } = await import('@aws-sdk/client-kinesis');
        const command = new PutRecordsCommand({ ...stream, Records: part.map(recordOf) });
        const client = await remote.kinesis();
        const { Records } = await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
        return part.map((_, index) => fateOf(Records?.[index]));
      }),
    close: () => undefined,
  };
}

function recordOf({ mapped: { body, groupId = '' } }: Parcel): { Data: Buffer; PartitionKey: string } {
  return { Data: body, PartitionKey: groupId };
}

/** Records that were not put have an error code. */
function fateOf(record: { ErrorCode?: string | undefined; ErrorMessage?: string | undefined } | undefined): Fate {
  if (record === undefined) return { outcome: 'again', reason: 'the answer left it out' };
  const { ErrorCode: code, ErrorMessage: message = '' } = record;
  if (code === undefined) return sent;
  return { outcome: 'again', reason: `${code}: ${message}`, isThrottled: isThrottling(code) };
}
