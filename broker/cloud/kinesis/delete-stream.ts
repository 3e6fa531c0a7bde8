// DeleteStream: with all of its records; with its consumers only if that is said.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { boolean, structure } from '../shape.ts';
import { resourceInUse } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { streamMembers } from './model/shapes.ts';

const input = structure({ EnforceConsumerDeletion: boolean(), ...streamMembers });

export function deleteStream({ streams, subscriptions, clock }: Kinesis): Operation {
  return command('DeleteStream', input, async ({ EnforceConsumerDeletion: enforced = false, ...names }, call) => {
    const stream = streams.named(names, call);
    // A second request changes nothing.
    if (stream.status === 'DELETING') return;
    const consumers = stream.consumers(clock.now());
    if (consumers.length > 0 && !enforced) {
      throw resourceInUse(
        `DeleteStream can't delete ${stream.arn} because there are consumers associated with this data stream. To delete ` +
          `${stream.name} anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the ` +
          'consumers that are associated with it.',
      );
    }
    await streams.begin(stream, 'DELETING', { kind: 'delete', unseen: stream.isUnseen });
    for (const consumer of consumers) subscriptions.end(stream.consumerArn(consumer));
  });
}
