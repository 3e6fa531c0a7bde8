// Packets sent with an identifier and not yet acknowledged, and which identifiers are free. The entry of each bears its
// identifier and phase as a token.

import type { Entry } from '../../core/entry.ts';
import type { Queue } from '../../core/queue.ts';
import { SparseMap } from '../../util/sparse.ts';
import { protocolError } from './codec/reason.ts';
import { idOf, phaseOf, tokenOf } from './packet-token.ts';
import type { Phase } from './packet-token.ts';
import type { Session } from './session.ts';

const lastPacketId = 65_535;

export class InFlight {
  readonly #session: Session;
  readonly #entries = new SparseMap<number, Entry>();

  constructor(session: Session) {
    this.#session = session;
  }

  get size(): number {
    return this.#entries.size;
  }

  [Symbol.iterator](): IterableIterator<Entry> {
    return this.#entries.values();
  }

  /** Gives the entry an identifier that no other packet has [MQTT-2.3.1-2], [MQTT-2.3.1-4]. */
  add(entry: Entry, awaited: Phase): number {
    const session = this.#session;
    // In turn, so that each rests for as long as possible.
    let id = session.lastPacketId;
    do id = id === lastPacketId ? 1 : id + 1;
    while (this.#entries.has(id) || session.reserved.has(id));
    session.lastPacketId = id;
    entry.token = tokenOf(id, awaited);
    this.#entries.set(id, entry);
    return id;
  }

  /** Takes up a packet of an earlier connection; false: its identifier is another's by now. */
  addAgain(entry: Entry, token: number): boolean {
    const id = idOf(token);
    if (this.#entries.has(id)) return false;
    this.#session.reserved.delete(id);
    this.#entries.set(id, entry);
    return true;
  }

  /**
   * The entry that `id` was sent with; undefined when there is none, as it may have been sent on an earlier connection.
   * @throws WireError when it is not of `awaited`.
   */
  find(id: number, awaited: readonly Phase[]): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || awaited.some((phase) => isAwaiting(entry, phase))) return entry;
    throw protocolError(`packet identifier ${id} was answered out of turn`);
  }

  /** The connection is over: keeps the identifiers of what will be sent again, which is what is in the session's queue. */
  reserve(): void {
    for (const [id, { state, queue }] of this.#entries) {
      if (state !== 'gone' && queue === this.#session.queue) this.#session.reserved.add(id);
    }
  }

  /** What was sent of another queue than the session's is not sent again as the same packet. */
  forgetOf(queue: Queue): void {
    for (const entry of Array.from(this.#entries.values())) if (entry.queue === queue) this.remove(entry);
  }

  /** The packet is over, or was never sent. */
  remove(entry: Entry): void {
    const { token } = entry;
    if (token === undefined) return;
    if (this.#entries.get(idOf(token)) === entry) this.#entries.delete(idOf(token));
    entry.token = undefined;
  }
}

export function isAwaiting(entry: Entry, awaited: Phase): boolean {
  return entry.token !== undefined && phaseOf(entry.token) === awaited;
}
