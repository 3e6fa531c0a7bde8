// Topics: subscriptions with filters, each feeding a queue. Filters are kept in a trie by level; what a topic name
// matches is remembered until the subscriptions change.

import { SparseMap, SparseSet } from '../util/sparse.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';
import type { Publisher } from './subscriber.ts';

export interface Subscription {
  /** Levels separated by dots; `*` is any one level, `>` at the end any further ones, none included. */
  readonly filter: string;
  readonly queue: Queue;
  /** Refuses single messages (no-local, selectors); absent: takes all. `publisher` is who sent it. */
  readonly accepts?: ((message: Message, publisher: Publisher | undefined) => boolean) | undefined;
}

interface Match {
  readonly subscriptions: readonly Subscription[];
  /** The queues of all of them, each once; undefined where some refuse single messages. */
  readonly queues: readonly Queue[] | undefined;
}

interface Node {
  readonly children: SparseMap<string, Node>;
  readonly subscriptions: SparseSet<Subscription>;
}

/** Remembered names; beyond this many the memory starts anew. */
const rememberedNames = 10_000;

export class Topics {
  readonly #root: Node = newNode();
  readonly #matches = new Map<string, Match>();
  #count = 0;

  get subscriptionCount(): number {
    return this.#count;
  }

  subscribe(subscription: Subscription): void {
    let node = this.#root;
    for (const level of subscription.filter.split('.')) {
      let child = node.children.get(level);
      if (child === undefined) node.children.set(level, (child = newNode()));
      node = child;
    }
    if (node.subscriptions.has(subscription)) return;
    node.subscriptions.add(subscription);
    this.#count++;
    this.#matches.clear();
  }

  /** False: there was no such subscription. */
  unsubscribe(subscription: Subscription): boolean {
    const levels = subscription.filter.split('.');
    const removed = remove(this.#root, levels, 0, subscription);
    if (removed) {
      this.#count--;
      this.#matches.clear();
    }
    return removed;
  }

  /** The queues that get a message sent to topic `name`, each once however many of its subscriptions match. */
  route(name: string, message: Message, publisher: Publisher | undefined): readonly Queue[] {
    const { queues, subscriptions } = this.#find(name);
    if (queues !== undefined) return queues;
    const accepting = new Set<Queue>();
    for (const { queue, accepts } of subscriptions) {
      if (accepts === undefined || accepts(message, publisher)) accepting.add(queue);
    }
    return [...accepting];
  }

  match(name: string): readonly Subscription[] {
    return this.#find(name).subscriptions;
  }

  #find(name: string): Match {
    const known = this.#matches.get(name);
    if (known !== undefined) return known;
    const found: Subscription[] = [];
    collect(this.#root, name.split('.'), 0, found);
    const isSelective = found.some(({ accepts }) => accepts !== undefined);
    const queues = isSelective ? undefined : [...new Set(found.map(({ queue }) => queue))];
    const match = { subscriptions: found, queues };
    if (this.#matches.size >= rememberedNames) this.#matches.clear();
    this.#matches.set(name, match);
    return match;
  }
}

/** Whether a topic name is within a filter, by the same rules. */
export function matches(filter: string, name: string): boolean {
  const filterLevels = filter.split('.');
  const levels = name.split('.');
  for (let i = 0; i < filterLevels.length; i++) {
    const level = filterLevels[i];
    if (i === 0 && isReserved(levels) && (level === '*' || level === '>')) return false;
    if (level === '>' && i === filterLevels.length - 1) return true;
    if (i >= levels.length || (level !== '*' && level !== levels[i])) return false;
  }
  return filterLevels.length === levels.length;
}

function newNode(): Node {
  return { children: new SparseMap(), subscriptions: new SparseSet() };
}

function collect(node: Node, levels: readonly string[], depth: number, found: Subscription[]): void {
  const wildcards = depth > 0 || !isReserved(levels);
  // `A.>` takes A as well [MQTT-4.7.1-2].
  const rest = wildcards ? node.children.get('>') : undefined;
  if (rest !== undefined) found.push(...rest.subscriptions);
  const level = levels[depth];
  if (level === undefined) {
    found.push(...node.subscriptions);
    return;
  }
  const exact = node.children.get(level);
  // A level that is itself `>` was taken above, or is a level of a name that happens to be one.
  if (exact !== undefined && level !== '*' && level !== '>') collect(exact, levels, depth + 1, found);
  const any = wildcards ? node.children.get('*') : undefined;
  if (any !== undefined) collect(any, levels, depth + 1, found);
}

/**
 * Topics of the server's own: no filter that begins with a wildcard takes them [MQTT-4.7.2-1]. Advisories neither, unlike
 * in ActiveMQ: who wants to see all messages of applications does not mean them.
 */
function isReserved(levels: readonly string[]): boolean {
  return levels[0]?.startsWith('$') === true || (levels[0] === 'ActiveMQ' && levels[1] === 'Advisory');
}

function remove(node: Node, levels: readonly string[], depth: number, subscription: Subscription): boolean {
  const level = levels[depth];
  if (level === undefined) return node.subscriptions.delete(subscription);
  const child = node.children.get(level);
  if (child === undefined || !remove(child, levels, depth + 1, subscription)) return false;
  if (child.subscriptions.size === 0 && child.children.size === 0) node.children.delete(level);
  return true;
}
