// What a crossing does to a message, field by field: an outcome for each field that does not arrive as it was. The
// target's mapping decides; the route counts, and acts by its rule.

import type { Message } from '../core/message.ts';
import type { Death } from '../core/store.ts';

/** `renamed`: same value, other name; `changed`: other type or form; `dropped`: not there; `refused`: the whole message is not taken. */
export type Outcome = 'renamed' | 'changed' | 'dropped' | 'refused';

export interface Loss {
  readonly field: string;
  readonly outcome: Outcome;
  readonly reason: string;
}

export interface MappingRules {
  /** New names for properties and headers; null leaves one out. */
  readonly rename: Readonly<Record<string, string | null>>;
}

export interface Mapped {
  /** Undefined: the target cannot take it in any form. */
  readonly message: Message | undefined;
  readonly losses: readonly Loss[];
}

/** `death`: why and where the message became a dead letter, if it is one. */
export type Mapping = (message: Message, rules: MappingRules, maxBytes: number, death?: Death) => Mapped;
