// Tasks that move the messages of a dead-letter queue back, or elsewhere (Developer Guide, "Dead-letter queue redrive"). A
// task is a record, written anew by each transaction that moves something: whatever ends the engine, its successor goes
// on where that was. One task at a time for a queue.

import { randomUUID } from 'node:crypto';
import type { Broker } from '../../../core/broker.ts';
import type { Pulled } from '../../../core/pull.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Clock } from '../../../util/clock.ts';
import { invalidParameterValue } from '../../errors.ts';
import { parseArn } from './arn.ts';
import type { Location } from './arn.ts';
import { limits } from './limits.ts';
import { decodeTask, encodeTask } from './move-task-codec.ts';
import { MoveTask } from './move-task.ts';
import type { MoveTaskState } from './move-task.ts';
import type { SqsQueue } from './sqs-queue.ts';

/** What it needs of the directory of queues. */
export interface Directory {
  find(location: Location, name: string): SqsQueue | undefined;
}

const recordType = 'sqs-move-task';
const originScheme = 'queue://';
/** Messages moved in one transaction. */
const batch = 10;
/** While they are on their way nobody else has them. */
const leaseMs = 60_000;
const retryMs = 1000;
const queueIsGone = 'AWS.SimpleQueueService.NonExistentQueue';
const sourceIsUnknown = 'CouldNotDetermineMessageSource';

