// CreateTopic: makes a topic, or finds it if it does not differ from what is asked.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { dataProtectionRefused } from './put-data-protection-policy.ts';
import { attributeMap, tagList } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';
import { readTags } from './model/tags.ts';

const input = structure({
  Name: required(string()),
  Attributes: attributeMap,
  Tags: tagList,
  DataProtectionPolicy: string(),
});
const output = structure({ TopicArn: string() });

export function createTopic({ topics }: Sns): Operation {
  return operation('CreateTopic', input, output, async (given, call) => {
    if (given.DataProtectionPolicy !== undefined) throw dataProtectionRefused();
    const tags = readTags(given.Tags ?? []);
    const { arn } = await topics.create(call, given.Name, given.Attributes ?? new Map(), tags);
    return { TopicArn: arn };
  });
}
