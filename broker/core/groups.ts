// Message groups that stay with one consumer (ActiveMQ's, JMSXGroupID): a group belongs to the consumer that got its first
// message, until that goes, or a message closes the group. Groups that are handled in order: group-lanes.ts.

import type { Consumer } from './consumer.ts';
import type { Entry } from './entry.ts';
import type { Message } from './message.ts';
import { Parking } from './parking.ts';

/** Groups that have an owner; beyond this many the one that got its first message longest ago is free again. */
const mostOwned = 100_000;

export class StickyGroups {
  readonly #owners = new Map<string, Consumer>();
  readonly parking = new Parking<Consumer>();

  owner({ groupId }: Entry): Consumer | undefined {
    return groupId === undefined ? undefined : this.#owners.get(groupId);
  }

  /** A consumer that does not own the group may not have its messages. */
  permits(consumer: Consumer, entry: Entry): boolean {
    const owner = this.owner(entry);
    return owner === undefined || owner === consumer;
  }

  /** The group's first message asks for a new owner (ActiveMQ: a sequence of 1). */
  reassignIfFirst({ groupId, seq }: Entry, { groupSequence }: Message): void {
    if (groupId === undefined || groupSequence !== 1) return;
    const owner = this.#owners.get(groupId);
    // What is before it goes to the one who has the group.
    if (owner !== undefined && !this.parking.isBehind(owner, seq)) this.#owners.delete(groupId);
  }

  /** A message of the group was given to the consumer. */
  given(consumer: Consumer, entry: Entry, { groupSequence }: Message): void {
    const { groupId } = entry;
    if (groupId === undefined) return;
    if (groupSequence !== undefined && groupSequence < 0) {
      // It closes the group: who gets the next message owns it anew.
      this.#owners.delete(groupId);
      return;
    }
    if (this.#owners.has(groupId)) return;
    entry.isFirstOfGroup = true;
    if (this.#owners.size >= mostOwned) {
      for (const oldest of this.#owners.keys()) {
        this.#owners.delete(oldest);
        break;
      }
    }
    this.#owners.set(groupId, consumer);
  }

  /** Its groups are free again. @returns what waited for it. */
  consumerClosed(consumer: Consumer): readonly Entry[] {
    for (const [groupId, owner] of this.#owners) if (owner === consumer) this.#owners.delete(groupId);
    return this.parking.take(consumer);
  }
}
