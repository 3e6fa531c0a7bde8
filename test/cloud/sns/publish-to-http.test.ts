// Deliveries over HTTP: raw and not, content types, retries as the delivery policy has them, and what becomes of what cannot
// be delivered.

import { text as textOf } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { jittered, retryDelayMs } from '../../../broker/cloud/sns/model/delivery-policy.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { isOwn } from '../target.ts';
import { entries, httpEndpoint, snsEndpoint } from './endpoint.ts';
import type { Received, SnsEndpoint } from './endpoint.ts';

interface Hook {
  readonly url: string;
  came(count: number): Promise<{ readonly body: string }>;
}

/** A subscription over HTTP, confirmed by what its endpoint was sent. */
async function subscribed(
  endpoint: SnsEndpoint,
  TopicArn: string,
  { url, came }: Hook,
  attributes: Record<string, string> = {},
): Promise<string> {
  const given = { TopicArn, Protocol: 'http', Endpoint: url, ReturnSubscriptionArn: 'true' };
  const { text } = await endpoint.query('Subscribe', { ...given, ...entries('Attributes', attributes) });
  const arn = /<SubscriptionArn>([^<]*)/.exec(text)![1]!;
  const { Token } = JSON.parse((await came(1)).body);
  await endpoint.query('ConfirmSubscription', { TopicArn, Token });
  return arn;
}

function policy(retry: object): string {
  return JSON.stringify({ healthyRetryPolicy: { minDelayTarget: 1, maxDelayTarget: 1, numRetries: 0, ...retry } });
}

it('raw delivery posts the message alone', async () => {
  await using endpoint = await snsEndpoint();
  await using hook = await httpEndpoint(200);
  const TopicArn = await endpoint.topic();
  const DeliveryPolicy = '{"requestPolicy":{"headerContentType":"text/csv"}}';
  const arn = await subscribed(endpoint, TopicArn, hook, { RawMessageDelivery: 'true', DeliveryPolicy });
  await hook.came(1);
  await endpoint.query('Publish', { TopicArn, Message: 'a,b' });
  const { headers, body } = await hook.came(2);
  expect(body).toBe('a,b');
  expect(headers).toMatchObject({
    'content-type': 'text/csv',
    'x-amz-sns-rawdelivery': 'true',
    'x-amz-sns-subscription-arn': arn,
    'content-length': '3',
  });
});

it('the topic’s delivery policy gives the content type', async () => {
  await using endpoint = await snsEndpoint();
  await using hook = await httpEndpoint(200);
  const http = { defaultRequestPolicy: { headerContentType: 'application/json' } };
  const TopicArn = await endpoint.topic('t', { DeliveryPolicy: JSON.stringify({ http }) });
  await subscribed(endpoint, TopicArn, hook);
  await endpoint.query('Publish', { TopicArn, Message: 'm' });
  expect((await hook.came(1)).headers['content-type']).toBe('text/plain; charset=UTF-8');
  expect((await hook.came(2)).headers['content-type']).toBe('application/json');
});

it('is tried again after the delay of the policy, until it is taken', async () => {
  const clock = new ManualClock();
  await using endpoint = await snsEndpoint({ clock });
  await using hook = await httpEndpoint(200, 503, 429, 200);
  const TopicArn = await endpoint.topic('t', { HTTPSuccessFeedbackRoleArn: 'r', HTTPSuccessFeedbackSampleRate: '100' });
  const DeliveryPolicy = policy({ numRetries: 3, minDelayTarget: 7, maxDelayTarget: 7 });
  await subscribed(endpoint, TopicArn, hook, { DeliveryPolicy });
  await hook.came(1);
  const published = clock.now();
  await endpoint.query('Publish', { TopicArn, Message: 'm' });
  await hook.came(2);
  const times: number[] = [];
  for (const count of [3, 4]) {
    await expect.poll(() => (clock.turn(100), hook.posted.length)).toBe(count);
    times.push(clock.now() - published);
  }
  expect(times[0]).toBeGreaterThanOrEqual(7000);
  expect(times[1]).toBeGreaterThanOrEqual(14_000);
  await expect
    .poll(() => endpoint.sns.deliveries.read())
    .toMatchObject([
      { entry: { status: 'SUCCESS', delivery: { destination: hook.url, statusCode: 200, attempts: 3 } } },
    ]);
});

it.each([
  ['a refusal of the request', [200, 403], 2],
  ['retries that are used up', [200, 500], 3],
] as const)('after %s it goes to the dead-letter queue', async (_what, statuses, posts) => {
  await using endpoint = await snsEndpoint();
  await using hook = await httpEndpoint(...statuses);
  const TopicArn = await endpoint.topic();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await endpoint.queue('dlq') });
  const DeliveryPolicy = policy({ numRetries: 1, numNoDelayRetries: 1 });
  await subscribed(endpoint, TopicArn, hook, { RedrivePolicy, DeliveryPolicy, RawMessageDelivery: 'true' });
  await hook.came(1);
  const given = {
    'MessageAttributes.entry.1.Name': 'a',
    'MessageAttributes.entry.1.Value.DataType': 'String',
    'MessageAttributes.entry.1.Value.StringValue': 'v',
  };
  await endpoint.query('Publish', { TopicArn, Message: 'dead', ...given });
  await expect
    .poll(() => endpoint.receive('dlq'))
    .toMatchObject([{ body: 'dead', attributes: { a: { DataType: 'String', StringValue: 'v' } } }]);
  expect(hook.posted).toHaveLength(posts);
  if (!isOwn) return;
  const [failed] = await endpoint.sns.deliveries.read();
  expect(failed?.entry).toMatchObject({ status: 'FAILURE', delivery: { statusCode: statuses[1] } });
});

