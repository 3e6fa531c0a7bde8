// SendMessage: answered once the message is stored.

import { operation } from '../service.ts';
import type { Call, Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import { outgoingMembers, sentMembers, toMessage } from './model/message.ts';
import type { Sender } from './model/message.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string(), ...outgoingMembers });
const output = structure(sentMembers);

export function sendMessage({ broker, clock, queues }: Sqs): Operation {
  return operation('SendMessage', input, output, async (given, call) => {
    const queue = queues.at(given.QueueUrl, call.region);
    const { message, delayMs, sent } = toMessage(queue, given, senderOf(call, clock.now()));
    const transaction = broker.transaction();
    transaction.put([queue.core], message, { delayMs });
    await transaction.commit();
    broker.received++;
    call.client.messagesIn++;
    return sent;
  });
}

export function senderOf({ account, headers }: Call, now: number): Sender {
  const traceHeader = headers['x-amzn-trace-id'];
  return { account, now, traceHeader: typeof traceHeader === 'string' ? traceHeader : undefined };
}
