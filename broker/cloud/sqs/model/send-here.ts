// SendMessage without the wire: for parts of the engine that send on behalf of a person. The same rules hold.

import { BrokerError } from '../../../core/errors.ts';
import type { Queue } from '../../../core/queue.ts';
import { AwsError } from '../../errors.ts';
import { locationOf } from './arn.ts';
import { toMessage } from './message.ts';
import type { Outgoing } from './message.ts';
import type { Sqs } from './sqs.ts';

export interface TextMessage {
  readonly body: string;
  /** All of type String. */
  readonly attributes: ReadonlyMap<string, string>;
}

/**
 * Resolves with the MessageId once the message is stored.
 * @throws BrokerError `invalid`, in the words of SendMessage; `not-found` when it is no queue of SQS.
 */
export async function sendHere({ broker, clock, queues }: Sqs, core: Queue, message: TextMessage): Promise<string> {
  const location = locationOf(core);
  const queue = location === undefined ? undefined : queues.find(location, core.name);
  if (location === undefined || queue === undefined) throw new BrokerError('not-found', `no SQS queue "${core.name}"`);
  const attributes = [...message.attributes].map(
    ([name, value]) => [name, { DataType: 'String', StringValue: value }] as const,
  );
  const transaction = broker.transaction();
  let outgoing: Outgoing;
  try {
    const given = { MessageBody: message.body, MessageAttributes: new Map(attributes) };
    outgoing = toMessage(queue, given, { account: location.account, now: clock.now(), traceHeader: undefined });
  } catch (error) {
    if (error instanceof AwsError) throw new BrokerError('invalid', error.message, { cause: error });
    throw error;
  }
  transaction.put([core], outgoing.message, { delayMs: outgoing.delayMs });
  await transaction.commit();
  broker.received++;
  return outgoing.message.id;
}
