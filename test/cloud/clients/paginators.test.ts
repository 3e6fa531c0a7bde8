// The paginators of the AWS SDK, all that its clients have: each goes through every page once, and ends.

import {
  CreateStreamCommand,
  paginateListChannels,
  paginateListStreamConsumers,
  paginateListStreams,
  RegisterStreamConsumerCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import * as kinesisClient from '@aws-sdk/client-kinesis';
import {
  CreatePlatformApplicationCommand,
  CreatePlatformEndpointCommand,
  CreateSMSSandboxPhoneNumberCommand,
  CreateTopicCommand,
  paginateListEndpointsByPlatformApplication,
  paginateListOriginationNumbers,
  paginateListPhoneNumbersOptedOut,
  paginateListPlatformApplications,
  paginateListSMSSandboxPhoneNumbers,
  paginateListSubscriptions,
  paginateListSubscriptionsByTopic,
  paginateListTopics,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import * as snsClient from '@aws-sdk/client-sns';
import { CreateQueueCommand, paginateListDeadLetterSourceQueues, paginateListQueues } from '@aws-sdk/client-sqs';
import * as sqsClient from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { isOwn, isReal, target } from '../target.ts';
import type { Target } from '../target.ts';

/** What each page had. */
async function pagesOf<P, T>(paginator: AsyncIterable<P>, read: (page: P) => readonly T[] | undefined): Promise<T[][]> {
  const pages: T[][] = [];
  for await (const page of paginator) pages.push([...(read(page) ?? [])]);
  return pages;
}

/** Each of what was made is on one page, as AWS may divide it: no page has more than `most`. */
function expectPages(pages: readonly (readonly (string | undefined)[])[], made: readonly string[], most: number): void {
  const found = pages.flat().filter((item) => item !== undefined && made.includes(item));
  expect(found.length).toBe(made.length);
  expect(new Set(found)).toEqual(new Set(made));
  for (const page of pages) expect(page.length).toBeLessThanOrEqual(most);
}

async function topics(aws: Target, count: number): Promise<string[]> {
  const made: string[] = [];
  for (let i = 0; i < count; i++) {
    const { TopicArn } = await aws.sns.send(new CreateTopicCommand({ Name: aws.name(`t${i}`) }));
    made.push(TopicArn!);
  }
  return made;
}

it('are all here', () => {
  const names = [sqsClient, snsClient, kinesisClient].map((client) =>
    Object.keys(client).filter((name) => name.startsWith('paginate')),
  );
  expect(names.map((found) => found.toSorted())).toEqual([
    ['paginateListDeadLetterSourceQueues', 'paginateListQueues'],
    [
      'paginateListEndpointsByPlatformApplication',
      'paginateListOriginationNumbers',
      'paginateListPhoneNumbersOptedOut',
      'paginateListPlatformApplications',
      'paginateListSMSSandboxPhoneNumbers',
      'paginateListSubscriptions',
      'paginateListSubscriptionsByTopic',
      'paginateListTopics',
    ],
    ['paginateListChannels', 'paginateListStreamConsumers', 'paginateListStreams'],
  ]);
});

it('go through queues, and the sources of a dead-letter queue', async () => {
  await using aws = await target();
  const make = async (what: string, Attributes?: Record<string, string>): Promise<string> =>
    (await aws.sqs.send(new CreateQueueCommand({ QueueName: aws.name(what), Attributes }))).QueueUrl!;
  const dlq = await make('dlq');
  const { Attributes } = await aws.sqs.send(
    new sqsClient.GetQueueAttributesCommand({ QueueUrl: dlq, AttributeNames: ['QueueArn'] }),
  );
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 2 });
  const made: string[] = [];
  for (let i = 0; i < 7; i++) made.push(await make(`q${i}`, { RedrivePolicy }));
  const QueueNamePrefix = aws.name('q');
  const client = { client: aws.sqs };
  const queues = paginateListQueues({ ...client, pageSize: 3 }, { QueueNamePrefix });
  expectPages(await pagesOf(queues, (page) => page.QueueUrls), made, 3);
  const sources = paginateListDeadLetterSourceQueues({ ...client, pageSize: 2 }, { QueueUrl: dlq });
  expectPages(await pagesOf(sources, (page) => page.queueUrls), made, 2);
  // Where the last page is full, none follows that is empty for ever.
  const full = paginateListQueues({ ...client, pageSize: 7, stopOnSameToken: true }, { QueueNamePrefix });
  expectPages(await pagesOf(full, (page) => page.QueueUrls), made, 7);
});

