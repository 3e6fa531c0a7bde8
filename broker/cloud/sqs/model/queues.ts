// The directory of SQS queues: makes, finds, changes and deletes them in the broker's namespace of each account and
// region, and gives them their policy when the engine starts.

import type { Broker } from '../../../core/broker.ts';
import type { Queue } from '../../../core/queue.ts';
import type { QueuePolicy } from '../../../core/queue-policy.ts';
import type { QueueDefinition } from '../../../core/store.ts';
import type { Clock } from '../../../util/clock.ts';
import { locationOf, namespaceOf, parseQueueUrl, queueArn } from './arn.ts';
import type { Location } from './arn.ts';
import { apply, checkSettable, valueOf } from './attributes.ts';
import { invalidAddress, queueDoesNotExist, queueNameExists, unsupportedOperation } from './errors.ts';
import { invalidParameterValue } from '../../errors.ts';
import { limits } from './limits.ts';
import { permits, redriveRefused } from './redrive-policy.ts';
import type { RedrivePolicy } from './redrive-policy.ts';
import { fromAttributes, policyOf, settingsOf, SqsQueue, toAttributes } from './sqs-queue.ts';
import type { Stored } from './sqs-queue.ts';

const namePattern = new RegExp(`^[a-zA-Z0-9_-]{1,${limits.queueNameLength}}$`);
const invalidName = `Can only include alphanumeric characters, hyphens, or underscores. 1 to ${limits.queueNameLength} in length`;

export class Queues {
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #known = new WeakMap<Queue, SqsQueue>();
  /** Queues whose definition is on its way to the store: who asks for one again waits for it. */
  readonly #creating = new Map<Queue, Promise<void>>();

  constructor(broker: Broker, clock: Clock) {
    this.#broker = broker;
    this.#clock = clock;
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
   * The queue of a URL; its account stands in the URL, its region is the caller's.
   * @throws AwsError QueueDoesNotExist; InvalidAddress for what is no queue's URL.
   */
  at(url: string | undefined, region: string): SqsQueue {
    if (url === undefined || url === '') throw queueDoesNotExist();
    const parsed = parseQueueUrl(url);
    if (parsed === undefined) throw invalidAddress(url);
    const queue = this.find({ account: parsed.account, region }, parsed.name);
    if (queue === undefined) throw queueDoesNotExist();
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
    checkName(name, given);
    const changes = checkSettable(given);
    const existing = this.find(location, name);
    if (existing !== undefined) {
      await this.#creating.get(existing.core);
      for (const [attribute, value] of changes) {
        if (valueOf(existing.stored.told, attribute) !== value) throw queueNameExists(attribute);
      }
      return existing;
    }
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
    const told = apply(queue.stored.told, checkSettable(given));
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

  async delete(queue: SqsQueue): Promise<void> {
    await this.#broker.delete(queue.core);
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
    queue.stored = stored;
    queue.settings = settingsOf(stored.told);
    core.attributes = toAttributes(stored);
    core.policy = this.#policy(location, core.name, stored);
  }

  #policy(location: Location, name: string, { told }: Stored): QueuePolicy {
    return policyOf(settingsOf(told), (redrive) => this.#deadLetterQueue(location, name, redrive));
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
    if (target.resource.endsWith('.fifo')) {
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

function checkName(name: string, given: ReadonlyMap<string, string>): void {
  if (name === '') throw invalidParameterValue('Queue name cannot be empty');
  const fifo = given.get('FifoQueue') === 'true';
  if (fifo && !name.endsWith('.fifo')) {
    throw invalidParameterValue(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with ' +
        '.fifo suffix and be 1 to 80 in length',
    );
  }
  if (fifo) throw unsupportedOperation('FIFO queues are not available.');
  if (!namePattern.test(name)) throw invalidParameterValue(invalidName);
}
