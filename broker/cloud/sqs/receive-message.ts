// ReceiveMessage: up to ten messages under a visibility timeout, at once or after waiting for the first.

import type { Pulled } from '../../core/pull.ts';
import type { Store } from '../../core/store.ts';
import type { Clock } from '../../util/clock.ts';
import { invalidParameterValue } from '../errors.ts';
import { operation } from '../service.ts';
import type { Call, Operation } from '../service.ts';
import { integer, list, string, structure } from '../shape.ts';
import type { Value } from '../shape.ts';
import { md5OfAttributes, md5OfBody } from './md5.ts';
import { checkReadable } from './model/attributes.ts';
import { overLimit } from './model/errors.ts';
import { limits } from './model/limits.ts';
import { attributesOf, bodyText, messageIdOf, systemAttributesOf } from './model/message.ts';
import { formatReceiptHandle } from './model/receipt-handle.ts';
import { attributeMap, attributeNames, messageAttributes } from './model/shapes.ts';
import { isRepeatable } from './model/receive-attempts.ts';
import type { Attempt } from './model/receive-attempts.ts';
import type { Sqs } from './model/sqs.ts';
import type { SqsQueue } from './model/sqs-queue.ts';

const input = structure({
  QueueUrl: string(),
  AttributeNames: attributeNames,
  MessageSystemAttributeNames: list(string(), { flat: 'MessageSystemAttributeName' }),
  MessageAttributeNames: list(string(), { flat: 'MessageAttributeName' }),
  MaxNumberOfMessages: integer(),
  VisibilityTimeout: integer(),
  WaitTimeSeconds: integer(),
  ReceiveRequestAttemptId: string(),
});

const received = structure({
  MessageId: string(),
  ReceiptHandle: string(),
  MD5OfBody: string(),
  Body: string(),
  Attributes: attributeMap,
  MD5OfMessageAttributes: string(),
  MessageAttributes: messageAttributes,
});

const output = structure({ Messages: list(received, { flat: 'Message' }) });

const attemptIdPattern = /^[\u0021-\u007E]{1,128}$/;

/** System attributes of a message; AttributeNames may name them, and attributes of queues too, which no message has. */
const systemAttributes: ReadonlySet<string> = new Set([
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
]);

export function receiveMessage({ broker, clock, queues }: Sqs): Operation {
  return operation('ReceiveMessage', input, output, async (given, call) => {
    const queue = queues.at(given.QueueUrl, call);
    const times = pullTimes(queue, given);
    const names = [...(given.AttributeNames ?? []), ...(given.MessageSystemAttributeNames ?? [])];
    checkReadable(names.filter((name) => !systemAttributes.has(name)));
    const attemptId = queue.isFifo ? checkAttemptId(given.ReceiveRequestAttemptId) : undefined;
    const before = attemptId === undefined ? undefined : queue.attempts.find(attemptId, clock.now());
    const pulled =
      before === undefined
        ? await pull(queue, times, call, clock)
        : await repeat(queue, before, times, broker.store, clock);
    call.client.messagesOut += pulled.length;
    if (pulled.length === 0) queue.metrics.emptyReceives++;
    else queue.metrics.received += pulled.length;
    const asked = { system: new Set(names), user: given.MessageAttributeNames ?? [] };
    const receivedAt = before?.receivedAt ?? clock.now();
    if (attemptId !== undefined && before === undefined && pulled.length > 0) {
      queue.attempts.add(
        attemptId,
        pulled.map(({ entry }) => entry),
        receivedAt,
      );
    }
    return { Messages: pulled.map((item) => show(queue, item, asked, receivedAt)) };
  });
}

async function pull(queue: SqsQueue, times: PullTimes, { signal }: Call, clock: Clock): Promise<readonly Pulled[]> {
  const { core } = queue;
  if (isFull(queue)) {
    if (times.waitMs > 0) await passed(times.waitMs, signal, clock);
    else if (!queue.isFifo) {
      throw overLimit(
        'Too many messages have been received without being deleted. Please delete your received messages or let them ' +
          'timeout before receiving more.',
      );
    }
    // Who waits is not told, nor who asks a FIFO queue ("Amazon SQS standard queue quotas").
    return isFull(queue) || signal.aborted ? [] : core.pull({ ...times, waitMs: 0 });
  }
  if (times.waitMs === 0) return core.pull(times);
  // Gone while its request was read: what it took would be hidden from everybody else for nothing.
  return signal.aborted ? [] : core.pull({ ...times, signal });
}

