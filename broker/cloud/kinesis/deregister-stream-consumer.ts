// DeregisterStreamConsumer: the consumer is gone, and its subscriptions end.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { structure } from '../shape.ts';
import { consumerAt, consumerMembers } from './model/consumers.ts';
import type { Kinesis } from './model/kinesis.ts';
import { changeConsumer } from './model/resources.ts';

const input = structure(consumerMembers);

export function deregisterStreamConsumer(kinesis: Kinesis): Operation {
  const { streams, subscriptions, clock } = kinesis;
  return command('DeregisterStreamConsumer', input, async (names, call) => {
    const { stream, consumer } = consumerAt(kinesis, names, call);
    if (consumer.goneAt !== undefined) return;
    if (streams.stateDelayMs > 0) {
      await changeConsumer(stream, consumer.name, { goneAt: clock.now() + streams.stateDelayMs });
    } else {
      const consumers = stream.settings.consumers.filter(({ name }) => name !== consumer.name);
      await stream.change({ consumers });
    }
    subscriptions.end(stream.consumerArn(consumer));
  });
}
