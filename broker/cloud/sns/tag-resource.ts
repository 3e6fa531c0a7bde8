// TagResource: adds tags to a topic; a tag whose key is there is replaced.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { tagList } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';
import { readTags, withTags } from './model/tags.ts';
import { taggedTopic } from './list-tags-for-resource.ts';

const input = structure({ ResourceArn: required(string({ min: 1, max: 1011 })), Tags: required(tagList) });

export function tagResource({ topics }: Sns): Operation {
  return operation('TagResource', input, structure({}), async ({ ResourceArn: arn, Tags: given }) => {
    const added = readTags(given);
    await topics.change(taggedTopic(topics, arn), (record) => ({ ...record, tags: withTags(record.tags, added) }));
    return {};
  });
}
