// The part of a route's configuration that is about shadows and dry runs: routes that copy without consuming, and what they
// compare.

import { z } from 'zod';
import { compileKey } from './bridge/key-expression.ts';
import { readEnd } from './config-ends.ts';
import { checked } from './config-text.ts';

const known = /^(header|property|json):/;

/** A queue of this engine, of which it is seen what becomes of its messages. */
const place = checked((address) => {
  const { scheme, remote } = readEnd(address);
  if ((scheme !== 'queue' && scheme !== 'sqs') || remote !== undefined) {
    throw new Error('expected queue://NAME or sqs://NAME, of this engine');
  }
});

const by = checked((text) => {
  if (!known.test(text)) throw new Error('expected header:NAME, property:NAME or json:$.PATH');
  compileKey([text]);
});

const field = checked((text) => {
  if (text === 'body') return;
  if (!known.test(text)) throw new Error('expected body, header:NAME, property:NAME or json:$.PATH');
  compileKey([text]);
});

const compare = z.strictObject({
  /** Whose receivers are right; absent: those of where the route copies from. */
  left: place.optional(),
  /** Whose receivers are compared with them; absent: the target's. */
  right: place.optional(),
  /** By what a message of one side is known on the other; absent: by itself, as the route copied it. */
  by: by.optional(),
  /** What is compared; absent: the body. */
  fields: z.array(field).min(1).max(20).optional(),
  /** From then on, a message is late. */
  lateMs: z.number().int().min(0).default(5000),
  /** How long one half of a pair waits for the other. */
  windowMs: z.number().int().min(100).max(86_400_000).default(60_000),
  /** How many wait. */
  most: z.number().int().min(1).max(1_000_000).default(50_000),
});

export const shadowSettings = {
  /** `move` takes, `shadow` copies, `dry-run` copies and sends nothing. */
  mode: z.enum(['move', 'shadow', 'dry-run']).default('move'),
  /** Copies of each queue that may wait before the oldest are dropped. */
  behind: z.number().int().min(1).optional(),
  compare: compare.optional(),
};

export const usualBehind = 100_000;

type Settings = z.output<z.ZodObject<typeof shadowSettings>>;
export type CompareConfig = z.output<typeof compare>;
export const usualCompare: CompareConfig = compare.parse({});

interface ShadowedRoute extends Settings {
  readonly from: string;
  readonly to: readonly { readonly address: string }[];
  readonly replies?: object | undefined;
}

/** What is wrong, by the key that it is about. */
export function* shadowProblems(route: ShadowedRoute): IterableIterator<readonly [key: string, problem: string]> {
  const { mode, from, to, replies, behind, compare: compared } = route;
  const { scheme, remote } = readEnd(from);
  const isQueue = scheme === 'queue' || scheme === 'sqs';
  if (mode !== 'shadow' && compared !== undefined) yield ['compare', 'only a route of mode shadow compares'];
  if (behind !== undefined && (mode === 'move' || !isQueue)) {
    yield ['behind', 'only copies of a queue (mode: shadow, or dry-run) can fall behind'];
  }
  if (mode === 'move') return;
  if (isQueue && remote !== undefined) {
    yield ['mode', `${from} is not of this engine, and cannot be copied without taking from it`];
  }
  if (replies !== undefined) yield ['replies', 'whoever asks has its answer already: only mode move has replies'];
  if (compared === undefined) return;
  if (compared.left !== undefined && compared.by === undefined) {
    yield ['compare', 'left needs by: header:NAME, property:NAME or json:$.PATH'];
  }
  const blind = to.find(({ address }) => !isObserved(address));
  if (compared.right === undefined && blind !== undefined) {
    yield ['compare', `it is not seen what is received from ${blind.address}: name a queue of this engine as right`];
  }
}

/** A queue of this engine. */
export function isObserved(address: string): boolean {
  const { scheme, remote } = readEnd(address);
  return (scheme === 'queue' || scheme === 'sqs') && remote === undefined;
}
