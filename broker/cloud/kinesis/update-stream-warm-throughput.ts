// UpdateStreamWarmThroughput: shards for a throughput that is to come, of a stream on demand.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { validationFailed } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { requireWarmth } from './model/shard-limit.ts';
import { streamMembers, warmThroughput, warmThroughputMiBps } from './model/shapes.ts';

const input = structure({ ...streamMembers, WarmThroughputMiBps: required(warmThroughputMiBps) });
const output = structure({ StreamARN: string(), StreamName: string(), WarmThroughput: warmThroughput });

export function updateStreamWarmThroughput({ streams, accounts }: Kinesis): Operation {
  return operation('UpdateStreamWarmThroughput', input, output, async (given, call) => {
    const { WarmThroughputMiBps: target, ...names } = given;
    const stream = streams.named(names, call);
    if (stream.settings.mode !== 'ON_DEMAND') {
      throw validationFailed('WarmThroughputMiBps is only supported for streams in ON_DEMAND mode.');
    }
    if (!accounts.isCommitted(call)) {
      throw validationFailed('Warm throughput requires the minimum throughput billing commitment of the account.');
    }
    requireWarmth(target);
    stream.requireActive();
    const before = stream.settings.warmMiBps ?? stream.openShardCount;
    await stream.change({ warmMiBps: target });
    const isScaled = target > stream.openShardCount;
    await streams.begin(stream, 'UPDATING', isScaled ? { kind: 'scale', target } : { kind: 'settle' });
    const current = stream.status === 'ACTIVE' ? target : before;
    return {
      StreamARN: stream.arn,
      StreamName: stream.name,
      WarmThroughput: { TargetMiBps: target, CurrentMiBps: current },
    };
  });
}
