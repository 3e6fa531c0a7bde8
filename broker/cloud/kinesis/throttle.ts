// Rates of calls: how often an operation may be called, for an account, a stream or a shard (API Reference, each action). The
// throughput of shards is model/throughput.ts's matter.

import { textAt } from '../auth/authorization.ts';
import type { Input } from '../auth/authorization.ts';
import { callRates } from '../quota-table.ts';
import type { Quotas } from '../quotas.ts';
import type { Call, Throttle } from '../service.ts';
import { parseArn, streamArnOf } from './model/arn.ts';
import { limitExceeded, throughputExceeded } from './model/errors.ts';
import type { StreamDirectory } from './model/stream-directory.ts';

export function kinesisThrottle(quotas: Quotas, streams: StreamDirectory): Throttle {
  const rates = callRates('kinesis');
  return (operation, input, call) => {
    const rate = rates.get(operation);
    if (rate === undefined) return;
    const { account, region } = call;
    const stream = streamOf(streams, input, call);
    if (rate.scope === 'account') {
      if (!quotas.take(rate.name, `${account}/${region}`)) throw exceeded(stream, account);
    } else if (rate.scope === 'stream') {
      const resource = stream === undefined ? `${account}/${region}` : streamArnOf(stream, stream.stream);
      if (!quotas.take(rate.name, resource)) throw exceeded(stream, account);
    } else if (stream !== undefined) {
      // Of a shard; whatever there is at the account's and the consumer's own is not counted by calls alone.
      const shard = textAt(input, 'ShardId') ?? '';
      const resource = `${streamArnOf(stream, stream.stream)}/${shard}`;
      if (quotas.take(rate.name, resource)) return;
      throw throughputExceeded(`Rate exceeded for shard ${shard} in stream ${stream.stream} under account ${account}.`);
    }
  };
}

interface Named {
  readonly account: string;
  readonly region: string;
  readonly stream: string;
}

/** Whether it is there or not. Undefined: the request names none. */
function streamOf(streams: StreamDirectory, input: Input, { account, region }: Call): Named | undefined {
  const name = textAt(input, 'StreamName');
  if (name !== undefined) return { account, region, stream: name };
  const arn = textAt(input, 'StreamARN') ?? textAt(input, 'ConsumerARN');
  if (arn !== undefined) return parseArn(arn);
  const id = textAt(input, 'StreamId');
  const found = id === undefined ? undefined : streams.list({ account, region }).find((stream) => stream.id === id);
  return found && { account, region, stream: found.name };
}

/** As AWS words it of a stream; of an account, where no answer of AWS is on record, as that. */
function exceeded(stream: Named | undefined, account: string): Error {
  const what = stream === undefined ? '' : `stream ${stream.stream} under `;
  return limitExceeded(`Rate exceeded for ${what}account ${account}.`);
}
