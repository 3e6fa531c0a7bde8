// Puts messages into a queue, into a FIFO queue each once, and answers once they are stored.

import type { Transaction } from '../../../core/transaction.ts';
import type { Message } from '../../../core/message.ts';
import type { Deduplication, Known } from './deduplication.ts';
import { contentId, deduplicationKeyOf, deduplicationProperty, sequenceNumber } from './message.ts';
import type { Outgoing, SentValue } from './message.ts';
import type { Queues } from './queues.ts';
import type { Sqs } from './sqs.ts';
import type { SqsQueue } from './sqs-queue.ts';

/**
 * Resolves, with the answers in their order, once all of the messages are in the store.
 * @throws BrokerError as Store.write does; `limit` when too much is to be remembered.
 */
export async function send(
  { broker, queues }: Sqs,
  queue: SqsQueue,
  all: readonly Outgoing[],
): Promise<readonly SentValue[]> {
  const transaction = broker.transaction();
  if (queue.isFifo) return sendOnce(transaction, queue, queues.deduplication, all);
  for (const { message, delayMs } of all) transaction.put([queue.core], message, { delayMs });
  await transaction.commit();
  broker.received += all.length;
  for (const { sizeBytes } of all) queue.metrics.sent(sizeBytes);
  return all.map(({ sent }) => sent);
}

async function sendOnce(
  transaction: Transaction,
  queue: SqsQueue,
  deduplication: Deduplication,
  all: readonly Outgoing[],
): Promise<readonly SentValue[]> {
  const known = all.map(({ message, delayMs, deduplicationKey }) =>
    putOnce(transaction, queue, deduplication, { message, delayMs, key: deduplicationKey }),
  );
  await transaction.commit();
  return Promise.all(
    all.map(async ({ message, sizeBytes, sent }, index) => {
      const one = known[index]!;
      // Somebody else sends it at this moment: if that fails, so does this.
      if (one.stored !== undefined) await one.stored;
      if (one.messageId === message.id) queue.metrics.sent(sizeBytes);
      else queue.metrics.deduplicated++;
      return { ...sent, MessageId: one.messageId, SequenceNumber: sequenceNumber(one.position) };
    }),
  );
}

interface Once {
  readonly message: Message;
  readonly delayMs: number;
  readonly key: string;
}

function putOnce(
  transaction: Transaction,
  { core }: SqsQueue,
  deduplication: Deduplication,
  { message, delayMs, key }: Once,
): Known {
  const before = deduplication.find(core.id, key);
  if (before !== undefined) return before;
  const known = deduplication.add(transaction, core.id, key, message.id);
  transaction.put([core], message, {
    delayMs,
    onPosition: (position) => deduplication.place(transaction, core.id, key, known, position),
  });
  return known;
}

/** For other services that put messages of their own into FIFO queues. */
export class FifoDelivery {
  readonly #queues: Queues;

  constructor(queues: Queues) {
    this.#queues = queues;
  }

  /** As part of a transaction. False: it was sent in the last five minutes, and is not again. The message has its group. */
  put(transaction: Transaction, queue: SqsQueue, message: Message, deduplicationId: string): boolean {
    const id = deduplicationId === '' ? contentId(message.body) : deduplicationId;
    const key = deduplicationKeyOf(queue, message.groupId ?? '', id, message.timestamp);
    const whole = { ...message, properties: [...message.properties, deduplicationProperty(id)] };
    const { delayMs } = queue.settings;
    const known = putOnce(transaction, queue, this.#queues.deduplication, { message: whole, delayMs, key });
    return known.messageId === message.id;
  }
}
