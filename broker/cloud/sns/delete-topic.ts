// DeleteTopic: a topic that is not there is deleted as well.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { readTopicArn } from './model/arn.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ TopicArn: required(string()) });

export function deleteTopic({ topics, subscriptions }: Sns): Operation {
  return command('DeleteTopic', input, async ({ TopicArn: arn }, { region }) => {
    readTopicArn(arn, region);
    const topic = topics.find(arn);
    if (topic !== undefined) await topics.remove(topic, (removed) => subscriptions.orphan(removed));
  });
}
