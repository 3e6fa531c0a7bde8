import { expect, it } from 'vitest';
import { sharedToken } from '../../broker/control/shared-token.ts';
import { MemoryStore } from '../../broker/store/memory-store.ts';

it('is the first one that an engine of the pair wrote', async () => {
  const store = new MemoryStore();
  expect(await sharedToken(store, 'token-of-the-first')).toBe('token-of-the-first');
  expect(await sharedToken(store, 'token-of-the-second')).toBe('token-of-the-first');
});
