// A queue of SQS far away as a source: long polls while messages are wanted, several at once while there are many. What was
// taken stays invisible there for as long as the route holds it, is deleted after the commit, and made visible again when it
// is given back.

import { randomUUID } from 'node:crypto';
import type { ReceiveMessageResult } from '@aws-sdk/client-sqs';
import type { Message } from '../../../core/message.ts';
import type { Queue } from '../../../core/queue.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import { forEachDeadLetter } from '../../dead-letters.ts';
import { fromAttributes } from '../../mapping/from-attributes.ts';
import { pathAttribute } from '../../mapping/header-attributes.ts';
import type { Notes } from '../../mapping.ts';
import { RemoteTrouble } from '../../remote.ts';
import type { Source, Taken } from '../../source.ts';
import { TakenEntry } from '../queue-source.ts';
import { fifoSuffix } from '../sqs.ts';
import { Patience } from './patience.ts';
import type { AwsRemote } from './remote.ts';
import { SqsLeases } from './sqs-leases.ts';
import { messageOf, systemAttributes } from './sqs-message.ts';

export interface AwsSqsSourceOptions {
  readonly address: string;
  /** Of the queue there. */
  readonly name: string;
  readonly remote: AwsRemote;
  readonly clock: Clock;
  /** Where the queue is; asked before the first poll, and again after trouble. @throws RemoteTrouble. */
  readonly find: (signal: AbortSignal) => Promise<string>;
  /** It is looked for whether or not anything is wanted; until it is there, this is what is said. */
  readonly missing?: string | undefined;
  readonly background: (work: Promise<unknown>, what: string) => void;
}

const mostAtOnce = 10;
const mostPolls = 8;
const waitSeconds = 20;
const pollMs = (waitSeconds + 10) * 1000;
/** What came while nothing was wanted goes back after that. */
const unwantedMs = 5000;

export class AwsSqsSource implements Source {
  readonly address: string;
  obstacle: string | undefined;
  readonly #options: AwsSqsSourceOptions;
  readonly #isFifo: boolean;
  readonly #leases: SqsLeases;
  readonly #patience = new Patience();
  readonly #end = new AbortController();
  #deliver: (taken: Taken) => void = () => undefined;
  #onObstacle: (obstacle: string) => void = () => undefined;
  #credit = 0;
  /** Messages that polls under way may bring. */
  #asked = 0;
  #polls = 0;
  /** How many polls may be under way. */
  #wanted = 1;
  #isDry = false;
  #url: Promise<string> | undefined;
  readonly #unwanted: Taken[] = [];
  /** Of polls of a FIFO queue whose answer did not come: asked again by these, it gives the same messages. */
  readonly #attempts: string[] = [];
  #giveBack: Timer | undefined;
  #rest: Timer | undefined;

  constructor(options: AwsSqsSourceOptions) {
    this.#options = options;
    this.address = options.address;
    this.#isFifo = options.name.endsWith(fifoSuffix);
    this.#leases = new SqsLeases({ ...options, url: () => this.#find() });
  }

  get isEmpty(): boolean {
    return this.#isDry && this.#leases.held === 0;
  }

  isFedBy(): boolean {
    return false;
  }

