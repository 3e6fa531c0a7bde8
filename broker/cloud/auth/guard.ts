// Whether callers are who they say (signatures), and whether they may do what they ask (policies). There is no guard where
// neither is asked for.

import type { Store } from '../../core/store.ts';
import type { Clock } from '../../util/clock.ts';
import type { Log } from '../../util/log.ts';
import { Occasionally } from '../../util/occasionally.ts';
import { identify } from '../identity.ts';
import type { Identity, IdentityDefaults } from '../identity.ts';
import type { Call } from '../service.ts';
import type { Authorization, Input, Resource } from './authorization.ts';
import { anonymous, root, service } from './caller.ts';
import type { Caller } from './caller.ts';
import type { Signable } from './canonical-request.ts';
import { denialOf } from './decide.ts';
import type { Denied } from './decide.ts';
import { readResourcePolicy } from './policy.ts';
import { missingToken, SignatureRefused } from './refusals.ts';
import { RequestContext } from './request-context.ts';
import { Signatures } from './signatures.ts';
import type { AccessKey } from './signatures.ts';

/** `observe` refuses nothing, and counts what `enforce` would refuse. */
export type IamMode = 'off' | 'observe' | 'enforce';

export interface GuardOptions {
  /** None: signatures are not looked at, and every caller is the root of the account that it names. */
  readonly keys: readonly AccessKey[];
  readonly iam: IamMode;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
}

interface Incoming extends Signable {
  /** Absent: it is not here yet. */
  readonly body?: Buffer;
  readonly headers: Parameters<typeof identify>[0];
}

/** Of a service, what requests to it are judged by. */
interface Guarded {
  readonly name: string;
  readonly authorization: Authorization;
}

interface Named {
  readonly name: string;
}

const sns = service('sns.amazonaws.com');
/** Different denials that are counted each for itself. */
const mostCounters = 10_000;

export class Guard {
  readonly #options: GuardOptions;
  readonly #signatures: Signatures | undefined;
  readonly #occasionally: Occasionally;
  readonly #counted = new Set<string>();

  constructor(options: GuardOptions) {
    const { keys, clock } = options;
    this.#options = options;
    this.#signatures = keys.length === 0 ? undefined : new Signatures(keys, clock);
    this.#occasionally = new Occasionally(clock);
  }

  /** Who asks. @throws AwsError in the words of the service for a signature that is not good, or not there. */
  identify(
    request: Incoming,
    { name, authorization }: Guarded,
    operation: Named,
    parameters: ReadonlyMap<string, string> | undefined,
    defaults: IdentityDefaults,
  ): Identity {
    if (this.#signatures === undefined) return identify(request.headers, parameters, defaults);
    try {
      const verified = this.#signatures.verify(request, name, authorization.pathForm);
      if (verified !== undefined) {
        const { caller, accessKeyId, region, seal } = verified;
        return { account: caller.account, region, accessKeyId, signedService: name, caller, seal };
      }
      const isFree = authorization.unsigned.has(operation.name);
      if (!isFree && !(authorization.admitsAnonymous && this.#options.iam === 'enforce')) throw missingToken();
    } catch (error) {
      if (!(error instanceof SignatureRefused)) throw error;
      throw authorization.refuseSignature?.(error) ?? error.asAwsError(authorization.refusalStatus);
    }
    return { ...defaults, accessKeyId: undefined, signedService: undefined, caller: anonymous };
  }

  /** @throws AwsError that denies it, in the words of the service. */
  authorize({ authorization }: Guarded, operation: Named, input: Input, call: Call, identity: Identity): void {
    const { iam, clock } = this.#options;
    if (iam === 'off') return;
    const caller = identity.caller ?? root(identity.account);
    if (caller.kind === 'anonymous' && authorization.unsigned.has(operation.name)) return;
    const resource = authorization.resourceOf(operation.name, input, call);
    const action = authorization.actionOf(operation.name);
    const context = new RequestContext({
      caller,
      now: clock.now(),
      resourceAccount: resource.account,
      resourceTags: resource.tags,
      region: call.region,
      isSecure: call.origin.startsWith('https:'),
      address: hostOf(call.client.address),
      userAgent: call.headers['user-agent'],
      source: undefined,
      own: authorization.keysOf?.(input),
    });
    const denied = denialOf({ caller, action, resource, context }, readResourcePolicy(resource.policy));
    if (denied === undefined) return;
    this.#note(caller, action, resource.arn, denied);
    if (iam === 'enforce') throw authorization.refuse(wording(caller, action, resource.arn, denied, call.origin));
  }

  /** Whether a topic's message may be put into a queue, by the policy of the queue. */
  permitsDelivery(queue: Resource, topic: { readonly arn: string; readonly account: string }, region: string): boolean {
    const { iam, clock } = this.#options;
    if (iam === 'off') return true;
    const action = 'sqs:sendmessage';
    const context = new RequestContext({
      caller: sns,
      now: clock.now(),
      resourceAccount: queue.account,
      resourceTags: queue.tags,
      region,
      isSecure: true,
      address: undefined,
      userAgent: undefined,
      source: topic,
      own: undefined,
    });
    const denied = denialOf({ caller: sns, action, resource: queue, context }, readResourcePolicy(queue.policy));
    if (denied === undefined) return true;
    this.#note(sns, action, queue.arn, denied);
    return iam !== 'enforce';
  }

  /** Counted for the resource and the action, and logged now and then. Nobody waits for the count to be stored. */
  #note({ arn }: Caller, action: string, resource: string, { isExplicit, by }: Denied): void {
    const { iam, log, store } = this.#options;
    const counter = `iam/${action}/${resource}`;
    const isKnown = this.#counted.has(counter);
    if (!isKnown && this.#counted.size < mostCounters) this.#counted.add(counter);
    const counted = isKnown || this.#counted.has(counter) ? counter : 'iam/other';
    store.write([{ kind: 'count', counter: counted, by: 1 }]).catch(() => {
      // A store that fails has others to tell; a count is not worth more.
    });
    if (!this.#occasionally.isDue(`${arn} ${counter}`)) return;
    log.info({ caller: arn, action, resource, by, explicit: isExplicit, iam }, 'denied by policy');
  }
}

function wording({ kind, arn }: Caller, action: string, resource: string, denied: Denied, origin: string): string {
  if (kind === 'anonymous') return `Access to the resource ${origin}/ is denied.`;
  const reason = denied.isExplicit
    ? `with an explicit deny in ${denied.by === 'identity' ? 'an identity' : 'a resource'}-based policy`
    : `because no ${denied.by}-based policy allows the ${action} action`;
  return `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
}

/** Of an address with its port, without what IPv4 within IPv6 has before it. */
function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^::ffff:/, '');
}
