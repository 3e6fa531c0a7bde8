// TagQueue: adds tags to a queue; a tag whose key is there is replaced.

import { invalidParameterValue, missingParameter } from '../errors.ts';
import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { limits } from './model/limits.ts';
import { checkTags } from './model/tags.ts';
import { tagMap } from './model/shapes.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string(), Tags: required(tagMap) });

export function tagQueue({ queues }: Sqs): Operation {
  return command('TagQueue', input, async ({ QueueUrl: url, Tags: added }, call) => {
    const queue = queues.at(url, call);
    if (added.size === 0) throw missingParameter('Tags');
    checkTags(added);
    const tags = new Map([...queue.stored.tags, ...added]);
    if (tags.size > limits.tags) throw invalidParameterValue(`Too many tags added for queue ${queue.core.name}.`);
    await queues.change(queue, { ...queue.stored, tags });
  });
}
