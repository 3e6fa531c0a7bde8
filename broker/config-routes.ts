// The part of the configuration that is about routes: its schema, and each route with one source and one target of what it
// describes. What can be checked before a route starts is checked here.

import { z } from 'zod';
import { readEnd } from './config-ends.ts';
import type { End } from './config-ends.ts';
import { shadowProblems, shadowSettings } from './config-shadow.ts';
import { checked } from './config-text.ts';
import type { ClaimCheck } from './bridge/claim-check.ts';
import { isBucketName } from './cloud/s3/model/buckets.ts';
import { compileCondition } from './bridge/choice.ts';
import type { Choice, Condition } from './bridge/choice.ts';
import { findCycle } from './bridge/cycle.ts';
import { compileKey } from './bridge/key-expression.ts';
import type { KeyExpression } from './bridge/key-expression.ts';
import type { MappingRules } from './bridge/mapping.ts';
import { schemesOf } from './config-remotes.ts';
import type { Remotes } from './config-remotes.ts';
import { isFilter } from './core/address.ts';
import { BrokerError } from './core/errors.ts';
import { nearest } from './util/nearest.ts';

const sourceAddress = checked(readEnd);
const targetAddress = checked((address) => {
  const { scheme, name } = readEnd(address);
  if ((scheme === 'queue' || scheme === 'topic') && isFilter(name)) throw new Error('wildcards cannot be written to');
});

