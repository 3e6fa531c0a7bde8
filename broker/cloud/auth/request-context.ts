// Condition keys of one request (IAM User Guide, "AWS global condition context keys"): those that have a meaning here. Values
// are made when a policy asks for them. Keys about organisations, networks, sessions and tags of requests are not there.

import type { Caller } from './caller.ts';
import type { Context } from './conditions.ts';

export interface Facts {
  readonly caller: Caller;
  readonly now: number;
  readonly resourceAccount: string;
  readonly resourceTags: ReadonlyMap<string, string> | undefined;
  readonly region: string;
  readonly isSecure: boolean;
  /** Undefined for a service. */
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
  /** On whose behalf a service asks. */
  readonly source: { readonly arn: string; readonly account: string } | undefined;
  /** The service's own, in lower case. */
  readonly own: ReadonlyMap<string, string> | undefined;
}

const principalTypes = { root: 'Account', user: 'User', anonymous: 'Anonymous', service: 'AWSService' } as const;
const resourceTag = 'aws:resourcetag/';

export class RequestContext implements Context {
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  values(key: string): readonly string[] | undefined {
    const value = key.startsWith(resourceTag) ? this.#tag(key.slice(resourceTag.length)) : this.#value(key);
    return value === undefined ? undefined : [value];
  }

  #value(key: string): string | undefined {
    const { caller, now, source, own } = this.#facts;
    const isKnown = caller.account !== '';
    switch (key) {
      case 'aws:currenttime':
        return new Date(now).toISOString();
      case 'aws:epochtime':
        return String(Math.floor(now / 1000));
      case 'aws:principalarn':
        return isKnown ? caller.arn : undefined;
      case 'aws:principalaccount':
        return isKnown ? caller.account : undefined;
      case 'aws:principaltype':
        return principalTypes[caller.kind];
      case 'aws:principalisawsservice':
        return String(caller.kind === 'service');
      case 'aws:principalservicename':
        return caller.kind === 'service' ? caller.arn : undefined;
      case 'aws:userid':
        return isKnown ? (caller.name ?? caller.account) : undefined;
      case 'aws:username':
        return caller.name;
      case 'aws:sourceip':
        return this.#facts.address;
      case 'aws:securetransport':
        return String(this.#facts.isSecure);
      case 'aws:useragent':
        return this.#facts.userAgent;
      case 'aws:requestedregion':
        return this.#facts.region;
      case 'aws:resourceaccount':
        return this.#facts.resourceAccount;
      case 'aws:viaawsservice':
        return 'false';
      case 'aws:sourcearn':
        return source?.arn;
      case 'aws:sourceaccount':
      case 'aws:sourceowner':
        return source?.account;
      default:
        return own?.get(key);
    }
  }

  /** Keys of tags are found in any case, as condition keys are. */
  #tag(key: string): string | undefined {
    for (const [name, value] of this.#facts.resourceTags ?? []) if (name.toLowerCase() === key) return value;
    return undefined;
  }
}
