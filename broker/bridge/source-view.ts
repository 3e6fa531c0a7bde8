// A source whose messages are seen through something else: they come and go as they would, but for what that changes.

import type { Queue } from '../core/queue.ts';
import type { Source, Taken } from './source.ts';

export interface View {
  readonly see: (taken: Taken) => Taken;
  /** Absent: as the source's own. */
  readonly isFedBy?: (queue: Queue) => boolean;
}

export function viewOf(source: Source, { see, isFedBy }: View): Source {
  const view: Source = {
    address: source.address,
    get obstacle() {
      return source.obstacle;
    },
    get isEmpty() {
      return source.isEmpty;
    },
    isFedBy: isFedBy ?? ((queue) => source.isFedBy(queue)),
    start: (deliver, onObstacle) => source.start((taken) => deliver(see(taken)), onObstacle),
    setCredit: (credit) => source.setCredit(credit),
    read: (message, notes) => source.read(message, notes),
    revive: (queue, reason) => source.revive(queue, reason),
    close: () => source.close(),
  };
  if (source.beforeCommit !== undefined) view.beforeCommit = (transaction) => source.beforeCommit?.(transaction);
  if (source.rewind !== undefined) view.rewind = async (to) => source.rewind?.(to);
  return view;
}
