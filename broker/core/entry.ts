// One message in one queue: `paged` (on disk only) -> `ready` -> `leased` -> `settling` -> `gone`.
// While leased it is what a dialect holds as the delivery.

import type { Consumer } from './consumer.ts';
import type { Message } from './message.ts';
import { messageSize } from './message.ts';
import type { Queue } from './queue.ts';
import type { Death, Delivery, EntryKey, Residence, StoredEntry } from './store.ts';

export type EntryState = 'paged' | 'ready' | 'leased' | 'settling' | 'gone';

export class Entry implements EntryKey {
  readonly queue: Queue;
  readonly seq: number;
  messageId: number;
  sole: boolean;
  readonly residence: Residence;
  /** Bytes that the message occupies while it is in memory. */
  size: number;
  readonly expiresAt: number;
  readonly timestamp: number;
  readonly groupId: string | undefined;
  readonly priority: number;

  state: EntryState = 'ready';
  /** What it was before a transaction reserved it. */
  heldAs: EntryState = 'ready';
  /** Absent while it is only on disk. */
  message: Message | undefined;
  /** Deliveries that failed (broker queues), or receives (SQS). */
  attempts = 0;
  /** It was delivered before, whether or not that counts as an attempt. */
  redelivered = false;
  /** Its receiver went while it had it. */
  abandoned = false;
  firstAt: number | undefined;
  /** End of its lease, milliseconds since the epoch; 0: its lease ends with its consumer. */
  until = 0;
  token: number | undefined;
  dead: Death | undefined;
  /** Its consumer gets it as the first one of its group (JMSXGroupFirstForConsumer). */
  isFirstOfGroup = false;
  /** The store holds a Delivery for it. */
  delivered = false;
  /** Owner of the lease, where that is a connection's consumer. */
  consumer: Consumer | undefined;

  /** Neighbours in the ready list. */
  previous: Entry | undefined;
  next: Entry | undefined;

  constructor(queue: Queue, key: Omit<EntryKey, 'queueId'>, message: Message) {
    this.queue = queue;
    this.seq = key.seq;
    this.messageId = key.messageId;
    this.sole = key.sole;
    this.residence = key.residence;
    this.message = message;
    this.size = messageSize(message);
    this.expiresAt = message.expiresAt ?? 0;
    this.timestamp = message.timestamp;
    this.groupId = message.groupId;
    this.priority = message.priority;
  }

  static restore(queue: Queue, stored: StoredEntry): Entry {
    const entry = new Entry(queue, stored, stored.message);
    const { delivery } = stored;
    if (delivery !== undefined) {
      entry.delivered = true;
      entry.attempts = delivery.attempts;
      entry.redelivered = delivery.attempts > 0;
      entry.firstAt = delivery.firstAt;
      entry.until = delivery.until ?? 0;
      entry.token = delivery.token;
      entry.dead = delivery.dead;
    }
    return entry;
  }

  /** Its message was changed, in nothing that queues look at (amend.ts). It is leased. */
  amended(messageId: number, message: Message): void {
    this.messageId = messageId;
    this.sole = true;
    this.size = messageSize(message);
    if (this.residence === 'memory') this.message = message;
  }

  get queueId(): number {
    return this.queue.bands.idOf(this.priority);
  }

  get delivery(): Delivery {
    const until = this.until === 0 ? undefined : this.until;
    return { attempts: this.attempts, firstAt: this.firstAt, until, token: this.token, dead: this.dead };
  }
}
