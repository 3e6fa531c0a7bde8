// What topics give to those who subscribe later: their retained message (as ActiveMQ, `ActiveMQ.Retain` over any protocol),
// and, where a policy asks for it, their last messages, which retroactive consumers get. The latter are in memory only.

import type { Broker } from './broker.ts';
import type { Recovery } from './destination-policies.ts';
import { messageSize, property } from './message.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';
import type { RetainedMessages } from './retained.ts';
import { matches } from './topics.ts';
import type { Subscription } from './topics.ts';
import type { Transaction } from './transaction.ts';

/** Topics, and bytes of all their messages, beyond which those go that were not published to for longest. */
const mostTopics = 10_000;
const mostBytes = 32 * 1024 * 1024;

interface Kept {
  readonly messages: Message[];
  bytes: number;
}

export interface RecoverOptions {
  readonly queue: Queue;
  readonly filters: readonly string[];
  readonly accepts: Subscription['accepts'];
  /** Also what the topics' policies keep. */
  readonly retroactive: boolean;
}

export class TopicMemory {
  readonly #broker: Broker;
  readonly #retained: RetainedMessages;
  readonly #recoveryOf: (name: string) => Recovery | undefined;
  /** In the order of their last message. */
  readonly #topics = new Map<string, Kept>();
  #bytes = 0;

  constructor(broker: Broker, retained: RetainedMessages, recoveryOf: (name: string) => Recovery | undefined) {
    this.#broker = broker;
    this.#retained = retained;
    this.#recoveryOf = recoveryOf;
  }

  /** A message is published to the topic within the transaction. */
  published(transaction: Transaction, name: string, message: Message): void {
    if (message.properties.length > 0 && isTrue(property(message, 'ActiveMQ.Retain')?.value)) {
      const undo = this.#retained.keep(transaction, name, message);
      if (undo !== undefined) transaction.afterFailure(undo);
    }
    const recovery = this.#recoveryOf(name);
    if (recovery !== undefined) transaction.afterCommit(() => this.#keep(name, message, recovery));
  }

  /** Puts what topics within the filters have for a new subscription into its queue, in the background. */
  recover(options: RecoverOptions): void {
    this.#broker.background(this.#recover(options), `recover messages of ${options.filters.join(', ')}`);
  }

  async #recover({ queue, filters, accepts, retroactive }: RecoverOptions): Promise<void> {
    const transaction = this.#broker.transaction();
    const put = (message: Message): void => {
      if (accepts === undefined || accepts(message, undefined)) transaction.put([queue], message);
    };
    const found = filters.flatMap((filter) => [...this.#retained.find(filter)]);
    if (found.length > 0) {
      for await (const batch of this.#retained.read(found)) {
        for (const { message } of batch) put(marked(message));
      }
    }
    for (const filter of filters) for (const message of this.#matching(filter, retroactive)) put(message);
    await transaction.commit();
  }

  #matching(filter: string, retroactive: boolean): readonly Message[] {
    const now = this.#broker.clock.now();
    const matching: Message[] = [];
    for (const [name, { messages }] of this.#topics) {
      const recovery = matches(filter, name) ? this.#recoveryOf(name) : undefined;
      if (recovery === undefined || !(retroactive || recovery.always === true)) continue;
      const oldest = now - (recovery.ageMs ?? Infinity);
      for (const message of messages) {
        if (message.timestamp >= oldest && (message.expiresAt ?? Infinity) > now) matching.push(message);
      }
    }
    return matching.sort((a, b) => a.timestamp - b.timestamp);
  }

  #keep(name: string, message: Message, { messages: most }: Recovery): void {
    const kept = this.#topics.get(name) ?? { messages: [], bytes: 0 };
    this.#topics.delete(name);
    this.#topics.set(name, kept);
    kept.messages.push(message);
    this.#account(kept, messageSize(message));
    while (kept.messages.length > most) this.#account(kept, -messageSize(kept.messages.shift()!));
    while (this.#topics.size > mostTopics || this.#bytes > mostBytes) this.#dropOldest();
  }

  #dropOldest(): void {
    for (const [name, { bytes }] of this.#topics) {
      this.#bytes -= bytes;
      this.#topics.delete(name);
      return;
    }
  }

  #account(kept: Kept, bytes: number): void {
    kept.bytes += bytes;
    this.#bytes += bytes;
  }
}

/** The receiver can tell it from one that is published now. What was encoded before does not say so. */
function marked(message: Message): Message {
  const properties = message.properties.filter(({ name }) => name !== 'ActiveMQ.Retain');
  return {
    ...message,
    properties: [...properties, { name: 'ActiveMQ.Retained', type: 'boolean', value: true }],
    original: undefined,
  };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
