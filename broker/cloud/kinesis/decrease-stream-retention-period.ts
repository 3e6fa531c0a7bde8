// DecreaseStreamRetentionPeriod: how long records are kept, in hours.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, required, structure } from '../shape.ts';
import { invalidArgument } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { limits } from './model/limits.ts';
import { streamMembers } from './model/shapes.ts';
import { requireLongEnough } from './model/retention.ts';

const input = structure({
  RetentionPeriodHours: required(integer({ min: 1, max: limits.maxRetentionHours })),
  ...streamMembers,
});

export function decreaseStreamRetentionPeriod({ streams }: Kinesis): Operation {
  return command('DecreaseStreamRetentionPeriod', input, async ({ RetentionPeriodHours: hours, ...names }, call) => {
    const stream = streams.named(names, call);
    requireLongEnough(hours);
    const { retentionHours: existing } = stream;
    if (existing < hours) {
      throw invalidArgument(
        `Requested retention period (${hours} hours) for stream ${stream.name} can not be longer than existing retention ` +
          `period (${existing} hours). Use IncreaseRetentionPeriod API.`,
      );
    }
    stream.requireActive();
    if (existing === hours) return;
    await stream.change({}, hours * 3_600_000);
    await streams.begin(stream, 'UPDATING', { kind: 'settle' });
  });
}
