// StartMessageMoveTask: begins to move the messages of a dead-letter queue, to where they came from or to another queue.

import { invalidParameterValue, missingParameter } from '../errors.ts';
import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, string, structure } from '../shape.ts';
import { limits } from './model/limits.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({
  SourceArn: string(),
  DestinationArn: string(),
  MaxNumberOfMessagesPerSecond: integer(),
});
const output = structure({ TaskHandle: string() });

export function startMessageMoveTask({ queues }: Sqs): Operation {
  return operation(
    'StartMessageMoveTask',
    input,
    output,
    async ({ SourceArn: sourceArn, DestinationArn: destinationArn, MaxNumberOfMessagesPerSecond: rate }, call) => {
      if (sourceArn === undefined || sourceArn === '') throw missingParameter('SourceArn');
      const source = queues.byArn(sourceArn, 'SourceArn', call);
      if (queues.sourcesOf(source).length === 0) {
        throw invalidParameterValue('Source queue must be configured as a Dead Letter Queue.');
      }
      const isNamed = destinationArn !== undefined && destinationArn !== '';
      const destination = isNamed ? queues.byArn(destinationArn, 'DestinationArn', call) : undefined;
      if (destination === source) {
        throw invalidParameterValue('Source queue arn and destination queue arn cannot be the same.');
      }
      if (destination !== undefined && destination.isFifo !== source.isFifo) {
        throw invalidParameterValue('Source queue and destination queue must be of the same type.');
      }
      if (rate !== undefined && !(rate >= 1 && rate <= limits.movesPerSecond)) {
        throw invalidParameterValue(
          `Value ${rate} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and ` +
            `${limits.movesPerSecond}, if provided.`,
        );
      }
      const { handle } = await queues.moveTasks.begin(source, destination, rate);
      return { TaskHandle: handle };
    },
    { atResource: false },
  );
}