const condition = z
  .strictObject({
    selector: z.string().optional(),
    json: z.string().optional(),
    topicLevel: z.number().int().min(1).optional(),
    equals: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
  })
  .superRefine((value, context) => {
    try {
      compileCondition(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });

const key = z
  .union([z.string().transform((text) => [text]), z.array(z.string()).min(1)])
  .superRefine((texts, context) => {
    try {
      compileKey(texts);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });

const name = z.string().regex(/^[\w.-]{1,80}$/, 'letters, digits, dots, hyphens and underscores, at most 80');

/** What may be said of a route as a whole, or of one of its targets. */
const perTarget = {
  /** What becomes of a message with fields that the target cannot hold. */
  onLoss: z.enum(['drop-field', 'dead-letter']).optional(),
  /** New names for properties and headers: `old: new`; `old: null` leaves it out. */
  rename: z.record(z.string(), z.string().min(1).nullable()).optional(),
  /** What has no attribute of its own goes into one, as JSON, or is dropped. */
  overflow: z.enum(['pack', 'drop']).optional(),
  /** CloudEvents 1.0: the message in the body, or its headers under CloudEvents' names. */
  envelope: z.enum(['none', 'structured', 'binary']).optional(),
  /** Bodies of SQS and SNS that are too large go into a bucket, and come from there. */
  claimCheck: z
    .strictObject({
      bucket: z.string().refine(isBucketName, 'not the name of a bucket'),
      /** Bytes of a message with its attributes; undefined: as many as the target takes. */
      over: z.number().int().min(0).optional(),
      /** What was read is removed there once the message has crossed. */
      delete: z.boolean().default(false),
    })
    .optional(),
  /** Group of a FIFO target, partition key of a stream; several are tried in turn. */
  key: key.optional(),
  /** Messages a second. */
  rate: z.number().positive().optional(),
  /** Which messages go there; the others stay, or go elsewhere. */
  when: condition.optional(),
};

const target = z.strictObject({
  address: targetAddress,
  name: name.optional(),
  /** What no other target of the route takes. */
  otherwise: z.boolean().default(false),
  ...perTarget,
});

const route = z.strictObject({
  name,
  from: sourceAddress,
  to: z.union([
    targetAddress.transform((address) => [{ address, name: undefined, otherwise: false }]),
    target.transform((one) => [one]),
    z
      .array(z.union([targetAddress.transform((address) => ({ address, name: undefined, otherwise: false })), target]))
      .min(1),
  ]),
  ...perTarget,
  /** Where a stream is read from at first. */
  start: z.union([z.enum(['oldest', 'latest']), z.iso.datetime({ offset: true })]).optional(),
  /** A queue of the broker; absent: that of the source's policy, or `deadLetter.queue`. */
  deadLetter: checked((address) => {
    const end = readEnd(address);
    if (end.scheme !== 'queue' || isFilter(end.name) || end.remote !== undefined) {
      throw new Error('expected queue://NAME, of this engine');
    }
  }).optional(),
  /** It does not run until it is told to. */
  paused: z.boolean().default(false),
  ...shadowSettings,
  /** Requests name this queue as their reply-to; what comes there goes back to whom it answers. */
  replies: z
    .strictObject({
      through: checked((address) => {
        if (readEnd(address).scheme !== 'sqs') throw new Error('expected sqs:// and the name of a queue');
      }),
      keepMs: z.number().int().min(1000).default(3_600_000),
    })
    .optional(),
});

type RouteConfig = z.output<typeof route>;
type TargetConfig = z.output<typeof target>;

/** One source, one target. */
export interface Leg {
  readonly name: string;
  readonly to: string;
  readonly rules: MappingRules;
  readonly onLoss: 'drop-field' | 'dead-letter';
  readonly key: KeyExpression | undefined;
  readonly rate: number | undefined;
  readonly choice: Choice | undefined;
  /** As the choice, where the core can make it. */
  readonly selector: string | undefined;
}

export interface RoutePlan extends Pick<
  RouteConfig,
  'from' | 'start' | 'deadLetter' | 'paused' | 'replies' | 'mode' | 'behind' | 'compare'
> {
  readonly name: string;
  readonly legs: readonly Leg[];
}

export const routes = z.array(route).superRefine((all, context) => {
  // What is wrong with a condition or a key, it has told by itself.
  if (!all.every((one) => isPlannable(one))) return;
  const issue = (path: (string | number)[], message: string): void => {
    context.addIssue({ code: 'custom', path, message });
  };
  const seen = new Set<string>();
  for (const [index, one] of all.entries()) {
    const { from, start, replies, to } = one;
    for (const leg of planOf(one).legs) {
      if (seen.has(leg.name)) issue([index, 'name'], `another route is named "${leg.name}"`);
      seen.add(leg.name);
      const { scheme } = readEnd(leg.to);
      if (needsKey(leg.to) && leg.key === undefined) {
        issue(
          [index, 'to'],
          `${leg.to} needs a key: header:NAME, property:NAME, topic-level:N, json:$.PATH, constant:TEXT or group`,
        );
      }
      if (!needsKey(leg.to) && leg.key !== undefined) issue([index, 'key'], `${leg.to} takes no key`);
      if (leg.rules.envelope === 'binary' && scheme === 'kinesis') {
        issue([index, 'envelope'], 'records of a stream have no headers for the binary mode');
      }
      if (leg.rules.envelope !== 'none' && (scheme === 'queue' || scheme === 'topic')) {
        issue([index, 'envelope'], 'the broker takes messages as they are');
      }
    }
    for (const problem of claimProblems(one)) issue([index, 'claimCheck'], problem);
    for (const [field, problem] of shadowProblems(one)) issue([index, field], problem);
    if (isRemoteQueue(from) && planOf(one).legs.every(({ choice }) => choice !== undefined) && !hasOther(to)) {
      issue([index, 'when'], `what is not chosen cannot be left in ${from}: another target must take it (otherwise)`);
    }
    if (start !== undefined && readEnd(from).scheme !== 'kinesis') issue([index, 'start'], 'only streams have a start');
    if (replies !== undefined && (to.length > 1 || !['queue', 'topic'].includes(readEnd(from).scheme))) {
      issue([index, 'replies'], 'requests come from the broker, and go to one target');
    } else if (replies !== undefined && readEnd(replies.through).remote !== readEnd(to[0]?.address ?? from).remote) {
      issue(
        [index, 'replies', 'through'],
        'requests are answered where they go to: of the same remote, or both of this engine',
      );
    }
    if (to.filter(({ otherwise }) => otherwise).length > 1) {
      issue([index, 'to'], 'only one target can be the other one');
    }
  }
  const cycle = findCycle(
    all.flatMap((one) => planOf(one).legs.map((leg) => ({ name: leg.name, from: one.from, to: leg.to }))),
  );
  if (cycle !== undefined) issue([], `routes go in a circle: ${cycle}`);
});

/** What the routes name far away has to be there. */
export function checkRemoteEnds(
  { routes: all, remotes }: { readonly routes: readonly RouteConfig[]; readonly remotes: Remotes },
  context: z.core.$RefinementCtx,
): void {
  for (const [index, { from, to, replies }] of all.entries()) {
    const check = (address: string, ...path: (string | number)[]): void => {
      const problem = problemOf(readEnd(address), remotes);
      if (problem !== undefined) {
        context.addIssue({ code: 'custom', path: ['routes', index, ...path], message: `${address}: ${problem}` });
      }
    };
    check(from, 'from');
    for (const { address } of to) check(address, 'to');
    if (replies !== undefined) check(replies.through, 'replies', 'through');
  }
}

function problemOf({ scheme, remote }: End, remotes: Remotes): string | undefined {
  if (remote === undefined) return undefined;
  const found = Object.hasOwn(remotes, remote) ? remotes[remote] : undefined;
  if (found === undefined) {
    const names = Object.keys(remotes);
    const likely = nearest(remote, names);
    const hint =
      likely === undefined ? (names.length === 0 ? 'there are none' : names.join(', ')) : `did you mean ${likely}?`;
    return `no remote is named "${remote}" (${hint})`;
  }
  const { type } = found;
  if (schemesOf[type].some((candidate) => candidate === scheme)) return undefined;
  return `a remote of type ${type} has ${schemesOf[type].map((one) => `${one}://`).join(', ')} only`;
}

/** FIFO queues and topics, and streams. */
function needsKey(address: string): boolean {
  const end = readEnd(address);
  return end.scheme === 'kinesis' || ((end.scheme === 'sqs' || end.scheme === 'sns') && end.name.endsWith('.fifo'));
}

/** Of which nothing can be looked at without taking it. */
function isRemoteQueue(address: string): boolean {
  const { scheme, remote } = readEnd(address);
  return remote !== undefined && (scheme === 'queue' || scheme === 'sqs');
}

function hasOther(to: RouteConfig['to']): boolean {
  return to.some(({ otherwise }) => otherwise);
}

export function planOf(config: RouteConfig): RoutePlan {
  const { from, start, deadLetter, paused, replies, mode, behind, compare, to } = config;
  const legs = to.map((one, index) => legOf(config, one, index));
  return { name: config.name, from, start, deadLetter, paused, replies, mode, behind, compare, legs };
}

function isPlannable(config: RouteConfig): boolean {
  try {
    planOf(config);
    return true;
  } catch (error) {
    if (error instanceof BrokerError) return false;
    throw error;
  }
}

function legOf(config: RouteConfig, one: RouteConfig['to'][number], index: number): Leg {
  const own: Partial<TargetConfig> = one;
  const isSole = config.to.length === 1;
  const when = own.when ?? config.when;
  const rest = config.to.filter((other) => other !== one);
  const choice = one.otherwise ? noneOf(rest) : when && compileCondition(when);
  const texts = own.key ?? config.key;
  const legName = isSole ? (one.name ?? config.name) : `${config.name}.${one.name ?? index + 1}`;
  const claimCheck = own.claimCheck ?? config.claimCheck;
  return {
    name: legName,
    to: one.address,
    rules: {
      rename: new Map(Object.entries({ ...config.rename, ...own.rename })),
      overflow: own.overflow ?? config.overflow ?? 'pack',
      envelope: own.envelope ?? config.envelope ?? 'none',
      ...(claimCheck !== undefined && { claimCheck: claimCheckOf(claimCheck, legName) }),
    },
    onLoss: own.onLoss ?? config.onLoss ?? 'drop-field',
    key: texts === undefined ? undefined : compileKey(texts),
    rate: own.rate ?? config.rate,
    choice,
    selector: !one.otherwise && isSelectorOnly(when) ? when.selector : undefined,
  };
}

function claimCheckOf(
  { bucket, over, delete: deletes }: NonNullable<RouteConfig['claimCheck']>,
  keys: string,
): ClaimCheck {
  return { bucket, over, deletes, keys };
}

function claimProblems(config: RouteConfig): string[] {
  const { from, mode } = config;
  const { legs } = planOf(config);
  const problems: string[] = [];
  for (const { to, rules } of legs) {
    if (rules.claimCheck === undefined) continue;
    const [reads, writes] = [from, to].map((address) => ['sqs', 'sns'].includes(readEnd(address).scheme));
    if (reads !== true && writes !== true) {
      problems.push(`only messages of SQS and SNS have their bodies elsewhere: neither ${from} nor ${to} is of them`);
    }
    if (reads === true && mode !== 'move') problems.push(`bodies for ${from} are fetched by routes that move messages`);
    if (rules.claimCheck.deletes && legs.length > 1) problems.push('delete: the other targets still need the bodies');
  }
  return problems;
}

function noneOf(others: RouteConfig['to']): Choice {
  const choices = others.map((other: Partial<TargetConfig>) => other.when && compileCondition(other.when));
  // One without a condition takes all.
  return (message) => choices.every((choice) => choice !== undefined && !choice(message));
}

function isSelectorOnly(when: Condition | undefined): when is Condition & { readonly selector: string } {
  return when?.selector !== undefined && when.json === undefined && when.topicLevel === undefined;
}
