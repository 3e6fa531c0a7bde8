// SendMessage: answered once the message is stored.

import { operation } from '../service.ts';
import type { Call, Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import { outgoingMembers, sentMembers, toMessage } from './model/message.ts';
import type { Sender } from './model/message.ts';
import { send } from './model/sending.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string(), ...outgoingMembers });
const output = structure(sentMembers);

export function sendMessage(sqs: Sqs): Operation {
  return operation('SendMessage', input, output, async (given, call) => {
    const queue = sqs.queues.at(given.QueueUrl, call);
    const [sent] = await send(sqs, queue, [toMessage(queue, given, senderOf(call, sqs))]);
    call.client.messagesIn++;
    return sent!;
  });
}

export function senderOf({ account, headers }: Call, { clock, queues: { foreignCharacters } }: Sqs): Sender {
  const traceHeader = headers['x-amzn-trace-id'];
  return {
    account,
    now: clock.now(),
    traceHeader: typeof traceHeader === 'string' ? traceHeader : undefined,
    foreignCharacters,
  };
}
