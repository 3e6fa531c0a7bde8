// ConfirmSubscription and the unsigned Unsubscribe: what HTTP endpoints, mail addresses and queues of others are sent, and
// what following its links does.

import { createVerify, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { ConfirmSubscriptionCommand, GetSubscriptionAttributesCommand } from '@aws-sdk/client-sns';
import { ManualClock } from '../../support/manual-clock.ts';
import { httpEndpoint, region, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

async function subscribed(
  endpoint: SnsEndpoint,
  TopicArn: string,
  Protocol: string,
  Endpoint: string,
): Promise<string> {
  const given = { TopicArn, Protocol, Endpoint, ReturnSubscriptionArn: 'true' };
  const { text } = await endpoint.query('Subscribe', given);
  return /<SubscriptionArn>([^<]*)/.exec(text)![1]!;
}

async function isPending(endpoint: SnsEndpoint, SubscriptionArn: string): Promise<string | undefined> {
  const { Attributes } = await endpoint.client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  return Attributes?.['PendingConfirmation'];
}

it('an HTTP endpoint is sent a signed confirmation whose link confirms, once and again', async () => {
  await using endpoint = await snsEndpoint();
  await using hook = await httpEndpoint(200);
  const TopicArn = await endpoint.topic();
  const arn = await subscribed(endpoint, TopicArn, 'http', hook.url);
  const { headers, body } = await hook.came(1);
  const confirmation = JSON.parse(body);
  expect(headers).toMatchObject({
    'x-amz-sns-message-type': 'SubscriptionConfirmation',
    'x-amz-sns-message-id': confirmation.MessageId,
    'x-amz-sns-topic-arn': TopicArn,
    'content-type': 'text/plain; charset=UTF-8',
    'user-agent': 'Amazon Simple Notification Service Agent',
    'accept-encoding': 'gzip,deflate',
  });
  expect(headers).not.toHaveProperty('x-amz-sns-subscription-arn');
  expect(confirmation).toMatchObject({
    Type: 'SubscriptionConfirmation',
    TopicArn,
    Message: `You have chosen to subscribe to the topic ${TopicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    SubscribeURL: `${endpoint.url}/?Action=ConfirmSubscription&TopicArn=${TopicArn}&Token=${confirmation.Token}`,
    SignatureVersion: '1',
  });
  const names = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const { publicKey } = new X509Certificate((await endpoint.get(confirmation.SigningCertURL)).text);
  const signed = endpoint.asSigned(names.map((name) => `${name}\n${confirmation[name]}\n`).join(''));
  const verify = createVerify('RSA-SHA1').update(signed);
  expect(verify.verify(publicKey, confirmation.Signature, 'base64')).toBe(true);
  expect(await isPending(endpoint, arn)).toBe('true');
  for (let times = 0; times < 2; times++) {
    const { text } = await endpoint.get(confirmation.SubscribeURL);
    expect(/<SubscriptionArn>([^<]*)/.exec(text)?.[1]).toBe(arn);
  }
  expect(await isPending(endpoint, arn)).toBe('false');
});

it('a wrong token or topic is refused, another topic of the region is not looked at', async () => {
  await using endpoint = await snsEndpoint();
  await using hook = await httpEndpoint(200);
  const TopicArn = await endpoint.topic();
  await subscribed(endpoint, TopicArn, 'http', hook.url);
  const { Token } = JSON.parse((await hook.came(1)).body);
  const follow = async (topic: string, token: string): Promise<readonly unknown[]> => {
    const { status, text } = await endpoint.get(`/?Action=ConfirmSubscription&TopicArn=${topic}&Token=${token}`);
    return [status, /<Message>(.*)<\/Message>/.exec(text)?.[1]];
  };
  expect(await follow('not-an-arn', Token)).toEqual([400, 'Invalid parameter: Topic']);
  expect(await follow(TopicArn, 'abc123')).toEqual([400, 'Invalid parameter: Token']);
  expect(await follow(TopicArn, 'randomtoken')).toEqual([400, 'Invalid token']);
  expect(await follow(TopicArn.replace(region, 'eu-central-1'), Token)).toEqual([400, 'Invalid parameter: Topic']);
  expect(await follow(`${TopicArn}x`, Token)).toEqual([200, undefined]);
});

it('nothing is delivered before it is confirmed', async () => {
  await using endpoint = await snsEndpoint();
  await using hook = await httpEndpoint(200);
  const TopicArn = await endpoint.topic();
  const arn = await subscribed(endpoint, TopicArn, 'http', hook.url);
  const { Token } = JSON.parse((await hook.came(1)).body);
  await endpoint.query('Publish', { TopicArn, Message: 'before' });
  await endpoint.client.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
  await endpoint.query('Publish', { TopicArn, Message: 'after' });
  const { headers, body } = await hook.came(2);
  expect(headers).toMatchObject({
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-topic-arn': TopicArn,
    'x-amz-sns-subscription-arn': arn,
  });
  const notification = JSON.parse(body);
  expect(notification).toMatchObject({ Type: 'Notification', Message: 'after', TopicArn });
  expect(notification.UnsubscribeURL).toBe(`${endpoint.url}/?Action=Unsubscribe&SubscriptionArn=${arn}`);
});

it('who follows the link to unsubscribe is told, and may come back', async () => {
  await using endpoint = await snsEndpoint();
  await using hook = await httpEndpoint(200);
  const TopicArn = await endpoint.topic();
  const arn = await subscribed(endpoint, TopicArn, 'http', hook.url);
  await endpoint.get(JSON.parse((await hook.came(1)).body).SubscribeURL);
  const { text } = await endpoint.get(`/?Action=Unsubscribe&SubscriptionArn=${arn}`);
  expect(text).toContain('<UnsubscribeResponse');
  const { headers, body } = await hook.came(2);
  const farewell = JSON.parse(body);
  expect(headers).toMatchObject({
    'x-amz-sns-message-type': 'UnsubscribeConfirmation',
    'x-amz-sns-subscription-arn': arn,
  });
  expect(farewell.Message).toBe(
    `You have chosen to deactivate subscription ${arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`,
  );
  expect(await endpoint.refusal('GetSubscriptionAttributes', { SubscriptionArn: arn })).toMatchObject([
    404,
    'NotFound',
    {},
  ]);
  await endpoint.get(farewell.SubscribeURL);
  expect(await isPending(endpoint, arn)).toBe('false');
  await endpoint.query('Publish', { TopicArn, Message: 'again' });
  expect(JSON.parse((await hook.came(3)).body).Message).toBe('again');
});

it('with AuthenticateOnUnsubscribe only a signed request ends it', async () => {
  await using endpoint = await snsEndpoint();
  await using hook = await httpEndpoint(200);
  const TopicArn = await endpoint.topic();
  const arn = await subscribed(endpoint, TopicArn, 'http', hook.url);
  const { Token } = JSON.parse((await hook.came(1)).body);
  const given = { TopicArn, Token, AuthenticateOnUnsubscribe: 'true' };
  await endpoint.client.send(new ConfirmSubscriptionCommand(given));
  expect((await endpoint.get(`/?Action=Unsubscribe&SubscriptionArn=${arn}`)).status).toBe(403);
  expect((await endpoint.query('Unsubscribe', { SubscriptionArn: arn })).status).toBe(200);
  expect((await endpoint.query('GetSubscriptionAttributes', { SubscriptionArn: arn })).status).toBe(404);
});

it('mail addresses are asked by mail', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  const arn = await subscribed(endpoint, TopicArn, 'email', 'a@example.com');
  await subscribed(endpoint, TopicArn, 'email-json', 'b@example.com');
  const [letter, json] = await endpoint.sns.mailbox.read();
  expect(letter).toMatchObject({ kind: 'email', to: 'a@example.com', topicArn: TopicArn });
  expect(JSON.parse(json!.body)).toMatchObject({ Type: 'SubscriptionConfirmation', TopicArn });
  await endpoint.get(/http\S+/.exec(letter!.body)![0]);
  expect(await isPending(endpoint, arn)).toBe('false');
  await endpoint.query('Publish', { TopicArn, Message: 'text', Subject: 'subject' });
  const mails = await endpoint.sns.mailbox.read(json!.position);
  expect(mails).toMatchObject([{ to: 'a@example.com', subject: 'subject', body: 'text' }]);
});

it('a queue of another account is asked through itself', async () => {
  await using endpoint = await snsEndpoint();
  const TopicArn = await endpoint.topic();
  const other = '111122223333';
  const arn = await subscribed(endpoint, TopicArn, 'sqs', await endpoint.queue('q', other));
  const { core } = endpoint.queues.find({ account: other, region }, 'q')!;
  const [asked] = await core.browse(0, 1);
  const { Type, Token } = JSON.parse(asked!.message.body.toString());
  expect(Type).toBe('SubscriptionConfirmation');
  await endpoint.clientFor(other).send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
  expect(await isPending(endpoint, arn)).toBe('false');
});

it('is too late after two days', async () => {
  const clock = new ManualClock();
  await using endpoint = await snsEndpoint({ clock });
  const TopicArn = await endpoint.topic();
  const arn = await subscribed(endpoint, TopicArn, 'email', 'a@example.com');
  const { token } = endpoint.sns.subscriptions.find(arn)!.record;
  clock.turn(49 * 3_600_000);
  expect(await endpoint.refusal('ConfirmSubscription', { TopicArn, Token: token })).toEqual([
    400,
    'InvalidParameter',
    'Invalid parameter: Token',
  ]);
});