it('an endpoint that is not there is as one that fails', async () => {
  await using endpoint = await snsEndpoint();
  const hook = await httpEndpoint(200);
  const TopicArn = await endpoint.topic();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await endpoint.queue('dlq') });
  await subscribed(endpoint, TopicArn, hook, { RedrivePolicy, DeliveryPolicy: policy({}) });
  await hook.came(1);
  await hook[Symbol.asyncDispose]();
  await endpoint.query('Publish', { TopicArn, Message: 'dead' });
  const received: Received[] = [];
  await expect.poll(async () => received.push(...(await endpoint.receive('dlq')))).toBe(1);
  expect(JSON.parse(received[0]!.body)).toMatchObject({ Type: 'Notification', Message: 'dead' });
});

it('a slow endpoint holds up no other, and is given a bounded number at once', async () => {
  await using endpoint = await snsEndpoint();
  await using quick = await httpEndpoint(200);
  const { createServer } = await import('node:http');
  const held: (() => void)[] = [];
  const confirmation = Promise.withResolvers<string>();
  const slow = createServer((request, response) => {
    held.push(() => response.end());
    textOf(request).then(confirmation.resolve, confirmation.reject);
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  const address = slow.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const TopicArn = await endpoint.topic();
  const body = confirmation.promise.then((posted) => {
    held.pop()!();
    return { body: posted };
  });
  await subscribed(endpoint, TopicArn, { url: `http://127.0.0.1:${port}/`, came: () => body });
  await subscribed(endpoint, TopicArn, quick);
  for (let count = 0; count < 30; count++) await endpoint.query('Publish', { TopicArn, Message: `${count}` });
  await quick.came(31);
  await expect.poll(() => held.length).toBe(8);
  slow.closeAllConnections();
  await new Promise((resolve) => slow.close(resolve));
});

it('no more than the policy’s number goes out within a second', async () => {
  const clock = new ManualClock();
  await using endpoint = await snsEndpoint({ clock });
  await using hook = await httpEndpoint(200);
  const TopicArn = await endpoint.topic();
  const DeliveryPolicy = '{"throttlePolicy":{"maxReceivesPerSecond":2}}';
  await subscribed(endpoint, TopicArn, hook, { DeliveryPolicy });
  await hook.came(1);
  const began = clock.now();
  for (let count = 0; count < 4; count++) await endpoint.query('Publish', { TopicArn, Message: `${count}` });
  await expect.poll(() => (clock.turn(50), hook.posted.length)).toBe(5);
  expect(clock.now() - began).toBeGreaterThanOrEqual(1500);
});

it('what was not delivered goes with its subscription', async () => {
  const clock = new ManualClock();
  await using endpoint = await snsEndpoint({ clock });
  await using hook = await httpEndpoint(200, 500);
  const TopicArn = await endpoint.topic();
  const arn = await subscribed(endpoint, TopicArn, hook);
  await hook.came(1);
  await endpoint.query('Publish', { TopicArn, Message: 'm' });
  await hook.came(2);
  await endpoint.query('Unsubscribe', { SubscriptionArn: arn });
  expect(endpoint.broker.find('sns-http', arn)).toBeUndefined();
  clock.turn(120_000);
  expect(hook.posted).toHaveLength(2);
});

it('the delays of a policy: at once, least, growing, most', () => {
  const delays = (backoffFunction: 'linear' | 'arithmetic' | 'geometric' | 'exponential'): readonly unknown[] => {
    const whole = {
      minDelayTarget: 2,
      maxDelayTarget: 10,
      numRetries: 9,
      numNoDelayRetries: 1,
      numMinDelayRetries: 2,
      numMaxDelayRetries: 1,
      backoffFunction,
    };
    return Array.from({ length: 10 }, (_, index) => retryDelayMs(whole, index + 1));
  };
  expect(delays('linear')).toEqual([0, 2000, 2000, 2000, 4000, 6000, 8000, 10_000, 10_000, undefined]);
  for (const name of ['arithmetic', 'geometric', 'exponential'] as const) {
    const grown = delays(name).slice(3, 8) as number[];
    expect([grown[0], grown[4]]).toEqual([2000, 10_000]);
    expect(grown).toEqual(grown.toSorted((a, b) => a - b));
    expect(grown[2]).toBeLessThan(6000);
  }
});

it('jitters the delays, up to a tenth later and never earlier', () => {
  expect([0, 0.5, 0.999_99].map((random) => jittered(20_000, random))).toEqual([20_000, 21_000, 22_000]);
  expect(jittered(0, 0.9)).toBe(0);
});
