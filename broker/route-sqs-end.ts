// A queue of SQS in this engine as an end of routes: how they put into it, and what of that CloudWatch would count.

import type { SqsEnd } from './bridge/endpoints/sqs.ts';
import { propertiesSize } from './cloud/sqs/model/message-attributes.ts';
import type { FifoDelivery } from './cloud/sqs/model/sending.ts';
import type { SqsQueue } from './cloud/sqs/model/sqs-queue.ts';
import type { Message } from './core/message.ts';
import type { Transaction } from './core/transaction.ts';

/** What one transaction does to the queue. */
interface Tally {
  readonly sentBytes: number[];
  deduplicated: number;
  deleted: number;
}

export function sqsEnd(queue: SqsQueue, fifo: FifoDelivery): SqsEnd {
  const { core, metrics, isFifo } = queue;
  const target = [core];
  const tallies = new WeakMap<Transaction, Tally>();
  const tallyOf = (transaction: Transaction): Tally => {
    const known = tallies.get(transaction);
    if (known !== undefined) return known;
    const tally: Tally = { sentBytes: [], deduplicated: 0, deleted: 0 };
    tallies.set(transaction, tally);
    transaction.afterCommit(() => {
      for (const bytes of tally.sentBytes) metrics.sent(bytes);
      metrics.deduplicated += tally.deduplicated;
      metrics.deleted += tally.deleted;
    });
    return tally;
  };
  const putOnce = (transaction: Transaction, message: Message, deduplicationId: string): boolean => {
    if (isFifo) return fifo.put(transaction, queue, message, deduplicationId);
    transaction.put(target, message, { delayMs: queue.settings.delayMs });
    return true;
  };
  return {
    queue: core,
    get maxBytes() {
      return queue.settings.maximumMessageBytes;
    },
    put: (transaction, message, deduplicationId) => {
      const tally = tallyOf(transaction);
      if (!putOnce(transaction, message, deduplicationId)) tally.deduplicated++;
      else tally.sentBytes.push(message.body.length + propertiesSize(message.properties));
    },
    onTaken: () => void metrics.received++,
    onSettled: (transaction) => void tallyOf(transaction).deleted++,
  };
}
