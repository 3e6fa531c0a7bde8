// Whether what a target throws is about the message, or about the moment.

import { BrokerError } from '../core/errors.ts';

/** Trouble that passes: the message is not to blame. */
const passing: ReadonlySet<string> = new Set(['limit', 'store-full', 'store-failed', 'fenced', 'closed']);

/** Why the message is refused for good. @throws the error: it is not the message's fault, or a bug. */
export function refusalIn(error: unknown): string {
  if (!(error instanceof BrokerError) || passing.has(error.code)) throw error;
  return error.message;
}

/** Undefined: it went well. @throws as `refusalIn`. */
export async function refusalOf(preparation: Promise<void>): Promise<string | undefined> {
  try {
    await preparation;
  } catch (error) {
    return refusalIn(error);
  }
  return undefined;
}
