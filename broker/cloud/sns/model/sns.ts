// What the actions of SNS work with, put together; started after the broker, and closed before it.

import { isDeepStrictEqual } from 'node:util';
import type { Broker } from '../../../core/broker.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import type { Log } from '../../../util/log.ts';
import type { Quotas } from '../../quotas.ts';
import type { Queues } from '../../sqs/model/queues.ts';
import { Archive } from './archive.ts';
import { Deduplication } from './deduplication.ts';
import { Delivery } from './delivery.ts';
import { DeliveryLog } from './delivery-log.ts';
import { Mailbox } from './mailbox.ts';
import { Outbox } from './outbox.ts';
import type { OutboxOptions } from './outbox.ts';
import { Phones } from './phones.ts';
import { Platforms } from './platforms.ts';
import { Publisher } from './publisher.ts';
import { Relay } from './relay.ts';
import type { RelayOptions } from './relay.ts';
import { Replayer } from './replayer.ts';
import { SendingRates } from './sending-rates.ts';
import { Signer } from './signer.ts';
import { SmtpSender } from './smtp-sender.ts';
import type { SmtpSettings } from './smtp-sender.ts';
import { SqsDelivery } from './sqs-delivery.ts';
import type { DeliveryPermit, FifoQueues } from './sqs-delivery.ts';
import { Subscriptions } from './subscriptions.ts';
import { Topics } from './topics.ts';
import { Turns } from './turns.ts';

export interface SnsOptions {
  readonly broker: Broker;
  /** The SQS queues that subscriptions deliver to. */
  readonly queues: Queues;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: there are no FIFO queues. */
  readonly fifoQueues?: FifoQueues;
  /** Absent: every topic may deliver into every queue. */
  readonly permits?: DeliveryPermit | undefined;
  /** Absent: mail goes into the mailbox, and nowhere else. */
  readonly smtp?: SmtpSettings | undefined;
  /** Absent: mails and text messages are not counted. */
  readonly quotas?: Quotas | undefined;
}

const sweepMs = 3_600_000;

export class Sns {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly archive: Archive;
  readonly topics: Topics;
  readonly subscriptions: Subscriptions;
  readonly platforms: Platforms;
  readonly phones: Phones;
  readonly publisher: Publisher;
  readonly mailbox: Mailbox;
  readonly deliveries: DeliveryLog;
  readonly rates: SendingRates;
  readonly signer: Signer;
  readonly #outbox: Outbox;
  readonly #relayOptions: Omit<RelayOptions, 'sender'>;
  #relay: Relay | undefined;
  #smtp: SmtpSettings | undefined;
  readonly #deduplication: Deduplication;
  readonly #replayer: Replayer;
  #sweepTimer: Timer | undefined;

  constructor({ broker, queues, clock, log, fifoQueues, permits, smtp, quotas }: SnsOptions) {
    const turns = new Turns();
    this.broker = broker;
    this.clock = clock;
    this.archive = new Archive(broker);
    this.signer = new Signer(broker.store);
    this.mailbox = new Mailbox(broker);
    this.deliveries = new DeliveryLog(broker, clock);
    this.platforms = new Platforms(broker, turns, this.mailbox);
    this.phones = new Phones(broker, clock, turns, this.mailbox);
    this.rates = new SendingRates(quotas, this.phones);
    this.topics = new Topics(broker, clock, turns, this.archive);
    const sqs = new SqsDelivery(queues, fifoQueues, permits);
    const { signer, mailbox, deliveries, platforms, rates } = this;
    const delivery = new Delivery({
      clock,
      signer,
      sqs,
      outbox: () => this.#outbox,
      relay: () => this.#relay,
      mailbox,
      platforms,
      deliveries,
      rates,
    });
    const leaving: Omit<OutboxOptions, 'log'> = {
      broker,
      clock,
      find: (arn) => this.subscriptions.find(arn),
      onDelivered: (transaction, ended) => delivery.posted(transaction, ended),
      onFailed: (transaction, ended) => delivery.undeliverable(transaction, ended),
    };
    this.#outbox = new Outbox({ ...leaving, log });
    this.#relayOptions = { ...leaving, log, states: mailbox.states };
    this.#smtp = smtp;
    this.#relay = smtp && new Relay({ ...this.#relayOptions, sender: new SmtpSender(smtp) });
    const confirmations = { clock, signer, mailbox, outbox: this.#outbox, relay: () => this.#relay, sqs };
    this.subscriptions = new Subscriptions(broker, clock, turns, this.topics, confirmations, (subscription) =>
      this.#replayer.policyChanged(subscription),
    );
    this.#replayer = new Replayer(broker, this.archive, delivery, (subscription, next) =>
      this.subscriptions.change(subscription, next),
    );
    this.#deduplication = new Deduplication(broker, clock);
    this.publisher = new Publisher(broker, this.archive, this.#deduplication, delivery);
  }

  /** Reads what is kept, and goes on with what was under way. */
  async start(): Promise<void> {
    await this.topics.load();
    await this.subscriptions.load();
    await this.platforms.load();
    await this.phones.load();
    await this.#deduplication.load();
    this.#outbox.start();
    this.#relay?.start();
    this.#replayer.start();
    this.#armSweep();
  }

  /** Mail goes out by this relay from now on; undefined: by none, and what waits is kept until there is one. */
  async relayBy(smtp: SmtpSettings | undefined): Promise<void> {
    if (isDeepStrictEqual(smtp, this.#smtp)) return;
    this.#smtp = smtp;
    const relay = this.#relay;
    if (smtp === undefined) {
      this.#relay = undefined;
      await relay?.close();
    } else if (relay === undefined) {
      this.#relay = new Relay({ ...this.#relayOptions, sender: new SmtpSender(smtp) });
      this.#relay.start();
    } else relay.use(new SmtpSender(smtp));
  }

  /** Deliveries under way are given up: they are tried again after the next start. Idempotent. */
  async close(): Promise<void> {
    this.#sweepTimer?.cancel();
    this.#deduplication.close();
    this.#replayer.close();
    await Promise.all([this.#outbox.close(), this.#relay?.close()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #armSweep(): void {
    this.#sweepTimer = this.clock.after(sweepMs, () => {
      this.broker.background(this.subscriptions.sweep(), 'forget subscriptions that were not confirmed');
      this.#armSweep();
    });
  }
}
