// Gives the engine another store than its own, without a place in the engine to do so.

import { registerHooks } from 'node:module';

const engine = new URL('../../../broker/engine.ts', import.meta.url).href;

/** `module` exports what broker/store/sqlite-store.ts does. */
export function replaceStore(module: URL): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === './store/sqlite-store.ts' && context.parentURL === engine
        ? { url: module.href, format: 'module-typescript', shortCircuit: true }
        : next(specifier, context),
  });
}
