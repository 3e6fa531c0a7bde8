// What a user may do as the rules and groups are now, with decisions remembered: asking again for a destination costs a look
// into a map, whichever of the user's connections asks.

import type { Operation } from '../core/access.ts';
import { formatAddress } from '../core/address.ts';
import type { Destination } from '../core/address.ts';
import { BrokerError } from '../core/errors.ts';
import { isAllowed } from './rules.ts';
import type { Rule, Who } from './rules.ts';

/** Destinations that are remembered for each operation. Beyond it, all are forgotten: rules are quick to ask again. */
const mostRemembered = 1000;

export class Standing {
  readonly #who: Who;
  readonly #rules: readonly Rule[] | undefined;
  readonly #decisions = new Map<string, Map<string, boolean>>();

  /** Undefined rules: everything is allowed. */
  constructor(who: Who, rules: readonly Rule[] | undefined) {
    this.#who = who;
    this.#rules = rules;
  }

  /** @throws BrokerError `unauthorized`. */
  authorize(operation: Operation, destination: Destination): void {
    if (this.#rules === undefined || this.#decide(this.#rules, operation, destination)) return;
    throw new BrokerError(
      'unauthorized',
      `user "${this.#who.user}" may not ${operation} ${formatAddress(destination)}`,
    );
  }

  #decide(rules: readonly Rule[], operation: Operation, destination: Destination): boolean {
    const { kind, name } = destination;
    const about = operations[operation][kind];
    let decisions = this.#decisions.get(about);
    if (decisions === undefined) this.#decisions.set(about, (decisions = new Map<string, boolean>()));
    const known = decisions.get(name);
    if (known !== undefined) return known;
    const decision = isAllowed(rules, this.#who, operation, destination);
    if (decisions.size >= mostRemembered) decisions.clear();
    decisions.set(name, decision);
    return decision;
  }
}

function forKinds(operation: Operation) {
  return {
    queue: `${operation} queue`,
    topic: `${operation} topic`,
    'temp-queue': `${operation} temp`,
    'temp-topic': `${operation} temp`,
  } as const;
}

const operations = {
  read: forKinds('read'),
  write: forKinds('write'),
  create: forKinds('create'),
  admin: forKinds('admin'),
} as const;
