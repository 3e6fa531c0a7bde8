// What an ARN stands for: a stream, or a consumer of one.

import type { Call } from '../../service.ts';
import { parseArn } from './arn.ts';
import { invalidArgument, resourceNotFound, streamNotFound } from './errors.ts';
import type { Kinesis } from './kinesis.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import type { ConsumerSettings, Tags } from './settings.ts';

/** Tags and policy are kept in the same way with streams and with consumers. */
export interface Resource {
  readonly arn: string;
  readonly stream: KinesisStream;
  /** Undefined: it is the stream. */
  readonly consumer: ConsumerSettings | undefined;
  /** As AWS names it in refusals. */
  readonly owner: string;
  readonly tags: Tags;
  readonly policy: string | undefined;
  change(change: { readonly tags?: Tags; readonly policy?: string | undefined }): Promise<void>;
}

/** @throws AwsError ResourceNotFoundException; InvalidArgumentException for what is no stream's or consumer's ARN. */
export function resourceAt({ streams, clock }: Kinesis, arn: string, id: string | undefined, call: Call): Resource {
  const parsed = parseArn(arn);
  if (parsed === undefined) {
    // There are no channels.
    if (arn.includes(':channel/')) throw resourceNotFound(`Channel ${arn} not found.`);
    throw invalidArgument(`ResourceARN ${arn} is not a valid ARN of a stream or a consumer.`);
  }
  const stream = streams.find(parsed, parsed.stream);
  if (stream === undefined || (id !== undefined && stream.id !== id)) throw streamNotFound(arn, call.account);
  if (parsed.consumer === undefined) {
    const { tags, policy } = stream.settings;
    const owner = `stream ${stream.name} under account ${call.account}`;
    return { arn, stream, consumer: undefined, owner, tags, policy, change: (change) => stream.change(change) };
  }
  const consumer = stream.consumers(clock.now()).find((one) => stream.consumerArn(one) === arn);
  if (consumer === undefined) throw resourceNotFound(`Consumer ${arn} not found.`);
  const { name, tags, policy } = consumer;
  return {
    arn,
    stream,
    consumer,
    owner: `consumer ${name} under stream ${stream.name}, account ${call.account}`,
    tags,
    policy,
    change: (change) => changeConsumer(stream, name, change),
  };
}

/** Resolves once it is stored. */
export async function changeConsumer(
  stream: KinesisStream,
  name: string,
  change: Partial<ConsumerSettings>,
): Promise<void> {
  const consumers = stream.settings.consumers.map((one) => (one.name === name ? { ...one, ...change } : one));
  await stream.change({ consumers });
}
