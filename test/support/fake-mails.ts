// What is in the fake engine's mailbox.
import type { MailboxRequest, MailboxResponse, MailRow } from '../../broker/control/api-cloud.ts';

export class FakeMailbox {
  readonly #mails: MailRow[] = [];

  fill(now: number): void {
    this.#mails.push(...mailsAt(now));
  }

  clear(): number {
    return this.#mails.splice(0).length;
  }

  /** Someone is sent a mail. */
  deliver(mail: Partial<MailRow>): void {
    const position = (this.#mails.at(-1)?.position ?? 0) + 1;
    const { body = 'Nothing to report.' } = mail;
    const told = { position, id: `mail-${position}`, kind: 'email' as const, to: 'ada@example.org', at: Date.now() };
    this.#mails.push({ ...told, body, bodyBytes: Buffer.byteLength(body), ...mail });
  }

  read({ kind, before = Infinity, after, limit = 50, bodyCharacters }: MailboxRequest): MailboxResponse {
    const ofKind = this.#mails.filter((mail) => kind === undefined || mail.kind === kind);
    const found =
      after === undefined
        ? ofKind.filter(({ position }) => position < before).reverse()
        : ofKind.filter(({ position }) => position > after);
    const mails = found.slice(0, limit).map((mail) => ({ ...mail, body: mail.body.slice(0, bodyCharacters) }));
    const next = found.length > limit ? mails.at(-1)?.position : undefined;
    return { mails, ...(next === undefined ? {} : { next }) };
  }
}

/** More than a page of them. */
function mailsAt(now: number): readonly MailRow[] {
  const topicArn = 'arn:aws:sns:us-east-1:000000000000:order-events';
  const confirmationUrl = `http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=2336412f37fb`;
  const order = JSON.stringify({ order: 88_412, state: 'paid', total: 129 });
  const latest: readonly Partial<MailRow>[] = [
    { kind: 'application', to: `${topicArn}/GCM/shop/7b1f`, body: '{"notification":{"title":"On its way","badge":1}}' },
    { kind: 'sms', to: '+4915550001111', body: 'Your parcel arrives between 9 and 11.\nReply STOP to opt out.' },
    {
      kind: 'email-json',
      to: 'orders@shop.example',
      subject: 'Order 88412',
      body: `{\n  "Type" : "Notification",\n  "Message" : ${JSON.stringify(order)},\n  "Subject" : "Order 88412"\n}`,
    },
    { to: 'ada@example.org', subject: 'Order 88412 is paid', body: 'Thank you, Ada.\n\nWe pack it today.\n' },
    {
      to: 'grete@example.org',
      subject: 'AWS Notification - Subscription Confirmation',
      body: `A subscription to the topic\n${topicArn}\nwas asked for this address. To confirm it, visit\n${confirmationUrl}\n`,
      confirmationUrl,
    },
  ];
  const older = Array.from({ length: 60 }, (_, index) => ({
    to: `reader-${index % 7}@example.org`,
    subject: `Order ${88_300 + index} was placed`,
    body: `Order ${88_300 + index} was placed a while ago.\n`,
  }));
  return [...older, ...latest.toReversed()].map((mail, index, all) => ({
    position: index + 1,
    id: `5f0c1b2e-0000-4000-8000-${String(index).padStart(12, '0')}`,
    kind: 'email',
    to: '',
    at: now - (all.length - index) * 47_000,
    topicArn,
    body: '',
    ...mail,
    bodyBytes: Buffer.byteLength(mail.body ?? ''),
  }));
}
