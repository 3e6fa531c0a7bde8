// UntagResource: takes tags from a topic by their keys.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { taggedTopic } from './list-tags-for-resource.ts';
import { tagKeys } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';
import { withoutTags } from './model/tags.ts';

const input = structure({ ResourceArn: required(string({ min: 1, max: 1011 })), TagKeys: required(tagKeys) });

export function untagResource({ topics }: Sns): Operation {
  return operation('UntagResource', input, structure({}), async ({ ResourceArn: arn, TagKeys: keys }) => {
    await topics.change(taggedTopic(topics, arn), (record) => ({ ...record, tags: withoutTags(record.tags, keys) }));
    return {};
  });
}