export class MoveTasks {
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #directory: Directory;
  /** By the source's ARN, the newest first. */
  readonly #bySource = new Map<string, MoveTask[]>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(broker: Broker, clock: Clock, directory: Directory) {
    this.#broker = broker;
    this.#clock = clock;
    this.#directory = directory;
  }

  /** Goes on with what was under way. */
  async start(): Promise<void> {
    const records = await this.#broker.store.readRecords(recordType);
    const tasks = records.map(({ value }) => new MoveTask(decodeTask(value)));
    tasks.sort((a, b) => b.state.startedAt - a.state.startedAt);
    for (const task of tasks) this.#list(task.state.sourceArn).push(task);
    for (const task of tasks) if (task.isActive) this.#run(task);
  }

  /** Stops where it is; a later engine goes on. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const tasks of this.#bySource.values()) for (const task of tasks) task.wake();
    await Promise.all(this.#running);
  }

  /**
   * Resolves once the task is in the store.
   * @throws AwsError while another one runs for the queue; BrokerError as Store.write does.
   */
  async begin(source: SqsQueue, destination: SqsQueue | undefined, perSecond: number | undefined): Promise<MoveTask> {
    const tasks = this.#list(source.arn);
    if (tasks.some(({ isActive }) => isActive)) {
      throw invalidParameterValue(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    const task = new MoveTask({
      id: randomUUID(),
      sourceArn: source.arn,
      destinationArn: destination?.arn,
      perSecond,
      startedAt: this.#clock.now(),
      toMove: source.core.readyCount,
      moved: 0,
      status: 'RUNNING',
      failureReason: undefined,
    });
    tasks.unshift(task);
    const transaction = this.#broker.transaction();
    this.#record(transaction, task.state);
    for (const old of tasks.splice(limits.listedMoveTasks)) transaction.record(recordType, old.state.id, undefined);
    try {
      await transaction.commit();
    } catch (error) {
      tasks.splice(tasks.indexOf(task), 1);
      throw error;
    }
    this.#run(task);
    return task;
  }

  /** The newest first. */
  of(sourceArn: string): readonly MoveTask[] {
    return this.#bySource.get(sourceArn) ?? [];
  }

  /** Resolves once the store knows that it is to end; what is on its way at this moment is moved yet. */
  async cancel(task: MoveTask): Promise<void> {
    await this.#save(task, { status: 'CANCELLING' });
    task.wake();
  }

  #list(sourceArn: string): MoveTask[] {
    let tasks = this.#bySource.get(sourceArn);
    if (tasks === undefined) this.#bySource.set(sourceArn, (tasks = []));
    return tasks;
  }

  #run(task: MoveTask): void {
    const running = this.#moveAll(task);
    this.#running.add(running);
    this.#broker.background(
      running.finally(() => this.#running.delete(running)),
      'move messages',
    );
  }

  async #moveAll(task: MoveTask): Promise<void> {
    const { perSecond } = task.state;
    // The faster it is, the more at once; ten times a second at most.
    const atOnce = perSecond === undefined ? batch : Math.min(batch, Math.ceil(perSecond / 10));
    while (task.state.status === 'RUNNING' && !this.#closed) {
      const startedAt = this.#clock.monotonic();
      let pauseMs = perSecond === undefined ? 0 : (atOnce * 1000) / perSecond;
      try {
        await this.#step(task, atOnce);
      } catch {
        // The store cannot take it now: what was taken comes back, and is tried again.
        pauseMs = retryMs;
      }
      if (task.state.status !== 'RUNNING') break;
      const restMs = pauseMs - (this.#clock.monotonic() - startedAt);
      if (restMs > 0 && !this.#closed) await task.rest(this.#clock, restMs);
    }
    if (task.state.status === 'CANCELLING' && !this.#closed) await this.#save(task, { status: 'CANCELLED' });
  }

  async #step(task: MoveTask, atOnce: number): Promise<void> {
    const { sourceArn, destinationArn } = task.state;
    const source = this.#at(sourceArn);
    const destination = destinationArn === undefined ? undefined : this.#at(destinationArn);
    if (source === undefined || (destinationArn !== undefined && destination === undefined)) {
      return this.#save(task, { status: 'FAILED', failureReason: queueIsGone });
    }
    const pulled = await source.core.pull({ max: atOnce, leaseMs, waitMs: 0 });
    if (pulled.length === 0) return this.#save(task, { status: 'COMPLETED' });
    const transaction = this.#broker.transaction();
    let moved = 0;
    let failureReason: string | undefined;
    for (const one of pulled) {
      const target = destination ?? this.#originOf(source, one);
      if (typeof target === 'string') {
        failureReason = target;
        break;
      }
      if (!transaction.settle(one.entry)) continue;
      const { core } = target;
      const { message } = one;
      const sent = { ...message, id: randomUUID(), to: `queue://${core.name}`, timestamp: this.#clock.now() };
      transaction.put([core], sent);
      moved++;
    }
    const next: MoveTaskState = { ...task.state, moved: task.state.moved + moved };
    const failed = failureReason === undefined ? next : { ...next, status: 'FAILED' as const, failureReason };
    this.#record(transaction, failed);
    try {
      await transaction.commit();
      // A cancellation came in between.
      task.state = task.state.status === 'RUNNING' ? failed : { ...failed, status: task.state.status };
    } finally {
      for (const { entry } of pulled) source.core.release(entry, { redelivered: false });
    }
  }

  /** Where a dead letter came from, or why that is not known. */
  #originOf({ location }: SqsQueue, { entry }: Pulled): SqsQueue | string {
    const origin = entry.dead?.origin;
    if (origin?.startsWith(originScheme) !== true) return sourceIsUnknown;
    return this.#directory.find(location, origin.slice(originScheme.length)) ?? queueIsGone;
  }

  #at(arn: string): SqsQueue | undefined {
    const parsed = parseArn(arn);
    return parsed === undefined ? undefined : this.#directory.find(parsed, parsed.resource);
  }

  async #save(task: MoveTask, change: Partial<MoveTaskState>): Promise<void> {
    const next = { ...task.state, ...change };
    const transaction = this.#broker.transaction();
    this.#record(transaction, next);
    task.state = next;
    await transaction.commit();
  }

  #record(transaction: Transaction, state: MoveTaskState): void {
    transaction.record(recordType, state.id, encodeTask(state));
  }
}
