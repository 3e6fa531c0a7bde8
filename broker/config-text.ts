// Text in the configuration that is checked by who reads it.

import { z } from 'zod';

/** Text that `check` takes without an error. */
export function checked(check: (text: string) => unknown) {
  return z.string().superRefine((value, context) => {
    try {
      check(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });
}
