// Writes to a target that is not of this engine: several calls at once, each with a batch; what arrived is settled after, what
// was refused is buried, both with the counts in one transaction. While the far end is away, everything is with the source.

import type { Message } from '../core/message.ts';
import type { Timer } from '../util/clock.ts';
import { awayRange, BackOff, hiccupRange, throttledRange, waitAfter } from './back-off.ts';
import type { BackOffRange } from './back-off.ts';
import type { Crossings } from './crossings.ts';
import { Lanes } from './lanes.ts';
import type { HeldNote } from './loss-ledger.ts';
import { RemoteTrouble } from './remote.ts';
import type { Fate, RemoteTarget } from './remote.ts';
import type { RouteContext, RouteOptions } from './route-options.ts';
import type { Taken } from './source.ts';
import { messageOf, retryMs } from './writer.ts';
import type { Writer, WriterEvents } from './writer.ts';

/** On its way to the far end. */
interface Outgoing {
  readonly taken: Taken;
  readonly mapped: Message;
  readonly identity: string;
  readonly lane: string | undefined;
  readonly bytes: number;
  readonly notes: readonly HeldNote[];
  /** Calls that it was in. */
  attempts: number;
  /** Of them, those that it alone was to blame for. */
  faults: number;
  /** How often it was too much. */
  throttles: number;
  /** How many were sent in all when it was called for last. */
  sentBefore: number;
}

/** How long a batch waits to be filled while others are under way. */
const lingerMs = 5;
/** Of what is held, whatever the source could give. */
const mostBytes = 16 * 1024 * 1024;
const mostMessages = 1000;
/** What a message is taken for while none was seen. */
const usualBytes = 64 * 1024;
/** A call is tried again at once so often, if it did not take long to fail. */
const mostHiccups = 2;
const hiccupMs = 2000;
/** `again` so often, while others pass, is for good. */
const mostFaults = 10;

export class RemoteSender implements Writer {
  inFlight = 0;
  readonly #options: RouteOptions;
  readonly #target: RemoteTarget;
  readonly #crossings: Crossings;
  readonly #context: RouteContext;
  readonly #events: WriterEvents;
  readonly #lanes = new Lanes<Outgoing>();
  readonly #calls = new Set<Promise<void>>();
  readonly #end = new AbortController();
  readonly #away = new BackOff(awayRange);
  #pending: Taken[] = [];
  #isOpen = false;
  /** How many calls may be under way: fewer after too much, and slowly more again. */
  #allowed: number;
  /** Calls that went well since that changed. */
  #passed = 0;
  #sent = 0;
  #averageBytes = usualBytes;
  #linger: Timer | undefined;
  #lingered = false;

  constructor(
    options: RouteOptions,
    target: RemoteTarget,
    crossings: Crossings,
    context: RouteContext,
    events: WriterEvents,
  ) {
    this.#options = options;
    this.#target = target;
    this.#crossings = crossings;
    this.#context = context;
    this.#events = events;
    this.#allowed = target.most.calls;
  }

