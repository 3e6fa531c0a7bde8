// TagResource, UntagResource and ListTagsForResource.

import { expect, it } from 'vitest';
import { ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-sns';
import { account, region, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

async function tagsOf(endpoint: SnsEndpoint, ResourceArn: string): Promise<unknown> {
  return (await endpoint.client.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags;
}

it('adds, replaces and takes away', async () => {
  await using endpoint = await snsEndpoint();
  const ResourceArn = await endpoint.topic();
  const tag = (Key: string, Value: string): Promise<unknown> =>
    endpoint.client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key, Value }] }));
  await tag('k1', 'v1');
  await tag('k2', 'v2');
  expect(await tagsOf(endpoint, ResourceArn)).toEqual([
    { Key: 'k1', Value: 'v1' },
    { Key: 'k2', Value: 'v2' },
  ]);
  await endpoint.client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['k1', 'none'] }));
  await tag('k2', '');
  expect(await tagsOf(endpoint, ResourceArn)).toEqual([{ Key: 'k2', Value: '' }]);
});

it('refuses a key that stands twice, a fifty-first tag, a key that is too long, and what is not there', async () => {
  await using endpoint = await snsEndpoint();
  const ResourceArn = await endpoint.topic();
  const refused = (keys: readonly string[], arn = ResourceArn): Promise<unknown> => {
    const parameters: Record<string, string> = { ResourceArn: arn };
    keys.forEach((key, index) => {
      parameters[`Tags.member.${index + 1}.Key`] = key;
      parameters[`Tags.member.${index + 1}.Value`] = 'v';
    });
    return endpoint.refusal('TagResource', parameters);
  };
  expect(await refused(['a', 'a'])).toEqual([
    400,
    'InvalidParameter',
    'Invalid parameter: Duplicated keys are not allowed.',
  ]);
  expect(await refused(Array.from({ length: 51 }, (_, index) => `k${index}`))).toEqual([
    400,
    'TagLimitExceeded',
    'Could not complete request: tag quota of per resource exceeded',
  ]);
  expect(await refused(['x'.repeat(129)])).toMatchObject([400, 'ValidationError', expect.stringContaining('128')]);
  expect(await tagsOf(endpoint, ResourceArn)).toEqual([]);
  const none = `arn:aws:sns:${region}:${account}:none`;
  expect(await refused(['a'], none)).toEqual([404, 'ResourceNotFound', 'Resource does not exist']);
  for (const action of ['ListTagsForResource', 'UntagResource']) {
    const parameters = { ResourceArn: none, 'TagKeys.member.1': 'a' };
    expect(await endpoint.refusal(action, parameters)).toEqual([404, 'ResourceNotFound', 'Resource does not exist']);
  }
});
