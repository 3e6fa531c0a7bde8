// The configuration: its schema, its defaults, and errors that say where and what. A file in YAML, then `--data` and
// `--set` on top. What is not in the schema is refused.

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { access, audit } from './config-access.ts';
import { isBucketName } from './cloud/s3/model/buckets.ts';
import { credentials } from './config-cloud.ts';
import { destinations } from './config-destinations.ts';
import { listeners, settleListeners } from './config-listeners.ts';
import type { ListenerConfig, Listeners } from './config-listeners.ts';
import { remotes } from './config-remotes.ts';
import { checkRemoteEnds, routes } from './config-routes.ts';
import { bytes, capacity } from './config-sizes.ts';
import { cloudTls, settleTls, tls } from './config-tls.ts';
import type { TlsConfig } from './config-tls.ts';
import { sns } from './config-sns.ts';
import { awsAccount, awsRegion } from './config-text.ts';
import { BrokerError } from './core/errors.ts';
import { nearest } from './util/nearest.ts';

const settings = z.strictObject({
  dataDirectory: z.string().min(1).optional(),
  listeners,
  tls,
  access,
  audit,
  console: z
    .strictObject({
      /** Undefined: one that is made at the first start, and kept in the data directory. */
      token: z
        .string()
        // What a WebSocket's subprotocol can carry.
        .regex(/^[\w.~-]{16,}$/, 'a token is at least 16 letters, digits, or any of . _ ~ -')
        .optional(),
    })
    .prefault({}),
  store: z
    .strictObject({
      /** `auto`: WAL on local file systems, the rollback journal on network ones. */
      journal: z.enum(['auto', 'wal', 'rollback']).default('auto'),
      /** Size of the database at which senders are refused, a percentage is of the disk; undefined: the disk's. */
      limit: capacity.optional(),
      /** What may overflow from memory, and need not survive, before its senders are held back. */
      spillLimit: capacity.optional(),
    })
    .prefault({}),
  memory: z
    .strictObject({
      /** Messages that all queues together hold in memory, beside what is on disk; a percentage is of the machine's. */
      messages: capacity.default({ bytes: 128 * 1024 ** 2 }),
    })
    .prefault({}),
  ha: z
    .strictObject({
      /** Wait as a standby while another engine holds the data directory. */
      enabled: z.boolean().default(false),
      leaseMs: z.number().int().min(300).max(600_000).default(5000),
    })
    .prefault({}),
  limits: z
    .strictObject({
      maxMessage: bytes.default(100 * 1024 ** 2),
      connectTimeoutMs: z.number().int().min(100).max(600_000).default(30_000),
      /** For TLS, for WebSocket, and for the first bytes on the listener `any`; each. */
      handshakeTimeoutMs: z.number().int().min(100).max(600_000).default(10_000),
      /** Of all listeners together, and of one address among them. */
      maxConnections: z.number().int().positive().default(20_000),
      maxConnectionsPerAddress: z.number().int().positive().default(20_000),
    })
    .prefault({}),
  mqtt: z
    .strictObject({
      /** QoS 1 and 2 messages sent to a client and not yet acknowledged. */
      maxInFlight: z.number().int().min(1).max(65_535).default(100),
      /** The same in the other direction, for clients of MQTT 5. */
      receiveMaximum: z.number().int().min(1).max(65_535).default(1000),
      /** Topics that a connection of MQTT 5 can give a short name to, in each direction. */
      topicAliasMaximum: z.number().int().min(0).max(65_535).default(64),
      /** Clients of MQTT 5 that ask for more are told to be heard of that often; 0: any. */
      maxKeepAliveSeconds: z.number().int().min(0).max(65_535).default(60),
      /** Longest life of a session without a connection; undefined: as long as the client says. */
      maxSessionExpirySeconds: z.number().int().min(0).default(Infinity),
      /** Between two publications of `$SYS/…`; 0: none. */
      statisticsMs: z.number().int().min(0).default(10_000),
    })
    .prefault({}),
  deadLetter: z
    .strictObject({
      queue: z.string().min(1).default('ActiveMQ.DLQ'),
      maxRedeliveries: z.number().int().min(0).max(1_000_000).default(6),
    })
    .prefault({}),
  destinations,
  cloud: z
    .strictObject({
      account: awsAccount.default('000000000000'),
      region: awsRegion.default('us-east-1'),
      credentials,
      /** What policies do not allow is refused (`enforce`), only counted (`observe`), or not looked at. */
      iam: z.enum(['off', 'observe', 'enforce']).default('off'),
      /**
       * What is beyond AWS's quotas is refused (`enforce`), only counted (`observe`), or neither. Undefined: the throughput
       * of Kinesis' shards is limited, as everybody's is at AWS, and nothing else.
       */
      quotas: z.enum(['off', 'observe', 'enforce']).optional(),
      /** HTTPS beside HTTP, on the same port. */
      tls: cloudTls,
      /** Of web pages that may call, beside those of this machine; with `credentials` all may, as they have to sign. */
      origins: z
        .array(z.string().refine(isOrigin, 'expected an origin, such as https://app.example.com, or *'))
        .default([]),
      /** How long resources show that they are being made, changed or deleted. */
      stateDelayMs: z.number().int().min(0).max(600_000).default(0),
      sqs: z
        .strictObject({
          /** What becomes of characters in a message that XML 1.0 does not have. */
          foreignCharacters: z.enum(['reject', 'replace']).default('reject'),
        })
        .prefault({}),
      sns,
      /** Buckets that are made at start if they are not there. */
      buckets: z.array(z.string().refine(isBucketName, 'not the name of a bucket')).default([]),
      /** Queues that are made at start if they are not there. */
      queues: z
        .array(
          z.strictObject({
            name: z.string().regex(/^[\w-]{1,80}(\.fifo)?$/, 'letters, digits, hyphens and underscores, at most 80'),
            /** As CreateQueue takes them, all values text. */
            attributes: z.record(z.string(), z.coerce.string()).default({}),
          }),
        )
        .default([]),
    })
    .prefault({}),
  remotes,
  routes: routes.default([]),
  log: z.strictObject({ level: z.enum(['error', 'warn', 'info', 'debug', 'trace']).default('info') }).prefault({}),
});