  /** By number, and by bytes as far as they can be foreseen. */
  get room(): number {
    const { messages, calls } = this.#target.most;
    const most = Math.min(
      mostMessages,
      2 * messages * calls,
      Math.max(calls, Math.floor(mostBytes / this.#averageBytes)),
    );
    return Math.max(0, most - this.inFlight);
  }

  ready(): Promise<boolean> | undefined {
    return this.#isOpen ? undefined : this.#open();
  }

  write(taken: Taken): void {
    this.inFlight++;
    this.#pending.push(taken);
    if (this.#pending.length === 1) queueMicrotask(() => this.#map());
  }

  close(): void {
    this.#end.abort();
    this.#linger?.cancel();
    this.#target.close();
  }

  async #open(): Promise<boolean> {
    // What they still have goes back before it is taken anew.
    await Promise.allSettled(this.#calls);
    try {
      await this.#target.open?.(this.#end.signal);
    } catch (error) {
      if (this.#end.signal.aborted) return false;
      this.#events.onTrouble(messageOf(error), this.#away.failed());
      // Whatever else it is, it is a bug.
      if (!(error instanceof RemoteTrouble)) throw error;
      return false;
    }
    this.#isOpen = !this.#end.signal.aborted;
    return this.#isOpen;
  }

  #map(): void {
    const batch = this.#pending;
    this.#pending = [];
    if (this.#end.signal.aborted) return;
    if (!this.#isOpen) {
      this.#release(batch);
      return;
    }
    const transaction = this.#context.broker.transaction();
    const crossings = this.#crossings;
    const outgoing: Outgoing[] = [];
    const ended: Taken[] = [];
    for (const taken of batch) {
      // Purged, meanwhile.
      const refusal = taken.isHeld ? crossings.map(taken) : undefined;
      const { mapped, message } = crossings;
      if (taken.isHeld && refusal === undefined && mapped !== undefined) {
        outgoing.push(this.#outgoing(taken, mapped));
        // Before it is sent: the answer may be quicker than anything that comes after.
        if (message !== undefined) this.#options.replies?.expect(transaction, message);
        continue;
      }
      ended.push(taken);
      if (!taken.isHeld) continue;
      if (refusal === undefined) crossings.passOver(transaction, taken);
      else crossings.bury(transaction, taken, refusal);
    }
    if (ended.length === 0 && this.#options.replies === undefined) this.#send(outgoing);
    else {
      this.#commit(transaction, ended, () => this.#send(outgoing), [...outgoing.map(({ taken }) => taken), ...ended]);
    }
  }

  #outgoing(taken: Taken, mapped: Message): Outgoing {
    const bytes = this.#target.bytesOf(mapped);
    // What is held may be more than what is sent: a body that goes elsewhere.
    this.#averageBytes += (Math.max(bytes, mapped.body.length) - this.#averageBytes) / 16;
    return {
      taken,
      mapped,
      identity: taken.identity(),
      lane: this.#target.laneOf(mapped),
      bytes,
      notes: this.#crossings.ledger.held(),
      attempts: 0,
      faults: 0,
      throttles: 0,
      sentBefore: 0,
    };
  }

  #send(outgoing: readonly Outgoing[]): void {
    for (const one of outgoing) this.#lanes.add(one);
    if (this.#isOpen) this.#pump();
    else this.#giveBack();
  }

  #pump(): void {
    const { messages, bytes } = this.#target.most;
    while (this.#isOpen && this.#calls.size < this.#allowed && this.#lanes.readyCount > 0) {
      const isFull = this.#lanes.readyCount >= messages || this.#lanes.readyBytes >= bytes;
      if (!isFull && !this.#lingered && this.#calls.size > 0) {
        this.#linger ??= this.#context.clock.after(lingerMs, () => {
          this.#linger = undefined;
          this.#lingered = true;
          this.#pump();
        });
        return;
      }
      this.#lingered = false;
      const call = this.#call(this.#lanes.take({ messages, bytes })).finally(() => {
        this.#calls.delete(call);
        this.#pump();
      });
      this.#calls.add(call);
      this.#context.broker.background(call, `send to ${this.#target.address}`);
    }
  }

