// SetTopicAttributes: one attribute at a time.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import type { Sns } from './model/sns.ts';

const input = structure({
  TopicArn: required(string()),
  AttributeName: required(string()),
  AttributeValue: string(),
});

export function setTopicAttributes({ topics }: Sns): Operation {
  return command('SetTopicAttributes', input, async (given, { region }) => {
    const topic = topics.at(given.TopicArn, region);
    await topics.setAttribute(topic, given.AttributeName, given.AttributeValue ?? '');
  });
}
