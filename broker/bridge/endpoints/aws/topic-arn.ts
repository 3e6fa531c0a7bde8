// The ARN of a topic of SNS, by its name: made of the account where the configuration says it, found among all topics where not.

import { RemoteTrouble } from '../../remote.ts';
import type { AwsRemote } from './remote.ts';

/** @throws RemoteTrouble. */
export async function topicArn(remote: AwsRemote, address: string, name: string, signal: AbortSignal): Promise<string> {
  const { GetTopicAttributesCommand, ListTopicsCommand } = await import('@aws-sdk/client-sns');
  const client = await remote.sns();
  const { account } = remote.settings;
  if (account !== undefined) {
    const arn = `arn:${partitionOf(await client.config.region())}:sns:${await client.config.region()}:${account}:${name}`;
    const command = new GetTopicAttributesCommand({ TopicArn: arn });
    await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
    return arn;
  }
  let NextToken: string | undefined;
  do {
    const command = new ListTopicsCommand(NextToken === undefined ? {} : { NextToken });
    const page = await remote.call(address, signal, (abortSignal) => client.send(command, { abortSignal }));
    const found = page.Topics?.find(({ TopicArn }) => TopicArn?.endsWith(`:${name}`));
    if (found?.TopicArn !== undefined) return found.TopicArn;
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  throw new RemoteTrouble('not-found', `${address} does not exist`);
}

/** Regions of China and of the US government are worlds of their own. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
