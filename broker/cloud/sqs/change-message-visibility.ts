// ChangeMessageVisibility: hides a message for another while, counted from now; 0 shows it at once. The timeouts of one
// receive add up to twelve hours at most.

import type { Clock } from '../../util/clock.ts';
import { invalidParameterValue, missingParameter } from '../errors.ts';
import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, string, structure } from '../shape.ts';
import { limits } from './model/limits.ts';
import { receiptOf } from './model/receipts.ts';
import type { Sqs } from './model/sqs.ts';
import type { SqsQueue } from './model/sqs-queue.ts';

const input = structure({ QueueUrl: string(), ReceiptHandle: string(), VisibilityTimeout: integer() });

export function changeMessageVisibility({ clock, queues }: Sqs): Operation {
  return command('ChangeMessageVisibility', input, async (given, call) => {
    const queue = queues.at(given.QueueUrl, call);
    const { ReceiptHandle: handle, VisibilityTimeout: seconds } = given;
    await changeVisibility(queue, handle, seconds, clock, { missing: 'VisibilityTimeout', range: 'Must be between' });
  });
}

/** `words`: how a refusal of the timeout is put, alone and in a batch. @throws AwsError. */
export async function changeVisibility(
  queue: SqsQueue,
  handle: string | undefined,
  seconds: number | undefined,
  clock: Clock,
  words: { readonly missing: string; readonly range: string },
): Promise<void> {
  if (handle === undefined || handle === '') throw missingParameter('ReceiptHandle');
  if (seconds === undefined) throw missingParameter(words.missing);
  if (!(seconds >= 0 && seconds <= limits.visibilitySeconds)) {
    throw invalidTimeout(seconds, `${words.range} 0 and ${limits.visibilitySeconds}.`);
  }
  const { entry, handle: receipt } = await receiptOf(queue, handle, clock.now());
  if (entry === undefined || entry.state === 'gone' || entry.state === 'settling' || entry.consumer !== undefined) {
    throw invalidParameterValue(
      `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available ` +
        'for visibility timeout change.',
    );
  }
  const hiddenMs = clock.now() + seconds * 1000 - receipt.receivedAt;
  if (hiddenMs > limits.visibilitySeconds * 1000 && seconds > 0) {
    throw invalidTimeout(
      seconds,
      `Total VisibilityTimeout for the message is beyond the limit [${limits.visibilitySeconds} seconds].`,
    );
  }
  queue.core.extend(entry, seconds * 1000);
}

function invalidTimeout(seconds: number, reason: string): Error {
  return invalidParameterValue(`Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: ${reason}`);
}
