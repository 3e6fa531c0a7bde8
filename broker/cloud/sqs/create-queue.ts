// CreateQueue: makes a queue, or finds it with the same attributes.

import { invalidParameterValue } from '../errors.ts';
import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import { queueUrl } from './model/arn.ts';
import { attributeMap, tagMap } from './model/shapes.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueName: string(), Attributes: attributeMap, tags: tagMap });
const output = structure({ QueueUrl: string() });

export function createQueue({ queues }: Sqs): Operation {
  return operation(
    'CreateQueue',
    input,
    output,
    async ({ QueueName: name, Attributes: attributes, tags }, call) => {
      if (name === undefined) {
        throw invalidParameterValue('Value for parameter QueueName is invalid. Reason: Must specify a queue name.');
      }
      const { core } = await queues.create(call, name, attributes, tags);
      return { QueueUrl: queueUrl(call.origin, core) };
    },
    { atResource: false },
  );
}
