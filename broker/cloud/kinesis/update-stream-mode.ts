// UpdateStreamMode: provisioned or on demand, changed twice a day at most. The shards stay as they are.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import { limitExceeded, validationFailed } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { limits } from './model/limits.ts';
import { streamArn, streamId, streamModeDetails, warmThroughputMiBps } from './model/shapes.ts';
import { requireOneMoreOnDemand, requireShards, requireWarmth } from './model/shard-limit.ts';

const input = structure({
  StreamARN: required(streamArn),
  StreamId: streamId,
  StreamModeDetails: required(streamModeDetails),
  WarmThroughputMiBps: warmThroughputMiBps,
});

export function updateStreamMode({ streams, accounts, clock }: Kinesis): Operation {
  return command('UpdateStreamMode', input, async (given, call) => {
    const { StreamARN, StreamId, StreamModeDetails: details, WarmThroughputMiBps: warmMiBps } = given;
    const stream = streams.named({ StreamARN, StreamId }, call);
    const mode = details.StreamMode === 'ON_DEMAND' ? 'ON_DEMAND' : 'PROVISIONED';
    if (warmMiBps !== undefined && (mode === 'PROVISIONED' || !accounts.isCommitted(call))) {
      throw validationFailed(
        'WarmThroughputMiBps is only supported for streams in ON_DEMAND mode, with the minimum throughput billing commitment.',
      );
    }
    requireWarmth(warmMiBps ?? 0);
    stream.requireActive();
    const now = clock.now();
    const recent = stream.settings.modeChangedAt.filter((at) => at > now - limits.dayMs);
    if (mode === stream.settings.mode) return;
    if (recent.length >= limits.modeChangesOfDay) {
      throw limitExceeded(
        `UpdateStreamMode can be called at most ${limits.modeChangesOfDay} times in 24 hours for stream ${stream.name}.`,
      );
    }
    if (mode === 'PROVISIONED') requireShards(streams, call, stream.openShardCount);
    else requireOneMoreOnDemand(streams, call);
    await stream.change({ mode, warmMiBps, modeChangedAt: [...recent, now] });
    const wanted = warmMiBps ?? 0;
    const isScaled = wanted > stream.openShardCount;
    await streams.begin(stream, 'UPDATING', isScaled ? { kind: 'scale', target: wanted } : { kind: 'settle' });
  });
}
