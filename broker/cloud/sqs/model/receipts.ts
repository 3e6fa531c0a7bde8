// What a receipt handle gives access to.

import type { Entry } from '../../../core/entry.ts';
import { invalidParameterValue, missingParameter } from '../../errors.ts';
import { receiptHandleIsInvalid } from './errors.ts';
import { parseReceiptHandle } from './receipt-handle.ts';
import type { ReceiptHandle } from './receipt-handle.ts';
import type { SqsQueue } from './sqs-queue.ts';

export interface Receipt {
  readonly handle: ReceiptHandle;
  /** Undefined when the message is gone. */
  readonly entry: Entry | undefined;
  /** Nobody holds the message by a later handle: it was not received again since, or nobody holds it any more. */
  readonly isLatest: boolean;
}

/**
 * @throws AwsError MissingParameter; ReceiptHandleIsInvalid for what is no handle of this queue; at a FIFO queue,
 *   InvalidParameterValue for one whose visibility timeout has ended. `now`: milliseconds since the epoch.
 */
export async function receiptOf({ core, isFifo }: SqsQueue, text: string | undefined, now: number): Promise<Receipt> {
  if (text === undefined || text === '') throw missingParameter('ReceiptHandle');
  const handle = parseReceiptHandle(text);
  if (handle === undefined || handle.queueId !== core.id) throw receiptHandleIsInvalid(text);
  const entry = await core.fetch(handle.seq);
  // A receive that a crash undid may leave a lower count: its handle is good.
  const holds = entry !== undefined && entry.attempts <= handle.attempts;
  if (isFifo && entry !== undefined && (!holds || entry.until <= now)) {
    throw invalidParameterValue(
      `Value ${text} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    );
  }
  return { handle, entry, isLatest: holds || (entry !== undefined && entry.until <= now) };
}
