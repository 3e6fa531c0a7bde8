// AddPermission, RemovePermission, and the Policy attribute that they write.

import { AddPermissionCommand, GetQueueAttributesCommand, RemovePermissionCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { account, testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';
import { invalid, missing, noSuchQueue, refusalOf, sqsError, takesWrongKinds } from './refusals.ts';
import type { Refusal } from './refusals.ts';

const QueueUrl = `http://queue.test/${account}/q`;
const arn = `arn:aws:sqs:us-east-1:${account}:q`;
const good = { QueueUrl, Label: 'l', AWSAccountIds: ['111111111111'], Actions: ['SendMessage'] };

async function withQueue(): Promise<TestEndpoint> {
  const endpoint = await testEndpoint();
  await endpoint.json('CreateQueue', { QueueName: 'q' });
  return endpoint;
}

async function policyOf(endpoint: TestEndpoint): Promise<unknown> {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] });
  const { Attributes } = await endpoint.client().send(command);
  return Attributes?.Policy === undefined ? undefined : JSON.parse(Attributes.Policy);
}

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await withQueue();
    const added = { QueueUrl: 'String', Label: 'String', AWSAccountIds: 'List', Actions: 'List' } as const;
    expect(await takesWrongKinds(endpoint, 'AddPermission', added)).toEqual([]);
    expect(await takesWrongKinds(endpoint, 'RemovePermission', { QueueUrl: 'String', Label: 'String' })).toEqual([]);
  });

  it('takes lists from a form', async () => {
    await using endpoint = await withQueue();
    const form = { Action: 'AddPermission', Label: 'l', 'AWSAccountId.1': '111111111111', 'ActionName.1': '*' };
    expect((await endpoint.query(form, `/${account}/q`)).status).toBe(200);
    expect(await policyOf(endpoint)).toMatchObject({ Statement: [{ Sid: 'l', Action: 'SQS:*' }] });
  });
});