  start(deliver: (taken: Taken) => void, onObstacle: (obstacle: string) => void): Promise<void> {
    this.#deliver = deliver;
    this.#onObstacle = onObstacle;
    const { missing, background } = this.#options;
    this.obstacle = missing;
    if (missing !== undefined) background(this.#findFirst(), `find what feeds ${this.address}`);
    return Promise.resolve();
  }

  setCredit(credit: number): void {
    if (this.#end.signal.aborted) return;
    this.#credit = credit;
    while (this.#credit > 0 && this.#unwanted.length > 0) this.#give(this.#unwanted.shift()!);
    this.#pump();
  }

  read(message: Message, notes: Notes): Message {
    return fromAttributes(message, notes);
  }

  revive(queue: Queue, reason: string): Promise<number> {
    return forEachDeadLetter(queue, reason, (entry, message) => {
      this.#deliver(new TakenEntry(entry, message, this.#options, true));
    });
  }

  close(): void {
    if (this.#end.signal.aborted) return;
    this.#rest?.cancel();
    this.#giveBack?.cancel();
    this.#options.remote.last(this.#leases.close());
    this.#end.abort();
  }

  async #findFirst(): Promise<void> {
    try {
      await this.#find();
      this.obstacle = undefined;
    } catch (error) {
      if (!(error instanceof RemoteTrouble)) throw error;
      if (!this.#end.signal.aborted) this.#troubled(error);
    }
  }

  #pump(): void {
    if (this.#end.signal.aborted || this.#rest !== undefined) return;
    while (this.#polls < this.#wanted && this.#credit > this.#asked) {
      this.#start(Math.min(mostAtOnce, this.#credit - this.#asked), waitSeconds);
    }
  }

  #start(count: number, wait: number): void {
    this.#polls++;
    this.#asked += count;
    const polling = this.#poll(count, wait).finally(() => this.#pump());
    this.#options.background(polling, `poll ${this.address}`);
  }

  async #poll(count: number, wait: number): Promise<void> {
    let messages: NonNullable<ReceiveMessageResult['Messages']> = [];
    try {
      messages = await this.#receive(count, wait);
      this.#patience.succeeded();
      this.obstacle = undefined;
      this.#isDry = messages.length === 0;
      if (messages.length === mostAtOnce) this.#wanted = Math.min(mostPolls, this.#wanted + 1);
      else if (messages.length === 0) this.#wanted = 1;
    } catch (error) {
      if (!(error instanceof RemoteTrouble)) throw error;
      if (!this.#end.signal.aborted) this.#troubled(error);
    } finally {
      this.#polls--;
      this.#asked -= count;
    }
    for (const received of messages) {
      const taken = this.#leases.take(messageOf(received, this.#options.name), received);
      if (taken === undefined) continue;
      if (this.#credit > 0) this.#give(taken);
      else this.#keep(taken);
    }
  }

  async #receive(count: number, wait: number): Promise<NonNullable<ReceiveMessageResult['Messages']>> {
    const { remote } = this.#options;
    const QueueUrl = await this.#find();
    const attempt = this.#isFifo ? (this.#attempts.pop() ?? randomUUID()) : undefined;
    const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: count,
      WaitTimeSeconds: wait,
      VisibilityTimeout: this.#leases.seconds,
      // Another engine, if it is one, tells the path of a message to who asks for it by name.
      MessageAttributeNames: ['All', pathAttribute],
      MessageSystemAttributeNames: [...systemAttributes],
      ...(attempt !== undefined && { ReceiveRequestAttemptId: attempt }),
    });
    const client = await remote.sqs();
    const run = (abortSignal: AbortSignal) => client.send(command, { abortSignal });
    try {
      const { Messages = [] } = await remote.call(this.address, this.#end.signal, run, pollMs);
      return Messages;
    } catch (error) {
      if (attempt !== undefined) this.#attempts.push(attempt);
      throw error;
    }
  }

  #find(): Promise<string> {
    this.#url ??= this.#options.find(this.#end.signal).catch((error: unknown) => {
      this.#url = undefined;
      throw error;
    });
    return this.#url;
  }

  #troubled(trouble: RemoteTrouble): void {
    if (this.#rest !== undefined) return;
    if (trouble.kind === 'not-found') this.#url = undefined;
    const { restMs, isTrouble } = this.#patience.failed(trouble);
    // What others still bring is waited for; a single poll finds out whether there are more.
    this.#wanted = 1;
    this.#rest = this.#options.clock.after(restMs, () => {
      this.#rest = undefined;
      if (this.obstacle === undefined) this.#pump();
      else if (this.#polls === 0) this.#start(1, 0);
    });
    if (!isTrouble) return;
    this.obstacle = trouble.message;
    this.#onObstacle(trouble.message);
  }

  #give(taken: Taken): void {
    this.#credit--;
    this.#deliver(taken);
  }

  #keep(taken: Taken): void {
    this.#unwanted.push(taken);
    this.#giveBack ??= this.#options.clock.after(unwantedMs, () => {
      this.#giveBack = undefined;
      for (const one of this.#unwanted.splice(0)) one.release();
    });
  }
}
