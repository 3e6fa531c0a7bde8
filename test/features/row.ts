// The form of the tables of docs/features.md: a feature, what three other brokers have of it in a word or two, and what
// Causeway has, with the tests that hold that.

import type { plainly } from '../interop/differences.ts';

/** A test by its place below test/, without `.test.ts`, and its title as it is written there: `core/groups: TITLE`. */
export type TestName = `${string}: ${string}`;

export interface There {
  readonly says: string;
  readonly tests: readonly [TestName, ...TestName[]];
}

/** What holds that something is not there: tests, an entry of absences.ts by its `what`, or one of differences.ts. */
export interface NotThere {
  readonly says: string;
  readonly by:
    | { readonly tests: readonly [TestName, ...TestName[]] }
    | { readonly absence: string }
    | { readonly plainly: keyof typeof plainly };
}

export type Own = There | NotThere;

/** In a table of a protocol that a broker does not speak, that broker has no cells. */
export interface Feature {
  readonly what: string;
  readonly activemq: string;
  readonly rabbitmq: string;
  readonly mosquitto: string;
  readonly causeway: Own;
}

/** Nobody has found out. */
export const unknown = '?';

/** It is not a question there: the protocol, or the kind of destination, does not exist in that broker. */
export const none = '—';

export function yes(...tests: There['tests']): There {
  return { says: 'yes', tests };
}

export function there(says: string, ...tests: There['tests']): There {
  return { says, tests };
}

export function no(by: NotThere['by'], says = 'no'): NotThere {
  return { says, by };
}

export function isThere(own: Own): own is There {
  return 'tests' in own;
}

export function row(what: string, activemq: string, rabbitmq: string, mosquitto: string, causeway: Own): Feature {
  return { what, activemq, rabbitmq, mosquitto, causeway };
}
