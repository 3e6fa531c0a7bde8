// SendMessage without the wire: for parts of the engine that send on behalf of a person. The same rules hold.

import { randomUUID } from 'node:crypto';
import { BrokerError } from '../../../core/errors.ts';
import type { Queue } from '../../../core/queue.ts';
import { AwsError } from '../../errors.ts';
import { locationOf } from './arn.ts';
import { toMessage } from './message.ts';
import type { Outgoing } from './message.ts';
import { send } from './sending.ts';
import type { Sqs } from './sqs.ts';

export interface TextMessage {
  readonly body: string;
  /** All of type String. */
  readonly attributes: ReadonlyMap<string, string>;
  /** What FIFO queues ask for; a group means something to standard queues too. */
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
}

/**
 * Resolves with the MessageId once the message is stored.
 * @throws BrokerError `invalid`, in the words of SendMessage; `not-found` when it is no queue of SQS.
 */
export async function sendHere(sqs: Sqs, core: Queue, message: TextMessage): Promise<string> {
  const { clock, queues } = sqs;
  const location = locationOf(core);
  const queue = location === undefined ? undefined : queues.find(location, core.name);
  if (location === undefined || queue === undefined) throw new BrokerError('not-found', `no SQS queue "${core.name}"`);
  const attributes = [...message.attributes].map(
    ([name, value]) => [name, { DataType: 'String', StringValue: value }] as const,
  );
  let outgoing: Outgoing;
  try {
    const { groupId, deduplicationId } = message;
    const given = {
      MessageBody: message.body,
      MessageAttributes: new Map(attributes),
      MessageGroupId: groupId,
      // A person means to send it, however often it is the same.
      MessageDeduplicationId: queue.isFifo ? (deduplicationId ?? randomUUID()) : undefined,
    };
    const { account } = location;
    const { foreignCharacters } = queues;
    outgoing = toMessage(queue, given, { account, now: clock.now(), traceHeader: undefined, foreignCharacters });
  } catch (error) {
    if (error instanceof AwsError) throw new BrokerError('invalid', error.message, { cause: error });
    throw error;
  }
  const [sent] = await send(sqs, queue, [outgoing]);
  return sent?.MessageId ?? outgoing.message.id;
}
