// The sending end of any protocol: each connection keeps its window of messages under way while it is told to send.

import { now } from '../measure/clock.ts';
import type { Load, Order, Progress } from './orders.ts';

export interface SendingConnection {
  /** Puts further messages on the wire. Those that the peer has no credit for it may hold back for itself. */
  send(count: number): void;
}

export class Sender implements Load {
  readonly #window: number;
  readonly #connections: SendingConnection[] = [];
  #sending = false;
  #underWay = 0;
  #count = 0;
  #at = 0;
  #settled: (() => void) | undefined;

  constructor(window: number) {
    this.#window = window;
  }

  add(connection: SendingConnection): void {
    this.#connections.push(connection);
  }

  acknowledged(connection: SendingConnection, count: number): void {
    this.#count += count;
    if (this.#sending) {
      connection.send(count);
      return;
    }
    this.#underWay -= count;
    if (this.#underWay > 0) return;
    this.#at = now();
    this.#settled?.();
  }

  async obey(order: Order): Promise<Progress> {
    if (order.do !== 'send') throw new Error(`a sender cannot ${order.do}`);
    this.#sending = true;
    for (const connection of this.#connections) {
      this.#underWay += this.#window;
      connection.send(this.#window);
    }
    await new Promise((resolve) => setTimeout(resolve, order.ms));
    this.#sending = false;
    await new Promise<void>((resolve) => (this.#settled = resolve));
    return { count: this.#count, at: this.#at };
  }
}
