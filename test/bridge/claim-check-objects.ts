// An object store in memory, for routes: what it holds can be looked at, and it can be made to fail.

import type { ObjectStore } from '../../broker/bridge/claim-check.ts';
import { RemoteTrouble } from '../../broker/bridge/remote.ts';

export interface MemoryObjects extends ObjectStore {
  /** By bucket and key. */
  readonly held: Map<string, Buffer>;
  /** What was done, in order. */
  readonly calls: string[];
  /** Says so to all that ask. */
  trouble: string | undefined;
}

export function memoryObjects(): MemoryObjects {
  const held = new Map<string, Buffer>();
  const calls: string[] = [];
  const objects: MemoryObjects = {
    held,
    calls,
    trouble: undefined,
    put: async (bucket, key, body) => {
      look(`put ${bucket}`);
      held.set(`${bucket}/${key}`, Buffer.from(body));
    },
    get: async (bucket, key, mostBytes) => {
      look(`get ${bucket}`);
      const body = held.get(`${bucket}/${key}`);
      return body !== undefined && body.length > mostBytes ? `it has ${body.length} bytes` : body;
    },
    delete: async (bucket, key) => {
      look(`delete ${bucket}`);
      held.delete(`${bucket}/${key}`);
    },
  };
  function look(call: string): void {
    calls.push(call);
    if (objects.trouble !== undefined) throw new RemoteTrouble('away', objects.trouble);
  }
  return objects;
}
