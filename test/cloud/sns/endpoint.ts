// The cloud endpoint with SNS and SQS, over a broker in memory or one that is given, on a free port; and an HTTP endpoint
// to be subscribed.

import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { CloudServer } from '../../../broker/cloud/http.ts';
import { Quotas } from '../../../broker/cloud/quotas.ts';
import type { QuotaMode } from '../../../broker/cloud/quotas.ts';
import { Sns } from '../../../broker/cloud/sns/model/sns.ts';
import type { SmtpSettings } from '../../../broker/cloud/sns/model/smtp-sender.ts';
import { snsService } from '../../../broker/cloud/sns/service.ts';
import { Queues } from '../../../broker/cloud/sqs/model/queues.ts';
import { FifoDelivery } from '../../../broker/cloud/sqs/model/sending.ts';
import { sqsService } from '../../../broker/cloud/sqs/service.ts';
import type { Broker } from '../../../broker/core/broker.ts';
import { Clients } from '../../../broker/core/clients.ts';
import type { Store } from '../../../broker/core/store.ts';
import { systemClock } from '../../../broker/util/clock.ts';
import type { Clock } from '../../../broker/util/clock.ts';
import { silent } from '../../../broker/util/log.ts';
import { testBroker } from '../../support/broker.ts';
import { textOf } from '../endpoint.ts';
import { farEndpoint, needsItsOwn, notAtAws } from '../far-endpoint.ts';
import { isOwn, isReal } from '../target.ts';

export const account = '000000000000';
export const region = 'us-east-1';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface SnsEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly broker: Broker;
  readonly store: Store;
  readonly queues: Queues;
  readonly sns: Sns;
  readonly client: SNSClient;
  readonly sqs: SQSClient;
  /** A client of another account or region. */
  clientFor(accessKeyId: string, inRegion?: string): SNSClient;
  /** One signed request, as SDKs send it. */
  query(action: string, parameters?: Record<string, string>): Promise<Answer>;
  /** As a link is followed. */
  get(path: string): Promise<Answer>;
  /** Code, message and status of a refusal. */
  refusal(action: string, parameters?: Record<string, string>): Promise<readonly [number, string, string]>;
  topic(name?: string, attributes?: Record<string, string>): Promise<string>;
  /** ARNs of the subscriptions of a topic. */
  subscriptions(topic: string): Promise<readonly string[]>;
  /** Makes the queue, if it is not there; gives its ARN. */
  queue(name: string, owner?: string, inRegion?: string): Promise<string>;
  deleteQueue(name: string): Promise<void>;
  /** Text of an answer as it was where it was signed. */
  asSigned(text: string): string;
  /** Bodies and attributes of what is in the queue, which is then empty. */
  receive(queue: string): Promise<readonly Received[]>;
}

export interface Received {
  readonly body: string;
  readonly attributes: Record<string, { DataType?: string; StringValue?: string; BinaryValue?: string }>;
  readonly system: Record<string, string>;
}

const everything = {
  MaxNumberOfMessages: 10,
  VisibilityTimeout: 600,
  AttributeNames: ['All'],
  MessageAttributeNames: ['All'],
};
/** Of a queue at AWS, where policies are asked. */
const openToSns = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
});

interface Message {
  readonly Body: string;
  readonly ReceiptHandle: string;
  readonly MessageAttributes?: Received['attributes'];
  readonly Attributes: Received['system'];
}

const authorization = `AWS4-HMAC-SHA256 Credential=test/20261121/${region}/sns/aws4_request, SignedHeaders=host, Signature=0`;

export async function snsEndpoint(
  options: { readonly clock?: Clock; readonly quotas?: QuotaMode; readonly smtp?: SmtpSettings } = {},
): Promise<SnsEndpoint> {
  if (!isOwn) {
    const asked = Object.entries(options).find(([, value]) => value !== undefined && value !== systemClock);
    return asked === undefined ? elsewhere() : needsItsOwn(asked[0]);
  }
  const clock = options.clock ?? systemClock;
  const { broker, store } = await testBroker({ clock });
  return serveSns({ broker, store, clock, quotas: options.quotas ?? 'off', smtp: options.smtp });
}

/** Over a broker that is there; it is closed with the endpoint. */
export async function serveSns(given: {
  readonly broker: Broker;
  readonly store: Store;
  readonly clock: Clock;
  readonly queues?: Queues;
  readonly quotas?: QuotaMode;
  readonly smtp?: SmtpSettings | undefined;
}): Promise<SnsEndpoint> {
  const { broker, store, clock, smtp } = given;
  const quotas = new Quotas(given.quotas ?? 'off', clock, store);
  const queues = given.queues ?? new Queues(broker, clock);
  await queues.start();
  const sns = new Sns({ broker, queues, fifoQueues: new FifoDelivery(queues), clock, log: silent, smtp, quotas });
  await sns.start();
  const server = new CloudServer({
    host: '127.0.0.1',
    port: 0,
    account,
    services: [sqsService(broker, queues, clock, quotas), snsService(sns, quotas)],
    clients: new Clients(() => clock.now()),
    clock,
    log: silent,
  });
  const { port } = await server.start();
  const talk = talkTo(`http://127.0.0.1:${port}`);
  return {
    broker,
    store,
    queues,
    sns,
    ...talk,
    asSigned: (text) => text,
    [Symbol.asyncDispose]: async () => {
      talk.destroy();
      await server.close();
      await sns.close();
      await queues.close();
      broker.close();
      await store.close();
    },
  };
}

/** What came by itself from endpoints that others stand for is translated as answers are. */
const others = new Set<(text: string) => string>();

