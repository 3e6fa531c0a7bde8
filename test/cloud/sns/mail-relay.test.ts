// Mail by an SMTP relay: what arrives there, what becomes of mail that it does not take, and what is shown of it.

import { readFile } from 'node:fs/promises';
import { PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { expect, it } from 'vitest';
import type { SmtpSettings } from '../../../broker/cloud/sns/model/smtp-sender.ts';
import type { Received } from '../../../broker/cloud/sns/model/mailbox.ts';
import { Queues } from '../../../broker/cloud/sqs/model/queues.ts';
import { Broker } from '../../../broker/core/broker.ts';
import { silent } from '../../../broker/util/log.ts';
import { openssl, TestAuthority } from '../../support/certificates.ts';
import { temporaryDirectory } from '../../support/engine-process.ts';
import { freePort } from '../../support/free-port.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { smtpRelay } from '../../support/smtp-relay.ts';
import { serveSns, snsEndpoint } from './endpoint.ts';
import type { SnsEndpoint } from './endpoint.ts';

const settings = (port: number): SmtpSettings => ({
  host: '127.0.0.1',
  port,
  secure: false,
  startTls: 'never',
  ca: undefined,
  credentials: undefined,
  from: 'sns@causeway.example',
});

async function subscribed(endpoint: SnsEndpoint, to: string, protocol = 'email'): Promise<string> {
  const TopicArn = await endpoint.topic('t', { DisplayName: 'Tank farm' });
  await endpoint.client.send(new SubscribeCommand({ TopicArn, Protocol: protocol, Endpoint: to }));
  const [mail] = (await endpoint.sns.mailbox.page({ limit: 1 })).mails;
  await endpoint.get(mail!.confirmationUrl!);
  return TopicArn;
}

/** The newest of the mailbox, once its relay says so. */
async function newest(
  endpoint: SnsEndpoint,
  state: 'waiting' | 'sent' | 'failed',
  attempts: number,
): Promise<Received> {
  const read = async () => (await endpoint.sns.mailbox.page({ limit: 1 })).mails[0];
  await expect.poll(read).toMatchObject({ relay: { state, attempts } });
  return (await read())!;
}

/** Turns the clock, a second at a time, until it is so. */
async function turnUntil(clock: ManualClock, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const look = () => {
    clock.turn(1000);
    return isSo();
  };
  await expect.poll(look, { timeout: 20_000, interval: 20 }).toBe(true);
}

it('brings a confirmation and what is published to the address, as mails of SNS look', async () => {
  await using relay = await smtpRelay();
  await using endpoint = await snsEndpoint({ smtp: settings(relay.port) });
  const TopicArn = await subscribed(endpoint, 'ada@example.org');
  const asked = await relay.took(1);
  expect([asked.from, asked.to]).toEqual(['sns@causeway.example', ['ada@example.org']]);
  expect(asked.headers.get('subject')).toBe('AWS Notification - Subscription Confirmation');
  expect(asked.text).toContain(`/?Action=ConfirmSubscription&TopicArn=${TopicArn}&Token=`);
  const Message = `Tank 4 is at 98 %.\n${'A long line. '.repeat(20)}\n.\nDrücken!`;
  const { MessageId } = await endpoint.client.send(new PublishCommand({ TopicArn, Subject: 'Tank 4', Message }));
  const mail = await relay.took(2);
  expect(mail.headers.get('from')).toBe('Tank farm <sns@causeway.example>');
  expect(mail.headers.get('to')).toBe('ada@example.org');
  expect(mail.headers.get('subject')).toBe('Tank 4');
  expect(mail.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(mail.headers.get('x-amz-sns-message-id')).toBe(MessageId);
  expect(mail.headers.get('x-amz-sns-subscription-arn')).toMatch(`${TopicArn}:`);
  expect(Math.abs(Date.parse(mail.headers.get('date')!) - Date.now())).toBeLessThan(60_000);
  const arn = mail.headers.get('x-amz-sns-subscription-arn');
  const [text, footer] = mail.text.split('\n\n--\n');
  expect(text).toBe(Message);
  expect(footer).toContain(`${endpoint.url}/?Action=Unsubscribe&SubscriptionArn=${arn}`);
  await newest(endpoint, 'sent', 1);
  const metrics = endpoint.sns.topics.find(TopicArn)!.metrics;
  expect(metrics.NumberOfNotificationsDelivered).toBe(1);
});

it('sends JSON to those who asked for it, whole, with a subject where there is none', async () => {
  await using relay = await smtpRelay();
  await using endpoint = await snsEndpoint({ smtp: settings(relay.port) });
  const TopicArn = await subscribed(endpoint, 'robot@example.org', 'email-json');
  expect(JSON.parse((await relay.took(1)).text)).toMatchObject({ Type: 'SubscriptionConfirmation', TopicArn });
  await endpoint.client.send(new PublishCommand({ TopicArn, Message: 'x'.repeat(3000) }));
  const { headers, text } = await relay.took(2);
  expect(headers.get('subject')).toBe('AWS Notification Message');
  expect(JSON.parse(text)).toMatchObject({ Type: 'Notification', TopicArn, Message: 'x'.repeat(3000) });
  expect(text).not.toContain('--');
});

it.skipIf(!openssl.present)('logs in, over TLS that is checked', async () => {
  await using directory = await temporaryDirectory();
  const authority = await TestAuthority.make(directory.path);
  const { certificate, key } = await authority.server();
  await using relay = await smtpRelay({
    secure: true,
    key: await readFile(key),
    cert: await readFile(certificate),
    onAuth: ({ username = '', password }, _, done) =>
      password === 'secret' ? done(null, { user: username }) : done(new Error('no')),
  });
  const secure = { ...settings(relay.port), secure: true, credentials: { user: 'causeway', password: 'secret' } };
  await using trusting = await snsEndpoint({ smtp: { ...secure, ca: (await authority.bytes).toString() } });
  await subscribed(trusting, 'ada@example.org');
  expect(await relay.took(1)).toMatchObject({ user: 'causeway', encrypted: true });
  await using doubting = await snsEndpoint({ smtp: secure });
  await subscribed(doubting, 'ada@example.org');
  const mail = await newest(doubting, 'waiting', 1);
  expect(mail.relay?.reason).toMatch(/certificate/);
  expect(relay.taken).toHaveLength(1);
});

it('keeps mail while the relay is away, and sends it once that is back, after a restart too', async () => {
  const clock = new ManualClock();
  const port = await freePort();
  await using first = await snsEndpoint({ clock, smtp: settings(port) });
  const TopicArn = await subscribed(first, 'ada@example.org');
  const { store } = first;
  for (let index = 0; index < 20; index += 1) {
    await first.client.send(new PublishCommand({ TopicArn, Message: `${index}` }));
  }
  await expect
    .poll(async () => (await first.sns.mailbox.read()).filter(({ relay }) => relay?.reason !== undefined).length)
    .toBeGreaterThan(0);
  await first.sns.close();

  // As if the first had been killed.
  const broker = new Broker({ store, clock, log: silent, memoryLimitBytes: 2 ** 20 });
  const queues = new Queues(broker, clock);
  await broker.start((definition) => queues.policyOf(definition));
  await using second = await serveSns({ broker, store, clock, queues, smtp: settings(port) });
  await using relay = await smtpRelay({}, port);
  await turnUntil(clock, () => relay.taken.length >= 21);
  const texts = relay.taken.map(({ text }) => text.split('\n')[0]);
  for (let index = 0; index < 20; index += 1) expect(texts).toContain(`${index}`);
  await expect
    .poll(async () => (await second.sns.mailbox.read()).every((mail) => mail.relay?.state === 'sent'))
    .toBe(true);
});

it('gives a refused address up at once, says why, and moves the message to the dead-letter queue', async () => {
  await using relay = await smtpRelay({
    onRcptTo: ({ address }, _, done) =>
      done(address.startsWith('nobody') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null),
  });
  await using endpoint = await snsEndpoint({ smtp: settings(relay.port) });
  const TopicArn = await subscribed(endpoint, 'nobody@example.org');
  const queueArn = await endpoint.queue('dead');
  const [subscription] = endpoint.sns.topics.find(TopicArn)!.subscriptions.values();
  await endpoint.query('SetSubscriptionAttributes', {
    SubscriptionArn: subscription!.arn,
    AttributeName: 'RedrivePolicy',
    AttributeValue: JSON.stringify({ deadLetterTargetArn: queueArn }),
  });
  await endpoint.client.send(new PublishCommand({ TopicArn, Message: 'lost' }));
  const mail = await newest(endpoint, 'failed', 1);
  expect(mail.relay?.reason).toBe('550 no such user');
  expect(await endpoint.receive('dead')).toMatchObject([{ body: 'lost' }]);
  const deliveries = await endpoint.sns.deliveries.read();
  expect(deliveries).toMatchObject([
    { entry: { status: 'FAILURE', delivery: { destination: 'nobody@example.org', statusCode: 550, attempts: 1 } } },
  ]);
  expect(endpoint.sns.topics.find(TopicArn)!.metrics.NumberOfNotificationsFailed).toBe(1);
});

it('tries an address again that is refused for now, without holding others up, and not for ever', async () => {
  const clock = new ManualClock();
  let tries = 0;
  await using relay = await smtpRelay({
    onRcptTo: ({ address }, _, done) => {
      if (!address.startsWith('busy')) return done();
      tries += 1;
      done(Object.assign(new Error('try later'), { responseCode: 451 }));
    },
  });
  await using endpoint = await snsEndpoint({ clock, smtp: settings(relay.port) });
  await endpoint.client.send(
    new SubscribeCommand({ TopicArn: await endpoint.topic('t'), Protocol: 'email', Endpoint: 'busy@example.org' }),
  );
  const asked = await newest(endpoint, 'waiting', 1);
  const before = clock.now();
  expect(asked.relay?.nextAt).toBeGreaterThanOrEqual(before + 10_000);
  await endpoint.client.send(
    new SubscribeCommand({ TopicArn: await endpoint.topic('t'), Protocol: 'email', Endpoint: 'ada@example.org' }),
  );
  expect((await relay.took(1)).to).toEqual(['ada@example.org']);
  const state = async () => (await endpoint.sns.mailbox.read())[0]?.relay;
  for (let attempts = 1; attempts <= 50; attempts += 1) {
    const { nextAt = 0 } = (await state()) ?? {};
    clock.turn(nextAt - clock.now() + 1000);
    await expect.poll(async () => (await state())?.attempts, { timeout: 5000, interval: 5 }).toBe(attempts + 1);
  }
  expect(tries).toBe(51);
  expect(await state()).toMatchObject({ state: 'failed', attempts: 51 });
  expect(clock.now() - before).toBeGreaterThan(6 * 3_600_000);
});

it('does not send to a subscription that has ended meanwhile', async () => {
  const clock = new ManualClock();
  const port = await freePort();
  await using endpoint = await snsEndpoint({ clock, smtp: settings(port) });
  const TopicArn = await subscribed(endpoint, 'ada@example.org');
  await endpoint.client.send(new PublishCommand({ TopicArn, Message: 'too late' }));
  const [subscription] = endpoint.sns.topics.find(TopicArn)!.subscriptions.values();
  await endpoint.query('Unsubscribe', { SubscriptionArn: subscription!.arn });
  await using relay = await smtpRelay({}, port);
  await turnUntil(clock, async () =>
    (await endpoint.sns.mailbox.read()).every((mail) => mail.relay?.state !== 'waiting'),
  );
  expect(relay.taken.map(({ text }) => text).join('')).not.toContain('too late');
  const mails = await endpoint.sns.mailbox.read();
  const state = { state: 'failed', reason: 'the subscription has ended' };
  expect(mails.find(({ body }) => body === 'too late')?.relay).toMatchObject(state);
});

it('sends what waits though the mailbox is cleared, and keeps nothing of it', async () => {
  const clock = new ManualClock();
  const port = await freePort();
  await using endpoint = await snsEndpoint({ clock, smtp: settings(port) });
  await subscribed(endpoint, 'ada@example.org');
  await newest(endpoint, 'waiting', 1);
  await endpoint.sns.mailbox.clear();
  await using relay = await smtpRelay({}, port);
  await turnUntil(clock, () => relay.taken.length === 1);
  await turnUntil(clock, () =>
    Array.from(endpoint.broker.queues('sns-smtp')).every((queue) => queue.readyCount + queue.inFlightCount === 0),
  );
  expect(await endpoint.store.readRecords('sns-relay')).toEqual([]);
});

it('forgets what became of mail that is cleared', async () => {
  await using relay = await smtpRelay();
  await using endpoint = await snsEndpoint({ smtp: settings(relay.port) });
  await subscribed(endpoint, 'ada@example.org');
  await newest(endpoint, 'sent', 1);
  await endpoint.sns.mailbox.clear();
  expect(await endpoint.store.readRecords('sns-relay')).toEqual([]);
});
