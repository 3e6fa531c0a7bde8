// The part of the configuration that says who may do what, and what is written down of it.

import { z } from 'zod';
import type { Rule } from './access/rules.ts';
import { bytes } from './config-sizes.ts';

const pattern = z
  .string()
  .regex(
    /^(?:>|(?:\*|[^.*>]+)(?:\.(?:\*|[^.*>]+))*(?:\.>)?)$/,
    'expected a name, in which a level may be *, and the last >',
  );

const grantee = z
  .string()
  .regex(/^(\*|user:[^,]+|[\w.-]{1,80})$/, 'expected the name of a group, user:NAME, or * for everyone');

/** A list, or ActiveMQ's form: names with commas between them. */
const grantees = z
  .union([
    z.array(grantee),
    z
      .string()
      .transform((text) => text.split(',').map((name) => name.trim()))
      .pipe(z.array(grantee)),
  ])
  .default([]);

const rule = z
  .strictObject({
    /** One of these three: what it is about. */
    queue: pattern.optional(),
    topic: pattern.optional(),
    temp: pattern.optional(),
    read: grantees,
    write: grantees,
    create: grantees,
    admin: grantees,
    /** Later rules say nothing about these destinations. */
    final: z.boolean().default(false),
  })
  .transform(({ queue, topic, temp, ...rights }, context): Rule => {
    const about = Object.entries({ queue, topic, temp }).flatMap(([kind, value]) =>
      value === undefined ? [] : [{ kind, pattern: value }],
    );
    const [only, second] = about;
    if (only === undefined || second !== undefined) {
      context.addIssue({ code: 'custom', message: 'a rule is about one of queue, topic and temp' });
      return z.NEVER;
    }
    return { ...rights, kind: kinds[only.kind] ?? 'queue', pattern: only.pattern };
  });

const kinds: Readonly<Record<string, Rule['kind']>> = { queue: 'queue', topic: 'topic', temp: 'temp' };

export const access = z
  .strictObject({
    /** The file of users; see `causeway user`. Undefined: nobody is asked who they are. */
    users: z.string().min(1).optional(),
    /** Undefined: users may do everything. */
    rules: z.array(rule).optional(),
    /** Messages carry the name of the user who sent them (ActiveMQ's populateJMSXUserID). */
    populateUserId: z.boolean().default(false),
    /** Connections of one user at the same time, unless the file says another number. */
    maxConnectionsPerUser: z.number().int().positive().default(20_000),
  })
  .refine(({ users, rules }) => rules === undefined || users !== undefined, {
    path: ['rules'],
    error: 'needs access.users: rules are about users',
  })
  .prefault({});

export const audit = z
  .strictObject({
    /** Who connected, was refused, was denied something, and left: a line of JSON each. Undefined: not written. */
    file: z.string().min(1).optional(),
    /** Of one file. */
    maxSize: bytes.default(10 * 1024 ** 2),
    /** Files beside the one that is written. */
    keep: z.number().int().min(1).max(1000).default(5),
  })
  .prefault({});