const schema = settings.superRefine(checkRemoteEnds);

type Parsed = z.output<typeof schema>;

export interface Config extends Omit<Parsed, 'listeners' | 'tls' | 'cloud'> {
  /** As it was written, without defaults. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly dataDirectory: string;
  readonly listeners: Listeners;
  readonly tls: (Omit<NonNullable<Parsed['tls']>, keyof TlsConfig> & TlsConfig) | undefined;
  readonly cloud: Omit<Parsed['cloud'], 'tls'> & { readonly tls: TlsConfig | undefined };
}

export interface ConfigSources {
  readonly file?: string | undefined;
  /** `key.path=value`, the value in YAML. */
  readonly set?: readonly string[] | undefined;
  readonly dataDirectory?: string | undefined;
  readonly ha?: boolean | undefined;
}

/** @throws BrokerError `invalid`, with a message that names the key and, where it can, the nearest right one. */
export function loadConfig(sources: ConfigSources = {}): Config {
  const raw = sources.file === undefined ? {} : readFile(sources.file);
  for (const assignment of sources.set ?? []) assign(raw, assignment);
  if (sources.dataDirectory !== undefined) raw['dataDirectory'] = sources.dataDirectory;
  if (sources.ha === true) assign(raw, 'ha.enabled=true');
  const result = schema.safeParse(raw);
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => describeIssue(issue));
    throw new BrokerError(
      'invalid',
      `configuration${sources.file === undefined ? '' : ` "${sources.file}"`}: ${problems.join('; ')}`,
    );
  }
  const config = result.data;
  const dataDirectory = resolve(config.dataDirectory ?? defaultDataDirectory());
  return {
    ...config,
    given: raw,
    listeners: settleListeners(config.listeners, config.tls !== undefined),
    tls: settleTls(config.tls, dataDirectory),
    cloud: { ...config.cloud, tls: settleTls(config.cloud.tls, dataDirectory) },
    dataDirectory,
  };
}

