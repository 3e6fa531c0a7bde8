// UpdateMaxRecordSize: the size of the largest record that a stream takes.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { maxRecordSize, streamArn, streamId } from './model/shapes.ts';

const input = structure({ StreamARN: streamArn, StreamId: streamId, MaxRecordSizeInKiB: required(maxRecordSize) });

export function updateMaxRecordSize({ streams }: Kinesis): Operation {
  return command('UpdateMaxRecordSize', input, async ({ MaxRecordSizeInKiB: maxRecordKiB, ...names }, call) => {
    const stream = streams.named(names, call);
    stream.requireActive();
    await stream.change({ maxRecordKiB });
    await streams.begin(stream, 'UPDATING', { kind: 'settle' });
  });
}
