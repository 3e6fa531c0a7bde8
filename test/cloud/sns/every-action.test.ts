// Every action of SNS, by the service model (2010-03-31; botocore 1.43 of August 2026): members that are missing, and values
// beyond what a member may be. Texts that are missing are named one by one, as AWS does; all else as constraints are.

import { describe, expect, it } from 'vitest';
import { account, region, snsEndpoint } from './endpoint.ts';

const arn = (what: string): string => `arn:aws:sns:${region}:${account}:${what}`;

/** What members can be, so that nothing is wrong with them before what is missing is looked at. */
const values: Readonly<Record<string, string>> = {
  TopicArn: arn('t'),
  ResourceArn: arn('t'),
  SubscriptionArn: arn('t:00000000-0000-4000-8000-000000000000'),
  EndpointArn: arn('endpoint/ADM/shop/00000000-0000-4000-8000-000000000000'),
  PlatformApplicationArn: arn('app/ADM/shop'),
  phoneNumber: '+15550001111',
  PhoneNumber: '+15550001111',
  OneTimePassword: '123456',
  Platform: 'ADM',
  Protocol: 'sqs',
  AttributeName: 'DisplayName',
};

/** How a list or a map begins. */
const entries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AWSAccountId: { 'AWSAccountId.member.1': '111122223333' },
  ActionName: { 'ActionName.member.1': 'Publish' },
  PublishBatchRequestEntries: {
    'PublishBatchRequestEntries.member.1.Id': 'a',
    'PublishBatchRequestEntries.member.1.Message': 'm',
  },
  Tags: { 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': 'b' },
  TagKeys: { 'TagKeys.member.1': 'a' },
  Attributes: { 'Attributes.entry.1.key': 'Enabled', 'Attributes.entry.1.value': 'true' },
  attributes: { 'attributes.entry.1.key': 'DefaultSMSType', 'attributes.entry.1.value': 'Promotional' },
};

const lists: ReadonlySet<string> = new Set([
  'AWSAccountId',
  'ActionName',
  'PublishBatchRequestEntries',
  'Tags',
  'TagKeys',
]);

/** Members that have to be there. */
const actions = {
  AddPermission: 'TopicArn Label AWSAccountId ActionName',
  CheckIfPhoneNumberIsOptedOut: 'phoneNumber',
  ConfirmSubscription: 'TopicArn Token',
  CreatePlatformApplication: 'Name Platform Attributes',
  CreatePlatformEndpoint: 'PlatformApplicationArn Token',
  CreateSMSSandboxPhoneNumber: 'PhoneNumber',
  CreateTopic: 'Name',
  DeleteEndpoint: 'EndpointArn',
  DeletePlatformApplication: 'PlatformApplicationArn',
  DeleteSMSSandboxPhoneNumber: 'PhoneNumber',
  DeleteTopic: 'TopicArn',
  GetDataProtectionPolicy: 'ResourceArn',
  GetEndpointAttributes: 'EndpointArn',
  GetPlatformApplicationAttributes: 'PlatformApplicationArn',
  GetSubscriptionAttributes: 'SubscriptionArn',
  GetTopicAttributes: 'TopicArn',
  ListEndpointsByPlatformApplication: 'PlatformApplicationArn',
  ListSubscriptionsByTopic: 'TopicArn',
  ListTagsForResource: 'ResourceArn',
  OptInPhoneNumber: 'phoneNumber',
  Publish: 'Message',
  PublishBatch: 'TopicArn PublishBatchRequestEntries',
  PutDataProtectionPolicy: 'ResourceArn DataProtectionPolicy',
  RemovePermission: 'TopicArn Label',
  SetEndpointAttributes: 'EndpointArn Attributes',
  SetPlatformApplicationAttributes: 'PlatformApplicationArn Attributes',
  SetSMSAttributes: 'attributes',
  SetSubscriptionAttributes: 'SubscriptionArn AttributeName',
  SetTopicAttributes: 'TopicArn AttributeName',
  Subscribe: 'TopicArn Protocol',
  TagResource: 'ResourceArn Tags',
  UntagResource: 'ResourceArn TagKeys',
  Unsubscribe: 'SubscriptionArn',
  VerifySMSSandboxPhoneNumber: 'PhoneNumber OneTimePassword',
} as const;

const rows = Object.entries(actions).flatMap(([action, text]) =>
  text
    .split(' ')
    // A list without entries cannot be told from one that is missing.
    .filter((name) => !lists.has(name))
    .map((missing) => ({ action, missing, others: text.split(' ').filter((name) => name !== missing) })),
);

function given(names: readonly string[]): Record<string, string> {
  return Object.assign({}, ...names.map((name) => entries[name] ?? { [name]: values[name] ?? 'x' }));
}

const notPhone = 'Member must satisfy regular expression pattern: ^(\\+[0-9]{8,}|[0-9]{0,9})$';
/** What a member cannot be, and the constraint that it breaks. */
const beyond: readonly (readonly [action: string, member: string, value: string, rule: string])[] = [
  ['ListOriginationNumbers', 'MaxResults', '31', 'Member must have value less than or equal to 30'],
  ['ListSMSSandboxPhoneNumbers', 'MaxResults', '0', 'Member must have value greater than or equal to 1'],
  ['ListTagsForResource', 'ResourceArn', 'a'.repeat(1012), 'Member must have length less than or equal to 1011'],
  ['TagResource', 'ResourceArn', 'a'.repeat(1012), 'Member must have length less than or equal to 1011'],
  ['UntagResource', 'ResourceArn', 'a'.repeat(1012), 'Member must have length less than or equal to 1011'],
  ...['CreateSMSSandboxPhoneNumber', 'DeleteSMSSandboxPhoneNumber', 'VerifySMSSandboxPhoneNumber'].map(
    (action) => [action, 'PhoneNumber', 'x', notPhone] as const,
  ),
  ['VerifySMSSandboxPhoneNumber', 'OneTimePassword', '1234', 'Member must have length greater than or equal to 5'],
];

describe('validation', () => {
  it.each(rows)('of $action: $missing is missing', async ({ action, missing, others }) => {
    await using endpoint = await snsEndpoint();
    const refused =
      entries[missing] === undefined
        ? ['InvalidParameter', `Invalid parameter: ${missing} Reason: no value for required parameter`]
        : [
            'ValidationError',
            "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: Member must not be null",
          ];
    expect(await endpoint.refusal(action, given(others))).toEqual([400, ...refused]);
  });

  it.each(beyond)('of %s: what %s cannot be', async (action, member, value, rule) => {
    await using endpoint = await snsEndpoint();
    const names = (action in actions ? actions[action as keyof typeof actions] : '').split(' ').filter(Boolean);
    const path = member.charAt(0).toLowerCase() + member.slice(1);
    expect(await endpoint.refusal(action, { ...given(names), [member]: value })).toEqual([
      400,
      'ValidationError',
      `1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: ${rule}`,
    ]);
  });
});
