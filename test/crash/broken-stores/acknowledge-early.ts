// Loaded before the engine, puts a store under it that acknowledges before it stores: what the crash test must find.

import { replaceStore } from './replace-store.ts';

replaceStore(new URL('early-store.ts', import.meta.url));
