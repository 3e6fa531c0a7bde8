// GetResourcePolicy: the policy of a stream or a consumer; an empty object, if there is none.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { resourceAt } from './model/resources.ts';
import { resourceArn, streamId } from './model/shapes.ts';

const input = structure({ ResourceARN: required(resourceArn), StreamId: streamId });
const output = structure({ Policy: required(string()) });

export function getResourcePolicy(kinesis: Kinesis): Operation {
  return operation('GetResourcePolicy', input, output, async ({ ResourceARN: arn, StreamId: id }, call) => {
    return { Policy: resourceAt(kinesis, arn, id, call).policy ?? '{}' };
  });
}
