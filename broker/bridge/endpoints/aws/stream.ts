// A stream of Kinesis, by its name; of another account, by its ARN.

import type { StreamDescriptionSummary } from '@aws-sdk/client-kinesis';
import type { AwsRemote } from './remote.ts';
import { partitionOf } from './topic-arn.ts';
import { isDenied } from './trouble.ts';

export type StreamReference = { readonly StreamARN: string } | { readonly StreamName: string };

export interface FoundStream {
  readonly stream: StreamReference;
  /** Undefined: who may read or write need not be allowed to ask. */
  readonly summary: StreamDescriptionSummary | undefined;
}

/** @throws RemoteTrouble. */
export async function streamOf(
  remote: AwsRemote,
  address: string,
  name: string,
  signal: AbortSignal,
): Promise<FoundStream> {
  const { DescribeStreamSummaryCommand } = await import('@aws-sdk/client-kinesis');
  const client = await remote.kinesis();
  const { account } = remote.settings;
  let stream: StreamReference = { StreamName: name };
  if (account !== undefined) {
    const region = await client.config.region();
    stream = { StreamARN: `arn:${partitionOf(region)}:kinesis:${region}:${account}:stream/${name}` };
  }
  const command = new DescribeStreamSummaryCommand(stream);
  try {
    const answer = await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
    return { stream, summary: answer.StreamDescriptionSummary };
  } catch (error) {
    if (isDenied(error)) return { stream, summary: undefined };
    throw error;
  }
}
