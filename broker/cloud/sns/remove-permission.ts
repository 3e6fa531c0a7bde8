// RemovePermission: without the statement of that label, if there is one.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import type { Sns } from './model/sns.ts';
import { withoutPermission } from './model/topic-policy.ts';

const input = structure({ TopicArn: required(string()), Label: required(string()) });

export function removePermission({ topics }: Sns): Operation {
  return command('RemovePermission', input, async ({ TopicArn: arn, Label: label }, { region }) => {
    const topic = topics.at(arn, region);
    await topics.change(topic, (record) => ({
      ...record,
      attributes: { ...record.attributes, Policy: withoutPermission(topic.policy, label) },
    }));
  });
}
