// Messages that were received from SQS, until they are deleted there: held ones stay invisible, settled ones are deleted, and
// what is given back is visible at once. All in batches.

import type { Message as SqsMessage } from '@aws-sdk/client-sqs';
import type { Message } from '../../../core/message.ts';
import type { Queue } from '../../../core/queue.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import { BackOff, throttledRange } from '../../back-off.ts';
import { RemoteTrouble } from '../../remote.ts';
import type { Taken } from '../../source.ts';
import type { AwsRemote } from './remote.ts';

export interface SqsLeasesOptions {
  readonly address: string;
  readonly remote: AwsRemote;
  readonly clock: Clock;
  readonly url: () => Promise<string>;
  readonly background: (work: Promise<unknown>, what: string) => void;
}

const leaseSeconds = 30;
/** What an answer may have taken to arrive, so that a lease is over there first. */
const marginMs = 5000;
const renewMs = 10_000;
/** Deletions wait so long for each other. */
const lingerMs = 10;
const batch = 10;
const mostCalls = 8;
/** Of messages that are settled but not deleted yet, or not for good. */
const mostSettled = 100_000;

type State = 'held' | 'settling' | 'ended';

interface Lease {
  readonly id: string;
  receipt: string;
  /** As Clock.monotonic. */
  until: number;
  state: State;
}

export class SqsLeases {
  readonly seconds = leaseSeconds;
  readonly #options: SqsLeasesOptions;
  /** Held or settling. */
  readonly #leases = new Set<Lease>();
  /** Settled, and not deleted for sure: should they come again, they are deleted then. */
  readonly #settled = new Map<string, Lease>();
  readonly #deletions: Lease[] = [];
  readonly #returns: Lease[] = [];
  #calls = 0;
  readonly #backOff = new BackOff(throttledRange);
  #rest: Timer | undefined;
  #linger: Timer | undefined;
  #renewal: Timer | undefined;
  /** Ends the wait for what is under way. */
  #onIdle: (() => void) | undefined;
  #closed = false;
  readonly #end = new AbortController();

  constructor(options: SqsLeasesOptions) {
    this.#options = options;
  }

  /** Messages that are neither settled nor given back. */
  get held(): number {
    return this.#leases.size;
  }

  /** Undefined: it was settled before, and only its deletion did not arrive. */
  take(message: Message, { MessageId = '', ReceiptHandle = '' }: SqsMessage): Taken | undefined {
    const until = this.#now() + leaseSeconds * 1000 - marginMs;
    const settled = this.#settled.get(MessageId);
    if (settled !== undefined) {
      this.#delete({ ...settled, receipt: ReceiptHandle, until });
      return undefined;
    }
    const lease: Lease = { id: MessageId, receipt: ReceiptHandle, until, state: 'held' };
    this.#leases.add(lease);
    this.#renewal ??= this.#options.clock.after(renewMs, () => this.#renew());
    if (this.#closed) this.#giveBack(lease);
    return this.#taken(message, lease);
  }

  /** Held ones go back; resolves once they and the settled ones did. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#renewal?.cancel();
    for (const lease of this.#leases) if (lease.state === 'held') this.#giveBack(lease);
    this.#flush();
    if (!this.#isIdle()) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    this.#rest?.cancel();
    this.#linger?.cancel();
    this.#end.abort();
  }

  #taken(message: Message, lease: Lease): Taken {
    const { address, clock } = this.#options;
    const now = (): number => this.#now();
    const end = (transaction: Transaction): void => {
      lease.state = 'settling';
      transaction.afterCommit(() => this.#delete(lease));
      transaction.afterFailure(() => {
        if (lease.state === 'settling') lease.state = 'held';
      });
    };
    return {
      message,
      death: undefined,
      get isHeld() {
        return lease.state === 'held' && lease.until > now();
      },
      identity: () => `sqs/${lease.id}`,
      settle: end,
      bury: (transaction: Transaction, queue: Queue, reason: string) => {
        transaction.put([queue], message, { dead: { reason, origin: address, at: clock.now() } });
        end(transaction);
      },
      release: () => this.#giveBack(lease),
    };
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }

  #delete(lease: Lease): void {
    lease.state = 'ended';
    this.#leases.delete(lease);
    this.#settled.set(lease.id, lease);
    if (this.#settled.size > mostSettled) this.#settled.delete(this.#settled.keys().next().value ?? '');
    this.#deletions.push(lease);
    this.#flushSoon(this.#deletions.length);
  }

  #giveBack(lease: Lease): void {
    if (lease.state === 'ended') return;
    lease.state = 'ended';
    this.#leases.delete(lease);
    if (lease.until <= this.#now()) return;
    this.#returns.push(lease);
    this.#flushSoon(this.#returns.length);
  }

  #flushSoon(waiting: number): void {
    if (waiting >= batch) this.#flush();
    else this.#linger ??= this.#options.clock.after(lingerMs, () => this.#flush());
  }

  #flush(): void {
    this.#linger?.cancel();
    this.#linger = undefined;
    while (this.#rest === undefined && this.#calls < mostCalls) {
      if (this.#deletions.length > 0) this.#call(this.#deleteAll(this.#deletions.splice(0, batch)), 'delete from');
      else if (this.#returns.length > 0) this.#call(this.#returnAll(this.#returns.splice(0, batch)), 'give back to');
      else break;
    }
    if (this.#isIdle()) this.#onIdle?.();
  }

  #isIdle(): boolean {
    return this.#calls + this.#deletions.length + this.#returns.length + this.#leases.size === 0;
  }

  #call(work: Promise<void>, what: string): void {
    this.#calls++;
    const done = work.finally(() => {
      this.#calls--;
      this.#flush();
    });
    this.#options.background(done, `${what} ${this.#options.address}`);
  }

  async #deleteAll(leases: readonly Lease[]): Promise<void> {
    const { DeleteMessageBatchCommand } = await import('@aws-sdk/client-sqs');
    const Entries = leases.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt }));
    const failed = await this.#send(leases, async (QueueUrl, abortSignal) => {
      const client = await this.#options.remote.sqs();
      return client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }), { abortSignal });
    });
    for (const lease of leases) if (!failed.has(lease)) this.#settled.delete(lease.id);
    // After that, it is deleted when it comes again.
    this.#deletions.push(
      ...[...failed].filter(([lease, isFinal]) => !isFinal && lease.until > this.#now()).map(([lease]) => lease),
    );
  }

  /** What fails comes back by itself. */
  async #returnAll(leases: readonly Lease[]): Promise<void> {
    await this.#changeVisibility(leases, 0);
  }

