// Spoiled requests of SNS: each is answered or refused in AWS's manner, and none is a fault of ours.

import { expect } from 'vitest';
import { fuzzTest } from '../../support/fuzz.ts';
import { Mutator } from '../mutation.ts';
import { account, region, snsEndpoint } from './endpoint.ts';

const topicArn = `arn:aws:sns:${region}:${account}:t`;
const fifoArn = `${topicArn}.fifo`;
const policy = '{"store":["a",{"prefix":"b"}],"price":[{"numeric":[">",1,"<=",5]}],"$or":[{"x":[null]},{"y":[1]}]}';
const statement = '{"healthyRetryPolicy":{"numRetries":3,"minDelayTarget":1,"maxDelayTarget":2}}';

const requests: readonly Readonly<Record<string, string>>[] = [
  {
    Action: 'CreateTopic',
    Name: 't',
    'Attributes.entry.1.key': 'DisplayName',
    'Attributes.entry.1.value': 'd',
    'Tags.member.1.Key': 'k',
    'Tags.member.1.Value': 'v',
  },
  { Action: 'SetTopicAttributes', TopicArn: topicArn, AttributeName: 'DeliveryPolicy', AttributeValue: statement },
  {
    Action: 'SetTopicAttributes',
    TopicArn: fifoArn,
    AttributeName: 'ArchivePolicy',
    AttributeValue: '{"MessageRetentionPeriod":"30"}',
  },
  {
    Action: 'Subscribe',
    TopicArn: topicArn,
    Protocol: 'sqs',
    Endpoint: `arn:aws:sqs:${region}:${account}:q`,
    'Attributes.entry.1.key': 'FilterPolicy',
    'Attributes.entry.1.value': policy,
    'Attributes.entry.2.key': 'FilterPolicyScope',
    'Attributes.entry.2.value': 'MessageBody',
  },
  { Action: 'Subscribe', TopicArn: topicArn, Protocol: 'email', Endpoint: 'a@example.com' },
  {
    Action: 'Publish',
    TopicArn: topicArn,
    Message: '{"default":"m","sqs":"s"}',
    MessageStructure: 'json',
    Subject: 's',
    'MessageAttributes.entry.1.Name': 'store',
    'MessageAttributes.entry.1.Value.DataType': 'String.Array',
    'MessageAttributes.entry.1.Value.StringValue': '["a",1,true,null]',
  },
  { Action: 'Publish', TopicArn: fifoArn, Message: 'm', MessageGroupId: 'g', MessageDeduplicationId: 'd' },
  { Action: 'Publish', PhoneNumber: '+15551112222', Message: 'm' },
  {
    Action: 'PublishBatch',
    TopicArn: topicArn,
    'PublishBatchRequestEntries.member.1.Id': 'a',
    'PublishBatchRequestEntries.member.1.Message': 'm',
    'PublishBatchRequestEntries.member.2.Id': 'b',
    'PublishBatchRequestEntries.member.2.Message': 'n',
  },
  {
    Action: 'AddPermission',
    TopicArn: topicArn,
    Label: 'l',
    'AWSAccountId.member.1': account,
    'ActionName.member.1': 'Publish',
  },
  { Action: 'ListSubscriptionsByTopic', TopicArn: topicArn, NextToken: 'AAAA' },
  { Action: 'ConfirmSubscription', TopicArn: topicArn, Token: 'abcdef0123456789', AuthenticateOnUnsubscribe: 'true' },
  {
    Action: 'CreatePlatformApplication',
    Name: 'p',
    Platform: 'GCM',
    'Attributes.entry.1.key': 'PlatformCredential',
    'Attributes.entry.1.value': 'c',
  },
  { Action: 'SetSMSAttributes', 'attributes.entry.1.key': 'DefaultSMSType', 'attributes.entry.1.value': 'Promotional' },
  { Action: 'TagResource', ResourceArn: topicArn, 'Tags.member.1.Key': 'k', 'Tags.member.1.Value': 'v' },
];

fuzzTest('spoiled requests of SNS are no faults', { cases: 4000, seed: 20_261_122 }, async ({ cases, seed }) => {
  await using endpoint = await snsEndpoint();
  await endpoint.topic();
  await endpoint.topic('t.fifo', { FifoTopic: 'true' });
  await endpoint.queue('q');
  const mutator = new Mutator(seed);
  const statuses = new Map<number, number>();
  for (let round = 0; round < cases; round += 16) {
    const bodies = Array.from({ length: 16 }, () => {
      const { Action = '', ...given } = mutator.from(requests);
      // One value is spoiled, and sometimes the whole.
      const names = Object.keys(given);
      const name = mutator.from(names);
      const spoiled = { ...given, [name]: mutator.mutate(Buffer.from(given[name]!)).toString() };
      const form = new URLSearchParams({ Action, Version: '2010-03-31', ...spoiled }).toString();
      return mutator.pick(4) === 0 ? mutator.mutate(Buffer.from(form)) : Buffer.from(form);
    });
    const answers = await Promise.all(
      bodies.map((body) =>
        fetch(endpoint.url, {
          method: 'POST',
          body: new Uint8Array(body),
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            authorization: `AWS4-HMAC-SHA256 Credential=test/20261121/${region}/sns/aws4_request, Signature=0`,
          },
        }),
      ),
    );
    for (const [index, answer] of answers.entries()) {
      const text = await answer.text();
      expect([200, 400, 403, 404], `${bodies[index]!.toString()}\n${text}`).toContain(answer.status);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
  }
  expect(statuses.get(200)).toBeGreaterThan(100);
  expect(statuses.get(400)).toBeGreaterThan(100);
});
