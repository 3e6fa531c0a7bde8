// Sequence numbers as Kinesis makes them: a decimal number of 56 digits that holds when its shard was made, a counter, the
// time of the record, and the number of the shard. Hexadecimal: 2, creation (9 digits, seconds), last digit of the shard
// (1), counter (16), 00, time (9, seconds), shard (8), version 2. Numbers of older versions can be read, too.

import type { Shard } from '../../../core/stream-shard.ts';

export interface ParsedSequence {
  readonly version: 0 | 1 | 2;
  readonly createdSeconds: number;
  /** May be negative: it is what AWS makes of a number that is too high. */
  readonly shard: number;
  readonly counter: bigint;
}

const top = 2n << 184n;
const firstOldest = 1n << 124n;
const endOldest = 1n << 129n;
const firstNew = 1n << 185n;
const endNew = 3n << 184n;
const highestCounter = (1n << 63n) - 1n;
/** The year 2477: AWS takes no later date. */
const latestSeconds = 16_025_175_000;
/** Shards are said to have been made a little before their stream is there, and children a little after their parent's end. */
const creationLeadMs = 2000;
const childDelayMs = 1000;

/** When the shard was made, as its sequence numbers say. */
export function createdMs({ definition: { openedAt, parent } }: Shard): number {
  return parent === undefined ? openedAt - creationLeadMs : openedAt + childDelayMs;
}

/** The sequence number of a record. */
export function sequenceOf(shard: Shard, position: number, at: number): string {
  // The first number of a shard is not one of a record.
  return compose(shard, BigInt(position) + 1n, arrivalMs(shard, at));
}

/** Never before the shard was made. */
export function arrivalMs(shard: Shard, at: number): number {
  return Math.max(at, createdMs(shard));
}

/** After which a reader that has come to the position goes on. */
export function continuationOf(shard: Shard, position: number, now: number): string {
  return compose(
    shard,
    BigInt(position),
    position === 0 ? createdMs(shard) : arrivalMs(shard, Math.min(now, shard.lastAt)),
  );
}

export function startingSequence(shard: Shard): string {
  return compose(shard, 0n, createdMs(shard));
}

export function endingSequence(shard: Shard): string | undefined {
  const { closedAt } = shard.definition;
  return closedAt === undefined ? undefined : compose(shard, highestCounter, closedAt);
}

/** Undefined: AWS never made such a number. */
export function parseSequence(text: string): ParsedSequence | undefined {
  const given = BigInt(text);
  const value = given < firstOldest ? given + firstOldest : given;
  if (value < endOldest) return parseOldest(value);
  if (value <= firstNew || value >= endNew) return undefined;
  const version = Number(value & 15n);
  if (version !== 1 && version !== 2) return undefined;
  const createdSeconds = Number((value >> 148n) & 0xf_ffff_ffffn);
  const shard = Number((value >> 4n) & 0xffff_ffffn);
  if (version === 1) return { version, createdSeconds, shard, counter: (value >> 36n) & 0xffn };
  const counter = (value >> 80n) & 0xffff_ffff_ffff_ffffn;
  if (counter > highestCounter || createdSeconds >= latestSeconds) return undefined;
  return { version, createdSeconds, shard: shard > 0x7fff_ffff ? -shard : shard, counter };
}

/** Seconds that the time of a sequence number of version 2 is. */
export function secondsOf(text: string): number {
  return Number((BigInt(text) >> 36n) & 0xf_ffff_ffffn);
}

/** The position of the record with this counter; 0 for the number that the shard begins with. */
export function positionOf({ counter }: ParsedSequence): number {
  return counter === 0n ? 0 : Math.min(Number(counter - 1n), Number.MAX_SAFE_INTEGER - 1);
}

function parseOldest(value: bigint): ParsedSequence | undefined {
  const hex = value.toString(16);
  const createdSeconds = Number.parseInt(hex.slice(1, 10), 16);
  if (createdSeconds >= latestSeconds) return undefined;
  return { version: 0, createdSeconds, shard: Number.parseInt(hex.slice(28, 32), 16), counter: 0n };
}

const prefixes = new WeakMap<Shard, bigint>();

function compose(shard: Shard, counter: bigint, ms: number): string {
  const seconds = BigInt(Math.floor(ms / 1000));
  return String(prefixOf(shard) | (counter << 80n) | (seconds << 36n));
}

/** All that is the same in every number of a shard. */
function prefixOf(shard: Shard): bigint {
  let prefix = prefixes.get(shard);
  if (prefix === undefined) {
    const number = BigInt(shard.number);
    const created = BigInt(Math.floor(createdMs(shard) / 1000));
    prefix = top | (created << 148n) | ((number & 15n) << 144n) | (number << 4n) | 2n;
    prefixes.set(shard, prefix);
  }
  return prefix;
}