describe('validation', () => {
  const refused = (name: string, value: string, reason: string): Refusal =>
    invalid(`Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);

  it.each<readonly [string, object, Refusal]>([
    ['a queue that is not there', { ...good, QueueUrl: `${QueueUrl}x` }, noSuchQueue],
    ['no label', { ...good, Label: undefined }, missing('Label')],
    ['no actions', { ...good, Actions: [] }, missing('Actions')],
    ['no accounts', { ...good, AWSAccountIds: [] }, refused('PrincipalId', '[]', 'Unable to verify.')],
    ['what is no account', { ...good, AWSAccountIds: ['me'] }, refused('PrincipalId', '[me]', 'Unable to verify.')],
    [
      'an action of the owner',
      { ...good, Actions: ['RemovePermission'] },
      refused('ActionName', 'SQS:RemovePermission', 'Only the queue owner is allowed to invoke this action.'),
    ],
    [
      'more than seven actions',
      { ...good, Actions: Array.from({ length: 8 }, () => 'SendMessage') },
      sqsError('OverLimit', '8 Actions were found, maximum allowed is 7.', 'OverLimit', 403),
    ],
  ])('refuses %s', async (_what, input, refusal) => {
    await using endpoint = await withQueue();
    expect(await refusalOf(endpoint, 'AddPermission', input)).toEqual(refusal);
  });

  it('refuses a label that is there, and one that is not', async () => {
    await using endpoint = await withQueue();
    const remove = (Label: string): Promise<Refusal> => refusalOf(endpoint, 'RemovePermission', { QueueUrl, Label });
    expect(await remove('l')).toEqual(refused('Label', 'l', "can't find label."));
    await endpoint.json('AddPermission', good);
    expect(await refusalOf(endpoint, 'AddPermission', good)).toEqual(refused('Label', 'l', 'Already exists.'));
    expect(await remove('x')).toEqual(refused('Label', 'x', "can't find label on existing policy."));
  });

  const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: arn };
  it.each([
    ['what is no JSON', 'x'],
    ['no statement', JSON.stringify({ Version: '2012-10-17' })],
    ['an empty list of statements', JSON.stringify({ Version: '2012-10-17', Statement: [] })],
    ['an unknown version', JSON.stringify({ Version: '2020-10-17', Statement: statement })],
    ['an unknown member', JSON.stringify({ Statement: statement, Dummy: 1 })],
    ['an unknown member of a statement', JSON.stringify({ Statement: { ...statement, dummy: 1 } })],
    ['an unknown effect', JSON.stringify({ Statement: { ...statement, Effect: 'Maybe' } })],
    ['no principal', JSON.stringify({ Statement: { ...statement, Principal: undefined } })],
    ['both kinds of principals', JSON.stringify({ Statement: { ...statement, NotPrincipal: '*' } })],
    ['a principal that nobody is', JSON.stringify({ Statement: { ...statement, Principal: { AWS: 'ann' } } })],
    [
      'a pattern of principals',
      JSON.stringify({ Statement: { ...statement, Principal: { AWS: 'arn:aws:iam::111122223333:user/*' } } }),
    ],
    ['principals of an unknown kind', JSON.stringify({ Statement: { ...statement, Principal: { Group: 'x' } } })],
    ['no action', JSON.stringify({ Statement: { ...statement, Action: undefined } })],
    ['an action of an account', JSON.stringify({ Statement: { ...statement, Action: 'sqs:ListQueues' } })],
    ['an action of another service', JSON.stringify({ Statement: { ...statement, Action: 'sns:Publish' } })],
    ['an action that there is not', JSON.stringify({ Statement: { ...statement, Action: 'sqs:Send' } })],
    ['an unknown operator', JSON.stringify({ Statement: { ...statement, Condition: { Equals: { a: 'b' } } } })],
    ['more than 8 KiB', JSON.stringify({ Statement: { ...statement, Sid: 'x'.repeat(8192) } })],
  ])('refuses a policy with %s', async (_what, Policy) => {
    await using endpoint = await withQueue();
    const refusal = await refusalOf(endpoint, 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
    expect(refusal).toEqual(sqsError('InvalidAttributeValue', 'Invalid value for the parameter Policy.'));
  });

  it('refuses a policy with more than twenty statements', async () => {
    await using endpoint = await withQueue();
    const Policy = JSON.stringify({ Statement: Array.from({ length: 22 }, () => statement) });
    const refusal = await refusalOf(endpoint, 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
    expect(refusal.message).toBe('22 statements were found in the submitted policy, max allowed is 20');
  });

  it('refuses a statement with more than seven actions', async () => {
    await using endpoint = await withQueue();
    const Action = ['sqs:SendMessage', ...Array.from({ length: 7 }, () => 'sqs:ReceiveMessage')];
    const Policy = JSON.stringify({ Statement: { ...statement, Action } });
    const refusal = await refusalOf(endpoint, 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
    expect(refusal).toMatchObject({
      status: 403,
      code: 'OverLimit',
      message: '8 Actions were found, maximum allowed is 7.',
    });
  });

  it.each([
    ['an account', { AWS: '111122223333' }],
    [
      'a role',
      { AWS: ['arn:aws:iam::111122223333:role/service-role/x', 'arn:aws:sts::111122223333:assumed-role/x/y'] },
    ],
    ['one that was deleted', { AWS: 'AIDAJQABLZS4A3QDU576Q' }],
    ['a service', { Service: ['sns.amazonaws.com', 'events.amazonaws.com'] }],
    ['anybody', '*'],
  ])('takes a policy for %s, with every kind of action', async (_who, Principal) => {
    await using endpoint = await withQueue();
    const conditions = { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:t' }, Bool: { 'aws:SecureTransport': false } };
    for (const Action of ['*', 'sqs:*', 'SQS:Send*', ['sqs:SENDMESSAGE', 'sqs:DeleteQueue']]) {
      const Statement = [{ ...statement, Principal, Action, Condition: conditions }];
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
      await endpoint.json('SetQueueAttributes', { QueueUrl, Attributes: { Policy } }).then(({ status, text }) => {
        expect([status, text]).toEqual([200, expect.anything()]);
      });
    }
  });
});

describe('function', () => {
  it('writes statements, and removes them one by one', async () => {
    await using endpoint = await withQueue();
    const sqs = endpoint.client();
    const one = { QueueUrl, Label: 'one', AWSAccountIds: ['111111111111'], Actions: ['ReceiveMessage'] };
    const Actions = ['SendMessage', 'DeleteMessage'];
    const two = { QueueUrl, Label: 'two', AWSAccountIds: ['111111111111', '222222222222'], Actions };
    await sqs.send(new AddPermissionCommand(one));
    await sqs.send(new AddPermissionCommand(two));
    const [root1, root2] = ['arn:aws:iam::111111111111:root', 'arn:aws:iam::222222222222:root'];
    const first = {
      Sid: 'one',
      Effect: 'Allow',
      Principal: { AWS: root1 },
      Action: 'SQS:ReceiveMessage',
      Resource: arn,
    };
    const second = {
      Sid: 'two',
      Effect: 'Allow',
      Principal: { AWS: [root1, root2] },
      Action: ['SQS:SendMessage', 'SQS:DeleteMessage'],
      Resource: arn,
    };
    const policy = { Version: '2008-10-17', Id: `${arn}/SQSDefaultPolicy` };
    expect(await policyOf(endpoint)).toEqual({ ...policy, Statement: [first, second] });
    await sqs.send(new RemovePermissionCommand({ QueueUrl, Label: 'one' }));
    expect(await policyOf(endpoint)).toEqual({ ...policy, Statement: [second] });
    await sqs.send(new RemovePermissionCommand({ QueueUrl, Label: 'two' }));
    expect(await policyOf(endpoint)).toBeUndefined();
  });
});
