// SetQueueAttributes: changes the attributes that are named; the others stay.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string(), Attributes: required(attributeMap, 'Attribute.Name') });

export function setQueueAttributes({ queues }: Sqs): Operation {
  return command('SetQueueAttributes', input, async ({ QueueUrl: url, Attributes: attributes }, call) => {
    await queues.setAttributes(queues.at(url, call), attributes);
  });
}
