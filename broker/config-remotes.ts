// The part of the configuration that names what is not of this engine: AWS itself, or what speaks like it, and brokers. Routes
// have ends there by that name (`sqs://orders@production`).

import { z } from 'zod';
import { awsAccount, awsRegion } from './config-text.ts';
import { nearest } from './util/nearest.ts';

const aws = z
  .strictObject({
    type: z.literal('aws'),
    /** Undefined: that of the profile or the environment; with an endpoint, us-east-1. */
    region: awsRegion.optional(),
    /** Undefined: AWS's own, by the region. */
    endpoint: z.url({ protocol: /^https?$/, error: 'expected http://HOST:PORT or https://HOST' }).optional(),
    /** Of the files that AWS's command line has. */
    profile: z.string().min(1).optional(),
    /** Undefined: what the profile, or the environment, leads to. */
    credentials: z
      .strictObject({
        accessKeyId: z.string().min(1),
        secretAccessKey: z.string().min(1),
        sessionToken: z.string().min(1).optional(),
      })
      .optional(),
    /** Whose queues and topics; undefined: those of the credentials' own. */
    account: awsAccount.optional(),
  })
  .refine(({ profile, credentials }) => profile === undefined || credentials === undefined, {
    path: ['credentials'],
    error: 'either a profile or credentials, not both',
  });

const file = z.string().min(1);

/** Files in PEM. */
const tls = z
  .strictObject({
    /** Authorities that are trusted; undefined: those that Node trusts. */
    ca: file.optional(),
    /** What the engine says who it is with. */
    certificate: file.optional(),
    key: file.optional(),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    error: 'a certificate and its key go together',
  });

const common = {
  url: z.string(),
  username: z.string().min(1).optional(),
  password: z.string().min(1).optional(),
  /** The variable of the environment that has the password. */
  passwordEnv: z.string().min(1).optional(),
  tls: tls.optional(),
};
/** Where one server has several; undefined: the URL's host. */
const virtualHost = z.string().min(1).optional();

interface GivenBroker {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly passwordEnv?: string | undefined;
  readonly tls?: z.output<typeof tls> | undefined;
  readonly virtualHost?: string | undefined;
}

/** A broker elsewhere, as it is reached. */
export interface RemoteBroker {
  readonly type: keyof typeof ports;
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Undefined: in clear text. */
  readonly tls: z.output<typeof tls> | undefined;
  /** The URL's host, if the configuration says nothing; MQTT has none. */
  readonly virtualHost: string;
}

/** By the schemes of URLs. */
const ports = {
  amqp: { amqp: 5672, amqps: 5671 },
  mqtt: { mqtt: 1883, mqtts: 8883 },
  stomp: { stomp: 61_613, 'stomp+ssl': 61_614 },
} as const;

function brokerOf(type: RemoteBroker['type']) {
  const [plain, secure] = Object.entries(ports[type]);
  return (given: GivenBroker, context: z.core.$RefinementCtx): RemoteBroker => {
    const refuse = (key: keyof GivenBroker, message: string): never => {
      context.addIssue({ code: 'custom', path: [key], message });
      return z.NEVER;
    };
    const url = URL.canParse(given.url) ? new URL(given.url) : undefined;
    const kind = [plain, secure].find((candidate) => url?.protocol === `${candidate?.[0]}:`);
    if (url === undefined || kind === undefined || !isBare(url)) {
      return refuse('url', `expected ${plain?.[0]}://HOST:PORT or ${secure?.[0]}://HOST:PORT`);
    }
    const isSecure = kind === secure;
    if (given.tls !== undefined && !isSecure) return refuse('tls', `only ${secure?.[0]}:// is encrypted`);
    if (given.password !== undefined && given.passwordEnv !== undefined) {
      return refuse('passwordEnv', 'either a password or where it is, not both');
    }
    const password = given.password ?? (given.passwordEnv && process.env[given.passwordEnv]);
    if (given.passwordEnv !== undefined && password === undefined) {
      return refuse('passwordEnv', `the environment has no variable ${given.passwordEnv}`);
    }
    if (password !== undefined && given.username === undefined) {
      return refuse('username', 'a password needs a username');
    }
    // An IPv6 address is in brackets in a URL only.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    return {
      type,
      host,
      port: url.port === '' ? kind[1] : Number(url.port),
      username: given.username,
      password,
      tls: isSecure ? (given.tls ?? {}) : undefined,
      virtualHost: given.virtualHost ?? host,
    };
  };
}

/** A host, and maybe a port. */
function isBare({ hostname, username, password, pathname, search, hash }: URL): boolean {
  return hostname !== '' && username + password + pathname.replace(/^\/$/, '') + search + hash === '';
}

const types = ['aws', 'amqp', 'mqtt', 'stomp'] as const;

const remote = z.discriminatedUnion(
  'type',
  [
    aws,
    z.strictObject({ type: z.literal('amqp'), ...common, virtualHost }).transform(brokerOf('amqp')),
    z.strictObject({ type: z.literal('mqtt'), ...common }).transform(brokerOf('mqtt')),
    z.strictObject({ type: z.literal('stomp'), ...common, virtualHost }).transform(brokerOf('stomp')),
  ],
  {
    error: ({ code, input }) => {
      if (code !== 'invalid_union') return undefined;
      const given = typeof input === 'object' && input !== null && 'type' in input ? String(input.type) : '';
      const likely = nearest(given, types);
      return `expected ${types.join(', ')}${likely === undefined ? '' : `; did you mean ${likely}?`}`;
    },
  },
);

export const remotes = z
  .record(z.string().regex(/^[\w.-]{1,80}$/, 'letters, digits, dots, hyphens and underscores, at most 80'), remote)
  .default({});

export type Remotes = z.output<typeof remotes>;

/** Which ends each type has. */
export const schemesOf = {
  aws: ['sqs', 'sns', 'kinesis'],
  amqp: ['queue', 'topic'],
  mqtt: ['topic'],
  stomp: ['queue', 'topic'],
} as const satisfies Record<Remotes[string]['type'], readonly string[]>;
