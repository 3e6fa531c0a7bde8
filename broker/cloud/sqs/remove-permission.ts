// RemovePermission: removes a statement from a queue's access policy by its label.

import { missingParameter } from '../errors.ts';
import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { string, structure } from '../shape.ts';
import { withoutPermission } from './model/access-policy.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ QueueUrl: string(), Label: string() });

export function removePermission({ queues }: Sqs): Operation {
  return command('RemovePermission', input, async ({ QueueUrl: url, Label: label }, call) => {
    const queue = queues.at(url, call);
    if (label === undefined || label === '') throw missingParameter('Label');
    await queues.setPolicy(queue, withoutPermission(queue.stored.told.get('Policy'), label));
  });
}