  async #call(batch: readonly Outgoing[]): Promise<void> {
    const { signal } = this.#end;
    let fates: readonly Fate[];
    try {
      fates = await this.#sendAtLast(batch);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RemoteTrouble && error.kind === 'throttled') await this.#slow(batch, batch);
      else this.#fail(error, batch);
      return;
    }
    if (signal.aborted) return;
    const again = this.#settle(batch, fates);
    const throttled = batch.filter((_, index) => isThrottled(fates[index]));
    if (throttled.length > 0) await this.#slow(again, throttled);
    else if (again.length === 0) this.#quicken();
    else await this.#sendAgain(again, Math.max(...again.map(({ attempts }) => attempts)), hiccupRange);
  }

  /** A failure that passes quickly is none yet. @throws as RemoteTarget.send. */
  async #sendAtLast(batch: readonly Outgoing[]): Promise<readonly Fate[]> {
    const { clock } = this.#context;
    const backOff = new BackOff(hiccupRange);
    for (let left = mostHiccups; ; left--) {
      const began = clock.monotonic();
      for (const one of batch) {
        one.attempts++;
        one.sentBefore = this.#sent;
      }
      try {
        return await this.#target.send(batch, this.#end.signal);
      } catch (error) {
        const mayPass = error instanceof RemoteTrouble && error.kind === 'away' && clock.monotonic() - began < hiccupMs;
        if (!mayPass || left === 0 || !this.#isOpen) throw error;
        await this.#wait(backOff.failed());
        if (!this.#isOpen || this.#end.signal.aborted) throw error;
      }
    }
  }

  /** What arrived, and what never will, is at its end. Returns what is to be sent again. */
  #settle(batch: readonly Outgoing[], fates: readonly Fate[]): Outgoing[] {
    const crossings = this.#crossings;
    const transaction = this.#context.broker.transaction();
    this.#sent += fates.filter(({ outcome }) => outcome === 'sent').length;
    this.#away.succeeded();
    const again: Outgoing[] = [];
    const ended: Taken[] = [];
    for (const [index, one] of batch.entries()) {
      const fate = this.#judge(one, fates[index]);
      if (fate.outcome === 'again') {
        again.push(one);
        continue;
      }
      ended.push(one.taken);
      this.#lanes.end(one);
      if (!one.taken.isHeld) continue;
      crossings.ledger.resume(one.notes);
      if (fate.outcome === 'sent') crossings.settle(transaction, one.taken);
      else crossings.bury(transaction, one.taken, `${fate.reason} (${timesOf(one.attempts)})`);
    }
    if (ended.length > 0) this.#commit(transaction, ended, undefined, ended);
    return again;
  }

  #judge(one: Outgoing, fate: Fate = { outcome: 'again', reason: 'the far end did not say what became of it' }): Fate {
    if (fate.outcome !== 'again' || fate.isThrottled === true) return fate;
    if (this.#sent > one.sentBefore) one.faults++;
    return one.faults > mostFaults ? { outcome: 'refused', reason: fate.reason } : fate;
  }

  #commit(
    transaction: ReturnType<RouteContext['broker']['transaction']>,
    ended: readonly Taken[],
    then: (() => void) | undefined,
    all: readonly Taken[],
  ): void {
    const stuck = this.#crossings.takeStuck();
    // The others go on.
    if (stuck !== undefined) this.#events.onTrouble(stuck, retryMs);
    this.#options.source.beforeCommit?.(transaction);
    this.#crossings.ledger.settle(transaction);
    transaction.commit().then(
      () => {
        this.inFlight -= ended.length;
        then?.();
        this.#events.onEnded();
      },
      (error: unknown) => {
        this.#trouble(messageOf(error));
        this.#release(all);
      },
    );
  }

  /** There was too much at once: what is left of the batch waits, and keeps its place from others. */
  async #slow(again: readonly Outgoing[], throttled: readonly Outgoing[]): Promise<void> {
    this.#allowed = Math.max(1, Math.floor(this.#allowed / 2));
    this.#passed = 0;
    for (const one of throttled) one.throttles++;
    await this.#sendAgain(again, Math.max(...throttled.map(({ throttles }) => throttles)), throttledRange);
  }

  async #sendAgain(batch: readonly Outgoing[], failures: number, range: BackOffRange): Promise<void> {
    await this.#wait(waitAfter(failures, range));
    if (this.#end.signal.aborted) return;
    for (const one of batch) this.#lanes.again(one);
    if (!this.#isOpen) this.#giveBack();
  }

  #quicken(): void {
    if (this.#allowed >= this.#target.most.calls || ++this.#passed < 4 * this.#allowed) return;
    this.#allowed++;
    this.#passed = 0;
  }

  #fail(error: unknown, batch: readonly Outgoing[]): void {
    for (const one of batch) this.#lanes.again(one);
    this.#trouble(messageOf(error), this.#away);
    this.#giveBack();
    // Whatever else it is, it is a bug.
    if (!(error instanceof RemoteTrouble)) throw error;
  }

  /** Nothing more is sent until it was looked at again. */
  #trouble(error: string, backOff?: BackOff): void {
    if (!this.#isOpen || this.#end.signal.aborted) return;
    this.#isOpen = false;
    this.#events.onTrouble(error, backOff?.failed() ?? retryMs);
    this.#giveBack();
  }

  #giveBack(): void {
    this.#release(this.#lanes.clear().map(({ taken }) => taken));
  }

  #release(batch: readonly Taken[]): void {
    if (batch.length === 0) return;
    this.inFlight -= batch.length;
    // Backwards: each goes before the ones that came after it.
    for (const taken of batch.toReversed()) taken.release();
    this.#events.onEnded();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#end;
      const timer = this.#context.clock.after(ms, done);
      signal.addEventListener('abort', done, { once: true });
      function done(): void {
        timer.cancel();
        signal.removeEventListener('abort', done);
        resolve();
      }
    });
  }
}

function isThrottled(fate: Fate | undefined): boolean {
  return fate?.outcome === 'again' && fate.isThrottled === true;
}

function timesOf(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}
