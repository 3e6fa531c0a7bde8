// Whether a request is allowed (IAM User Guide, "Policy evaluation logic"): an explicit deny wins; within an account the
// policies of either the user or the resource are enough, between accounts both are needed.

import type { Caller } from './caller.ts';
import { holds } from './conditions.ts';
import type { Context } from './conditions.ts';
import { matches } from './glob.ts';
import type { Listed, Policy, Statement } from './policy.ts';
import { expand } from './variables.ts';

export interface Asked {
  readonly caller: Caller;
  /** `sqs:SendMessage` */
  readonly action: string;
  readonly resource: {
    readonly arn: string;
    readonly account: string;
    /** False: it is never for others than its owner, whatever a policy says. */
    readonly isShared: boolean;
  };
  readonly context: Context;
}

/** Why not: which policy denies it, or which one would have to allow it. */
export interface Denied {
  readonly isExplicit: boolean;
  readonly by: 'identity' | 'resource';
}

/** Undefined: it is allowed. */
export function denialOf(asked: Asked, attached: Policy): Denied | undefined {
  const { caller, resource } = asked;
  let byIdentity = caller.kind === 'root';
  for (const { statements } of caller.policies) {
    for (const statement of statements) {
      if (!applies(statement, asked)) continue;
      if (statement.effect === 'Deny') return { isExplicit: true, by: 'identity' };
      byIdentity = true;
    }
  }
  const byResource = grantOf(attached, asked);
  if (byResource === 'denied') return { isExplicit: true, by: 'resource' };
  if (caller.account === '') return byResource === 'direct' ? undefined : { isExplicit: false, by: 'resource' };
  if (caller.account === resource.account) {
    return byIdentity || byResource === 'direct' ? undefined : { isExplicit: false, by: 'identity' };
  }
  if (!byIdentity) return { isExplicit: false, by: 'identity' };
  return byResource !== undefined && resource.isShared ? undefined : { isExplicit: false, by: 'resource' };
}

/** What is granted to an account is the account's to grant to its users: within it, it is not enough. */
type Grant = 'direct' | 'account';

function grantOf({ statements }: Policy, asked: Asked): Grant | 'denied' | undefined {
  let best: Grant | undefined;
  for (const statement of statements) {
    const grant = meant(statement.principals, asked.caller);
    if (grant === undefined || !applies(statement, asked)) continue;
    if (statement.effect === 'Deny') return 'denied';
    if (best !== 'direct') best = grant;
  }
  return best;
}

function meant(principals: Listed | undefined, caller: Caller): Grant | undefined {
  if (principals === undefined) return undefined;
  const found = principals.patterns.map((name) => standsFor(name, caller));
  if (principals.not) return found.some((grant) => grant !== undefined) ? undefined : 'direct';
  return found.includes('direct') ? 'direct' : found.find((grant) => grant !== undefined);
}

function standsFor(principal: string, { kind, account, arn }: Caller): Grant | undefined {
  if (principal === '*') return 'direct';
  if (kind === 'service') return principal === `service:${arn}` ? 'direct' : undefined;
  if (principal === arn) return 'direct';
  return kind === 'user' && principal === `arn:aws:iam::${account}:root` ? 'account' : undefined;
}

function applies(statement: Statement, { action, resource, context }: Asked): boolean {
  const { effect, actions, resources, hasVariables, conditions } = statement;
  const lowerCase = action.toLowerCase();
  if (actions.patterns.some((pattern) => matches(pattern, lowerCase)) === actions.not) return false;
  if (resources !== undefined) {
    const isListed = resources.patterns.some((pattern) => {
      const expanded = hasVariables ? expand(pattern, context, true) : pattern;
      return expanded !== undefined && matches(expanded, resource.arn);
    });
    if (isListed === resources.not) return false;
  }
  if (conditions === undefined) return effect === 'Deny';
  return conditions.every((condition) => holds(condition, context, hasVariables));
}
