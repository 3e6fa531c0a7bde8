// How much the store may hold, by the configuration and the disk that it is on.

import { statfsSync } from 'node:fs';
import type { Config } from './config.ts';
import { bytesOf } from './config-sizes.ts';
import type { FlowLimits } from './core/flow.ts';

/** Of the store's limit. */
const holdBackAt = 0.9;

/** Bytes at which the store refuses what is sent; undefined: those of the disk. */
export function storeLimit({ store, dataDirectory }: Config): number | undefined {
  return store.limit && bytesOf(store.limit, () => diskBytes(dataDirectory));
}

/** Senders are held back before the store has to refuse. */
export function flowLimits(config: Config): FlowLimits {
  const { spillLimit } = config.store;
  const limit = storeLimit(config);
  return {
    storeBytes: limit && limit * holdBackAt,
    spilledBytes: spillLimit && bytesOf(spillLimit, () => diskBytes(config.dataDirectory)),
  };
}

function diskBytes(directory: string): number {
  const { blocks, bsize } = statfsSync(directory);
  return blocks * bsize;
}
