// ListMessageMoveTasks: the latest tasks that moved messages out of a queue, at most ten, the newest first.

import { invalidParameterValue, missingParameter } from '../errors.ts';
import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, list, string, structure } from '../shape.ts';
import type { Value } from '../shape.ts';
import { limits } from './model/limits.ts';
import type { MoveTask } from './model/move-task.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({ SourceArn: string(), MaxResults: integer() });

const task = structure({
  TaskHandle: string(),
  Status: string(),
  SourceArn: string(),
  DestinationArn: string(),
  MaxNumberOfMessagesPerSecond: integer(),
  ApproximateNumberOfMessagesMoved: integer(),
  ApproximateNumberOfMessagesToMove: integer(),
  FailureReason: string(),
  StartedTimestamp: integer(),
});

const output = structure({ Results: list(task, { flat: 'ListMessageMoveTasksResultEntry' }) });

export function listMessageMoveTasks({ queues }: Sqs): Operation {
  return operation(
    'ListMessageMoveTasks',
    input,
    output,
    async ({ SourceArn: sourceArn, MaxResults: max = 1 }, call) => {
      if (sourceArn === undefined || sourceArn === '') throw missingParameter('SourceArn');
      const source = queues.byArn(sourceArn, 'SourceArn', call);
      if (!(max >= 1 && max <= limits.listedMoveTasks)) {
        throw invalidParameterValue(
          `Value ${max} for parameter MaxResults is invalid. Reason: Must be between 1 and ${limits.listedMoveTasks}, ` +
            'if provided.',
        );
      }
      return { Results: queues.moveTasks.of(source.arn).slice(0, max).map(show) };
    },
    { atResource: false },
  );
}

function show({ handle, state }: MoveTask): Value<typeof task> {
  return {
    // Only what runs can be cancelled.
    TaskHandle: state.status === 'RUNNING' ? handle : undefined,
    Status: state.status,
    SourceArn: state.sourceArn,
    DestinationArn: state.destinationArn,
    MaxNumberOfMessagesPerSecond: state.perSecond,
    ApproximateNumberOfMessagesMoved: state.moved,
    ApproximateNumberOfMessagesToMove: state.toMove,
    FailureReason: state.failureReason,
    StartedTimestamp: state.startedAt,
  };
}
