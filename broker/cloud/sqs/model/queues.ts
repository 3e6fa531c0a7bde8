// The directory of SQS queues: makes, finds, changes and deletes them in the broker's namespace of each account and
// region, and gives them their policy when the engine starts. With it goes what outlives a request: what FIFO queues
// have seen, and tasks that move messages.

import type { Broker } from '../../../core/broker.ts';
import type { Queue } from '../../../core/queue.ts';
import type { QueuePolicy } from '../../../core/queue-policy.ts';
import type { QueueDefinition } from '../../../core/store.ts';
import type { Clock } from '../../../util/clock.ts';
import { locationOf, namespaceOf, parseArn, parseQueueUrl, queueArn } from './arn.ts';
import type { Location } from './arn.ts';
import { apply, checkSettable, kindOf, valueOf } from './attributes.ts';
import { Deduplication } from './deduplication.ts';
import {
  invalidAddress,
  purgeQueueInProgress,
  queueDeletedRecently,
  queueDoesNotExist,
  queueNameExists,
  resourceNotFound,
} from './errors.ts';
import { invalidParameterValue } from '../../errors.ts';
import { limits } from './limits.ts';
import { MoveTasks } from './move-tasks.ts';
import { permits, redriveRefused } from './redrive-policy.ts';
import type { RedrivePolicy } from './redrive-policy.ts';
import { fifoSuffix, fromAttributes, policyOf, settingsOf, SqsQueue, toAttributes } from './sqs-queue.ts';
import type { Stored } from './sqs-queue.ts';
import { checkTags } from './tags.ts';

const namePattern = new RegExp(`^[a-zA-Z0-9_-]{1,${limits.queueNameLength}}$`);
const invalidName = `Can only include alphanumeric characters, hyphens, or underscores. 1 to ${limits.queueNameLength} in length`;

const invalidFifoName =
  'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo ' +
  `suffix and be 1 to ${limits.queueNameLength} in length`;
const absoluteUrl = /^https?:\/\//i;
const bareName = /^[a-zA-Z0-9_-]{1,80}(?:\.fifo)?$/;

export interface QueuesOptions {
  /** How long resources show that they change; above 0, a purge and a deletion have their minute too. Default 0. */
  readonly stateDelayMs?: number;
  /** What becomes of characters that XML 1.0 does not have: the message is refused, or they are U+FFFD. */
  readonly foreignCharacters?: 'reject' | 'replace';
}

export class Queues {
  readonly deduplication: Deduplication;
  readonly moveTasks: MoveTasks;
  readonly foreignCharacters: 'reject' | 'replace';
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #remembersEnds: boolean;
  readonly #known = new WeakMap<Queue, SqsQueue>();
  /** Queues whose definition is on its way to the store: who asks for one again waits for it. */
  readonly #creating = new Map<Queue, Promise<void>>();
  /** By namespace and name: until when none of the name may be made. In order of time. */
  readonly #deleted = new Map<string, number>();

  constructor(broker: Broker, clock: Clock, { stateDelayMs = 0, foreignCharacters = 'reject' }: QueuesOptions = {}) {
    this.#broker = broker;
    this.#clock = clock;
    this.#remembersEnds = stateDelayMs > 0;
    this.foreignCharacters = foreignCharacters;
    this.deduplication = new Deduplication(broker, clock);
    this.moveTasks = new MoveTasks(broker, clock, this);
  }

  /** Reads what is kept beside the queues, and goes on with what was under way. */
  async start(): Promise<void> {
    await this.deduplication.start();
    await this.moveTasks.start();
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.deduplication.close();
    await this.moveTasks.close();
  }

  /** For Broker.start: the policy of a stored queue, undefined if it is none of SQS. */
  policyOf(definition: QueueDefinition): QueuePolicy | undefined {
    const location = locationOf(definition);
    if (location === undefined) return undefined;
    return this.#policy(location, definition.name, fromAttributes(definition.attributes, definition.createdAt));
  }

  find(location: Location, name: string): SqsQueue | undefined {
    const core = this.#broker.find(namespaceOf(location), name);
    return core === undefined ? undefined : this.#view(core, location);
  }

