// A queue as SQS sees it: the engine's queue with its attributes read, its tags, its policy of redrive, and its metrics.

import type { Queue } from '../../../core/queue.ts';
import type { QueuePolicy } from '../../../core/queue-policy.ts';
import { queueArn } from './arn.ts';
import type { Location } from './arn.ts';
import { select, valueOf } from './attributes.ts';
import type { Told } from './attributes.ts';
import { limits } from './limits.ts';
import { Metrics } from './metrics.ts';
import type { Measured } from './metrics.ts';
import { ReceiveAttempts } from './receive-attempts.ts';
import { parseRedriveAllowPolicy, parseRedrivePolicy } from './redrive-policy.ts';
import type { RedriveAllowPolicy, RedrivePolicy } from './redrive-policy.ts';

/** What is kept with the queue's definition. */
export interface Stored {
  readonly told: Told;
  readonly tags: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** Attributes as numbers, in the units that the engine uses. */
export interface Settings {
  readonly visibilityMs: number;
  readonly delayMs: number;
  readonly waitMs: number;
  readonly retentionMs: number;
  readonly maximumMessageBytes: number;
  readonly redrive: RedrivePolicy | undefined;
  readonly contentBasedDeduplication: boolean;
  readonly deduplicationScope: string;
}

export const fifoSuffix = '.fifo';

export class SqsQueue {
  readonly core: Queue;
  readonly location: Location;
  readonly arn: string;
  readonly isFifo: boolean;
  readonly metrics = new Metrics();
  readonly attempts = new ReceiveAttempts();
  stored: Stored;
  settings: Settings;
  /** When it was purged last, milliseconds since the epoch. */
  purgedAt = -Infinity;
  #formerScope = { scope: '', until: 0 };

  constructor(core: Queue, location: Location, stored: Stored) {
    this.core = core;
    this.location = location;
    this.arn = queueArn(location, core.name);
    this.isFifo = core.name.endsWith(fifoSuffix);
    this.stored = stored;
    this.settings = settingsOf(stored.told);
  }

  /** `now`: milliseconds since the epoch. */
  change(stored: Stored, now: number): void {
    const scope = this.deduplicationScope(now);
    this.stored = stored;
    this.settings = settingsOf(stored.told);
    if (scope === this.settings.deduplicationScope) return;
    this.#formerScope = { scope, until: now + limits.attributesSpreadMs };
  }

  /** A change of it holds after a minute. */
  deduplicationScope(now: number): string {
    const { scope, until } = this.#formerScope;
    return now < until ? scope : this.settings.deduplicationScope;
  }

  measure(now: number): Measured {
    return this.metrics.measure(this.core, now);
  }

  get redriveAllowPolicy(): RedriveAllowPolicy {
    const text = valueOf(this.stored.told, 'RedriveAllowPolicy');
    return text === undefined ? { permission: 'allowAll', sourceArns: [] } : parseRedriveAllowPolicy(text);
  }

  attributes(names: readonly string[]): ReadonlyMap<string, string> {
    const { core, stored } = this;
    const live = {
      ApproximateNumberOfMessages: String(core.readyCount),
      ApproximateNumberOfMessagesNotVisible: String(core.inFlightCount),
      ApproximateNumberOfMessagesDelayed: String(core.delayedCount),
      CreatedTimestamp: seconds(core.createdAt),
      LastModifiedTimestamp: seconds(stored.modifiedAt),
      QueueArn: this.arn,
    };
    return select(stored.told, live, names);
  }
}

export function settingsOf(told: Told): Settings {
  const number = (name: string): number => Number(valueOf(told, name));
  const redrive = valueOf(told, 'RedrivePolicy');
  return {
    visibilityMs: number('VisibilityTimeout') * 1000,
    delayMs: number('DelaySeconds') * 1000,
    waitMs: number('ReceiveMessageWaitTimeSeconds') * 1000,
    retentionMs: number('MessageRetentionPeriod') * 1000,
    maximumMessageBytes: number('MaximumMessageSize'),
    redrive: redrive === undefined ? undefined : parseRedrivePolicy(redrive),
    contentBasedDeduplication: valueOf(told, 'ContentBasedDeduplication') === 'true',
    deduplicationScope: valueOf(told, 'DeduplicationScope') ?? '',
  };
}

/**
 * The engine's side of the attributes. `target` finds the dead-letter queue, undefined while there is none that the
 * message could go to: it is then received further, as often as it takes.
 */
export function policyOf(
  name: string,
  settings: Settings,
  target: (redrive: RedrivePolicy) => Queue | undefined,
): QueuePolicy {
  const { retentionMs, redrive } = settings;
  const groups = name.endsWith(fifoSuffix) ? 'locked' : 'fair';
  const policy = { retentionMs, deadLetters: 'live', groups } as const;
  if (redrive === undefined) return policy;
  const deadLetter = { target: () => target(redrive), maxAttempts: redrive.maxReceiveCount, expired: false };
  return { ...policy, deadLetter };
}

export function toAttributes({ told, tags, modifiedAt }: Stored): Readonly<Record<string, unknown>> {
  return { attributes: Object.fromEntries(told), tags: Object.fromEntries(tags), modifiedAt };
}

/** What `toAttributes` made, back from the store. */
export function fromAttributes(kept: Readonly<Record<string, unknown>>, createdAt: number): Stored {
  const { attributes, tags, modifiedAt } = kept;
  return {
    told: stringsOf(attributes),
    tags: stringsOf(tags),
    modifiedAt: typeof modifiedAt === 'number' ? modifiedAt : createdAt,
  };
}

function stringsOf(kept: unknown): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  if (typeof kept !== 'object' || kept === null) return result;
  for (const [name, value] of Object.entries(kept)) if (typeof value === 'string') result.set(name, value);
  return result;
}

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}
