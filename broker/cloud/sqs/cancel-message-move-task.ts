// CancelMessageMoveTask: ends a task that moves messages; what it has moved stays moved.

import { invalidParameterValue, missingParameter } from '../errors.ts';
import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, string, structure } from '../shape.ts';
import { resourceNotFound } from './model/errors.ts';
import { parseTaskHandle } from './model/move-task.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ TaskHandle: string() });
const output = structure({ ApproximateNumberOfMessagesMoved: integer() });

export function cancelMessageMoveTask({ queues }: Sqs): Operation {
  return operation(
    'CancelMessageMoveTask',
    input,
    output,
    async ({ TaskHandle: handle }, call) => {
      if (handle === undefined || handle === '') throw missingParameter('TaskHandle');
      const parsed = parseTaskHandle(handle);
      if (parsed === undefined) throw invalidParameterValue('Value for parameter TaskHandle is invalid.');
      const source = queues.byArn(parsed.sourceArn, 'SourceArn', call);
      const task = queues.moveTasks.of(source.arn).find(({ state }) => state.id === parsed.taskId);
      if (task === undefined) throw resourceNotFound('Task does not exist.');
      if (!task.isActive) throw invalidParameterValue('Only active tasks can be cancelled.');
      await queues.moveTasks.cancel(task);
      return { ApproximateNumberOfMessagesMoved: task.state.moved };
    },
    { atResource: false },
  );
}
