// What a receipt handle gives access to.

import type { Entry } from '../../../core/entry.ts';
import { missingParameter } from '../../errors.ts';
import { receiptHandleIsInvalid } from './errors.ts';
import { parseReceiptHandle } from './receipt-handle.ts';
import type { ReceiptHandle } from './receipt-handle.ts';
import type { SqsQueue } from './sqs-queue.ts';

export interface Receipt {
  readonly handle: ReceiptHandle;
  /** Undefined when the message is gone, or was received again since: the handle does nothing any more. */
  readonly entry: Entry | undefined;
}

/** @throws AwsError MissingParameter; ReceiptHandleIsInvalid for what is no handle of this queue. */
export async function receiptOf({ core }: SqsQueue, text: string | undefined): Promise<Receipt> {
  if (text === undefined || text === '') throw missingParameter('ReceiptHandle');
  const handle = parseReceiptHandle(text);
  if (handle === undefined || handle.queueId !== core.id) throw receiptHandleIsInvalid(text);
  const entry = await core.fetch(handle.seq);
  // A receive that a crash undid may leave a lower count: its handle is good.
  const holds = entry !== undefined && entry.attempts <= handle.attempts;
  return { handle, entry: holds ? entry : undefined };
}
