// Shared subscriptions (MQTT 5, 4.8.2): `$share/GROUP/FILTER` is one queue, which the connected members of the group consume
// together, each as far as it has credit. The queue is there as long as any session is a member; while none that is
// connected could take them, QoS 0 messages are not kept.

import { subscriptions as namespace } from '../../core/namespaces.ts';
import type { Broker } from '../../core/broker.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Subscription } from '../../core/topics.ts';
import { declareQueue, forgetDeadLetters } from './session-queue.ts';
import type { SharedFilter } from './topic-names.ts';
import { swapNames } from './topic-names.ts';

const queuePrefix = 'mqtt-share:';

/** What the group needs to know of a session in it. */
export interface Member {
  readonly online: boolean;
}

export interface Group {
  readonly queue: Queue;
  readonly subscription: Subscription;
  /** With the QoS that each was granted. */
  readonly members: Map<Member, number>;
}

export class SharedSubscriptions {
  readonly #broker: Broker;
  readonly #groups = new Map<string, Group>();
  /** Queues of the engine before, whose members have not come back yet. */
  readonly #left = new Map<string, Queue>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Makes the session a member, of a new group if there is none, or changes the QoS that it is granted. */
  join(shared: SharedFilter, member: Member, qos: number): Group {
    const name = nameOf(shared);
    let group = this.#groups.get(name);
    if (group === undefined || group.queue.deleted) group = this.#open(name, shared, group?.members);
    group.members.set(member, qos);
    return group;
  }

  /** With its last member, the group goes, and what it was to get. */
  leave(shared: SharedFilter, member: Member): void {
    const name = nameOf(shared);
    const group = this.#groups.get(name);
    if (group === undefined || !group.members.delete(member) || group.members.size > 0) return;
    this.#groups.delete(name);
    this.#broker.topics.unsubscribe(group.subscription);
    if (group.queue.deleted) return;
    this.#broker.background(this.#broker.delete(group.queue), `delete the queue of "${name}"`);
  }

  /** Finds the queues that the store holds; then the sessions are to join again. */
  restore(): void {
    for (const queue of this.#broker.queues(namespace)) {
      const { share } = queue.attributes;
      if (typeof share === 'string') this.#left.set(share, queue);
    }
  }

  /** Deletes the queues of groups whose last member ended with the engine before. */
  async sweep(): Promise<void> {
    const left = [...this.#left.values()];
    this.#left.clear();
    for (const queue of left) await this.#broker.delete(queue);
  }

  #open(name: string, { filter }: SharedFilter, members = new Map<Member, number>()): Group {
    const queue = this.#left.get(name) ?? this.#declare(name, filter);
    this.#left.delete(name);
    forgetDeadLetters(queue);
    const accepts = (message: Message): boolean => {
      for (const [{ online }, qos] of members) if (online || (qos > 0 && message.durable)) return true;
      return false;
    };
    const subscription = { filter: swapNames(filter), queue, accepts };
    const group = { queue, subscription, members };
    this.#broker.topics.subscribe(subscription);
    this.#groups.set(name, group);
    return group;
  }

  #declare(name: string, filter: string): Queue {
    const queueName = queuePrefix + name;
    // That of a group which has just ended may be on its way out.
    const isTaken = this.#broker.find(namespace, queueName) !== undefined;
    const free = isTaken ? `${queueName}~${this.#broker.store.nextId()}` : queueName;
    return declareQueue(this.#broker, free, true, { share: name, topic: swapNames(filter) });
  }
}

function nameOf({ group, filter }: SharedFilter): string {
  return `${group}/${filter}`;
}
