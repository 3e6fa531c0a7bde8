// Who of a queue's receivers gets which of its ready entries: the head to the next in turn, what stands behind it to those
// who select, and what a group holds back to nobody for now. Where groups are handled in order, lanes take the place of
// the head.

import type { Clock } from '../util/clock.ts';
import type { Waiting } from './backlog.ts';
import type { Consumer } from './consumer.ts';
import type { Entry } from './entry.ts';
import { FairGroups } from './fair-groups.ts';
import { GroupLanes, isBehindFlight } from './group-lanes.ts';
import type { Lane } from './group-lanes.ts';
import { StickyGroups } from './groups.ts';
import type { Message } from './message.ts';
import type { Parking } from './parking.ts';
import { Pull } from './pull.ts';
import type { PullOptions, Pulled } from './pull.ts';
import type { QueuePolicy } from './queue-policy.ts';
import { Receivers } from './receivers.ts';
import { Selective } from './selective.ts';

/** What the queue does with an entry whose turn it is. */
export interface DispatchedQueue {
  readonly policy: () => QueuePolicy;
  readonly lease: (entry: Entry) => void;
  /** It is leased under the pull's deadline. */
  readonly pulled: (entry: Entry, pull: Pull) => void;
  /** It has expired, or failed for good, and is on its way out. */
  readonly isDone: (entry: Entry) => boolean;
  /** Entries that are under a lease. */
  readonly inFlight: () => number;
  /** Entries that failed for good are on their way out yet. */
  readonly areBurying: () => boolean;
  readonly background: (work: Promise<unknown>, onFailure: () => void) => void;
  /** Bytes of messages that are held beside the backlog's, and, negative, let go. */
  readonly account: (bytes: number) => void;
}

/** Ready entries that wait beside the backlog. */
export interface Parked extends Iterable<Entry> {
  readonly count: number;
  find(seq: number): Entry | undefined;
}

const nothingParked: Parked = { count: 0, find: () => undefined, [Symbol.iterator]: () => [].values() };

/** What a receive can take at once, and so has to have been read. */
const lookAhead = 10;

export class Dispatcher {
  readonly receivers = new Receivers();
  readonly #queue: DispatchedQueue;
  readonly #backlog: Waiting;
  /** Made with the first message that has a group: most queues never see one. */
  #stickyGroups: StickyGroups | undefined;
  #groupLanes: GroupLanes | undefined;
  #fairGroups: FairGroups | undefined;
  readonly #selective: Selective;
  #running = false;
  /** Who wants to hear of the end of a read. */
  #awaitingRead: (() => void)[] = [];

