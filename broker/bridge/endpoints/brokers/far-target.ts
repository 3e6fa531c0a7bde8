// A queue or topic of another broker as the target of a route, whatever the protocol: one connection, made when it is
// needed. A message on which the other broker ends the connection, each time and while it was the only one under way, is
// refused: it would hold up the route for ever.

import type { Message } from '../../../core/message.ts';
import type { Notes } from '../../mapping.ts';
import { RemoteTrouble } from '../../remote.ts';
import type { Fate, Parcel, RemoteTarget } from '../../remote.ts';
import type { Crossing } from '../../target.ts';
import type { FarBroker } from './far-broker.ts';
import { troubleWith } from './open-socket.ts';

/** A connection to which messages go. */
export interface Outlet {
  /**
   * Resolves once each has a fate, or the connection is over: those without one are undefined then.
   * Gives up when the signal is aborted.
   */
  send(parcels: readonly Parcel[], signal: AbortSignal): Promise<readonly (Answer | undefined)[]>;
  /** Why it is over, and whether the other side ended it; undefined: it is not. */
  readonly end: { readonly trouble: RemoteTrouble; readonly isTheirs: boolean } | undefined;
  /** Idempotent. */
  close(): void;
}

/** `trouble`: nothing that is sent now would be taken, and this was not. */
export type Answer = Fate | { readonly outcome: 'trouble'; readonly trouble: RemoteTrouble };

export interface FarTargetOptions {
  readonly address: string;
  readonly broker: FarBroker;
  readonly keepsOriginal: boolean;
  readonly map: (message: Message, crossing: Crossing, notes: Notes) => Message | undefined;
  /** `signal` ends it. @throws RemoteTrouble. */
  readonly connect: (signal: AbortSignal) => Promise<Outlet>;
  /** Why messages that were mapped for another version of the protocol than is spoken now are to be mapped anew. */
  readonly misfit?: (parcels: readonly Parcel[]) => RemoteTrouble | undefined;
}

const mostMessages = 200;
const mostBytes = 1024 * 1024;
const mostCalls = 5;
/** About what a message takes besides its body. */
const overheadBytes = 512;
/** The connection was ended so often on a message that was the only one under way. */
const mostEnds = 5;

export class FarTarget implements RemoteTarget {
  readonly address: string;
  readonly isKeyed = false;
  readonly keepsOriginal: boolean;
  readonly most = { messages: mostMessages, bytes: mostBytes, calls: mostCalls };
  readonly #options: FarTargetOptions;
  #outlet: Outlet | undefined;
  #opening: Promise<Outlet> | undefined;
  /** So many messages go one at a time: one of them may be what ended the connection. */
  #careful = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #suspect: { readonly identity: string; ends: number } | undefined;
  #underWay = 0;
  readonly #connecting = new AbortController();
  #closed = false;

  constructor(options: FarTargetOptions) {
    this.#options = options;
    this.address = options.address;
    this.keepsOriginal = options.keepsOriginal;
  }

  map(message: Message, crossing: Crossing, notes: Notes): Message | undefined {
    return this.#options.map(message, crossing, notes);
  }

  bytesOf({ body, original, properties }: Message): number {
    let bytes = overheadBytes + body.length + (original?.bytes.length ?? 0);
    for (const { name, value } of properties) {
      bytes += name.length + (typeof value === 'string' || value instanceof Uint8Array ? value.length : 8);
    }
    return bytes;
  }

  laneOf({ groupId }: Message): string | undefined {
    return groupId;
  }

  async open(): Promise<void> {
    await this.#connected();
  }

