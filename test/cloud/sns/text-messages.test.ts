// Text messages: settings, numbers that opted out, the sandbox, and what is sent.

import { describe, expect, it } from 'vitest';
import {
  CheckIfPhoneNumberIsOptedOutCommand,
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  ListOriginationNumbersCommand,
  ListPhoneNumbersOptedOutCommand,
  ListSMSSandboxPhoneNumbersCommand,
  OptInPhoneNumberCommand,
  PublishCommand,
  SetSMSAttributesCommand,
} from '@aws-sdk/client-sns';
import { onlyAtItsOwn } from '../far-endpoint.ts';
import { account, entries, region, snsEndpoint } from './endpoint.ts';

describe('settings', () => {
  it('are kept for an account and a region, all or some of them', async () => {
    await using endpoint = await snsEndpoint();
    const attributes = {
      DefaultSMSType: 'Promotional',
      DefaultSenderID: 'Shop',
      DeliveryStatusSuccessSamplingRate: '100',
    };
    await endpoint.client.send(new SetSMSAttributesCommand({ attributes }));
    const all = await endpoint.client.send(new GetSMSAttributesCommand({}));
    expect(all.attributes).toEqual({ ...attributes, MonthlySpendLimit: '1' });
    const names = ['DefaultSenderID', 'DefaultSMSType'];
    const some = await endpoint.client.send(new GetSMSAttributesCommand({ attributes: names }));
    expect(some.attributes).toEqual({ DefaultSMSType: 'Promotional', DefaultSenderID: 'Shop' });
    const elsewhere = await endpoint.clientFor('test', 'eu-west-1').send(new GetSMSAttributesCommand({}));
    expect(elsewhere.attributes).toEqual({ MonthlySpendLimit: '1' });
  });

  it.each([
    ['InvalidAttribute', 'invalid', 'InvalidAttribute is not a valid attribute'],
    ['DefaultSendID', 'a'.repeat(12), 'DefaultSendID is not a valid attribute'],
    ['DefaultSMSType', 'invalid', 'DefaultSMSType is invalid'],
    ['DefaultSenderID', '123456789', 'DefaultSenderID is invalid'],
  ])('%s of %s is refused', async (name, value, message) => {
    await using endpoint = await snsEndpoint();
    const given = entries('attributes', { [name]: value });
    expect(await endpoint.refusal('SetSMSAttributes', given)).toEqual([400, 'InvalidParameter', message]);
  });
});

