// DeleteResourcePolicy: removes the policy of a stream or a consumer.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import { resourceNotFound } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { resourceAt } from './model/resources.ts';
import { resourceArn, streamId } from './model/shapes.ts';

const input = structure({ ResourceARN: required(resourceArn), StreamId: streamId });

export function deleteResourcePolicy(kinesis: Kinesis): Operation {
  return command('DeleteResourcePolicy', input, async ({ ResourceARN: arn, StreamId: id }, call) => {
    const resource = resourceAt(kinesis, arn, id, call);
    if (resource.policy === undefined) throw resourceNotFound(`No resource policy found for resource ARN ${arn}.`);
    await resource.change({ policy: undefined });
  });
}
