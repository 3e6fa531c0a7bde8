// Loaded before the engine, puts a store under it that settles in a transaction of its own, after the one that writes:
// what a route reads may be written, and then read again. The crash test must find it.

import { replaceStore } from './replace-store.ts';

replaceStore(new URL('late-settling-store.ts', import.meta.url));