describe('numbers', () => {
  it('that opted out are told, get nothing, and may opt in', async () => {
    onlyAtItsOwn('the mailbox');
    await using endpoint = await snsEndpoint();
    const phoneNumber = '+15550001111';
    const isOut = async (): Promise<boolean | undefined> =>
      (await endpoint.client.send(new CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber }))).isOptedOut;
    expect(await isOut()).toBe(false);
    const refused = await fetch(`${endpoint.url}/_causeway/sns/opt-outs`, { method: 'POST', body: '{}' });
    expect(refused.status).toBe(415);
    await fetch(`${endpoint.url}/_causeway/sns/opt-outs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account, region, phoneNumber }),
    });
    expect(await isOut()).toBe(true);
    const { phoneNumbers } = await endpoint.client.send(new ListPhoneNumbersOptedOutCommand({}));
    expect(phoneNumbers).toEqual([phoneNumber]);
    await endpoint.client.send(new PublishCommand({ PhoneNumber: phoneNumber, Message: 'unwanted' }));
    expect(await endpoint.sns.mailbox.read()).toEqual([]);
    await endpoint.client.send(new OptInPhoneNumberCommand({ phoneNumber }));
    await endpoint.client.send(new OptInPhoneNumberCommand({ phoneNumber: '+4411111111' }));
    expect(await isOut()).toBe(false);
  });

  it.each(['OptInPhoneNumber', 'CheckIfPhoneNumberIsOptedOut'])('%s refuses what is no number', async (action) => {
    await using endpoint = await snsEndpoint();
    expect(await endpoint.refusal(action, { phoneNumber: 'invalid' })).toEqual([
      400,
      'InvalidParameter',
      'Invalid parameter: PhoneNumber Reason: input incorrectly formatted',
    ]);
  });

  it('an account has none to send from', async () => {
    await using endpoint = await snsEndpoint();
    expect((await endpoint.client.send(new ListOriginationNumbersCommand({ MaxResults: 30 }))).PhoneNumbers).toEqual(
      [],
    );
    expect(await endpoint.refusal('ListOriginationNumbers', { MaxResults: '31' })).toMatchObject([
      400,
      'ValidationError',
      {},
    ]);
  });
});

describe('sandbox', () => {
  it('a number is verified by the password that was sent to it', async () => {
    await using endpoint = await snsEndpoint();
    const PhoneNumber = '+15550001111';
    const list = async (): Promise<unknown> =>
      (await endpoint.client.send(new ListSMSSandboxPhoneNumbersCommand({}))).PhoneNumbers;
    await endpoint.query('CreateSMSSandboxPhoneNumber', { PhoneNumber });
    expect(await list()).toEqual([{ PhoneNumber, Status: 'Pending' }]);
    const [mail] = await endpoint.sns.mailbox.read();
    const OneTimePassword = /\d{6}/.exec(mail!.body)![0];
    const wrong = OneTimePassword === '123456' ? '654321' : '123456';
    const verify = (password: string): Promise<readonly [number, string, string]> =>
      endpoint.refusal('VerifySMSSandboxPhoneNumber', { PhoneNumber, OneTimePassword: password });
    expect(await verify(wrong)).toMatchObject([400, 'VerificationException', {}]);
    expect((await verify(OneTimePassword))[0]).toBe(200);
    expect(await list()).toEqual([{ PhoneNumber, Status: 'Verified' }]);
    expect((await endpoint.query('DeleteSMSSandboxPhoneNumber', { PhoneNumber })).status).toBe(200);
    expect(await endpoint.refusal('DeleteSMSSandboxPhoneNumber', { PhoneNumber })).toMatchObject([
      404,
      'ResourceNotFound',
      {},
    ]);
    expect(await list()).toEqual([]);
  });

  it('is not where the account is', async () => {
    await using endpoint = await snsEndpoint();
    expect((await endpoint.client.send(new GetSMSSandboxAccountStatusCommand({}))).IsInSandbox).toBe(false);
  });

  it('what is no number is refused as a constraint', async () => {
    await using endpoint = await snsEndpoint();
    expect(await endpoint.refusal('CreateSMSSandboxPhoneNumber', { PhoneNumber: 'abc' })).toMatchObject([
      400,
      'ValidationError',
      expect.stringContaining("Value 'abc' at 'phoneNumber' failed to satisfy constraint"),
    ]);
  });
});

it('what is sent is served to people, page by page, and can be cleared', async () => {
  onlyAtItsOwn('the mailbox');
  await using endpoint = await snsEndpoint();
  for (const Message of ['a', 'b', 'c']) {
    await endpoint.client.send(new PublishCommand({ PhoneNumber: '+15550001111', Message }));
  }
  const read = async (query: string): Promise<readonly { readonly body: string; readonly position: number }[]> =>
    JSON.parse((await endpoint.get(`/_causeway/sns/mailbox${query}`)).text).mails;
  const [first] = await read('?limit=1');
  expect(first).toMatchObject({ kind: 'sms', to: '+15550001111', body: 'a', account, region });
  expect((await read(`?after=${first!.position}`)).map(({ body }) => body)).toEqual(['b', 'c']);
  await fetch(`${endpoint.url}/_causeway/sns/mailbox`, { method: 'DELETE' });
  expect(await read('')).toEqual([]);
});

it('the mailbox keeps the latest', async () => {
  onlyAtItsOwn('the mailbox');
  await using endpoint = await snsEndpoint();
  const send = (index: number): Promise<unknown> =>
    endpoint.query('Publish', { PhoneNumber: '+15550001111', Message: String(index) });
  for (let index = 0; index < 1010; index += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, offset) => send(index + offset)));
  }
  await send(1010);
  await expect.poll(async () => (await endpoint.sns.mailbox.read(0, 5000)).length).toBe(1000);
  expect((await endpoint.sns.mailbox.read(0, 5000)).at(-1)?.body).toBe('1010');
});
