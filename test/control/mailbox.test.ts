// The mailbox of SNS through the control API, on the real engine, beside the AWS SDK.

import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MethodName, Methods } from '../../broker/control/api.ts';
import type { MailboxResponse } from '../../broker/control/api-cloud.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';

const topicArn = 'arn:aws:sns:us-east-1:000000000000:events';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
let consoleUrl: URL;
let sns: SNSClient;

async function start(): Promise<void> {
  engine = new EngineProcess({ dataDirectory: directory.path });
  const ready = await engine.seen('ready');
  consoleUrl = new URL(ready.consoleUrl);
  sns = new SNSClient({
    endpoint: `http://127.0.0.1:${ready.listeners['cloud']!.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  await start();
});
afterAll(async () => {
  sns.destroy();
  await engine[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function post(method: string, request: object): Promise<unknown> {
  const response = await fetch(new URL(`/api/${method}`, consoleUrl), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${consoleUrl.searchParams.get('token')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(request),
  });
  return response.json();
}

async function call<M extends MethodName>(method: M, request: Methods[M]['request']): Promise<Methods[M]['response']> {
  const answer = await post(method, request);
  expect(answer).not.toHaveProperty('error');
  return answer as Methods[M]['response'];
}

const bodies = ({ mails }: MailboxResponse) => mails.map(({ body }) => body);

it('shows a confirmation with its link, which confirms, and then what is published', async () => {
  await sns.send(new CreateTopicCommand({ Name: 'events' }));
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'email', Endpoint: 'ada@example.org' }));
  const { mails } = await call('mailbox', {});
  expect(mails).toMatchObject([{ kind: 'email', to: 'ada@example.org', topicArn }]);
  const [asked] = mails;
  expect(asked?.body).toContain(asked?.confirmationUrl);
  expect((await fetch(asked!.confirmationUrl!)).status).toBe(200);
  const subject = 'Füllstand';
  const { MessageId } = await sns.send(
    new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: 'almost empty' }),
  );
  const { mails: newer } = await call('mailbox', { after: asked!.position });
  expect(newer).toEqual([
    {
      position: expect.any(Number),
      id: MessageId,
      kind: 'email',
      to: 'ada@example.org',
      subject,
      body: 'almost empty',
      bodyBytes: 12,
      topicArn,
      at: expect.any(Number),
    },
  ]);
});

it('gives pages, the newest first or in order, of one kind if asked, after a restart too', async () => {
  for (let index = 0; index < 7; index += 1) {
    await sns.send(new PublishCommand({ PhoneNumber: '+15550001111', Message: `${index} 😀` }));
  }
  sns.destroy();
  await engine[Symbol.asyncDispose]();
  await start();
  const first = await call('mailbox', { kind: 'sms', limit: 3 });
  expect(bodies(first)).toEqual(['6 😀', '5 😀', '4 😀']);
  const second = await call('mailbox', { kind: 'sms', limit: 3, before: first.next!, bodyCharacters: 3 });
  expect(bodies(second)).toEqual(['3 ', '2 ', '1 ']);
  expect(second.mails[0]?.bodyBytes).toBe(6);
  const third = await call('mailbox', { kind: 'sms', limit: 3, before: second.next! });
  expect(bodies(third)).toEqual(['0 😀']);
  expect(third).not.toHaveProperty('next');
  const inOrder = await call('mailbox', { kind: 'sms', after: third.mails[0]!.position, limit: 2 });
  expect(bodies(inOrder)).toEqual(['1 😀', '2 😀']);
  expect(inOrder.next).toBe(inOrder.mails[1]?.position);
  await sns.send(new PublishCommand({ PhoneNumber: '+15550001111', Message: 'last' }));
  expect(bodies(await call('mailbox', { limit: 1 }))).toEqual(['last']);
});

it('is cleared, and goes on', async () => {
  const { removed } = await call('clearMailbox', {});
  expect(removed).toBe(10);
  expect(await call('mailbox', {})).toEqual({ mails: [] });
  await sns.send(new PublishCommand({ PhoneNumber: '+15550001111', Message: 'again' }));
  expect(bodies(await call('mailbox', {}))).toEqual(['again']);
});

it.each([
  [{ before: 1, after: 1 }, 'after: either before or after, not both'],
  [{ limit: 101 }, /^limit: /],
  [{ kind: 'fax' }, /^kind: /],
  [{ bodyCharacters: 65_537 }, /^bodyCharacters: /],
])('refuses %j', async (request, message) => {
  expect(await post('mailbox', request)).toEqual({
    error: { code: 'invalid', message: expect.stringMatching(message) },
  });
});
