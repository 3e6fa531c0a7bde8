// The part of the configuration that is about queues and topics by their names: its schema, and what the core makes of it.

import { z } from 'zod';
import { checked } from './config-text.ts';
import { isTopic, parseAddress } from './core/address.ts';
import type { BrokerOptions } from './core/broker.ts';
import { defaultPolicy, requireDistinct } from './core/destination-policies.ts';
import type { DeadLetterSettings, PolicyEntry } from './core/destination-policies.ts';
import { defaultRouting } from './core/router.ts';
import { compileSelector } from './core/selector.ts';

/** `queue://NAME` or `topic://NAME`; for policies, with wildcards. */
export const brokerAddress = checked((value) => parseAddress(value));

const milliseconds = z.number().int().min(0);

const deadLetter = z.strictObject({
  /** `shared`: one queue. `individual`: one for each queue or topic. `discard`: none. */
  strategy: z.enum(['shared', 'individual', 'discard']).default('shared'),
  /** Of `shared`; undefined: the one of `deadLetter.queue`. */
  queue: z.string().min(1).optional(),
  queuePrefix: z.string().min(1).default(defaultPolicy.deadLetter.queuePrefix),
  topicPrefix: z.string().min(1).default(defaultPolicy.deadLetter.topicPrefix),
  /** Whether expired messages become dead letters. */
  expired: z.boolean().default(true),
});

const policy = z.strictObject({
  /** `queue://PATTERN` or `topic://PATTERN`, with `*` for a level and `>` for the rest. */
  for: brokerAddress,
  maxRedeliveries: z.number().int().min(0).max(1_000_000).optional(),
  /** How long a failed delivery waits before the next. */
  redelivery: z
    .strictObject({
      delayMs: milliseconds,
      multiplier: z.number().min(1).max(1000).default(1),
      maxDelayMs: milliseconds.default(60 * 60 * 1000),
      collisionAvoidance: z.number().min(0).max(1).default(0),
    })
    .optional(),
  deadLetter: deadLetter.optional(),
  /** Age at which any message is dropped. */
  maxAgeMs: milliseconds.min(1).optional(),
  /** Messages, those in flight included, at which senders to the queue are held back. */
  maxMessages: z.number().int().min(1).optional(),
  /** Messages of a higher priority go first, strictly. */
  prioritized: z.boolean().optional(),
  /** One consumer at a time gets messages. */
  exclusive: z.boolean().optional(),
  /** Of topics: messages that may wait for a subscriber that is not durable; the oldest beyond are dropped. */
  pendingLimit: z.number().int().min(1).max(1000).optional(),
  /** Of topics: what is kept, in memory, for those who subscribe later as retroactive consumers. */
  retroactive: z
    .strictObject({
      messages: z.number().int().min(1).max(100_000),
      ageMs: milliseconds.optional(),
      /** For all who subscribe. */
      always: z.boolean().default(false),
    })
    .optional(),
});

const composite = z.strictObject({
  from: brokerAddress,
  to: z
    .array(
      z.union([
        brokerAddress.transform((address) => ({ address, selector: undefined })),
        z.strictObject({ address: brokerAddress, selector: checked((text) => compileSelector(text)).optional() }),
      ]),
    )
    .min(1),
  /** False: also to the destination itself. */
  forwardOnly: z.boolean().default(true),
});

export const destinations = z
  .strictObject({
    policies: z
      .array(policy)
      .superRefine((entries, context) => {
        try {
          requireDistinct(entries.map((entry) => policyEntry(entry, defaultPolicy.deadLetter.queue)));
        } catch (error) {
          context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        }
      })
      .default([]),
    /** Queues of the names `PREFIX.TOPIC` get what is published to TOPIC. */
    virtualTopics: z
      .array(
        z.strictObject({
          topic: z.string().min(1),
          prefix: z.string().min(1).default('Consumer.*'),
          /** A queue takes only what its consumers select, or those that were there before. */
          selectorAware: z.boolean().default(false),
        }),
      )
      .default(
        defaultRouting.virtualTopics.map(({ filter, prefix }) => ({ topic: filter, prefix, selectorAware: false })),
      ),
    /** What is sent to one destination goes to others. */
    composites: z.array(composite).default([]),
    /** What is sent to a queue is also published to the topic of this prefix and the queue's name. */
    mirrorPrefix: z.string().min(1).optional(),
  })
  .prefault({});

interface Settings {
  readonly deadLetter: { readonly queue: string; readonly maxRedeliveries: number };
  readonly destinations: z.output<typeof destinations>;
}

/** What the core is to be given. */
export function destinationOptions(settings: Settings): Pick<BrokerOptions, 'policy' | 'policies' | 'routing'> {
  const { queue, maxRedeliveries } = settings.deadLetter;
  const { policies, virtualTopics, composites, mirrorPrefix } = settings.destinations;
  return {
    policy: { ...defaultPolicy, maxRedeliveries, deadLetter: { ...defaultPolicy.deadLetter, queue } },
    policies: policies.map((entry) => policyEntry(entry, queue)),
    routing: {
      virtualTopics: virtualTopics.map(({ topic, prefix, selectorAware }) => ({
        filter: topic,
        prefix: prefix.replace(/\.$/, ''),
        selectorAware,
      })),
      composites: composites.map(({ from, to, forwardOnly }) => ({
        from: parseAddress(from),
        to: to.map(({ address, selector }) => ({ destination: parseAddress(address), selector })),
        forwardOnly,
      })),
      mirrorPrefix,
    },
  };
}

function policyEntry(entry: z.output<typeof policy>, sharedQueue: string): PolicyEntry {
  const { for: address, retroactive, deadLetter: letter, ...rest } = entry;
  const destination = parseAddress(address);
  const settings: DeadLetterSettings | undefined = letter && { ...letter, queue: letter.queue ?? sharedQueue };
  return {
    kind: isTopic(destination) ? 'topic' : 'queue',
    filter: destination.name,
    ...rest,
    deadLetter: settings,
    recovery: retroactive,
  };
}
