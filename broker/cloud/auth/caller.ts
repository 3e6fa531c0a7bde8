// Who makes a request, as policies name them: an account's root, one of its users, a service of AWS, or nobody known.

import type { Policy } from './policy.ts';

export interface Caller {
  readonly kind: 'root' | 'user' | 'anonymous' | 'service';
  /** Empty for who has none. */
  readonly account: string;
  /** Of a service: its name, such as `sns.amazonaws.com`. */
  readonly arn: string;
  /** Of users. */
  readonly name: string | undefined;
  /** What the configuration lets a user do; an account's root may do everything in it. */
  readonly policies: readonly Policy[];
}

export const anonymous: Caller = { kind: 'anonymous', account: '', arn: 'anonymous', name: undefined, policies: [] };

export function root(account: string): Caller {
  return { kind: 'root', account, arn: `arn:aws:iam::${account}:root`, name: undefined, policies: [] };
}

export function user(account: string, name: string, policies: readonly Policy[]): Caller {
  return { kind: 'user', account, arn: `arn:aws:iam::${account}:user/${name}`, name, policies };
}

export function service(name: string): Caller {
  return { kind: 'service', account: '', arn: name, name: undefined, policies: [] };
}
