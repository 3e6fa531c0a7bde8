// AddPermission: a statement more in the topic's policy.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, required, string, structure } from '../shape.ts';
import type { Sns } from './model/sns.ts';
import { withPermission } from './model/topic-policy.ts';

const input = structure({
  TopicArn: required(string()),
  Label: required(string()),
  AWSAccountId: required(list(string())),
  ActionName: required(list(string())),
});

export function addPermission({ topics }: Sns): Operation {
  return command('AddPermission', input, async (given, { region }) => {
    const { Label: label, AWSAccountId: accounts, ActionName: actions } = given;
    const topic = topics.at(given.TopicArn, region);
    await topics.change(topic, (record) => ({
      ...record,
      attributes: { ...record.attributes, Policy: withPermission(topic.policy, topic.arn, label, accounts, actions) },
    }));
  });
}
