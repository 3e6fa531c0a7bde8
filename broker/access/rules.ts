// What users may do, by rules in order. A rule gives rights on the destinations of its pattern; rights of several rules add up,
// as those of ActiveMQ's authorizationEntry do, unless a rule says that it is the last for its destinations. What no rule
// gives is refused.

import { isFilter } from '../core/address.ts';
import type { Destination } from '../core/address.ts';
import type { Operation } from '../core/access.ts';
import { covers, overlap } from './patterns.ts';

/** Who is meant: `*` everyone, `user:NAME` a user, any other name a group. */
export type Grantees = readonly string[];

export interface Rule {
  readonly kind: 'queue' | 'topic' | 'temp';
  readonly pattern: string;
  readonly read: Grantees;
  readonly write: Grantees;
  readonly create: Grantees;
  /** Includes `create`: to ActiveMQ they are one. */
  readonly admin: Grantees;
  /** Later rules say nothing about destinations of this one. */
  readonly final: boolean;
}

export interface Who {
  readonly user: string;
  readonly groups: readonly string[];
}

const kindOf = { queue: 'queue', topic: 'topic', 'temp-queue': 'temp', 'temp-topic': 'temp' } as const;

/** A wildcard is allowed if every name that it stands for is, as far as single rules tell. */
export function isAllowed(rules: readonly Rule[], who: Who, operation: Operation, destination: Destination): boolean {
  const kind = kindOf[destination.kind];
  const ofKind = rules.filter((rule) => rule.kind === kind);
  // As in ActiveMQ, temporary destinations are everyone's as long as nothing is said of them; only who made one reads it.
  if (kind === 'temp' && ofKind.length === 0) return true;
  const { name } = destination;
  const isPattern = isFilter(name);
  for (const rule of ofKind) {
    if (!overlap(rule.pattern, name)) continue;
    const gives = grants(rule, who, operation);
    if (!isPattern || covers(rule.pattern, name)) {
      if (gives) return true;
      if (rule.final) return false;
      // It settles some of the names: one that is refused refuses the wildcard.
    } else if (rule.final && !gives) return false;
  }
  return false;
}

function grants(rule: Rule, who: Who, operation: Operation): boolean {
  return includes(rule[operation], who) || (operation === 'create' && includes(rule.admin, who));
}

function includes(grantees: Grantees, { user, groups }: Who): boolean {
  return grantees.some((grantee) => grantee === '*' || grantee === `user:${user}` || groups.includes(grantee));
}
