// A map and a set that hold no table before something is put into them: for those of a session or a queue that are nearly
// always empty, where there are ten thousand of each.

export class SparseMap<Key, Value> implements Iterable<readonly [Key, Value]> {
  #map: Map<Key, Value> | undefined;

  get size(): number {
    return this.#map === undefined ? 0 : this.#map.size;
  }

  has(key: Key): boolean {
    return this.#map?.has(key) === true;
  }

  get(key: Key): Value | undefined {
    return this.#map?.get(key);
  }

  set(key: Key, value: Value): void {
    this.#map ??= new Map();
    this.#map.set(key, value);
  }

  delete(key: Key): boolean {
    return this.#map?.delete(key) === true;
  }

  clear(): void {
    this.#map?.clear();
  }

  keys(): IterableIterator<Key> {
    return this.#map?.keys() ?? nothing.values();
  }

  values(): IterableIterator<Value> {
    return this.#map?.values() ?? nothing.values();
  }

  [Symbol.iterator](): Iterator<readonly [Key, Value]> {
    return (this.#map ?? nothing)[Symbol.iterator]();
  }
}

export class SparseSet<Value> implements Iterable<Value> {
  #set: Set<Value> | undefined;

  get size(): number {
    return this.#set === undefined ? 0 : this.#set.size;
  }

  has(value: Value): boolean {
    return this.#set?.has(value) === true;
  }

  add(value: Value): void {
    this.#set ??= new Set();
    this.#set.add(value);
  }

  delete(value: Value): boolean {
    return this.#set?.delete(value) === true;
  }

  clear(): void {
    this.#set?.clear();
  }

  [Symbol.iterator](): Iterator<Value> {
    return (this.#set ?? nothing)[Symbol.iterator]();
  }
}

const nothing: readonly never[] = [];