  #renew(): void {
    this.#renewal = undefined;
    if (this.#closed || this.#leases.size === 0) return;
    this.#renewal = this.#options.clock.after(renewMs, () => this.#renew());
    const soon = this.#now() + 2 * renewMs;
    const due = [...this.#leases].filter(({ until }) => until <= soon && until > this.#now());
    for (let i = 0; i < due.length; i += batch) {
      this.#options.background(
        this.#extend(due.slice(i, i + batch)),
        `hold what was taken from ${this.#options.address}`,
      );
    }
  }

  async #extend(leases: readonly Lease[]): Promise<void> {
    const until = this.#now() + leaseSeconds * 1000 - marginMs;
    const failed = await this.#changeVisibility(leases, leaseSeconds);
    for (const lease of leases) {
      if (!failed.has(lease)) lease.until = until;
      // It is not ours any more.
      else if (failed.get(lease) === true) lease.until = 0;
    }
  }

  async #changeVisibility(leases: readonly Lease[], seconds: number): Promise<ReadonlyMap<Lease, boolean>> {
    const { ChangeMessageVisibilityBatchCommand } = await import('@aws-sdk/client-sqs');
    const Entries = leases.map(({ receipt }, index) => ({
      Id: String(index),
      ReceiptHandle: receipt,
      VisibilityTimeout: seconds,
    }));
    return this.#send(leases, async (QueueUrl, abortSignal) => {
      const client = await this.#options.remote.sqs();
      return client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }), { abortSignal });
    });
  }

  /** Resolves with what failed, and whether for good. */
  async #send(
    leases: readonly Lease[],
    run: (
      url: string,
      signal: AbortSignal,
    ) => Promise<{
      readonly Failed?:
        | readonly { readonly Id: string | undefined; readonly SenderFault: boolean | undefined }[]
        | undefined;
    }>,
  ): Promise<ReadonlyMap<Lease, boolean>> {
    const { address, remote, url } = this.#options;
    try {
      const found = await url();
      const { Failed = [] } = await remote.call(address, this.#end.signal, (signal) => run(found, signal));
      this.#backOff.succeeded();
      return new Map(Failed.map(({ Id, SenderFault }) => [leases[Number(Id)]!, SenderFault === true]));
    } catch (error) {
      if (!(error instanceof RemoteTrouble)) throw error;
      this.#rest ??= this.#options.clock.after(this.#backOff.failed(), () => {
        this.#rest = undefined;
        this.#flush();
      });
      return new Map(leases.map((lease) => [lease, false]));
    }
  }
}
