// The file of users: what stands in it, and how a command changes it. In YAML, so that people may write it too; comments are
// kept when a command writes.

import { parseDocument, parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { ScramKeys } from '../core/access.ts';
import { BrokerError } from '../core/errors.ts';
import { parsePasswordHash } from './password-hash.ts';
import type { PasswordHash } from './password-hash.ts';
import { parseScramRecord } from './scram-record.ts';

/** Who gave no name: it is not a user of the file, but rules may name it, and the group of the same name. */
export const anonymous = 'anonymous';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** As it stands in the file: whether it changed. */
  readonly passwordText: string | undefined;
  readonly password: PasswordHash | undefined;
  readonly scram: ScramKeys | undefined;
  /** Subject of the certificate that stands for this user, as RFC 4514 writes it. */
  readonly certificate: string | undefined;
  readonly maxConnections: number | undefined;
}

export const userName = z
  .string()
  .regex(/^[^\p{Cc},:]{1,256}$/u, 'a name has 1 to 256 characters, and no comma or colon')
  .refine((name) => name !== anonymous && name !== '*', 'this name stands for others');

export const groupName = z
  .string()
  .regex(/^[\w.-]{1,80}$/, 'letters, digits, dots, hyphens and underscores, at most 80');

function parsedBy<T>(parse: (text: string) => T) {
  return z.string().transform((text, context) => {
    try {
      return { text, value: parse(text) };
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });
}

const record = z.strictObject({
  password: parsedBy(parsePasswordHash).optional(),
  scram: parsedBy(parseScramRecord).optional(),
  certificate: z.string().min(1).optional(),
  groups: z.array(groupName).default([]),
  maxConnections: z.number().int().positive().optional(),
});

const file = z.strictObject({ users: z.record(userName, record).nullable().default({}) }).nullable();

/** @throws BrokerError `invalid`, saying where; never with what a password's place holds. */
export function parseUsers(text: string): ReadonlyMap<string, User> {
  const parsed = file.safeParse(readYaml(text));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
    throw new BrokerError('invalid', problems.join('; '));
  }
  const users = new Map<string, User>();
  for (const [name, { password, scram, certificate, groups, maxConnections }] of Object.entries(
    parsed.data?.users ?? {},
  )) {
    users.set(name, {
      name,
      groups,
      passwordText: password?.text,
      password: password?.value,
      scram: scram?.value,
      certificate,
      maxConnections,
    });
  }
  return users;
}

export interface UserChange {
  readonly password?: string;
  readonly scram?: string | undefined;
  readonly groups?: readonly string[];
  readonly certificate?: string;
}

/** The file's text with a user changed, or added. What `change` does not name stays. @throws BrokerError `invalid`. */
export function withUser(text: string, name: string, change: UserChange): string {
  const document = parseDocument(text);
  parseUsers(text);
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) document.deleteIn(['users', name, key]);
    else document.setIn(['users', name, key], value);
  }
  return document.toString({ lineWidth: 0 });
}

/** The file's text without a user. @throws BrokerError `invalid`. */
export function withoutUser(text: string, name: string): string {
  const document = parseDocument(text);
  parseUsers(text);
  document.deleteIn(['users', name]);
  return document.toString({ lineWidth: 0 });
}

function readYaml(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new BrokerError('invalid', error instanceof Error ? error.message : String(error), { cause: error });
  }
}
