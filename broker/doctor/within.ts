// A wait that ends.

import type { Clock } from '../util/clock.ts';

/** Rejects with `late()` if `promise` takes longer. */
export async function within<T>(clock: Clock, ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = clock.after(ms, () => reject(late()));
  try {
    return await Promise.race([promise, over]);
  } finally {
    timer.cancel();
  }
}
