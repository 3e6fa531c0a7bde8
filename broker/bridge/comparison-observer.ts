// Watches how the entries of a place end, and reads what a comparison keeps of each message while it is there to be read:
// when somebody gets it. Once that is done with it, it is in no memory any more.

import type { Broker } from '../core/broker.ts';
import type { Entry } from '../core/entry.ts';
import type { Message } from '../core/message.ts';
import { observe } from '../core/observation.ts';
import type { Ending, Observer } from '../core/observation.ts';
import type { Queue } from '../core/queue.ts';
import type { Facts } from './comparison-facts.ts';
import type { Place } from './shadow-source.ts';

export interface ObservedPlace {
  readonly place: Place;
  /** Undefined: it is not compared. */
  readonly read: (entry: Entry, message: Message) => Facts | undefined;
  readonly onSettled: (entry: Entry, facts: Facts) => void;
  /** It became a dead letter, or expired. */
  readonly onFailed: (facts: Facts) => void;
}

const failures: ReadonlySet<Ending> = new Set(['dead', 'expired']);

/** What is returned ends it. */
export function observePlace(broker: Broker, observed: ObservedPlace): () => void {
  const { filter, namespace } = observed.place;
  const stops = new Map<Queue, () => void>();
  const leave = broker.watchQueues(
    filter,
    (queue) => stops.set(queue, observe(queue, new PlaceObserver(observed))),
    namespace,
  );
  return () => {
    leave();
    for (const stop of stops.values()) stop();
  };
}

class PlaceObserver implements Observer {
  readonly #observed: ObservedPlace;
  readonly #known = new WeakMap<Entry, Facts>();

  constructor(observed: ObservedPlace) {
    this.#observed = observed;
  }

  leased(entry: Entry): void {
    if (!this.#known.has(entry)) this.#read(entry);
  }

  ended(entry: Entry, ending: Ending): void {
    // One that was never leased here was settled by a handle from before the engine started, with its message.
    const facts = this.#known.get(entry) ?? this.#read(entry);
    if (facts === undefined) return;
    if (ending === 'settled') this.#observed.onSettled(entry, facts);
    else if (failures.has(ending)) this.#observed.onFailed(facts);
  }

  #read(entry: Entry): Facts | undefined {
    if (entry.message === undefined) return undefined;
    const facts = this.#observed.read(entry, entry.message);
    if (facts !== undefined) this.#known.set(entry, facts);
    return facts;
  }
}
