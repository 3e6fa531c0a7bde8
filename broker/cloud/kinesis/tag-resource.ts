// TagResource: adds tags to a stream or a consumer, or replaces their values.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { resourceAt } from './model/resources.ts';
import { resourceArn, streamId, tagMap } from './model/shapes.ts';
import { withTags } from './model/tags.ts';

const input = structure({ Tags: required(tagMap), ResourceARN: required(resourceArn), StreamId: streamId });

export function tagResource(kinesis: Kinesis): Operation {
  return command('TagResource', input, async ({ Tags: added, ResourceARN: arn, StreamId: id }, call) => {
    const resource = resourceAt(kinesis, arn, id, call);
    await resource.change({ tags: withTags(resource.tags, added, resource.owner) });
  });
}