/** Where state is kept, by the platform's convention. */
export function defaultDataDirectory(
  platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const home = homedir();
  if (platform === 'darwin') return join(home, 'Library/Application Support/Causeway');
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(home, 'AppData/Roaming'), 'Causeway');
  // The XDG base directory specification: an empty or relative path is to be ignored.
  const shared = environment['XDG_DATA_HOME'];
  return join(shared?.startsWith('/') === true ? shared : join(home, '.local/share'), 'causeway');
}

/** Clients without credentials are let in on loopback while there are no users, elsewhere only if it is said. */
export function allowsAnonymous({ host, anonymous }: ListenerConfig, hasUsers = false): boolean {
  return anonymous ?? (!hasUsers && isLoopback(host));
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function isOrigin(text: string): boolean {
  return text === '*' || (URL.canParse(text) && new URL(text).origin === text);
}

function readFile(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new BrokerError('invalid', `read configuration "${file}": ${messageOf(error)}`, { cause: error });
  }
  try {
    const value: unknown = parseYaml(text);
    if (value === null || value === undefined) return {};
    if (isRecord(value)) return value;
  } catch (error) {
    throw new BrokerError('invalid', `read configuration "${file}": ${messageOf(error)}`, { cause: error });
  }
  throw new BrokerError('invalid', `read configuration "${file}": expected keys and values`);
}

function assign(raw: Record<string, unknown>, assignment: string): void {
  const at = assignment.indexOf('=');
  if (at < 1) throw new BrokerError('invalid', `--set needs KEY=VALUE, not "${assignment}"`);
  const keys = assignment.slice(0, at).split('.');
  const last = keys.pop()!;
  let parent = raw;
  for (const key of keys) {
    const inner = parent[key];
    // A port alone stands for a listener: `--set listeners.amqp.host=…` beside it is about the same one.
    const value = isRecord(inner) ? inner : typeof inner === 'number' ? { port: inner } : {};
    parent[key] = value;
    parent = value;
  }
  try {
    parent[last] = parseYaml(assignment.slice(at + 1));
  } catch (error) {
    throw new BrokerError('invalid', `--set ${assignment}: ${messageOf(error)}`, { cause: error });
  }
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.');
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // Of the alternatives, the one that got furthest says most.
    const furthest = issue.errors.reduce((a, b) => ((b[0]?.path.length ?? 0) > (a[0]?.path.length ?? 0) ? b : a));
    const unknownKeys = issue.errors.find((alternative) =>
      alternative.some(({ code }) => code === 'unrecognized_keys'),
    );
    return (unknownKeys ?? furthest).flatMap((inner) =>
      describeIssue({ ...inner, path: [...issue.path, ...inner.path] }),
    );
  }
  if (issue.code !== 'unrecognized_keys') return [`${path === '' ? 'the whole' : path}: ${issue.message}`];
  return issue.keys.map((key) => {
    const likely = nearest(key, knownKeys(issue.path));
    const full = [...issue.path, key].join('.');
    return `unknown key "${full}"${likely === undefined ? '' : `, did you mean "${[...issue.path, likely].join('.')}"?`}`;
  });
}

/** The keys that may stand at a path, from the schema's JSON form. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let node: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const key of path) {
    node =
      typeof key === 'number'
        ? child(node, 'items')
        : (child(child(node, 'properties'), String(key)) ?? child(node, 'additionalProperties'));
  }
  const properties = alternatives(node).flatMap((alternative) => Object.keys(child(alternative, 'properties') ?? {}));
  return properties;
}

function alternatives(node: unknown): unknown[] {
  const several = isRecord(node) ? (node['anyOf'] ?? node['oneOf']) : undefined;
  return Array.isArray(several) ? several : [node];
}

function child(node: unknown, key: string): unknown {
  for (const alternative of [...alternatives(node), node]) {
    if (isRecord(alternative) && alternative[key] !== undefined) return alternative[key];
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
