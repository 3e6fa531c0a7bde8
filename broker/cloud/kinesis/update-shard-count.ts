// UpdateShardCount: splits and merges until there are as many shards, all of the same size.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, required, string, structure } from '../shape.ts';
import { limitExceeded } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { limits } from './model/limits.ts';
import { streamMembers } from './model/shapes.ts';
import { requireShards } from './model/shard-limit.ts';

const input = structure({
  TargetShardCount: required(integer({ min: 1 })),
  ScalingType: required(string({ oneOf: ['UNIFORM_SCALING'] })),
  ...streamMembers,
});
const output = structure({
  StreamName: string(),
  CurrentShardCount: integer(),
  TargetShardCount: integer(),
  StreamARN: string(),
});

export function updateShardCount({ streams, clock }: Kinesis): Operation {
  return operation('UpdateShardCount', input, output, async (given, call) => {
    const { TargetShardCount: target, ScalingType: _only, ...names } = given;
    const stream = streams.named(names, call);
    stream.requireProvisioned();
    stream.requireActive();
    const current = stream.openShardCount;
    checkTarget(current, target);
    if (target > current) requireShards(streams, call, target - current);
    const now = clock.now();
    const recent = stream.settings.scaledAt.filter((at) => at > now - limits.dayMs);
    if (recent.length >= limits.scalingsOfDay) {
      throw limitExceeded(
        `UpdateShardCount can be called at most ${limits.scalingsOfDay} times in 24 hours for stream ${stream.name}.`,
      );
    }
    await stream.change({ scaledAt: [...recent, now] });
    await streams.begin(stream, 'UPDATING', { kind: 'scale', target });
    return {
      StreamName: stream.name,
      CurrentShardCount: current,
      TargetShardCount: target,
      StreamARN: stream.arn,
    };
  });
}

function checkTarget(current: number, target: number): void {
  const counts = `Current open shard count: ${current} Target shard count: ${target}`;
  if (target > limits.shardsOfStream) {
    throw limitExceeded(
      `UpdateShardCount cannot scale up beyond the shard limit of ${limits.shardsOfStream}. ${counts}`,
    );
  }
  if (target > current * 2) {
    throw limitExceeded(`UpdateShardCount cannot scale up over double your current open shard count. ${counts}`);
  }
  if (target < current / 2) {
    throw limitExceeded(`UpdateShardCount cannot scale down below half your current open shard count. ${counts}`);
  }
}