/** What stands for another endpoint: what is within that, is out of reach. */
async function elsewhere(): Promise<SnsEndpoint> {
  const far = await farEndpoint();
  const talk = talkTo(far.url, isReal ? 5 : 1);
  others.add(far.asHere);
  return {
    get broker(): Broker {
      return needsItsOwn('the broker');
    },
    get store(): Store {
      return needsItsOwn('the store');
    },
    get queues(): Queues {
      return needsItsOwn('the queues');
    },
    get sns(): Sns {
      return needsItsOwn('the mailbox and the model');
    },
    ...talk,
    asSigned: far.asThere,
    [Symbol.asyncDispose]: async () => {
      others.delete(far.asHere);
      talk.destroy();
      await far[Symbol.asyncDispose]();
    },
  };
}

type Talk = Omit<SnsEndpoint, 'broker' | 'store' | 'queues' | 'sns' | 'asSigned' | typeof Symbol.asyncDispose> & {
  destroy(): void;
};

/** Elsewhere what was published may come so many seconds after it was answered. */
function talkTo(url: string, WaitTimeSeconds = 0): Talk {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const config = { endpoint: url, region, credentials, maxAttempts: 1 };
  const clients: (SNSClient | SQSClient)[] = [];
  const keep = <T extends SNSClient | SQSClient>(client: T): T => {
    clients.push(client);
    return client;
  };
  const json = async (action: string, input: object, owner = 'test', inRegion = region): Promise<unknown> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${owner}/20261121/${inRegion}/sqs/aws4_request, Signature=0`,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${action}`,
      },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    return text === '' ? {} : JSON.parse(text);
  };
  const endpoint: Talk = {
    url,
    destroy() {
      for (const client of clients) client.destroy();
    },
    client: keep(new SNSClient(config)),
    sqs: keep(new SQSClient(config)),
    clientFor: (accessKeyId, inRegion = region) =>
      keep(new SNSClient({ ...config, region: inRegion, credentials: { ...credentials, accessKeyId } })),
    async query(action, parameters = {}) {
      const body = new URLSearchParams({ Action: action, Version: '2010-03-31', ...parameters });
      const response = await fetch(url, { method: 'POST', body, headers: { authorization } });
      return { status: response.status, text: await response.text() };
    },
    async get(path) {
      const response = await fetch(path.startsWith('http') ? path : url + path);
      return { status: response.status, text: await response.text() };
    },
    async refusal(action, parameters) {
      const { status, text } = await endpoint.query(action, parameters);
      return [status, textOf(text, 'Code') ?? '', unescape(textOf(text, 'Message') ?? '')];
    },
    async topic(name = 't', attributes = {}) {
      const { text } = await endpoint.query('CreateTopic', { Name: name, ...entries('Attributes', attributes) });
      return textOf(text, 'TopicArn') ?? text;
    },
    async subscriptions(TopicArn) {
      const { text } = await endpoint.query('ListSubscriptionsByTopic', { TopicArn });
      return Array.from(text.matchAll(/<SubscriptionArn>(.*?)</g), ([, arn = '']) => arn);
    },
    async queue(name, owner = account, inRegion = region) {
      const Attributes = { ...(name.endsWith('.fifo') && { FifoQueue: 'true' }), ...(isReal && { Policy: openToSns }) };
      await json('CreateQueue', { QueueName: name, Attributes }, owner, inRegion);
      return `arn:aws:sqs:${inRegion}:${owner}:${name}`;
    },
    async deleteQueue(name) {
      await json('DeleteQueue', { QueueUrl: `${url}/${account}/${name}` });
    },
    async receive(name) {
      const received: Received[] = [];
      for (;;) {
        const QueueUrl = `${url}/${account}/${name}`;
        const answer = (await json('ReceiveMessage', { ...everything, WaitTimeSeconds, QueueUrl })) as {
          Messages?: Message[];
        };
        const { Messages = [] } = answer;
        if (Messages.length === 0) return received;
        const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        await json('DeleteMessageBatch', { QueueUrl, Entries });
        for (const { Body, MessageAttributes = {}, Attributes } of Messages) {
          received.push({ body: Body, attributes: MessageAttributes, system: Attributes });
        }
      }
    },
  };
  return endpoint;
}

/** A map as the Query wire has it. */
export function entries(name: string, map: Readonly<Record<string, string>>): Record<string, string> {
  const parameters: Record<string, string> = {};
  Object.entries(map).forEach(([key, value], index) => {
    parameters[`${name}.entry.${index + 1}.key`] = key;
    parameters[`${name}.entry.${index + 1}.value`] = value;
  });
  return parameters;
}

function unescape(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

export interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP endpoint that answers with the statuses given, the last one for ever. */
export async function httpEndpoint(...statuses: readonly number[]): Promise<
  AsyncDisposable & {
    readonly url: string;
    readonly posted: Posted[];
    /** Resolves once that many requests have come. */
    came(count: number): Promise<Posted>;
  }
> {
  notAtAws('a way back');
  const posted: Posted[] = [];
  const waiting: { readonly count: number; readonly resolve: (last: Posted) => void }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => (body += text));
    request.on('end', () => {
      response.writeHead(statuses[Math.min(posted.length, statuses.length - 1)] ?? 200).end('answered');
      const here = (text: string): string => Array.from(others).reduce((rest, asHere) => asHere(rest), text);
      posted.push({ headers: JSON.parse(here(JSON.stringify(request.headers))), body: here(body) });
      for (const { count, resolve } of waiting) if (posted.length >= count) resolve(posted[count - 1]!);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    posted,
    came: (count) =>
      new Promise((resolve) => {
        if (posted.length >= count) resolve(posted[count - 1]!);
        else waiting.push({ count, resolve });
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
