// The account in which far-endpoint.ts asks: its clients, what a test has made in it and is taken away, and the states of
// streams and consumers, which pass at once where the test thinks it is.

import { randomInt } from 'node:crypto';
import {
  DeletePlatformApplicationCommand,
  DeleteTopicCommand,
  paginateListPlatformApplications,
  paginateListTopics,
  SNSClient,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  paginateListQueues,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { FarService, Names } from './far-names.ts';
import { isReal } from './target.ts';

export interface FarAccount extends Omit<Names, 'local'> {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
}

export interface FarRequest {
  readonly service: FarService;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Looked at again after so long. */
const lookMs = 50;

/** At AWS the account is known by what is made in it. */
export async function findAccount(run: string): Promise<FarAccount> {
  const given = isReal ? undefined : (process.env['CAUSEWAY_AWS'] ?? '').replace(/\/$/, '');
  const region = isReal ? (process.env['AWS_REGION'] ?? 'us-east-1') : 'us-east-1';
  // Elsewhere than at AWS a key of twelve digits is an account, and every test has one of its own.
  const account = String(randomInt(1e11, 1e12 / 4));
  const credentials = { accessKeyId: account, secretAccessKey: 'test' };
  const config = given === undefined ? { region } : { region, endpoint: given, credentials };
  const [sqs, sns] = [new SQSClient(config), new SNSClient(config)];
  const url = (service: FarService): string => given ?? `https://${service}.${region}.amazonaws.com`;
  const urls = { sqs: url('sqs'), sns: url('sns'), kinesis: url('kinesis') };
  const found = { run, urls, region, sqs, sns };
  if (!isReal) return { ...found, account };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${run}-account` }));
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  const { Attributes } = await sqs.send(asked);
  return { ...found, account: Attributes!['QueueArn']!.split(':')[4]! };
}

/** Of the services and operations that were asked for. */
export async function removeAll(far: FarAccount, asked: ReadonlySet<string>): Promise<void> {
  const { run, sqs, sns } = far;
  if (isReal || asked.has('sqs')) {
    for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, { QueueNamePrefix: run })) {
      for (const QueueUrl of QueueUrls) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    }
  }
  if (asked.has('CreateTopic')) await removeTopics(far);
  if (asked.has('CreatePlatformApplication')) await removeApplications(far);
  if (asked.has('CreateStream')) {
    const { StreamNames } = await kinesis(far, 'ListStreams', { ExclusiveStartStreamName: run });
    for (const StreamName of StreamNames.filter((name: string) => name.startsWith(`${run}-`))) {
      await kinesis(far, 'DeleteStream', { StreamName, EnforceConsumerDeletion: true });
    }
  }
  for (const client of [sqs, sns]) client.destroy();
}

async function removeTopics({ run, sns }: FarAccount): Promise<void> {
  const topics: string[] = [];
  for await (const page of paginateListTopics({ client: sns }, {})) {
    for (const { TopicArn = '' } of page.Topics ?? []) if (TopicArn.includes(`:${run}-`)) topics.push(TopicArn);
  }
  for (const TopicArn of topics) await sns.send(new DeleteTopicCommand({ TopicArn }));
}

async function removeApplications({ run, sns }: FarAccount): Promise<void> {
  for await (const { PlatformApplications = [] } of paginateListPlatformApplications({ client: sns }, {})) {
    for (const { PlatformApplicationArn } of PlatformApplications) {
      if (PlatformApplicationArn?.includes(`/${run}-`) !== true) continue;
      await sns.send(new DeletePlatformApplicationCommand({ PlatformApplicationArn }));
    }
  }
}

const changesOfStreams =
  /^(Create|Delete|Update|Increase|Decrease|Split|Merge|Start|Stop|Enable|Disable)(?!.*Consumer).*(Stream|Shard|Record)/;

/** Waits until what Kinesis has taken on is done. */
export async function settled(far: FarAccount, operation: string, asked: string, told: string): Promise<void> {
  const { StreamName, StreamARN, ConsumerARN } = JSON.parse(asked);
  if (changesOfStreams.test(operation)) {
    await until(async () => {
      const answer = await kinesis(far, 'DescribeStreamSummary', { StreamName, StreamARN });
      return answer.StreamDescriptionSummary?.StreamStatus;
    });
  } else if (operation.endsWith('StreamConsumer') && !operation.startsWith('Describe')) {
    const arn = ConsumerARN ?? JSON.parse(told === '' ? '{}' : told).Consumer?.ConsumerARN;
    if (arn === undefined) return;
    await until(async () => {
      const answer = await kinesis(far, 'DescribeStreamConsumer', { ConsumerARN: arn });
      return answer.ConsumerDescription?.ConsumerStatus;
    });
  }
}

/** Until it is active, or not there (any more). The test's own time ends what never comes. */
async function until(state: () => Promise<string | undefined>): Promise<void> {
  for (let seen = await state(); seen !== undefined && seen !== 'ACTIVE'; seen = await state()) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

/** An answer of Kinesis, over HTTP/1.1, which everything that serves it speaks. */
// eslint-disable-next-line typescript/no-explicit-any -- its members are what is looked at
async function kinesis(far: FarAccount, action: string, input: object): Promise<any> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Kinesis_20131202.${action}` };
  const body = JSON.stringify(input);
  const answer = await ask(far, { service: 'kinesis', method: 'POST', target: '/', headers, body });
  const text = await answer.text();
  return text === '' ? {} : JSON.parse(text);
}

/** Sends it signed; unsigned, if `isSigned` says so. */
export async function ask(
  far: FarAccount,
  { service, method, target, headers, body }: FarRequest,
  { isSigned = true, signal }: { readonly isSigned?: boolean; readonly signal?: AbortSignal } = {},
): Promise<Response> {
  const { protocol, hostname, host, port } = new URL(far.urls[service]);
  const [path = '/', search = ''] = target.split('?');
  const signer = await far.sqs.config.signer();
  const request = {
    method,
    protocol,
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    path,
    query: Object.fromEntries(new URLSearchParams(search)),
    headers: { ...headers, host },
    body,
  };
  const context = { signingService: service, signingRegion: far.region };
  const done = isSigned ? await signer.sign(request, context) : request;
  const { host: _, ...others } = done.headers;
  return fetch(far.urls[service] + target, {
    method,
    headers: others,
    signal: signal ?? null,
    ...(body.length === 0 ? {} : { body: typeof body === 'string' ? body : Uint8Array.from(body) }),
  });
}
