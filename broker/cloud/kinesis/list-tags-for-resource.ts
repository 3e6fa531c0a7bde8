// ListTagsForResource: all tags of a stream or a consumer.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { resourceAt } from './model/resources.ts';
import { resourceArn, streamId, tagList } from './model/shapes.ts';
import { showTags } from './model/tags.ts';

const input = structure({ ResourceARN: required(resourceArn), StreamId: streamId });
const output = structure({ Tags: tagList });

export function listTagsForResource(kinesis: Kinesis): Operation {
  return operation('ListTagsForResource', input, output, async ({ ResourceARN: arn, StreamId: id }, call) => {
    return { Tags: showTags(resourceAt(kinesis, arn, id, call).tags) };
  });
}
