// ListTagsForStream: a page of the tags of a stream, by key.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { boolean, integer, required, structure } from '../shape.ts';
import type { Kinesis } from './model/kinesis.ts';
import { limits } from './model/limits.ts';
import { exclusiveTagKey, streamMembers, tagList } from './model/shapes.ts';
import { showTags } from './model/tags.ts';

const input = structure({
  Limit: integer({ min: 1, max: limits.listedTags }),
  ExclusiveStartTagKey: exclusiveTagKey,
  ...streamMembers,
});
const output = structure({ Tags: required(tagList), HasMoreTags: required(boolean()) });

export function listTagsForStream({ streams }: Kinesis): Operation {
  return operation('ListTagsForStream', input, output, async (given, call) => {
    const { Limit: limit = limits.listedTags, ExclusiveStartTagKey: after, ...names } = given;
    const { tags } = streams.named(names, call).settings;
    const left = tags.filter(([key]) => after === undefined || key > after);
    return { Tags: showTags(left.slice(0, limit)), HasMoreTags: left.length > limit };
  });
}
