// Platform applications and their endpoints: what is made, found, refused, and pushed.

import { describe, expect, it } from 'vitest';
import {
  CreatePlatformApplicationCommand,
  CreatePlatformEndpointCommand,
  GetEndpointAttributesCommand,
  GetPlatformApplicationAttributesCommand,
  ListEndpointsByPlatformApplicationCommand,
  ListPlatformApplicationsCommand,
} from '@aws-sdk/client-sns';
import { account, entries, region, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

const credentials = { PlatformPrincipal: 'id', PlatformCredential: 'secret' };

async function application(endpoint: SnsEndpoint, Name = 'shop', Platform = 'ADM'): Promise<string> {
  const command = new CreatePlatformApplicationCommand({ Name, Platform, Attributes: credentials });
  return (await endpoint.client.send(command)).PlatformApplicationArn!;
}

async function device(endpoint: SnsEndpoint, PlatformApplicationArn: string, more: object = {}): Promise<string> {
  const command = new CreatePlatformEndpointCommand({ PlatformApplicationArn, Token: 'token_1', ...more });
  return (await endpoint.client.send(command)).EndpointArn!;
}

const noApplication = `arn:aws:sns:${region}:${account}:app/ADM/none`;
const noEndpoint = `arn:aws:sns:${region}:${account}:endpoint/ADM/none/00000000-0000-0000-0000-000000000000`;

describe('applications', () => {
  it('are made and listed, without their credentials', async () => {
    await using endpoint = await snsEndpoint();
    const arn = await application(endpoint);
    expect(arn).toBe(`arn:aws:sns:${region}:${account}:app/ADM/shop`);
    const { PlatformApplications } = await endpoint.client.send(new ListPlatformApplicationsCommand({}));
    expect(PlatformApplications).toEqual([{ PlatformApplicationArn: arn, Attributes: { Enabled: 'true' } }]);
    await endpoint.query('SetPlatformApplicationAttributes', {
      PlatformApplicationArn: arn,
      ...entries('Attributes', { SuccessFeedbackSampleRate: '50' }),
    });
    const got = await endpoint.client.send(
      new GetPlatformApplicationAttributesCommand({ PlatformApplicationArn: arn }),
    );
    expect(got.Attributes).toEqual({ Enabled: 'true', SuccessFeedbackSampleRate: '50' });
  });

  it.each([
    ['a'.repeat(257), 'ADM', credentials, `${'a'.repeat(257)} Reason: must be at most 256 characters long`],
    ['', 'ADM', credentials, ' Reason: cannot be empty'],
    [
      '@name',
      'ADM',
      credentials,
      "@name Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'",
    ],
    ['x', 'AAA', credentials, 'Platform Reason: AAA is not supported'],
    [
      'x',
      'ADM',
      { PlatformPrincipal: 'd' },
      'Attributes Reason: PlatformPrincipal attribute provided without PlatformCredential',
    ],
    [
      'x',
      'ADM',
      { PlatformCredential: 'd' },
      'Attributes Reason: PlatformCredential attribute provided without PlatformPrincipal',
    ],
  ] as const)('%s of %s with %j is refused', async (Name, Platform, attributes, message) => {
    await using endpoint = await snsEndpoint();
    const given = { Name, Platform, ...entries('Attributes', attributes) };
    expect(await endpoint.refusal('CreatePlatformApplication', given)).toEqual([
      400,
      'InvalidParameter',
      `Invalid parameter: ${message}`,
    ]);
  });

  it('without attributes are refused as a constraint', async () => {
    await using endpoint = await snsEndpoint();
    const refused = [
      400,
      'ValidationError',
      "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: Member must not be null",
    ];
    expect(await endpoint.refusal('CreatePlatformApplication', { Name: 'x', Platform: 'ADM' })).toEqual(refused);
    const given = { PlatformApplicationArn: noApplication };
    expect(await endpoint.refusal('SetPlatformApplicationAttributes', given)).toEqual(refused);
  });

  it.each([
    'GetPlatformApplicationAttributes',
    'SetPlatformApplicationAttributes',
    'ListEndpointsByPlatformApplication',
    'CreatePlatformEndpoint',
  ])('%s refuses one that is not there, and what is no ARN', async (action) => {
    await using endpoint = await snsEndpoint();
    const others = { Token: 't', ...entries('Attributes', { Enabled: 'true' }) };
    expect(await endpoint.refusal(action, { PlatformApplicationArn: noApplication, ...others })).toEqual([
      404,
      'NotFound',
      'PlatformApplication does not exist',
    ]);
    expect(await endpoint.refusal(action, { PlatformApplicationArn: 'invalid-arn', ...others })).toEqual([
      400,
      'InvalidParameter',
      'Invalid parameter: PlatformApplicationArn Reason: An ARN must have at least 6 elements, not 1',
    ]);
  });

  it('are deleted with their endpoints, and once more', async () => {
    await using endpoint = await snsEndpoint();
    const arn = await application(endpoint);
    const EndpointArn = await device(endpoint, arn);
    for (let times = 0; times < 2; times++) {
      expect((await endpoint.query('DeletePlatformApplication', { PlatformApplicationArn: arn })).status).toBe(200);
    }
    expect(await endpoint.refusal('GetEndpointAttributes', { EndpointArn })).toEqual([
      404,
      'NotFound',
      'Endpoint does not exist',
    ]);
  });
});

describe('endpoints', () => {
  it('are made, listed, changed and deleted', async () => {
    await using endpoint = await snsEndpoint();
    const arn = await application(endpoint);
    const EndpointArn = await device(endpoint, arn);
    expect(EndpointArn).toMatch(new RegExp(`^arn:aws:sns:${region}:${account}:endpoint/ADM/shop/[0-9a-f-]{36}$`));
    const list = async (): Promise<unknown> =>
      (await endpoint.client.send(new ListEndpointsByPlatformApplicationCommand({ PlatformApplicationArn: arn })))
        .Endpoints;
    expect(await list()).toEqual([{ EndpointArn, Attributes: { Enabled: 'true', Token: 'token_1' } }]);
    await endpoint.query('SetEndpointAttributes', { EndpointArn, ...entries('Attributes', { Enabled: 'false' }) });
    const got = await endpoint.client.send(new GetEndpointAttributesCommand({ EndpointArn }));
    expect(got.Attributes).toEqual({ Enabled: 'false', Token: 'token_1' });
    for (let times = 0; times < 2; times++) await endpoint.query('DeleteEndpoint', { EndpointArn });
    expect(await list()).toEqual([]);
  });

  it('are found by their token, unless other attributes are asked for', async () => {
    await using endpoint = await snsEndpoint();
    const arn = await application(endpoint);
    const made = await device(endpoint, arn, { CustomUserData: 'bar', Attributes: { Enabled: 'false' } });
    expect(await device(endpoint, arn, { CustomUserData: 'bar', Attributes: { Enabled: 'false' } })).toBe(made);
    const given = { PlatformApplicationArn: arn, Token: 'token_1', ...entries('Attributes', { Enabled: 'true' }) };
    expect(await endpoint.refusal('CreatePlatformEndpoint', given)).toEqual([
      400,
      'InvalidParameter',
      `Invalid parameter: Token Reason: Endpoint ${made} already exists with the same Token, but different attributes.`,
    ]);
  });

  it('have the user data of their attributes rather than the one beside them', async () => {
    await using endpoint = await snsEndpoint();
    const arn = await application(endpoint);
    const EndpointArn = await device(endpoint, arn, { CustomUserData: 'bar', Attributes: { CustomUserData: 'foo' } });
    const got = await endpoint.client.send(new GetEndpointAttributesCommand({ EndpointArn }));
    expect(got.Attributes).toEqual({ CustomUserData: 'foo', Enabled: 'true', Token: 'token_1' });
  });

  it.each([
    [{ PlatformPrincipal: 'x' }, 'Invalid attribute name: PlatformPrincipal'],
    [{ InvalidKey: 'x' }, 'Invalid attribute name: InvalidKey'],
    [
      { CustomUserData: 'A'.repeat(2050) },
      'Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding',
    ],
  ])('are refused the attributes %j', async (attributes, message) => {
    await using endpoint = await snsEndpoint();
    const PlatformApplicationArn = await application(endpoint);
    const EndpointArn = await device(endpoint, PlatformApplicationArn);
    const told = entries('Attributes', attributes);
    const refused = [400, 'InvalidParameter', `Invalid parameter: Attributes Reason: ${message}`];
    expect(await endpoint.refusal('SetEndpointAttributes', { EndpointArn, ...told })).toEqual(refused);
    const another = { PlatformApplicationArn, Token: 'token_2', ...told };
    expect(await endpoint.refusal('CreatePlatformEndpoint', another)).toEqual(refused);
  });

  it.each(['GetEndpointAttributes', 'SetEndpointAttributes'])('%s refuses what is not there', async (action) => {
    await using endpoint = await snsEndpoint();
    const told = entries('Attributes', { Enabled: 'true' });
    const refused = (EndpointArn: string): Promise<unknown> => endpoint.refusal(action, { EndpointArn, ...told });
    expect(await refused(noEndpoint)).toEqual([404, 'NotFound', 'Endpoint does not exist']);
    expect(await refused(noEndpoint.replace(/\/[^/]*$/, ''))).toEqual([
      400,
      'InvalidParameter',
      'Invalid parameter: EndpointArn Reason: Wrong number of slashes in relative portion of the ARN.',
    ]);
  });
});

describe('pushing', () => {
  it('goes into the mailbox, published to the endpoint or to a topic', async () => {
    await using endpoint = await snsEndpoint();
    const EndpointArn = await device(endpoint, await application(endpoint));
    const TopicArn = await endpoint.topic();
    await endpoint.query('Subscribe', { TopicArn, Protocol: 'application', Endpoint: EndpointArn });
    const Message = JSON.stringify({ default: 'd', ADM: '{"data":{}}' });
    await endpoint.query('Publish', { TargetArn: EndpointArn, Message, MessageStructure: 'json' });
    await endpoint.query('Publish', { TopicArn, Message, MessageStructure: 'json' });
    expect(await endpoint.sns.mailbox.read()).toMatchObject([
      { kind: 'application', to: EndpointArn, body: '{"data":{}}', topicArn: undefined },
      { kind: 'application', to: EndpointArn, body: '{"data":{}}', topicArn: TopicArn },
    ]);
  });

  it('is refused for an endpoint that is disabled, and fails from a topic', async () => {
    await using endpoint = await snsEndpoint();
    const EndpointArn = await device(endpoint, await application(endpoint), { Attributes: { Enabled: 'false' } });
    const unreadable = { TargetArn: EndpointArn, Message: 'm', MessageStructure: 'json' };
    expect(await endpoint.refusal('Publish', unreadable)).toEqual([400, 'EndpointDisabled', 'Endpoint is disabled']);
    const TopicArn = await endpoint.topic();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await endpoint.queue('dlq') });
    const given = { TopicArn, Protocol: 'application', Endpoint: EndpointArn };
    await endpoint.query('Subscribe', { ...given, ...entries('Attributes', { RedrivePolicy }) });
    await endpoint.query('Publish', { TopicArn, Message: 'm' });
    expect(await endpoint.receive('dlq')).toMatchObject([{ body: 'm' }]);
  });
});
