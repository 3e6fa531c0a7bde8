// UpdateStreamRecordDistributionStrategy: whether records need a partition key.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { distributionStrategy, streamArn, streamId } from './model/shapes.ts';

const input = structure({
  StreamARN: required(streamArn),
  StreamId: streamId,
  RecordDistributionStrategy: required(distributionStrategy),
});

export function updateStreamRecordDistributionStrategy({ streams }: Kinesis): Operation {
  return command('UpdateStreamRecordDistributionStrategy', input, async (given, call) => {
    const { RecordDistributionStrategy: strategy, ...names } = given;
    const stream = streams.named(names, call);
    stream.requireActive();
    await stream.change({ distribution: strategy === 'AUTO' ? 'AUTO' : 'USER_PARTITION_KEY' });
    await streams.begin(stream, 'UPDATING', { kind: 'settle' });
  });
}
