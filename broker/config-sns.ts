// The part of the configuration that says by which SMTP relay SNS sends mail.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { SmtpSettings } from './cloud/sns/model/smtp-sender.ts';

/** Submission [RFC 6409], and with TLS from the start [RFC 8314]. */
const ports = { 'smtp:': 587, 'smtps:': 465 } as const;

const loopback = /^(localhost|::1|127\.\d+\.\d+\.\d+)$/;

const smtp = z
  .strictObject({
    url: z.string(),
    /** What mails come from. */
    from: z.string().regex(/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/, 'expected an address such as no-reply@example.org'),
    username: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    /** The variable of the environment that has the password. */
    passwordEnv: z.string().min(1).optional(),
    /** Authorities that are trusted beside no others, a file in PEM; undefined: the usual ones. */
    ca: z.string().min(1).optional(),
  })
  .transform((given, context): SmtpSettings => {
    const refuse = (key: keyof typeof given, message: string): never => {
      context.addIssue({ code: 'custom', path: [key], message });
      return z.NEVER;
    };
    const url = URL.canParse(given.url) ? new URL(given.url) : undefined;
    const scheme = url?.protocol;
    if (url === undefined || (scheme !== 'smtp:' && scheme !== 'smtps:') || !isBare(url)) {
      return refuse('url', 'expected smtp://HOST:PORT or smtps://HOST:PORT');
    }
    const { username: user, passwordEnv } = given;
    if (given.password !== undefined && passwordEnv !== undefined) {
      return refuse('passwordEnv', 'either a password or where it is, not both');
    }
    const password = given.password ?? (passwordEnv && process.env[passwordEnv]);
    if (passwordEnv !== undefined && password === undefined) {
      return refuse('passwordEnv', `the environment has no variable ${passwordEnv}`);
    }
    if (user === undefined && password !== undefined) return refuse('username', 'a password needs a username');
    if (user !== undefined && password === undefined) return refuse('password', 'a username needs a password');
    let ca: string | undefined;
    try {
      if (given.ca !== undefined) ca = readFileSync(given.ca, 'utf8');
    } catch (error) {
      return refuse('ca', `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    // An IPv6 address is in brackets in a URL only.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const credentials = user === undefined || password === undefined ? undefined : { user, password };
    const isLocal = loopback.test(host) && ca === undefined;
    return {
      host,
      port: url.port === '' ? ports[scheme] : Number(url.port),
      secure: scheme === 'smtps:',
      // Passwords leave the machine encrypted, or not at all.
      startTls: isLocal ? 'never' : credentials !== undefined || ca !== undefined ? 'required' : 'offered',
      ca,
      credentials,
      from: given.from,
    };
  });

/** A host, and maybe a port. */
function isBare({ hostname, username, password, pathname, search, hash }: URL): boolean {
  return hostname !== '' && username + password + pathname.replace(/^\/$/, '') + search + hash === '';
}

export const sns = z.strictObject({ smtp: smtp.optional() }).prefault({});
