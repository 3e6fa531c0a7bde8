// DescribeStreamConsumer: one consumer, by its ARN or its name.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import { consumerAt, consumerMembers, showConsumer } from './model/consumers.ts';
import type { Kinesis } from './model/kinesis.ts';
import { consumerDescription } from './model/shapes.ts';

const input = structure(consumerMembers);
const output = structure({ ConsumerDescription: required(consumerDescription) });

export function describeStreamConsumer(kinesis: Kinesis): Operation {
  return operation('DescribeStreamConsumer', input, output, async (names, call) => {
    const found = consumerAt(kinesis, names, call);
    return {
      ConsumerDescription: { ...showConsumer(found, kinesis.clock.now()), StreamARN: found.stream.arn },
    };
  });
}
