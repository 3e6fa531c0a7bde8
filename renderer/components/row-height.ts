// The height of a grid's rows in pixels, as the style sheet has it: `--row-height`, which depends on how one points
// and on the size of type.

import { useSyncExternalStore } from 'react';

const coarse = matchMedia('(pointer: coarse)');

export function useRowHeight(): number {
  return useSyncExternalStore(subscribe, measure);
}

function measure(): number {
  const root = getComputedStyle(document.documentElement);
  return Number.parseFloat(root.getPropertyValue('--row-height')) * Number.parseFloat(root.fontSize);
}

function subscribe(listener: () => void): () => void {
  coarse.addEventListener('change', listener);
  return () => coarse.removeEventListener('change', listener);
}
