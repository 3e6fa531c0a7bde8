// ListTagsForResource: the tags of a topic.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { refusal } from './model/errors.ts';
import { tagList } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';
import type { Topic } from './model/topic.ts';
import type { Topics } from './model/topics.ts';

const input = structure({ ResourceArn: required(string({ min: 1, max: 1011 })) });
const output = structure({ Tags: tagList });

export function listTagsForResource({ topics }: Sns): Operation {
  return operation('ListTagsForResource', input, output, async ({ ResourceArn: arn }) => ({
    Tags: Object.entries(taggedTopic(topics, arn).record.tags).map(([Key, Value]) => ({ Key, Value })),
  }));
}

/** @throws AwsError ResourceNotFound. */
export function taggedTopic(topics: Topics, arn: string): Topic {
  const topic = topics.find(arn);
  if (topic === undefined) throw refusal('ResourceNotFound', 'Resource does not exist');
  return topic;
}
