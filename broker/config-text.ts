// Text in the configuration that has a form of its own, or is checked by who reads it.

import { z } from 'zod';

export const awsAccount = z.string().regex(/^\d{12}$/, 'an AWS account is 12 digits, in quotes');
export const awsRegion = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected an AWS region such as us-east-1');

/** Text that `check` takes without an error. Without that, nothing is checked that reads it again. */
export function checked(check: (text: string) => unknown) {
  return z.string().superRefine((value, context) => {
    try {
      check(value);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      context.addIssue({ code: 'custom', message, continue: false });
    }
  });
}
