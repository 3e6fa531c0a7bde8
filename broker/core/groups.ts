// Message groups: messages of one group are handled one after the other, whoever does it. `sticky` (ActiveMQ's, JMSXGroupID):
// a group belongs to the consumer that got its first message, until that goes, or a message closes the group. `locked`
// (SQS FIFO): while messages of a group are in flight, nobody gets another one of it.

import type { Consumer } from './consumer.ts';
import type { Entry } from './entry.ts';
import type { Message } from './message.ts';
import { Parking } from './parking.ts';
import type { Pull } from './pull.ts';

/** Groups that have an owner; beyond this many the one that got its first message longest ago is free again. */
const mostOwned = 100_000;

/** What a receive can take at once: of a group that comes free, no more than that can go. */
const batch = 10;

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

export class LockedGroups {
  readonly #inFlight = new Map<string, { count: number; readonly pull: Pull | undefined }>();
  readonly parking = new Parking<string>();

  /** Messages of the group are in flight, other than those of this receive. */
  isLocked({ groupId }: Entry, pull: Pull): boolean {
    const held = groupId === undefined ? undefined : this.#inFlight.get(groupId);
    return held !== undefined && held.pull !== pull;
  }

  /** `pull`: undefined where its lease is from before the engine started. */
  leased({ groupId }: Entry, pull: Pull | undefined): void {
    if (groupId === undefined) return;
    const held = this.#inFlight.get(groupId);
    if (held === undefined) this.#inFlight.set(groupId, { count: 1, pull });
    else held.count++;
  }

  /** @returns what waited for the group, as much as can go now. */
  ended({ groupId }: Entry): readonly Entry[] {
    const held = groupId === undefined ? undefined : this.#inFlight.get(groupId);
    if (groupId === undefined || held === undefined || --held.count > 0) return none;
    this.#inFlight.delete(groupId);
    return this.parking.take(groupId, batch);
  }
}

const none: readonly Entry[] = [];
