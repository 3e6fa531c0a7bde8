// Which stream or consumer a request is about, and how it is refused (Service Authorization Reference, "Amazon Kinesis Data
// Streams").

import type { Authorization, Input, Resource } from '../auth/authorization.ts';
import { textAt } from '../auth/authorization.ts';
import type { Call } from '../service.ts';
import { parseArn, streamArnOf } from './model/arn.ts';
import { accessDenied } from './model/errors.ts';
import { parseIterator } from './model/iterator.ts';
import type { Kinesis } from './model/kinesis.ts';
import { parseNextToken } from './model/paging.ts';

/** What the policy of a stream or a consumer can open to other accounts (PutResourcePolicy). */
export const shareable: ReadonlySet<string> = new Set([
  'DescribeStream',
  'DescribeStreamConsumer',
  'DescribeStreamSummary',
  'GetRecords',
  'GetShardIterator',
  'ListShards',
  'PutRecord',
  'PutRecords',
  'SubscribeToShard',
]);

export function kinesisAuthorization(kinesis: Kinesis): Authorization {
  return {
    refusalStatus: 400,
    unsigned: new Set(),
    admitsAnonymous: false,
    actionOf: (operation) => `kinesis:${operation}`,
    resourceOf(operation, input, call) {
      const arn = arnOf(kinesis, operation, input, call);
      return { ...resourceOf(kinesis, arn, call), isShared: shareable.has(operation) };
    },
    refuse: accessDenied,
  };
}

/** A star for what is about no stream. */
function arnOf(kinesis: Kinesis, operation: string, input: Input, call: Call): string {
  // Whatever is named beside it, it is the iterator's stream that is read.
  const iterator = textAt(input, 'ShardIterator');
  if (iterator !== undefined) return parseIterator(kinesis, iterator, call).stream.arn;
  const named =
    textAt(input, 'ConsumerARN') ??
    textAt(input, 'ResourceARN') ??
    textAt(input, 'StreamARN') ??
    textAt(input, 'ChannelARN');
  if (named !== undefined) return named;
  const name = textAt(input, 'StreamName');
  if (name !== undefined) return streamArnOf(call, name);
  const id = textAt(input, 'StreamId');
  if (id !== undefined) return kinesis.streams.lookUp({ StreamId: id }, call)?.arn ?? '*';
  const token = operation === 'ListShards' ? textAt(input, 'NextToken') : undefined;
  return token === undefined ? '*' : parseNextToken(token, 'shards ', kinesis.clock).list.slice('shards '.length);
}

function resourceOf({ streams, clock }: Kinesis, arn: string, { account }: Call): Omit<Resource, 'isShared'> {
  const parsed = parseArn(arn);
  const stream = parsed && streams.find(parsed, parsed.stream);
  const consumer = parsed?.consumer && stream?.consumers(clock.now()).find((one) => stream.consumerArn(one) === arn);
  const settings = parsed?.consumer === undefined ? stream?.settings : consumer;
  return {
    arn,
    account: parsed?.account ?? account,
    policy: settings?.policy,
    tags: settings && new Map(settings.tags),
  };
}
