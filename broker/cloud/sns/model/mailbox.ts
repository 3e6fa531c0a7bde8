// The mailbox: what SNS would have sent by mail, as a text message, or to a mobile device, kept here for people to read. The
// latest are kept, the older ones go.

import type { Broker } from '../../../core/broker.ts';
import type { Message } from '../../../core/message.ts';
import { property } from '../../../core/message.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Location } from '../../sqs/model/arn.ts';
import { BoundedLog } from './bounded-log.ts';
import { MailIndex } from './mail-index.ts';
import type { MailPage } from './mail-index.ts';
import { RelayStates } from './relay-states.ts';
import type { RelayState } from './relay-states.ts';

export type MailKind = 'email' | 'email-json' | 'sms' | 'application';

export interface Mail extends Location {
  readonly id: string;
  readonly kind: MailKind;
  /** Address, phone number, or ARN of an endpoint. */
  readonly to: string;
  readonly subject: string | undefined;
  readonly body: string;
  /** Undefined for what was published without one. */
  readonly topicArn: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of what asks for a confirmation: visited, it confirms the subscription. */
  readonly confirmationUrl?: string | undefined;
  /** Of what goes out by the relay, too: by what its state is known. */
  readonly relayKey?: string | undefined;
}

export interface Received extends Omit<Mail, 'relayKey'> {
  /** Grows: later mail has a greater one. */
  readonly position: number;
  /** Absent: it is here, and goes nowhere else. */
  readonly relay?: RelayState;
}

const mostMails = 1000;

export class Mailbox {
  readonly states: RelayStates;
  readonly #broker: Broker;
  readonly #log: BoundedLog;
  readonly #index = new MailIndex();
  /** Resolves once what was there before is in the index, which is made when it is first asked for. */
  #indexed: Promise<void> | undefined;

  constructor(broker: Broker) {
    this.#broker = broker;
    this.states = new RelayStates(broker.store);
    this.#log = new BoundedLog(broker, 'mailbox', mostMails, (transaction, position, message) => {
      const { relayKey } = fromMessage(message);
      if (relayKey !== undefined) this.states.forget(transaction, relayKey);
      transaction.afterCommit(() => this.#index.drop(position));
    });
  }

  /** Adds the mail to the transaction: it is there once that is committed. */
  deliver(transaction: Transaction, mail: Mail): void {
    this.#log.add(transaction, toMessage(mail), (position) => {
      transaction.afterCommit(() => this.#index.add(position, mail.kind));
    });
  }

  /** Mail from behind a position, in order. */
  async read(after = 0, limit = mostMails): Promise<readonly Received[]> {
    const found = await this.#log.read(after, limit);
    return Promise.all(
      found.map(async ({ position, message }) => {
        const { relayKey, ...mail } = fromMessage(message);
        const relay = relayKey === undefined ? undefined : await this.states.read(relayKey);
        return { ...mail, position, ...(relay === undefined ? {} : { relay }) };
      }),
    );
  }

  /** `next`: the position to go on from; undefined: these were all. */
  async page(page: MailPage): Promise<{ readonly mails: readonly Received[]; readonly next: number | undefined }> {
    this.#indexed ??= this.#readIndex();
    try {
      await this.#indexed;
    } catch (error) {
      this.#indexed = undefined;
      throw error;
    }
    const { positions, more } = this.#index.page(page);
    const mails: Received[] = [];
    for (const position of positions) {
      const [found] = await this.read(position - 1, 1);
      if (found?.position === position) mails.push(found);
      // It has been dropped meanwhile, and what was found is the one behind it.
      else this.#index.drop(position);
    }
    return { mails, next: more ? positions.at(-1) : undefined };
  }

  /** How many there were. */
  async clear(): Promise<number> {
    const { newest } = this.#index;
    const keys = await this.states.keys();
    const removed = await this.#log.clear();
    this.#index.clear(newest);
    const transaction = this.#broker.transaction();
    for (const key of keys) this.states.forget(transaction, key);
    await transaction.commit();
    return removed;
  }

  async #readIndex(): Promise<void> {
    for (let after = 0; ;) {
      const page = await this.read(after);
      for (const { position, kind } of page) this.#index.add(position, kind);
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.position;
    }
  }
}

function toMessage(mail: Mail): Message {
  const told = {
    kind: mail.kind,
    to: mail.to,
    subject: mail.subject,
    topic: mail.topicArn,
    account: mail.account,
    region: mail.region,
    confirm: mail.confirmationUrl,
    relay: mail.relayKey,
  };
  return {
    id: mail.id,
    to: 'queue://mailbox',
    body: Buffer.from(mail.body),
    bodyType: 'text',
    durable: true,
    priority: 4,
    timestamp: mail.at,
    properties: Object.entries(told).flatMap(([name, value]) =>
      value === undefined ? [] : [{ name, type: 'string' as const, value }],
    ),
  };
}

function fromMessage(message: Message): Mail {
  const text = (name: string): string | undefined => {
    const value = property(message, name)?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const kind = text('kind');
  return {
    id: message.id,
    kind: kind === 'email' || kind === 'email-json' || kind === 'application' ? kind : 'sms',
    to: text('to') ?? '',
    subject: text('subject'),
    body: message.body.toString(),
    topicArn: text('topic'),
    account: text('account') ?? '',
    region: text('region') ?? '',
    at: message.timestamp,
    confirmationUrl: text('confirm'),
    relayKey: text('relay'),
  };
}
