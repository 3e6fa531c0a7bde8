// Consumers of enhanced fan-out, as the actions find and show them.

import type { Call } from '../../service.ts';
import { requiredUnless } from '../../shape.ts';
import type { Value } from '../../shape.ts';
import { parseArn } from './arn.ts';
import { invalidArgument, resourceInUse, resourceNotFound } from './errors.ts';
import type { Kinesis } from './kinesis.ts';
import { statusOf } from './kinesis-stream.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import type { ConsumerSettings } from './settings.ts';
import { consumerArn, consumerName, streamArn, streamId } from './shapes.ts';
import type { shownConsumer } from './shapes.ts';
import { wholeSeconds } from './whole-seconds.ts';

/** How a request names a consumer: by its ARN, or by its name and its stream. */
export const consumerMembers = {
  StreamARN: requiredUnless(['ConsumerARN', 'StreamId'], streamArn),
  ConsumerName: requiredUnless(['ConsumerARN'], consumerName),
  ConsumerARN: consumerArn,
  StreamId: streamId,
};

export interface ConsumerNames {
  readonly StreamARN?: string | undefined;
  readonly ConsumerName?: string | undefined;
  readonly ConsumerARN?: string | undefined;
  readonly StreamId?: string | undefined;
}

export interface Found {
  readonly stream: KinesisStream;
  readonly consumer: ConsumerSettings;
}

/** @throws AwsError ResourceNotFoundException, InvalidArgumentException. */
export function consumerAt({ streams, clock }: Kinesis, names: ConsumerNames, call: Call): Found {
  const { ConsumerARN: arn, ConsumerName: name, StreamARN, StreamId } = names;
  const parsed = arn === undefined ? undefined : parseArn(arn);
  if (arn !== undefined && parsed === undefined) throw invalidArgument(`ConsumerARN ${arn} is not valid.`);
  const stream =
    parsed === undefined ? streams.named({ StreamARN, StreamId }, call) : streams.find(parsed, parsed.stream);
  const consumer = stream
    ?.consumers(clock.now())
    .find((one) => (arn === undefined || stream.consumerArn(one) === arn) && (name === undefined || one.name === name));
  if (stream === undefined || consumer === undefined) {
    throw resourceNotFound(`Consumer ${arn ?? name ?? ''}, account ${call.account} not found.`);
  }
  return { stream, consumer };
}

/** @throws AwsError ResourceInUseException. */
export function requireActiveConsumer({ stream, consumer }: Found, now: number, account: string): void {
  if (statusOf(consumer, now) === 'ACTIVE') return;
  throw resourceInUse(
    `Consumer ${consumer.name} with creation timestamp ${Math.floor(consumer.createdAt / 1000)} under stream: ` +
      `${stream.name}, account ${account} is not in ACTIVE status.`,
  );
}

export function showConsumer({ stream, consumer }: Found, now: number): Value<typeof shownConsumer> {
  return {
    ConsumerName: consumer.name,
    ConsumerARN: stream.consumerArn(consumer),
    ConsumerStatus: statusOf(consumer, now),
    ConsumerCreationTimestamp: wholeSeconds(consumer.createdAt),
  };
}
