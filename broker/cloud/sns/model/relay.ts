// What goes out by mail: a queue of the core, from which mails are handed to a relay, a few at once. One that is not taken waits
// on disk for its next attempt; while the relay is away, the others wait there too.

import { randomUUID } from 'node:crypto';
import type { Broker } from '../../../core/broker.ts';
import type { Entry } from '../../../core/entry.ts';
import type { Message } from '../../../core/message.ts';
import { property } from '../../../core/message.ts';
import type { Queue } from '../../../core/queue.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Log } from '../../../util/log.ts';
import { jittered, retryDelayMs } from './delivery-policy.ts';
import type { RetryPolicy } from './delivery-policy.ts';
import type { Ended } from './outbox.ts';
import type { RelayStates } from './relay-states.ts';
import type { Subscription } from './subscription.ts';

export interface OutgoingMail {
  /** Of this mail to this recipient. */
  readonly key: string;
  /** MessageId. */
  readonly id: string;
  readonly to: string;
  /** What stands in From beside the address. */
  readonly senderName: string;
  readonly subject: string;
  readonly text: string;
  /** What readers are told below it; may be empty. */
  readonly footer: string;
  readonly topicArn: string;
  /** Of a notification; empty for what is about a subscription. */
  readonly subscriptionArn: string;
  /** Of the message, for the log of deliveries. */
  readonly md5: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** `refused`: for good; `deferred`: this mail, for now; `away`: the relay cannot be reached, or takes nothing from us. */
export interface SendResult {
  readonly outcome: 'sent' | 'refused' | 'deferred' | 'away';
  /** As the relay replied; 0: it did not. */
  readonly statusCode: number;
  readonly response: string;
}

export interface MailSender {
  /** Does not throw; ends when the signal says so. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<SendResult>;
}

export interface RelayOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly sender: MailSender;
  readonly states: RelayStates;
  readonly find: (subscriptionArn: string) => Subscription | undefined;
  /** Called within the transaction that takes the notification out of the queue. */
  readonly onDelivered: (transaction: Transaction, ended: Ended) => void;
  readonly onFailed: (transaction: Transaction, ended: Ended) => void;
}

/** Developer Guide, "Amazon SNS message delivery retries", for SMTP: 50 retries over six hours. */
const retry: RetryPolicy = {
  numRetries: 50,
  numNoDelayRetries: 0,
  numMinDelayRetries: 2,
  numMaxDelayRetries: 38,
  minDelayTarget: 10,
  maxDelayTarget: 600,
  backoffFunction: 'exponential',
};

const namespace = 'sns-smtp';
const name = 'relay';
const marks = {
  key: 'sns:key',
  to: 'sns:to',
  senderName: 'sns:sender',
  subject: 'sns:subject',
  topic: 'sns:topic',
  subscription: 'sns:subscription',
  md5: 'sns:md5',
  footer: 'sns:footer',
  attempts: 'sns:attempts',
} as const;
const mostAtOnce = 4;
const sendMs = 120_000;
/** After a crash nobody has a mail before this is over. */
const leaseMs = sendMs + 30_000;
const idleWaitMs = 3_600_000;
/** Between two tries of a relay that is away: doubled from the first to the longest. */
const firstPauseMs = 1000;
const longestPauseMs = 60_000;

export class Relay {
  readonly #options: RelayOptions;
  readonly #stopped = new AbortController();
  #sender: MailSender;
  #work: Promise<void> | undefined;
  /** Attempts in a row that did not reach the relay. */
  #failures = 0;
  #pausedUntil = 0;
  #endPause: (() => void) | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#sender = options.sender;
  }

  /** Goes on with what was not sent when the engine stopped. */
  start(): void {
    const queue = this.#options.broker.find(namespace, name);
    if (queue !== undefined) this.#employ(queue);
  }

  /** Mails go out by another one from now on, which is not taken to be away. */
  use(sender: MailSender): void {
    this.#sender = sender;
    this.#failures = 0;
    this.#endPause?.();
  }