  async send(parcels: readonly Parcel[], signal: AbortSignal): Promise<readonly Fate[]> {
    if (this.#careful === 0) return this.#sendAll(parcels, signal);
    const sending = this.#turn.then(() => this.#sendSingly(parcels, signal));
    this.#turn = sending.catch(() => undefined);
    return sending;
  }

  close(): void {
    this.#closed = true;
    if (this.#opening === undefined) this.#outlet?.close();
    else this.#connecting.abort();
  }

  async #sendSingly(parcels: readonly Parcel[], signal: AbortSignal): Promise<readonly Fate[]> {
    const fates: Fate[] = [];
    for (const [index, parcel] of parcels.entries()) {
      try {
        fates.push(...(await this.#sendAll([parcel], signal)));
      } catch (error) {
        // What is known of those before must not be lost.
        if (index === 0 || !(error instanceof RemoteTrouble)) throw error;
        const { message: reason } = error;
        return [...fates, ...parcels.slice(index).map((): Fate => ({ outcome: 'again', reason, isThrottled: true }))];
      }
      this.#careful = Math.max(0, this.#careful - 1);
    }
    return fates;
  }

  async #sendAll(parcels: readonly Parcel[], signal: AbortSignal): Promise<readonly Fate[]> {
    const outlet = await this.#usable();
    const misfit = this.#options.misfit?.(parcels);
    if (misfit !== undefined) throw misfit;
    this.#underWay += parcels.length;
    try {
      const answers = await outlet.send(parcels, signal);
      const { end } = outlet;
      if (end === undefined) {
        return fatesOf(answers, troubleWith(this.#options.broker, 'away', 'it was not waited for'));
      }
      outlet.close();
      return fatesOf(end.isTheirs ? this.#ended(parcels, answers, end.trouble) : answers, end.trouble);
    } finally {
      this.#underWay -= parcels.length;
    }
  }

  /** The other side ended the connection: on which of the messages that were under way? */
  #ended(
    parcels: readonly Parcel[],
    answers: readonly (Answer | undefined)[],
    { kind, message }: RemoteTrouble,
  ): readonly (Answer | undefined)[] {
    const unknown = answers.filter((answer) => answer === undefined).length;
    this.#careful = Math.max(this.#careful, unknown);
    const [only] = parcels;
    // What it says of itself is not about a message.
    if (kind !== 'away' || this.#underWay > 1 || unknown === 0 || only === undefined) return answers;
    if (this.#suspect?.identity !== only.identity) this.#suspect = { identity: only.identity, ends: 0 };
    this.#suspect.ends++;
    if (this.#suspect.ends < mostEnds) return answers;
    this.#suspect = undefined;
    return [{ outcome: 'refused', reason: `the connection ended on it ${mostEnds} times: ${message}` }];
  }

  /**
   * A connection that was lost is made again by `open`, once all that was under way is back with the source: then it goes in
   * its order. One that was too slow is made again at once.
   */
  async #usable(): Promise<Outlet> {
    const end = this.#outlet?.end;
    if (end !== undefined && end.trouble.kind !== 'throttled') throw end.trouble;
    return this.#connected();
  }

  async #connected(): Promise<Outlet> {
    if (this.#closed) throw troubleWith(this.#options.broker, 'away', 'the route is closed');
    if (this.#outlet !== undefined && this.#outlet.end === undefined) return this.#outlet;
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<Outlet> {
    try {
      const outlet = await this.#options.connect(this.#connecting.signal);
      if (this.#closed) outlet.close();
      this.#outlet = outlet;
      return outlet;
    } finally {
      this.#opening = undefined;
    }
  }
}

/**
 * What has no answer is not to blame for that: it goes again.
 * @throws RemoteTrouble: none has an answer.
 */
function fatesOf(answers: readonly (Answer | undefined)[], otherwise: RemoteTrouble): readonly Fate[] {
  let trouble: RemoteTrouble | undefined;
  let isAny = false;
  const fates = answers.map((answer): Fate => {
    if (answer !== undefined && answer.outcome !== 'trouble') {
      isAny = true;
      return answer;
    }
    trouble ??= answer?.trouble ?? otherwise;
    return { outcome: 'again', reason: trouble.message, isThrottled: true };
  });
  if (trouble !== undefined && !isAny) throw trouble;
  return fates;
}
