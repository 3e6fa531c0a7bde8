// Shared subscriptions (MQTT 5, 4.8.2): `$share/GROUP/FILTER` is one queue, which the connected members of the group consume
// together, each as far as it has credit. The queue is there as long as any session is a member; while none that is
// connected could take them, QoS 0 messages are not kept.

import { subscriptions as namespace } from '../../core/namespaces.ts';
import type { Broker } from '../../core/broker.ts';
import type { Message } from '../../core/message.ts';
import type { Queue } from '../../core/queue.ts';
import type { Subscription } from '../../core/topics.ts';
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

  /** Deletes the queues of groups whose last member ended with the engine before. */
  async sweep(): Promise<void> {
    const left = [...this.#broker.queues(namespace)].filter(
      ({ name }) => name.startsWith(queuePrefix) && !this.#groups.has(name.slice(queuePrefix.length)),
    );
    for (const queue of left) await this.#broker.delete(queue);
  }

  #open(name: string, { filter }: SharedFilter, members = new Map<Member, number>()): Group {
    const queueName = queuePrefix + name;
    const queue =
      this.#broker.find(namespace, queueName) ?? this.#broker.declare({ namespace, name: queueName, policy: {} });
    // What expires is gone: no one looks for it among dead letters.
    queue.policy = {};
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
}

function nameOf({ group, filter }: SharedFilter): string {
  return `${group}/${filter}`;
}
