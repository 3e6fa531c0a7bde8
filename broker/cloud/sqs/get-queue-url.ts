// GetQueueUrl: the URL of a queue of the caller's account, or of another that the caller names.

import { invalidParameterValue } from '../errors.ts';
import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import { queueUrl } from './model/arn.ts';
import { queueDoesNotExist } from './model/errors.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueName: string(), QueueOwnerAWSAccountId: string() });
const output = structure({ QueueUrl: string() });

export function getQueueUrl({ queues }: Sqs): Operation {
  return operation(
    'GetQueueUrl',
    input,
    output,
    async ({ QueueName: name = '', QueueOwnerAWSAccountId: owner }, call) => {
      if (name === '') {
        throw invalidParameterValue('Value for parameter QueueName is invalid. Reason: Must specify a queue name.');
      }
      const queue = queues.find({ account: owner ?? call.account, region: call.region }, name);
      if (queue === undefined) throw queueDoesNotExist();
      return { QueueUrl: queueUrl(call.origin, queue.core) };
    },
  );
}
