// Replays archived messages to subscriptions of FIFO topics (Developer Guide, "Amazon SNS message replay for FIFO topic
// subscribers"). While it does, nothing else is delivered to the subscription; what is published meanwhile follows, from
// the archive, in its order. Where it is, is stored with what it delivered.

import type { Broker } from '../../../core/broker.ts';
import type { Archive, Archived } from './archive.ts';
import { wants } from './delivery.ts';
import type { Delivery } from './delivery.ts';
import { Publication } from './publication.ts';
import { encode, recordTypes } from './record-codec.ts';
import type { ReplayRecord, SubscriptionRecord } from './record-codec.ts';
import { readReplayPolicy } from './replay-policy.ts';
import type { Subscription } from './subscription.ts';
import type { Topic } from './topic.ts';

const pageSize = 200;

export class Replayer {
  readonly #broker: Broker;
  readonly #archive: Archive;
  readonly #delivery: Delivery;
  readonly #change: (
    subscription: Subscription,
    next: (record: SubscriptionRecord) => SubscriptionRecord,
  ) => Promise<void>;
  /** The policy that is being replayed, by subscription. */
  readonly #running = new Map<Subscription, string>();
  readonly #early: Subscription[] = [];
  #started = false;
  #closed = false;

  constructor(
    broker: Broker,
    archive: Archive,
    delivery: Delivery,
    change: (subscription: Subscription, next: (record: SubscriptionRecord) => SubscriptionRecord) => Promise<void>,
  ) {
    this.#broker = broker;
    this.#archive = archive;
    this.#delivery = delivery;
    this.#change = change;
  }

  start(): void {
    this.#started = true;
    for (const subscription of this.#early.splice(0)) this.policyChanged(subscription);
  }

  close(): void {
    this.#closed = true;
  }

  /** The subscription was made, read from the store, or told another policy, or none. */
  policyChanged(subscription: Subscription): void {
    const policy = subscription.record.attributes['ReplayPolicy'];
    const { replay } = subscription.record;
    if (policy === undefined || (!this.#started && (replay?.status === 'Completed' || replay?.status === 'Failed'))) {
      this.#running.delete(subscription);
      subscription.replaying = false;
      return;
    }
    subscription.replaying = true;
    if (!this.#started) {
      this.#early.push(subscription);
      return;
    }
    if (this.#running.get(subscription) === policy) return;
    this.#running.set(subscription, policy);
    this.#broker.background(this.#run(subscription, policy), `replay to "${subscription.arn}"`, () => {
      subscription.replaying = false;
      this.#running.delete(subscription);
    });
  }

  async #run(subscription: Subscription, policy: string): Promise<void> {
    const { topic } = subscription;
    if (topic === undefined) return;
    const isWanted = (): boolean =>
      !this.#closed && !subscription.deleted && this.#running.get(subscription) === policy;
    const resumed = subscription.record.replay;
    const goesOn = resumed?.status === 'In progress' && resumed.from === readReplayPolicy(policy).from;
    let replay = goesOn ? resumed : await this.#begin(topic, policy);
    await this.#change(subscription, (record) => ({ ...record, replay }));
    while (isWanted()) {
      const page = await this.#archive.read(topic, replay.after, pageSize);
      if (page.length === 0) break;
      replay = await this.#deliver(topic, subscription, replay, page);
    }
    if (!isWanted()) return;
    await this.#catchUp(topic, subscription, replay);
    this.#running.delete(subscription);
  }

  async #begin(topic: Topic, policy: string): Promise<ReplayRecord> {
    const { from, to } = readReplayPolicy(policy);
    return { status: 'In progress', after: 0, until: await this.#archive.end(topic), from, to };
  }

  /** The topic's publishes wait until those under way are archived and replayed; from then on they come as usual. */
  async #catchUp(topic: Topic, subscription: Subscription, replayed: ReplayRecord): Promise<void> {
    const gate = Promise.withResolvers<void>();
    while (topic.gate !== undefined) await topic.gate;
    topic.gate = gate.promise;
    try {
      await Promise.allSettled(topic.publishing);
      let replay = replayed;
      for (;;) {
        const page = await this.#archive.read(topic, replay.after, pageSize);
        if (page.length === 0) break;
        replay = await this.#deliver(topic, subscription, replay, page);
      }
      const done: ReplayRecord = { ...replay, status: 'Completed' };
      await this.#change(subscription, (record) => ({ ...record, replay: done }));
      subscription.replaying = false;
    } finally {
      topic.gate = undefined;
      gate.resolve();
    }
  }

  async #deliver(
    topic: Topic,
    subscription: Subscription,
    replay: ReplayRecord,
    page: readonly Archived[],
  ): Promise<ReplayRecord> {
    const transaction = this.#broker.transaction();
    for (const { position, publication } of page) {
      const isLate = position > replay.until;
      const found = isLate ? new Publication({ ...publication.data, replayed: false }) : publication;
      if ((isLate || isWithin(replay, found)) && wants(subscription, found)) {
        const prepared = this.#delivery.prepareUnsigned(topic, found, [subscription]);
        this.#delivery.add(transaction, topic, found, [subscription], prepared);
      }
    }
    const next = { ...replay, after: page.at(-1)?.position ?? replay.after };
    const record = { ...subscription.record, replay: next };
    transaction.record(recordTypes.subscription, subscription.arn, encode(record));
    transaction.afterCommit(() => (subscription.record = record));
    await transaction.commit();
    return next;
  }
}

function isWithin({ from, to }: ReplayRecord, { data }: Publication): boolean {
  return data.timestamp >= from && (to === undefined || data.timestamp <= to);
}