  /** Adds the mail to the transaction; it is sent once that is committed. @returns its key. */
  send(transaction: Transaction, mail: Omit<OutgoingMail, 'key'>): string {
    const { broker, states } = this.#options;
    const key = randomUUID();
    const queue = broker.find(namespace, name) ?? broker.declare({ namespace, name });
    transaction.put([queue], toMessage({ ...mail, key }, 0));
    states.begin(transaction, key, mail.at);
    transaction.afterCommit(() => this.#employ(queue));
    return key;
  }

  /** Mails under way are given up: they are sent again after the next start. Idempotent. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#work;
  }

  #employ(queue: Queue): void {
    if (this.#work !== undefined || this.#stopped.signal.aborted) return;
    this.#work = this.#serve(queue).finally(() => (this.#work = undefined));
    this.#options.broker.background(this.#work, 'send mail');
  }

  async #serve(queue: Queue): Promise<void> {
    const { signal } = this.#stopped;
    const { log } = this.#options;
    const underWay = new Set<Promise<void>>();
    while (!signal.aborted && !queue.deleted) {
      if (underWay.size >= mostAtOnce) await Promise.race(underWay);
      await this.#untilWorthTrying();
      if (signal.aborted) break;
      // A relay that was away is tried with one.
      const max = this.#failures > 0 ? 1 : mostAtOnce - underWay.size;
      for (const { entry, message } of await queue.pull({ max, leaseMs, waitMs: idleWaitMs, signal })) {
        const sending = this.#attempt(queue, entry, message)
          // Such as a store that is full. The mail is leased, and comes back when that is over; the others go on.
          .catch((error: unknown) => log.error({ err: error, messageId: message.id }, 'send a mail'))
          .finally(() => underWay.delete(sending));
        underWay.add(sending);
      }
      if (this.#failures > 0) await Promise.allSettled(underWay);
    }
    await Promise.allSettled(underWay);
  }

  async #attempt(queue: Queue, entry: Entry, message: Message): Promise<void> {
    const subscription = this.#options.find(markOf(message, marks.subscription));
    const isNotification = markOf(message, marks.subscription) !== '';
    if (isNotification && (subscription === undefined || subscription.deleted)) {
      await this.#end(entry, message, undefined, attemptsOf(message), ended);
      return;
    }
    const result = await this.#send(message);
    if (result.outcome !== 'sent' && this.#stopped.signal.aborted) {
      queue.release(entry);
      return;
    }
    this.#heard(result);
    const attempts = attemptsOf(message) + 1;
    const delayMs =
      result.outcome === 'sent' || result.outcome === 'refused' ? undefined : retryDelayMs(retry, attempts);
    if (delayMs === undefined) await this.#end(entry, message, subscription, attempts, result);
    else await this.#again(queue, entry, message, result, jittered(delayMs, Math.random()));
  }

  async #send(message: Message): Promise<SendResult> {
    const { clock } = this.#options;
    const deadline = new AbortController();
    const timer = clock.after(sendMs, () => deadline.abort());
    try {
      return await this.#sender.send(fromMessage(message), AbortSignal.any([deadline.signal, this.#stopped.signal]));
    } finally {
      timer.cancel();
    }
  }

  /** Sent, refused for good, or tried too often. */
  async #end(
    entry: Entry,
    message: Message,
    subscription: Subscription | undefined,
    attempts: number,
    { outcome, statusCode, response }: SendResult,
  ): Promise<void> {
    const { broker, states, clock, log, onDelivered, onFailed } = this.#options;
    const isSent = outcome === 'sent';
    const key = markOf(message, marks.key);
    const at = clock.now();
    const change = await states.change(key, { state: isSent ? 'sent' : 'failed', at, attempts, reason: response });
    const transaction = broker.transaction();
    if (!transaction.settle(entry)) return;
    change(transaction);
    if (!isSent) log.warn({ messageId: message.id, statusCode, attempts, reason: response }, 'a mail was given up');
    if (subscription !== undefined) {
      const told = { message, subscription, md5: markOf(message, marks.md5), statusCode, response, attempts };
      (isSent ? onDelivered : onFailed)(transaction, told);
    }
    await transaction.commit();
  }

  /** A delayed message is on disk, and nowhere else. */
  async #again(queue: Queue, entry: Entry, message: Message, result: SendResult, delayMs: number): Promise<void> {
    const { broker, states, clock } = this.#options;
    const attempts = attemptsOf(message) + 1;
    const at = clock.now();
    const waiting = { state: 'waiting', at, attempts, reason: result.response, nextAt: at + delayMs } as const;
    const change = await states.change(markOf(message, marks.key), waiting);
    const transaction = broker.transaction();
    if (!transaction.settle(entry)) return;
    change(transaction);
    transaction.put([queue], toMessage(fromMessage(message), attempts), { delayMs });
    await transaction.commit();
  }

  #heard({ outcome, response }: SendResult): void {
    const { clock, log } = this.#options;
    if (outcome !== 'away') {
      if (this.#failures > 0) log.info({}, 'the mail relay is back');
      this.#failures = 0;
      return;
    }
    if (this.#failures === 0) log.warn({ reason: response }, 'the mail relay is away');
    const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(this.#failures, 16), longestPauseMs);
    this.#failures++;
    this.#pausedUntil = clock.monotonic() + pauseMs;
  }

  async #untilWorthTrying(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopped;
    const ms = this.#failures === 0 ? 0 : this.#pausedUntil - clock.monotonic();
    if (ms <= 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', wake);
        this.#endPause = undefined;
        resolve();
      };
      const timer = clock.after(ms, wake);
      signal.addEventListener('abort', wake);
      this.#endPause = wake;
    });
  }
}

const ended: SendResult = { outcome: 'refused', statusCode: 0, response: 'the subscription has ended' };

function attemptsOf(message: Message): number {
  return Number(markOf(message, marks.attempts));
}

function markOf(message: Message, mark: string): string {
  const value = property(message, mark)?.value;
  return typeof value === 'string' ? value : '';
}

function toMessage(mail: OutgoingMail, attempts: number): Message {
  const told = {
    [marks.key]: mail.key,
    [marks.to]: mail.to,
    [marks.senderName]: mail.senderName,
    [marks.subject]: mail.subject,
    [marks.topic]: mail.topicArn,
    [marks.subscription]: mail.subscriptionArn,
    [marks.md5]: mail.md5,
    [marks.footer]: mail.footer,
    [marks.attempts]: String(attempts),
  };
  return {
    id: mail.id,
    to: `topic://${mail.topicArn}`,
    body: Buffer.from(mail.text),
    bodyType: 'text',
    durable: true,
    priority: 4,
    timestamp: mail.at,
    properties: Object.entries(told).map(([mark, value]) => ({ name: mark, type: 'string', value })),
  };
}

function fromMessage(message: Message): OutgoingMail {
  return {
    key: markOf(message, marks.key),
    id: message.id,
    to: markOf(message, marks.to),
    senderName: markOf(message, marks.senderName),
    subject: markOf(message, marks.subject),
    text: message.body.toString(),
    footer: markOf(message, marks.footer),
    topicArn: markOf(message, marks.topic),
    subscriptionArn: markOf(message, marks.subscription),
    md5: markOf(message, marks.md5),
    at: message.timestamp,
  };
}