function isFull({ core }: SqsQueue): boolean {
  return core.inFlightCount >= limits.inFlight;
}

/** Resolves after so long, or once nobody waits any more. */
function passed(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(ms, resolve);
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  return promise.finally(() => timer.cancel());
}

/** The same messages as before, hidden for as long again. */
async function repeat(
  { core }: SqsQueue,
  attempt: Attempt,
  { leaseMs }: PullTimes,
  store: Store,
  clock: Clock,
): Promise<readonly Pulled[]> {
  if (!isRepeatable(attempt, clock.now())) throw notRepeatable(attempt.id);
  const { entries } = attempt;
  const seqs = entries.map(({ seq }) => seq);
  const stored = new Map((await store.readEntries(core.id, seqs)).map(({ seq, message }) => [seq, message]));
  if (!isRepeatable(attempt, clock.now())) throw notRepeatable(attempt.id);
  const pulled: Pulled[] = [];
  for (const entry of entries) {
    const message = stored.get(entry.seq);
    if (message === undefined) continue;
    core.extend(entry, leaseMs);
    pulled.push({ entry, message });
  }
  return pulled;
}

function notRepeatable(id: string): Error {
  return outOfRange(
    'ReceiveRequestAttemptId',
    id,
    'The receiveRequestAttemptId is not valid anymore since the receive call is not retryable.',
  );
}

function checkAttemptId(id: string | undefined): string | undefined {
  if (id === undefined || attemptIdPattern.test(id)) return id;
  throw outOfRange(
    'ReceiveRequestAttemptId',
    id,
    'ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.',
  );
}

interface PullTimes {
  readonly max: number;
  readonly leaseMs: number;
  readonly waitMs: number;
}

function pullTimes(queue: SqsQueue, given: Value<typeof input>): PullTimes {
  const { MaxNumberOfMessages: max = 1, WaitTimeSeconds: wait, VisibilityTimeout: visibility } = given;
  if (!(max >= 1 && max <= limits.receivedMessages)) {
    throw outOfRange('MaxNumberOfMessages', max, `Must be between 1 and ${limits.receivedMessages}, if provided.`);
  }
  if (wait !== undefined && !(wait >= 0 && wait <= limits.waitSeconds)) {
    throw outOfRange('WaitTimeSeconds', wait, `Must be >= 0 and <= ${limits.waitSeconds}, if provided.`);
  }
  if (visibility !== undefined && !(visibility >= 0 && visibility <= limits.visibilitySeconds)) {
    throw outOfRange('VisibilityTimeout', visibility, `Must be >= 0 and <= ${limits.visibilitySeconds}, if provided.`);
  }
  const { settings } = queue;
  return {
    max,
    leaseMs: visibility === undefined ? settings.visibilityMs : visibility * 1000,
    waitMs: wait === undefined ? settings.waitMs : wait * 1000,
  };
}

function outOfRange(name: string, value: number | string, reason: string): Error {
  return invalidParameterValue(`Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);
}

function show(
  queue: SqsQueue,
  { entry, message }: Pulled,
  asked: { readonly system: ReadonlySet<string>; readonly user: readonly string[] },
  now: number,
): Value<typeof received> {
  const body = bodyText(message);
  const attributes = attributesOf(message, asked.user);
  const { seq, attempts } = entry;
  return {
    MessageId: messageIdOf(queue, entry, message),
    ReceiptHandle: formatReceiptHandle({ queueId: queue.core.id, seq, attempts, receivedAt: now }),
    MD5OfBody: md5OfBody(body),
    Body: body,
    Attributes: systemAttributesOf(queue, entry, message, asked.system),
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    MessageAttributes: attributes,
  };
}
