// Where a queue of SQS is, by its name.

import type { AwsRemote } from './remote.ts';

/** @throws RemoteTrouble. */
export async function queueUrl(remote: AwsRemote, address: string, name: string, signal: AbortSignal): Promise<string> {
  const { GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
  const { account } = remote.settings;
  const owner = account === undefined ? {} : { QueueOwnerAWSAccountId: account };
  const command = new GetQueueUrlCommand({ QueueName: name, ...owner });
  const client = await remote.sqs();
  const { QueueUrl } = await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
  return QueueUrl ?? '';
}
