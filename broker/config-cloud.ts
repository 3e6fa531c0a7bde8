// The part of the configuration that says who may call the cloud endpoint: access keys, whose they are, and what they may do.

import { z } from 'zod';
import { root, user } from './cloud/auth/caller.ts';
import { readIdentityPolicy } from './cloud/auth/policy.ts';
import type { AccessKey } from './cloud/auth/signatures.ts';

const policy = z.unknown().transform((document, context) => {
  try {
    return readIdentityPolicy(document);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

const credential = z
  .strictObject({
    accessKeyId: z.string().regex(/^\w{1,128}$/, 'letters, digits and underscores'),
    secretAccessKey: z.string().min(1),
    /** Temporary credentials: what requests have to bring along. */
    sessionToken: z.string().min(1).optional(),
    account: z.string().regex(/^\d{12}$/, 'an AWS account is 12 digits, in quotes'),
    /** Undefined: the root of the account, which may do everything there. */
    user: z
      .string()
      .regex(/^[\w+=,.@-]{1,64}$/, 'letters, digits, and any of + = , . @ _ -')
      .optional(),
    /** Policy documents of the user; none allow nothing. */
    policies: z.array(policy).default([]),
  })
  .refine(({ user: name, policies }) => name !== undefined || policies.length === 0, {
    path: ['policies'],
    error: 'needs user: the root of an account may do everything',
  })
  .transform(({ accessKeyId, secretAccessKey, sessionToken, account, user: name, policies }): AccessKey => {
    const caller = name === undefined ? root(account) : user(account, name, policies);
    return { accessKeyId, secretAccessKey, sessionToken, caller };
  });

/** None: signatures are not verified. */
export const credentials = z
  .array(credential)
  .refine((keys) => new Set(keys.map(({ accessKeyId }) => accessKeyId)).size === keys.length, {
    error: 'two of them have the same accessKeyId',
  })
  .default([]);
