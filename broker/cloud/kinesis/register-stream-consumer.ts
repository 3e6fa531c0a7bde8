// RegisterStreamConsumer: a consumer of enhanced fan-out.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import { showConsumer } from './model/consumers.ts';
import { limitExceeded, resourceInUse } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import { statusOf } from './model/kinesis-stream.ts';
import { limits } from './model/limits.ts';
import { consumerName, shownConsumer, streamArn, streamId, tagMap } from './model/shapes.ts';
import { withTags } from './model/tags.ts';

const input = structure({
  StreamARN: required(streamArn),
  ConsumerName: required(consumerName),
  StreamId: streamId,
  Tags: tagMap,
});
const output = structure({ Consumer: required(shownConsumer) });

export function registerStreamConsumer({ streams, accounts, clock }: Kinesis): Operation {
  return operation('RegisterStreamConsumer', input, output, async (given, call) => {
    const { ConsumerName: name, StreamARN, StreamId, Tags: tags = new Map() } = given;
    const stream = streams.named({ StreamARN, StreamId }, call);
    if (!stream.isReadable) stream.requireActive();
    const now = clock.now();
    const present = stream.consumers(now);
    const owner = `consumer ${name} under stream ${stream.name}, account ${call.account}`;
    if (present.some((one) => one.name === name)) {
      throw resourceInUse(`Consumer ${name} under stream: ${stream.name}, account ${call.account} already exists.`);
    }
    const most = accounts.isCommitted(call) ? limits.consumersOnCommitment : limits.consumers;
    const making = present.filter((one) => statusOf(one, now) === 'CREATING');
    if (present.length >= most || making.length >= limits.consumersBeingMade) {
      throw limitExceeded(
        `Consumer limit exceeded for stream ${stream.name} under account ${call.account}: at most ${most} consumers, of ` +
          `which ${limits.consumersBeingMade} in CREATING status.`,
      );
    }
    const consumer = { name, createdAt: now, activeAt: now + streams.stateDelayMs, tags: withTags([], tags, owner) };
    await stream.change({ consumers: [...present, consumer] });
    return { Consumer: showConsumer({ stream, consumer }, now) };
  });
}
