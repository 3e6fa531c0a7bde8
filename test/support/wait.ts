// vitest's waits for a condition, with the patience of this project's polls: its own is a second, which a busy machine takes.

import { vi } from 'vitest';

const patienceMs = 20_000;
const interval = 20;

/** Resolves with what `attempt` returns once it does not throw; rejects with its last error. */
export function waitFor<T>(attempt: () => T | Promise<T>, timeout = patienceMs): Promise<T> {
  return vi.waitFor(attempt, { timeout, interval });
}

/** Resolves with what `condition` returns once that is truthy. */
export function waitUntil<T>(
  condition: () => T | Promise<T>,
  timeout = patienceMs,
): ReturnType<typeof vi.waitUntil<T>> {
  return vi.waitUntil(condition, { timeout, interval });
}
