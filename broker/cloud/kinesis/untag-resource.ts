// UntagResource: removes tags of a stream or a consumer.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { resourceAt } from './model/resources.ts';
import { resourceArn, streamId, tagKeys } from './model/shapes.ts';
import { withoutTags } from './model/tags.ts';

const input = structure({ TagKeys: required(tagKeys), ResourceARN: required(resourceArn), StreamId: streamId });

export function untagResource(kinesis: Kinesis): Operation {
  return command('UntagResource', input, async ({ TagKeys: removed, ResourceARN: arn, StreamId: id }, call) => {
    const resource = resourceAt(kinesis, arn, id, call);
    await resource.change({ tags: withoutTags(resource.tags, removed, resource.owner) });
  });
}
