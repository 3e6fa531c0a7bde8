// GetQueueAttributes: the attributes that are named; none, if none is.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import { checkReadable } from './model/attributes.ts';
import { attributeMap, attributeNames } from './model/shapes.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string(), AttributeNames: attributeNames });
const output = structure({ Attributes: attributeMap });

export function getQueueAttributes({ queues }: Sqs): Operation {
  return operation('GetQueueAttributes', input, output, async ({ QueueUrl: url, AttributeNames: names = [] }, call) => {
    const queue = queues.at(url, call);
    checkReadable(names);
    return { Attributes: queue.attributes(names) };
  });
}
