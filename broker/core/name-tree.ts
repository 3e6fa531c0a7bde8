// Names by their levels, asked by filter: the reverse of core's Topics, which holds filters and is asked by name. In the
// engine's form of both.

interface Node<T> {
  readonly children: Map<string, Node<T>>;
  /** The whole name, where one ends here. */
  name: string | undefined;
  value: T | undefined;
}

export class NameTree<T> {
  readonly #root: Node<T> = newNode();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(name: string): T | undefined {
    let node: Node<T> | undefined = this.#root;
    for (const level of name.split('.')) {
      node = node.children.get(level);
      if (node === undefined) return undefined;
    }
    return node.value;
  }

  set(name: string, value: T): void {
    let node = this.#root;
    for (const level of name.split('.')) {
      let child = node.children.get(level);
      if (child === undefined) node.children.set(level, (child = newNode()));
      node = child;
    }
    if (node.name === undefined) this.#size++;
    node.name = name;
    node.value = value;
  }

  delete(name: string): void {
    if (this.#remove(this.#root, name.split('.'), 0)) this.#size--;
  }

  /** Every name that the filter matches. */
  *matching(filter: string): IterableIterator<readonly [name: string, value: T]> {
    yield* this.#collect(this.#root, filter.split('.'), 0);
  }

  *#collect(node: Node<T>, levels: readonly string[], depth: number): IterableIterator<readonly [string, T]> {
    const level = levels[depth];
    if (level === '>' && depth === levels.length - 1) {
      yield* this.#all(node, depth);
      return;
    }
    if (level === undefined) {
      if (node.name !== undefined && node.value !== undefined) yield [node.name, node.value];
      return;
    }
    if (level === '*') {
      for (const [name, child] of node.children) {
        if (!isReserved(name, depth)) yield* this.#collect(child, levels, depth + 1);
      }
      return;
    }
    const child = node.children.get(level);
    if (child !== undefined) yield* this.#collect(child, levels, depth + 1);
  }

  /** The node itself and everything below: `A.>` takes A as well [MQTT-4.7.1-2]. */
  *#all(node: Node<T>, depth: number): IterableIterator<readonly [string, T]> {
    if (node.name !== undefined && node.value !== undefined) yield [node.name, node.value];
    for (const [level, child] of node.children) if (!isReserved(level, depth)) yield* this.#all(child, depth + 1);
  }

  #remove(node: Node<T>, levels: readonly string[], depth: number): boolean {
    const level = levels[depth];
    if (level === undefined) {
      const held = node.name !== undefined;
      node.name = undefined;
      node.value = undefined;
      return held;
    }
    const child = node.children.get(level);
    if (child === undefined || !this.#remove(child, levels, depth + 1)) return false;
    if (child.name === undefined && child.children.size === 0) node.children.delete(level);
    return true;
  }
}

/** No filter that begins with a wildcard takes a name that begins with `$` [MQTT-4.7.2-1]. */
function isReserved(level: string, depth: number): boolean {
  return depth === 0 && level.startsWith('$');
}

function newNode<T>(): Node<T> {
  return { children: new Map(), name: undefined, value: undefined };
}
