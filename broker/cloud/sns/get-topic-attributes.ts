// GetTopicAttributes.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { isoTime } from './model/envelope.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ TopicArn: required(string()) });
const output = structure({ Attributes: attributeMap });

export function getTopicAttributes({ archive, topics }: Sns): Operation {
  return operation('GetTopicAttributes', input, output, async ({ TopicArn: arn }, { region }) => {
    const topic = topics.at(arn, region);
    const beginning = topic.isArchived ? await archive.beginning(topic) : undefined;
    return { Attributes: topic.attributes(beginning === undefined ? undefined : isoTime(beginning)) };
  });
}
