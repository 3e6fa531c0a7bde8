// CreateTopic: names, attributes, tags, and what happens when the topic is there.

import { expect, it } from 'vitest';
import { CreateTopicCommand, ListTopicsCommand } from '@aws-sdk/client-sns';
import { account, entries, region, snsEndpoint } from './endpoint.ts';

const arn = (name: string): string => `arn:aws:sns:${region}:${account}:${name}`;

function tags(map: Readonly<Record<string, string>>): Record<string, string> {
  const parameters: Record<string, string> = {};
  Object.entries(map).forEach(([key, value], index) => {
    parameters[`Tags.member.${index + 1}.Key`] = key;
    parameters[`Tags.member.${index + 1}.Value`] = value;
  });
  return parameters;
}

it('makes a topic, and a FIFO topic whose name says so', async () => {
  await using endpoint = await snsEndpoint();
  const { TopicArn } = await endpoint.client.send(new CreateTopicCommand({ Name: 'a_B-9' }));
  expect(TopicArn).toBe(arn('a_B-9'));
  const fifo = { Name: 'x.fifo', Attributes: { FifoTopic: 'true', ContentBasedDeduplication: 'true' } };
  expect((await endpoint.client.send(new CreateTopicCommand(fifo))).TopicArn).toBe(arn('x.fifo'));
  expect(await endpoint.topic('a'.repeat(256))).toBe(arn('a'.repeat(256)));
});

const noNames: readonly (readonly [string, Record<string, string>])[] = [
  ['', {}],
  ['a'.repeat(257), {}],
  ['test.fifo', {}],
  ['test', { FifoTopic: 'true' }],
  ['.fifo', { FifoTopic: 'true' }],
  ['topic.name.fifo', { FifoTopic: 'true' }],
  ...[':', ';', '!', '@', '|', '^', '%', ' ', 'é', '.'].map((char) => [`bad${char}name`, {}] as const),
];

it.each(noNames)('refuses the name %j with %j', async (Name, attributes) => {
  await using endpoint = await snsEndpoint();
  const parameters = { Name, ...entries('Attributes', attributes) };
  expect(await endpoint.refusal('CreateTopic', parameters)).toEqual([
    400,
    'InvalidParameter',
    'Invalid parameter: Topic Name',
  ]);
});

it.each([
  [{ Nonsense: 'x' }, 'Attributes Reason: Unknown attribute Nonsense'],
  [{ DisplayName: 'x'.repeat(101) }, 'Attributes Reason: DisplayName'],
  [
    { ContentBasedDeduplication: 'true' },
    'Attributes Reason: Content-based deduplication can only be set for FIFO topics',
  ],
  [{ Policy: 'no JSON' }, 'Attributes Reason: Policy Error: null'],
  [{ FifoTopic: 'maybe' }, 'Attributes Reason: FifoTopic: Invalid value [maybe]. Must be true or false.'],
])('refuses the attributes %j', async (attributes, message) => {
  await using endpoint = await snsEndpoint();
  const refused = await endpoint.refusal('CreateTopic', { Name: 't', ...entries('Attributes', attributes) });
  expect(refused).toEqual([400, 'InvalidParameter', `Invalid parameter: ${message}`]);
});

it('finds the topic that is there, asked for what it is or for less', async () => {
  await using endpoint = await snsEndpoint();
  await endpoint.query('CreateTopic', {
    Name: 't',
    ...entries('Attributes', { DisplayName: 'one' }),
    ...tags({ a: '1', b: '2' }),
  });
  for (const again of [{}, tags({ a: '1', b: '2' }), tags({ a: '1' }), entries('Attributes', { DisplayName: 'one' })]) {
    expect((await endpoint.query('CreateTopic', { Name: 't', ...again })).text).toContain(arn('t'));
  }
  const standard = await endpoint.query('CreateTopic', { Name: 't', ...entries('Attributes', { FifoTopic: 'false' }) });
  expect(standard.status).toBe(200);
});

it.each([
  ['attributes', entries('Attributes', { DisplayName: 'two' })],
  ['attributes', entries('Attributes', { SignatureVersion: '2' })],
  ['attributes', entries('Attributes', { SignatureVersion: '2', DisplayName: 'one' })],
  ['tags', tags({ a: 'other' })],
  ['tags', tags({ c: '3' })],
])('refuses to find a topic with different %s', async (what, parameters) => {
  await using endpoint = await snsEndpoint();
  await endpoint.query('CreateTopic', {
    Name: 't',
    ...entries('Attributes', { DisplayName: 'one' }),
    ...tags({ a: '1' }),
  });
  const shown = what === 'tags' ? 'Tags' : 'Attributes';
  expect(await endpoint.refusal('CreateTopic', { Name: 't', ...parameters })).toEqual([
    400,
    'InvalidParameter',
    `Invalid parameter: ${shown} Reason: Topic already exists with different ${what}`,
  ]);
});

it('says so when there is no name', async () => {
  await using endpoint = await snsEndpoint();
  expect(await endpoint.refusal('CreateTopic')).toEqual([
    400,
    'InvalidParameter',
    'Invalid parameter: Name Reason: no value for required parameter',
  ]);
});

it('makes one topic for all who ask at once', async () => {
  await using endpoint = await snsEndpoint();
  const made = await Promise.all(Array.from({ length: 20 }, () => endpoint.topic('once')));
  expect(new Set(made)).toEqual(new Set([arn('once')]));
  expect((await endpoint.client.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn: arn('once') }]);
});
