// Puts a notification into an SQS queue, as part of a transaction.

import { randomUUID } from 'node:crypto';
import type { Message } from '../../../core/message.ts';
import type { Transaction } from '../../../core/transaction.ts';
import type { Arn, Location } from '../../sqs/model/arn.ts';
import { fromSns } from '../../sqs/model/message.ts';
import { toProperties } from '../../sqs/model/message-attributes.ts';
import type { Queues } from '../../sqs/model/queues.ts';
import type { SqsQueue } from '../../sqs/model/sqs-queue.ts';
import { noAttributes } from './message-attributes.ts';
import type { Attributes } from './message-attributes.ts';

/** What goes into a queue, whichever queue it is. */
export interface QueueMessage {
  readonly body: Buffer;
  /** Of body and attributes. */
  readonly sizeBytes: number;
  /** Of raw messages. */
  readonly attributes: Attributes;
  readonly groupId: string | undefined;
  /** That its group orders it: standard queues are not told of such a group. */
  readonly ordered: boolean;
  readonly deduplicationId: string | undefined;
  readonly traceHeader: string | undefined;
  /** As Message.path. */
  readonly path?: string | undefined;
}

/** Whether a topic's messages may be put into the queue. */
export type DeliveryPermit = (queue: SqsQueue, topic: { readonly arn: string; readonly location: Location }) => boolean;

/** FIFO queues order and deduplicate: how they take a message is theirs to say. */
export interface FifoQueues {
  /** The message has its group. False: the queue has had it, and is not given it again. */
  put(transaction: Transaction, queue: SqsQueue, message: Message, deduplicationId: string): boolean;
}

const noSuchQueue = 'The specified queue does not exist.';
/** Who sends the messages that come from SNS, as ReceiveMessage shows it. */
const senderId = 'AIDAIT2UOQQY3AUEKVGXU';

export class SqsDelivery {
  readonly #queues: Queues;
  readonly #fifo: FifoQueues | undefined;
  readonly #permits: DeliveryPermit | undefined;

  constructor(queues: Queues, fifo: FifoQueues | undefined, permits?: DeliveryPermit) {
    this.#queues = queues;
    this.#fifo = fifo;
    this.#permits = permits;
  }

  /** By the policy of the queue. */
  permits(queue: SqsQueue, topic: Parameters<DeliveryPermit>[1]): boolean {
    return this.#permits === undefined || this.#permits(queue, topic);
  }

  /** The queue that can take a message of this size; otherwise why there is none. */
  target(arn: Arn, message: QueueMessage): SqsQueue | string {
    const queue = this.#queues.find(arn, arn.resource);
    if (queue === undefined || (isFifo(queue) && this.#fifo === undefined)) return noSuchQueue;
    const { maximumMessageBytes } = queue.settings;
    if (isFifo(queue) && message.groupId === undefined) {
      return 'The request must contain the parameter MessageGroupId.';
    }
    if (message.sizeBytes > maximumMessageBytes) return `Message must be shorter than ${maximumMessageBytes} bytes.`;
    return queue;
  }

  /** The same message into all of the queues: where they are standard queues, it is stored once. */
  put(transaction: Transaction, queues: readonly SqsQueue[], given: QueueMessage, now: number): void {
    const standard = queues.filter((queue) => !isFifo(queue));
    if (standard.length > 0) {
      const message = toMessage(given, given.ordered ? undefined : given.groupId, now);
      const delays = new Set(standard.map(({ settings }) => settings.delayMs));
      for (const delayMs of delays) {
        const alike = standard.filter(({ settings }) => settings.delayMs === delayMs);
        transaction.put(
          alike.map(({ core }) => core),
          message,
          { delayMs },
        );
      }
    }
    const refused = new Set<SqsQueue>();
    for (const queue of queues) {
      if (!isFifo(queue)) continue;
      const message = toMessage(given, given.groupId, now);
      const isNew = this.#fifo?.put(transaction, queue, message, given.deduplicationId ?? '');
      if (isNew === false) refused.add(queue);
    }
    const { sizeBytes } = given;
    transaction.afterCommit(() => {
      for (const queue of queues) {
        if (refused.has(queue)) queue.metrics.deduplicated++;
        else queue.metrics.sent(sizeBytes);
      }
    });
  }
}

function isFifo(queue: SqsQueue): boolean {
  return queue.core.name.endsWith('.fifo');
}

function toMessage(
  { body, attributes, traceHeader, path }: QueueMessage,
  groupId: string | undefined,
  now: number,
): Message {
  const system =
    traceHeader === undefined
      ? noAttributes
      : new Map([['AWSTraceHeader', { DataType: 'String', StringValue: traceHeader }]]);
  return {
    id: randomUUID(),
    to: fromSns,
    body,
    bodyType: 'text',
    durable: true,
    priority: 4,
    timestamp: now,
    groupId,
    userId: senderId,
    properties: toProperties(attributes, system),
    path,
  };
}
