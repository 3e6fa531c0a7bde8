// PutDataProtectionPolicy and GetDataProtectionPolicy: closed to accounts that never used them.

import { expect, it } from 'vitest';
import { GetDataProtectionPolicyCommand } from '@aws-sdk/client-sns';
import { account, region, snsEndpoint } from './endpoint.ts';

it('no topic can be given a policy, and none has one', async () => {
  await using endpoint = await snsEndpoint();
  const ResourceArn = await endpoint.topic();
  const DataProtectionPolicy = '{"Name":"p","Version":"2021-06-01","Statement":[]}';
  expect(await endpoint.refusal('PutDataProtectionPolicy', { ResourceArn, DataProtectionPolicy })).toMatchObject([
    403,
    'AuthorizationError',
    expect.any(String),
  ]);
  expect(await endpoint.refusal('CreateTopic', { Name: 'x', DataProtectionPolicy })).toMatchObject([
    403,
    'AuthorizationError',
    expect.any(String),
  ]);
  const got = await endpoint.client.send(new GetDataProtectionPolicyCommand({ ResourceArn }));
  expect(got.DataProtectionPolicy).toBe('');
  const none = { ResourceArn: `arn:aws:sns:${region}:${account}:none` };
  expect(await endpoint.refusal('GetDataProtectionPolicy', none)).toEqual([404, 'NotFound', 'Topic does not exist']);
});
