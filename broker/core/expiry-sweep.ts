// Expired messages in queues that no consumer looks at: all queues are swept from time to time. Where nothing has expired, that
// is one look at an index.

import type { Timer } from '../util/clock.ts';
import type { Broker } from './broker.ts';
import type { Queue } from './queue.ts';
import type { Expired } from './store.ts';

const everyMs = 30_000;
const batch = 1000;

export class ExpirySweep {
  readonly #broker: Broker;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  start(): void {
    if (this.#stopped) return;
    this.#timer = this.#broker.clock.after(everyMs, () => {
      const swept = this.#sweep().finally(() => this.start());
      this.#broker.background(swept, 'sweep expired messages');
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #sweep(): Promise<void> {
    const { clock, store } = this.#broker;
    const byId = new Map<number, Queue>();
    for (const queue of this.#broker.queues()) {
      queue.sweepRetention();
      for (const id of queue.bands.ids) byId.set(id, queue);
    }
    let after: Expired | undefined;
    while (!this.#stopped) {
      const expired = await store.readExpired(clock.now(), batch, after);
      for (const { queueId, seq } of expired) await byId.get(queueId)?.sweepExpired(seq);
      after = expired.at(-1);
      if (expired.length < batch) return;
      // No more of it is under way than one batch.
      await store.write([]);
    }
  }
}
