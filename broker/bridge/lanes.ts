// What waits to be sent: in the order in which it came, of each lane one message at a time, and what is sent once more before
// what came later.

export interface Laned {
  /** Undefined: it has none, and waits for nobody. */
  readonly lane: string | undefined;
  readonly bytes: number;
}

interface Place<T> {
  readonly item: T;
  /** By when it came. */
  readonly order: number;
}

export class Lanes<T extends Laned> {
  /** May be sent now: first what was sent before, then the rest. */
  #again: Place<T>[] = [];
  #ready: Place<T>[] = [];
  /** Where #ready begins. */
  #head = 0;
  /** Behind the one that is ready or under way, by lane. */
  readonly #behind = new Map<string, Place<T>[]>();
  /** Under way. */
  readonly #orders = new Map<T, number>();
  #readyBytes = 0;
  #added = 0;

  get readyCount(): number {
    return this.#again.length + this.#ready.length - this.#head;
  }

  get readyBytes(): number {
    return this.#readyBytes;
  }

  add(item: T): void {
    const place = { item, order: this.#added++ };
    const { lane } = item;
    const behind = lane === undefined ? undefined : this.#behind.get(lane);
    if (behind !== undefined) behind.push(place);
    else {
      if (lane !== undefined) this.#behind.set(lane, []);
      this.#push(place);
    }
  }

  /** Takes what is ready: so many, and so many bytes, but at least one. */
  take(most: { readonly messages: number; readonly bytes: number }): T[] {
    const taken: T[] = [];
    let bytes = 0;
    while (taken.length < most.messages) {
      const place = this.#again[0] ?? this.#ready[this.#head];
      if (place === undefined || (taken.length > 0 && bytes + place.item.bytes > most.bytes)) break;
      if (this.#again.length > 0) this.#again.shift();
      else this.#head++;
      bytes += place.item.bytes;
      taken.push(place.item);
      this.#orders.set(place.item, place.order);
    }
    this.#readyBytes -= bytes;
    // Not for each: what is behind the head is moved.
    if (this.#head > 1000 || this.#head === this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  /** What was taken is there, or nowhere: the next of its lane may go. */
  end(item: T): void {
    this.#orders.delete(item);
    if (item.lane === undefined) return;
    const next = this.#behind.get(item.lane)?.shift();
    if (next === undefined) this.#behind.delete(item.lane);
    else this.#push(next);
  }

  /** What was taken is to be taken again, before what came later. */
  again(item: T): void {
    const order = this.#orders.get(item) ?? 0;
    this.#orders.delete(item);
    const at = this.#again.findIndex((other) => other.order > order);
    this.#again.splice(at < 0 ? this.#again.length : at, 0, { item, order });
    this.#readyBytes += item.bytes;
  }

  /** Takes all that is not under way, in the order in which it came. */
  clear(): T[] {
    const ready = [...this.#again, ...this.#ready.slice(this.#head)];
    const all = [...ready, ...[...this.#behind.values()].flat()].sort((a, b) => a.order - b.order);
    this.#again = [];
    this.#ready = [];
    this.#head = 0;
    this.#readyBytes = 0;
    this.#behind.clear();
    // Whoever comes next waits for these.
    for (const { lane } of this.#orders.keys()) if (lane !== undefined) this.#behind.set(lane, []);
    return all.map(({ item }) => item);
  }

  #push(place: Place<T>): void {
    this.#ready.push(place);
    this.#readyBytes += place.item.bytes;
  }
}
