// A queue as SQS sees it: the engine's queue with its attributes read, its tags, and its policy of redrive.

import type { Queue } from '../../../core/queue.ts';
import type { QueuePolicy } from '../../../core/queue-policy.ts';
import { queueArn } from './arn.ts';
import type { Location } from './arn.ts';
import { select, valueOf } from './attributes.ts';
import type { Told } from './attributes.ts';
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
}

export class SqsQueue {
  readonly core: Queue;
  readonly location: Location;
  readonly arn: string;
  stored: Stored;
  settings: Settings;

  constructor(core: Queue, location: Location, stored: Stored) {
    this.core = core;
    this.location = location;
    this.arn = queueArn(location, core.name);
    this.stored = stored;
    this.settings = settingsOf(stored.told);
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
  };
}

/**
 * The engine's side of the attributes. `target` finds the dead-letter queue, undefined while there is none that the
 * message could go to: it is then received further, as often as it takes.
 */
export function policyOf(settings: Settings, target: (redrive: RedrivePolicy) => Queue | undefined): QueuePolicy {
  const { retentionMs, redrive } = settings;
  if (redrive === undefined) return { retentionMs, deadLetters: 'live' };
  const deadLetter = { target: () => target(redrive), maxAttempts: redrive.maxReceiveCount, expired: false };
  return { retentionMs, deadLetters: 'live', deadLetter };
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