it('go through topics and subscriptions, a hundred at a time', async () => {
  await using aws = await target();
  const made = await topics(aws, 101);
  const listed = await pagesOf(paginateListTopics({ client: aws.sns }, {}), (page) => page.Topics);
  expectPages(
    listed.map((page) => page.map(({ TopicArn }) => TopicArn)),
    made,
    100,
  );
  expect(listed.length).toBeGreaterThan(1);
  const [TopicArn = ''] = made;
  const subscriptions: string[] = [];
  for (let i = 0; i < 101; i++) {
    const Endpoint = `arn:aws:sqs:${aws.region}:${TopicArn.split(':')[4]}:${aws.name(`q${i}`)}`;
    const { SubscriptionArn } = await aws.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
    subscriptions.push(SubscriptionArn!);
  }
  const client = { client: aws.sns };
  const ofTopic = await pagesOf(paginateListSubscriptionsByTopic(client, { TopicArn }), (page) => page.Subscriptions);
  const all = await pagesOf(paginateListSubscriptions(client, {}), (page) => page.Subscriptions);
  for (const pages of [ofTopic, all]) {
    expectPages(
      pages.map((page) => page.map(({ SubscriptionArn }) => SubscriptionArn)),
      subscriptions,
      100,
    );
  }
});

it.skipIf(isReal)('go through platform applications and their endpoints, and through numbers of phones', async () => {
  await using aws = await target();
  const client = { client: aws.sns };
  const Attributes = { PlatformCredential: 'c', PlatformPrincipal: 'p' };
  const applications: string[] = [];
  for (let i = 0; i < 101; i++) {
    const create = new CreatePlatformApplicationCommand({ Name: aws.name(`a${i}`), Platform: 'GCM', Attributes });
    applications.push((await aws.sns.send(create)).PlatformApplicationArn!);
  }
  const listed = await pagesOf(paginateListPlatformApplications(client, {}), (page) => page.PlatformApplications);
  expectPages(
    listed.map((page) => page.map((found) => found.PlatformApplicationArn)),
    applications,
    100,
  );
  const [PlatformApplicationArn = ''] = applications;
  const endpoints: string[] = [];
  for (let i = 0; i < 101; i++) {
    const create = new CreatePlatformEndpointCommand({ PlatformApplicationArn, Token: `token${i}` });
    endpoints.push((await aws.sns.send(create)).EndpointArn!);
  }
  const found = await pagesOf(
    paginateListEndpointsByPlatformApplication(client, { PlatformApplicationArn }),
    (page) => page.Endpoints,
  );
  expectPages(
    found.map((page) => page.map(({ EndpointArn }) => EndpointArn)),
    endpoints,
    100,
  );
  const numbers = ['+12065550100', '+12065550101', '+12065550102'];
  for (const PhoneNumber of numbers) await aws.sns.send(new CreateSMSSandboxPhoneNumberCommand({ PhoneNumber }));
  const phones = paginateListSMSSandboxPhoneNumbers({ ...client, pageSize: 2 }, {});
  const pages = await pagesOf(phones, (page) => page.PhoneNumbers);
  expectPages(
    pages.map((page) => page.map(({ PhoneNumber }) => PhoneNumber)),
    numbers,
    2,
  );
  expect(await pagesOf(paginateListOriginationNumbers(client, {}), (page) => page.PhoneNumbers)).toEqual([[]]);
  const optedOut = paginateListPhoneNumbersOptedOut(client, {});
  expect(await pagesOf(optedOut, (page) => page.phoneNumbers)).toEqual([[]]);
});

it('go through streams and their consumers', async () => {
  await using aws = await target();
  const client = { client: aws.kinesis };
  const made: string[] = [];
  for (let i = 0; i < (isReal ? 2 : 5); i++) {
    const StreamName = aws.name(`s${i}`);
    await aws.kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    made.push(StreamName);
  }
  const listed = await pagesOf(paginateListStreams({ ...client, pageSize: 2 }, {}), (page) => page.StreamNames);
  expectPages(listed, made, 2);
  const [StreamName = ''] = made;
  const { reason } = await waitUntilStreamExists({ ...client, maxWaitTime: 120 }, { StreamName });
  const { StreamARN } = (reason as kinesisClient.DescribeStreamOutput).StreamDescription!;
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const ConsumerName of names) {
    await aws.kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }));
  }
  const consumers = paginateListStreamConsumers({ ...client, pageSize: 2 }, { StreamARN });
  const pages = await pagesOf(consumers, (page) => page.Consumers);
  expectPages(
    pages.map((page) => page.map(({ ConsumerName }) => ConsumerName)),
    names,
    2,
  );
});

it.skipIf(!isOwn)('go through channels, of which there are none', async () => {
  await using aws = await target();
  expect(await pagesOf(paginateListChannels({ client: aws.kinesis }, {}), (page) => page.ChannelSummaries)).toEqual([
    [],
  ]);
});
