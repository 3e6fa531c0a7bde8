// What a queue of a virtual topic that heeds selectors takes of it: what one of its consumers selects, or one that was there
// before and may come back. Their selectors are kept with the queue, as ActiveMQ's cache of selectors keeps them.

import type { Message } from './message.ts';
import type { Queue } from './queue.ts';
import { compileSelector } from './selector.ts';
import type { SelectorSource } from './subscriber.ts';

/** Of one queue; the one whose consumer came longest ago is forgotten for one more. */
const mostSelectors = 100;
/** In the queue's attributes. */
const attribute = 'selectors';

interface Known {
  readonly source: SelectorSource;
  readonly accepts: (message: Message) => boolean;
}

export class WantedMessages {
  readonly #queue: Queue;
  readonly #known = new Map<string, Known>();

  constructor(queue: Queue) {
    this.#queue = queue;
    const stored = queue.attributes[attribute];
    for (const source of Array.isArray(stored) ? stored : []) if (isSource(source)) this.#add(source);
  }

  has(message: Message): boolean {
    if (this.#queue.isSelectedBySomeone(message)) return true;
    for (const { accepts } of this.#known.values()) if (accepts(message)) return true;
    return false;
  }

  /** A consumer came. False: one with its selector was there before. Undefined: it takes all. */
  consumerCame(source: SelectorSource = { text: '' }): boolean {
    const isNew = !this.#known.delete(keyOf(source));
    this.#add(source);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostSelectors) break;
      this.#known.delete(oldest);
    }
    if (isNew) {
      const selectors = Array.from(this.#known.values(), (known) => known.source);
      this.#queue.attributes = { ...this.#queue.attributes, [attribute]: selectors };
    }
    return isNew;
  }

  #add(source: SelectorSource): void {
    this.#known.set(keyOf(source), { source, accepts: compileSelector(source.text, source) });
  }
}

function keyOf({ text, convertStrings = false }: SelectorSource): string {
  return `${convertStrings} ${text}`;
}

function isSource(value: unknown): value is SelectorSource {
  return typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string';
}