  constructor(queue: DispatchedQueue, backlog: Waiting) {
    this.#queue = queue;
    this.#backlog = backlog;
    this.#selective = new Selective(backlog, {
      mayHave: (consumer, entry) => this.#stickyGroups?.permits(consumer, entry) ?? true,
      give: (consumer, entry, message) => {
        this.#queue.lease(entry);
        if (!this.#queue.isDone(entry)) this.#giveToConsumer(consumer, entry, message);
      },
      dispatch: () => this.run(),
      looked: () => this.readEnded(),
      background: (work, onFailure) => queue.background(work, onFailure),
    });
  }

  /** Ready entries that wait for their group. */
  get parked(): Parked {
    return this.#groupLanes ?? this.#stickyGroups?.parking ?? nothingParked;
  }

  /** Groups handled in order of which something is in flight. */
  get groupsInFlight(): number {
    return this.#groupLanes?.flyingGroups ?? 0;
  }

  mayHaveFor(consumer: Consumer): boolean {
    const { hasPages, reading, readyCount } = this.#backlog;
    const isSettled = !this.#running && !reading && !hasPages;
    // With credit, it has been given what is for it: what is left is another's, or still on disk.
    if (consumer.credit > 0 && isSettled) return consumer.scanning;
    if (consumer.accepts === undefined) return readyCount + this.parked.count > 0;
    return consumer.scanning || this.#backlog.firstAfter(consumer.scanned) !== undefined;
  }

  /** Calls when what is being read for the consumer from disk has come, and was given. False: nothing is. */
  onceRead(consumer: Consumer, tell: () => void): boolean {
    const isReading = this.#backlog.reading || consumer.scanning;
    if (isReading) this.#awaitingRead.push(tell);
    return isReading;
  }

  readEnded(): void {
    if (this.#awaitingRead.length === 0) return;
    const waiting = this.#awaitingRead;
    this.#awaitingRead = [];
    for (const tell of waiting) tell();
  }

  /** Gives what is ready to whoever has credit or waits. Cheap when nothing can move. */
  run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      if (this.#isLocked) while (this.receivers.want && this.#serveLane());
      else this.#serveBacklog();
    } finally {
      this.#running = false;
    }
    if (this.receivers.want) this.#backlog.fill();
    if (this.receivers.firstPull === undefined) return;
    this.receivers.answerPulls(this.#backlog.reading || this.#queue.areBurying());
  }

  pull(options: PullOptions, clock: Clock): Promise<readonly Pulled[]> {
    const pull = new Pull(options, clock, (ended) => this.receivers.forgetPull(ended));
    this.receivers.addPull(pull);
    this.run();
    return pull.result;
  }

  /** An entry leaves its place, wherever among the ready ones that is. */
  remove(entry: Entry): void {
    const isParked = this.#groupLanes?.remove(entry) ?? this.#stickyGroups?.parking.remove(entry) ?? false;
    if (!isParked) this.#backlog.remove(entry);
  }

  /** An entry is under a lease that was not given here: from before the engine started, or begun anew. */
  restored(entry: Entry): void {
    if (this.#isLocked) this.#lanes.tookOff(entry);
    else if (this.#isFair) this.#fair.tookOff(entry);
  }

  /** A lease is over, whether the entry was settled or comes back; the queue runs after that. */
  leaseEnded(entry: Entry): void {
    if (this.#isLocked) this.#lanes.landed(entry);
    else this.#fairGroups?.landed(entry);
  }

  /** An entry takes its place again. */
  cameBack(entry: Entry): void {
    if (this.#isLocked && this.#lanes.knows(entry)) this.#lanes.add(entry);
    else this.#backlog.add(entry);
    this.receivers.returned(entry);
  }

  removeConsumer(consumer: Consumer): void {
    this.receivers.remove(consumer);
    if (this.#stickyGroups !== undefined) this.#unpark(this.#stickyGroups.consumerClosed(consumer));
  }

  clear(): void {
    for (const entry of this.parked) entry.state = 'gone';
    this.#stickyGroups?.parking.clear();
    this.#groupLanes?.clear();
    this.#fairGroups?.clear();
  }

  get #sticky(): StickyGroups {
    return (this.#stickyGroups ??= new StickyGroups());
  }

  get #lanes(): GroupLanes {
    return (this.#groupLanes ??= new GroupLanes(this.#queue.account));
  }

  get #fair(): FairGroups {
    return (this.#fairGroups ??= new FairGroups());
  }

  get #isFair(): boolean {
    return this.#queue.policy().groups === 'fair';
  }

  get #isSticky(): boolean {
    return this.#queue.policy().groups === 'sticky';
  }

  get #isLocked(): boolean {
    return this.#queue.policy().groups === 'locked';
  }

  #serveBacklog(): void {
    if (this.#stickyGroups !== undefined && this.#stickyGroups.parking.count > 0) this.#unparkForCredit();
    while (this.receivers.want && this.#moveHead());
    // Asked first: this runs for every message.
    if (!this.receivers.haveSelective) return;
    for (const consumer of this.receivers.selective()) this.#selective.serve(consumer);
  }

  /** Gives what the lane whose turn it is has to the receiver whose turn it is; false when there is nothing to do now. */
  #serveLane(): boolean {
    this.#bringIn();
    const lane = this.#lanes.first;
    if (lane === undefined || this.#backlog.reading) return false;
    const absent = this.#lanes.absent(lookAhead);
    if (absent.length > 0) {
      this.#backlog.reloadThese(absent, (entry) => this.#lanes.loaded(entry));
      return false;
    }
    const entry = lane.waiting.head!;
    if (this.#queue.isDone(entry)) return true;
    const consumer = this.receivers.haveCredit ? this.receivers.nextConsumer(entry, entry.message!) : undefined;
    if (consumer !== undefined) {
      const message = this.#takeFromLane(entry);
      this.#lanes.tookOff(entry);
      this.#lanes.rotate(lane);
      this.#giveToConsumer(consumer, entry, message);
      return true;
    }
    const pull = this.receivers.firstPull;
    if (pull === undefined) return false;
    this.#giveLaneToPull(lane, pull);
    return true;
  }

  /** As much as it wants of what is in order. */
  #giveLaneToPull(lane: Lane, pull: Pull): void {
    const given: Entry[] = [];
    while (!pull.isFull) {
      const entry = lane.waiting.head;
      if (entry === undefined || isBehindFlight(lane, entry)) break;
      if (this.#queue.isDone(entry)) continue;
      if (entry.message === undefined) break;
      given.push(entry);
      this.#giveToPull(pull, entry, this.#takeFromLane(entry));
    }
    for (const entry of given) this.#lanes.tookOff(entry);
    this.#lanes.rotate(lane);
  }

  #takeFromLane(entry: Entry): Message {
    const message = entry.message!;
    this.#lanes.remove(entry);
    this.#queue.lease(entry);
    return message;
  }

  #bringIn(): void {
    while (!this.#lanes.hasEnough) {
      const entry = this.#backlog.head;
      if (entry === undefined) return;
      if (this.#queue.isDone(entry)) continue;
      this.#backlog.remove(entry);
      this.#lanes.bringIn(entry);
    }
  }

  /** Moves the head on, if it can; false when there is nothing to do now. */
  #moveHead(): boolean {
    const { head } = this.#backlog;
    if (head === undefined) return false;
    const entry =
      this.#fairGroups === undefined ? head : this.#fairGroups.choose(head, this.#backlog, this.#queue.inFlight());
    if (this.#queue.isDone(entry)) return true;
    const { message } = entry;
    if (message === undefined) {
      this.#backlog.reload();
      return false;
    }
    if (entry.groupId !== undefined && this.#isSticky) return this.#moveGrouped(entry, message);
    const consumer = this.receivers.haveCredit ? this.receivers.nextConsumer(entry, message) : undefined;
    if (consumer !== undefined) {
      this.#take(entry);
      this.#giveToConsumer(consumer, entry, message);
      return true;
    }
    const pull = this.receivers.firstPull;
    if (pull === undefined) return false;
    this.#take(entry);
    this.#giveToPull(pull, entry, message);
    return true;
  }

  #moveGrouped(entry: Entry, message: Message): boolean {
    this.#sticky.reassignIfFirst(entry, message);
    const owner = this.#sticky.owner(entry);
    const isFree =
      owner === undefined || (this.receivers.takes(owner, entry, message) && !this.#isBehind(owner, entry));
    if (!isFree) return this.#park(this.#sticky.parking, owner, entry);
    const consumer = owner ?? this.receivers.nextConsumer(entry, message);
    const pull = consumer === undefined ? this.receivers.firstPull : undefined;
    if (consumer === undefined && pull === undefined) return false;
    this.#take(entry);
    if (consumer !== undefined) this.#giveToConsumer(consumer, entry, message);
    else if (pull !== undefined) this.#giveToPull(pull, entry, message);
    return true;
  }

  #isBehind(owner: Consumer, entry: Entry): boolean {
    return this.#sticky.parking.isBehind(owner, entry.seq);
  }

  #take(entry: Entry): void {
    this.#backlog.remove(entry);
    this.#queue.lease(entry);
    if (entry.groupId !== undefined && this.#isFair) this.#fair.tookOff(entry);
  }

  #giveToConsumer(consumer: Consumer, entry: Entry, message: Message): void {
    if (entry.groupId !== undefined && this.#isSticky) this.#sticky.given(consumer, entry, message);
    entry.consumer = consumer;
    consumer.leased.add(entry);
    consumer.spend();
    consumer.deliver(entry, message);
  }

  #giveToPull(pull: Pull, entry: Entry, message: Message): void {
    this.#queue.pulled(entry, pull);
    pull.take(entry, message);
    if (pull.isFull) pull.finish();
  }

  /** False: there is no room, and the head stays where it is. */
  #park<Gate>(parking: Parking<Gate>, gate: Gate, entry: Entry): boolean {
    if (parking.isFull) return false;
    this.#backlog.remove(entry);
    // What is stored can be read again.
    if (entry.residence !== 'memory') entry.message = undefined;
    parking.park(gate, entry);
    return true;
  }

  #unpark(entries: readonly Entry[]): void {
    for (const entry of entries) this.#backlog.add(entry);
  }

  #unparkForCredit(): void {
    const { parking } = this.#sticky;
    for (const consumer of parking.gates()) {
      if (consumer.credit > 0) this.#unpark(parking.take(consumer, consumer.credit));
    }
  }
}
