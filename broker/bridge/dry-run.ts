// A route that only tells what it would do: its messages are mapped and checked as they would be, and then let go. Nothing is
// sent, and nothing is buried; the ledger has what would have crossed, and what would have been refused.

import type { Target } from './target.ts';
import type { RemoteTarget } from './remote.ts';
import { didNotCross, noteHeaders } from './mapping.ts';
import type { Source } from './source.ts';
import { viewOf } from './source-view.ts';

/** A target that is not there refuses, so that what else is wrong is not found out only once it is. */
export function dryTarget(target: Target | RemoteTarget): Target {
  const { address, isKeyed, keepsOriginal } = target;
  return {
    address,
    isKeyed,
    keepsOriginal,
    obstacle: () => undefined,
    map: (message, crossing, notes) => {
      const obstacle = 'send' in target ? undefined : target.obstacle();
      if (typeof obstacle !== 'string') return target.map(message, crossing, notes);
      notes.note('body', 'refused', obstacle);
      noteHeaders(message, 'refused', didNotCross, notes);
      return undefined;
    },
    put: () => undefined,
  };
}

/** Its dead letters end like all others. */
export function drySource(source: Source): Source {
  return viewOf(source, {
    isFedBy: () => false,
    see: (taken) => ({
      message: taken.message,
      death: taken.death,
      refusal: taken.refusal,
      get isHeld() {
        return taken.isHeld;
      },
      identity: () => taken.identity(),
      settle: (transaction) => taken.settle(transaction),
      bury: (transaction) => taken.settle(transaction),
      release: () => taken.release(),
    }),
  });
}
