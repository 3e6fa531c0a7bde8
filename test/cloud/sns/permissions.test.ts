// AddPermission and RemovePermission: statements of a topic's policy.

import { expect, it } from 'vitest';
import { AddPermissionCommand, GetTopicAttributesCommand, RemovePermissionCommand } from '@aws-sdk/client-sns';
import { account, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

async function statements(endpoint: SnsEndpoint, TopicArn: string): Promise<readonly Record<string, unknown>[]> {
  const { Attributes } = await endpoint.client.send(new GetTopicAttributesCommand({ TopicArn }));
  return JSON.parse(Attributes!['Policy']!).Statement;
}

it('adds a statement for one or several actions and accounts, and takes it away', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  const one = { TopicArn, Label: 'one', AWSAccountId: [account], ActionName: ['Publish'] };
  const more = { TopicArn, Label: 'more', AWSAccountId: ['1', '2'], ActionName: ['Publish', 'Subscribe'] };
  await endpoint.client.send(new AddPermissionCommand(one));
  await endpoint.client.send(new AddPermissionCommand(more));
  expect((await statements(endpoint, TopicArn)).slice(1)).toEqual([
    {
      Sid: 'one',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'SNS:Publish',
      Resource: TopicArn,
    },
    {
      Sid: 'more',
      Effect: 'Allow',
      Principal: { AWS: ['arn:aws:iam::1:root', 'arn:aws:iam::2:root'] },
      Action: ['SNS:Publish', 'SNS:Subscribe'],
      Resource: TopicArn,
    },
  ]);
  await endpoint.client.send(new RemovePermissionCommand({ TopicArn, Label: 'one' }));
  await endpoint.client.send(new RemovePermissionCommand({ TopicArn, Label: 'never' }));
  expect((await statements(endpoint, TopicArn)).map(({ Sid }) => Sid)).toEqual(['__default_statement_ID', 'more']);
});

it.each([
  ['one', 'AddPermission', 'Statement already exists'],
  ['two', 'InvalidAction', 'Policy statement action out of service scope!'],
])('refuses %s with %s', async (Label, action, message) => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  const given = { TopicArn, 'AWSAccountId.member.1': account };
  await endpoint.query('AddPermission', { ...given, Label: 'one', 'ActionName.member.1': 'Publish' });
  expect(await endpoint.refusal('AddPermission', { ...given, Label, 'ActionName.member.1': action })).toEqual([
    400,
    'InvalidParameter',
    `Invalid parameter: ${message}`,
  ]);
});