  /**
   * The queue of a URL; its account stands in the URL, its region is the caller's. A name alone is one of the caller's.
   * @throws AwsError QueueDoesNotExist; InvalidAddress for what is no URL at all.
   */
  at(url: string | undefined, { account, region }: Location): SqsQueue {
    if (url === undefined || url === '') throw queueDoesNotExist();
    const parsed = bareName.test(url) ? { account, name: url } : parseQueueUrl(url);
    if (parsed === undefined) throw absoluteUrl.test(url) ? queueDoesNotExist() : invalidAddress(url);
    const queue = this.find({ account: parsed.account, region }, parsed.name);
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  /**
   * The queue of an ARN that the caller gave as `parameter`.
   * @throws AwsError InvalidParameterValue for what is no ARN of a queue; ResourceNotFoundException.
   */
  byArn(arn: string, parameter: 'SourceArn' | 'DestinationArn', { account, region }: Location): SqsQueue {
    const parsed = parseArn(arn);
    if (parsed?.service !== 'sqs') {
      throw invalidParameterValue(
        `You must use this format to specify the ${parameter}: ` +
          'arn:<partition>:<service>:<region>:<account-id>:<resource-id>',
      );
    }
    const isOwn = parsed.account === account && parsed.region === region;
    const queue = isOwn ? this.find(parsed, parsed.resource) : undefined;
    if (queue === undefined) {
      throw resourceNotFound(`The resource that you specified for the ${parameter} parameter doesn't exist.`);
    }
    return queue;
  }

  /** By name. */
  list(location: Location): SqsQueue[] {
    const found: SqsQueue[] = [];
    for (const core of this.#broker.queues(namespaceOf(location))) found.push(this.#view(core, location));
    return found.sort((a, b) => (a.core.name < b.core.name ? -1 : 1));
  }

  /**
   * Makes the queue, or finds the one that is there with the same attributes; resolves once it is in the store.
   * @throws AwsError as CreateQueue does; BrokerError as Store.write does.
   */
  async create(
    location: Location,
    name: string,
    given: ReadonlyMap<string, string> = new Map(),
    tags: ReadonlyMap<string, string> = new Map(),
  ): Promise<SqsQueue> {
    const kind = checkName(name, given);
    const changes = checkSettable(kind, given);
    const existing = this.find(location, name);
    if (existing !== undefined) {
      await this.#creating.get(existing.core);
      for (const [attribute, value] of changes) {
        if (valueOf(existing.stored.told, attribute) !== value) throw queueNameExists(attribute);
      }
      return existing;
    }
    if (this.#isDeletedRecently(location, name)) throw queueDeletedRecently();
    checkTags(tags);
    const stored = { told: apply(new Map(), changes), tags, modifiedAt: this.#clock.now() };
    this.#checkRedrive(location, name, stored, given.get('RedrivePolicy'));
    const policy = this.#policy(location, name, stored);
    const attributes = toAttributes(stored);
    const core = this.#broker.declare({ namespace: namespaceOf(location), name, policy, attributes });
    await this.#saveNew(core);
    return this.#view(core, location);
  }

  /** @throws AwsError as SetQueueAttributes does; BrokerError as Store.write does. */
  async setAttributes(queue: SqsQueue, given: ReadonlyMap<string, string>): Promise<void> {
    const told = apply(queue.stored.told, checkSettable(kindOf(queue.stored.told), given));
    const stored = { ...queue.stored, told, modifiedAt: this.#clock.now() };
    this.#checkRedrive(queue.location, queue.core.name, stored, given.get('RedrivePolicy'));
    await this.change(queue, stored);
  }

  /** Resolves once the change is in the store; if it cannot be, nothing has changed. */
  async change(queue: SqsQueue, stored: Stored): Promise<void> {
    const before = queue.stored;
    this.#assign(queue, stored);
    try {
      await this.#broker.save(queue.core);
    } catch (error) {
      if (queue.stored === stored) this.#assign(queue, before);
      throw error;
    }
  }

  /** `policy`: undefined for none. */
  async setPolicy(queue: SqsQueue, policy: string | undefined): Promise<void> {
    const told = new Map(queue.stored.told);
    if (policy === undefined) told.delete('Policy');
    else told.set('Policy', policy);
    await this.change(queue, { ...queue.stored, told, modifiedAt: this.#clock.now() });
  }

  async delete(queue: SqsQueue): Promise<void> {
    const { core } = queue;
    await this.#broker.delete(core);
    await this.deduplication.clear(core.id);
    if (this.#remembersEnds) {
      this.#deleted.set(`${core.namespace}/${core.name}`, this.#clock.now() + limits.deletionMs);
    }
  }

  /** Removes all messages; what was sent before may be sent again. @throws AwsError PurgeQueueInProgress. */
  async purge(queue: SqsQueue): Promise<void> {
    const now = this.#clock.now();
    if (this.#remembersEnds && now < queue.purgedAt + limits.purgeMs) throw purgeQueueInProgress(queue.core.name);
    queue.purgedAt = now;
    await queue.core.purge();
    queue.attempts.clear();
    if (queue.isFifo) await this.deduplication.clear(queue.core.id);
  }

  /** Of every account and region. */
  *all(): Generator<SqsQueue> {
    for (const core of this.#broker.queues()) {
      const location = locationOf(core);
      if (location !== undefined) yield this.#view(core, location);
    }
  }

  /** The queues that send their dead letters to this one, by name. */
  sourcesOf(queue: SqsQueue): SqsQueue[] {
    return this.list(queue.location).filter(({ settings }) => settings.redrive?.targetArn === queue.arn);
  }

  #view(core: Queue, location: Location): SqsQueue {
    let queue = this.#known.get(core);
    if (queue === undefined) {
      queue = new SqsQueue(core, location, fromAttributes(core.attributes, core.createdAt));
      this.#known.set(core, queue);
    }
    return queue;
  }

  #isDeletedRecently(location: Location, name: string): boolean {
    const now = this.#clock.now();
    for (const [key, until] of this.#deleted) {
      if (until > now) break;
      this.#deleted.delete(key);
    }
    return this.#deleted.has(`${namespaceOf(location)}/${name}`);
  }

  async #saveNew(core: Queue): Promise<void> {
    const saving = this.#broker.save(core).catch((error: unknown) => {
      this.#broker.forget(core);
      throw error;
    });
    this.#creating.set(core, saving);
    try {
      await saving;
    } finally {
      this.#creating.delete(core);
    }
  }

  #assign(queue: SqsQueue, stored: Stored): void {
    const { core, location } = queue;
    queue.change(stored, this.#clock.now());
    core.attributes = toAttributes(stored);
    core.policy = this.#policy(location, core.name, stored);
  }

  #policy(location: Location, name: string, { told }: Stored): QueuePolicy {
    return policyOf(name, settingsOf(told), (redrive) => this.#deadLetterQueue(location, name, redrive));
  }

  /** Undefined while it does not exist, or where the chain of redrive policies comes back to this queue. */
  #deadLetterQueue(location: Location, name: string, { target }: RedrivePolicy): Queue | undefined {
    const found = this.find(location, target.resource);
    const passed = new Set([name]);
    for (let next = found; next !== undefined;) {
      if (passed.has(next.core.name)) return undefined;
      passed.add(next.core.name);
      const onward: string | undefined = next.settings.redrive?.target.resource;
      next = onward === undefined ? undefined : this.find(location, onward);
    }
    return found?.core;
  }

  /** Only a request that says something of redrive is checked: what was allowed once stays. */
  #checkRedrive(location: Location, name: string, { told }: Stored, text: string | undefined): void {
    const { redrive } = settingsOf(told);
    if (redrive === undefined || text === undefined || text === '') return;
    const { target } = redrive;
    if (target.region !== location.region) {
      throw redriveRefused(text, 'Dead-letter target must be in same region as the source.');
    }
    if (target.account !== location.account) {
      throw redriveRefused(text, 'Dead-letter target owner should be same as the source.');
    }
    if (target.resource.endsWith(fifoSuffix) !== name.endsWith(fifoSuffix)) {
      throw redriveRefused(text, 'Dead-letter queue must be same type of queue as the source..');
    }
    // A queue may name itself, even while it is being made.
    if (target.resource === name) return;
    const queue = this.find(location, target.resource);
    if (queue === undefined) throw redriveRefused(text, 'Dead letter target does not exist.');
    if (!permits(queue.redriveAllowPolicy, queueArn(location, name))) {
      throw redriveRefused(text, 'Dead-letter target does not allow the source queue to use it.');
    }
  }
}

function checkName(name: string, given: ReadonlyMap<string, string>): 'standard' | 'fifo' {
  if (name === '') throw invalidParameterValue('Queue name cannot be empty');
  if (given.get('FifoQueue')?.toLowerCase() !== 'true') {
    if (!namePattern.test(name)) throw invalidParameterValue(invalidName);
    return 'standard';
  }
  // The suffix counts.
  const isFifoName = name.endsWith(fifoSuffix) && name.length <= limits.queueNameLength;
  if (!isFifoName || !namePattern.test(name.slice(0, -fifoSuffix.length))) throw invalidParameterValue(invalidFifoName);
  return 'fifo';
}
