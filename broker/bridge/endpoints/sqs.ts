// An SQS queue of this engine as the target of a route. The queue is found anew for each message: it may be deleted,
// made again, or changed through its API at any time.

import type { Queue } from '../../core/queue.ts';
import type { Target } from '../route.ts';
import { mapToSqs } from './sqs-mapping.ts';

export interface SqsQueueSettings {
  readonly queue: Queue;
  /** Largest message with its attributes, in bytes (MaximumMessageSize). */
  readonly maxBytes: number;
  /** Delay of messages that name none, in milliseconds (DelaySeconds). */
  readonly delayMs: number;
}

/** `account` is the SenderId of what arrives. `find`: undefined while there is no such queue. */
export function sqsTarget(name: string, account: string, find: (name: string) => SqsQueueSettings | undefined): Target {
  return { address: `sqs://${name}`, senderId: account, mapping: mapToSqs, find: () => find(name) };
}
