// SubscribeToShard: the records of a shard as they come, for five minutes (enhanced fan-out). An event comes at least every
// five seconds, empty if need be.

import type { Shard } from '../../core/stream-shard.ts';
import { operation } from '../service.ts';
import type { Call, Operation } from '../service.ts';
import { integer, required, string, structure } from '../shape.ts';
import type { Value } from '../shape.ts';
import { consumerAt, requireActiveConsumer } from './model/consumers.ts';
import { dryRunSucceeded, resourceInUse, resourceNotFound } from './model/errors.ts';
import type { Kinesis } from './model/kinesis.ts';
import type { KinesisStream } from './model/kinesis-stream.ts';
import { limits } from './model/limits.ts';
import { resolveStart } from './model/positions.ts';
import { childrenAtEnd, millisBehind, showRecords } from './model/reading.ts';
import { continuationOf } from './model/sequence-number.ts';
import { childShards, consumerArn, dryRun, records, shardId, startingPosition, streamId } from './model/shapes.ts';
import { shardIdOf } from './model/shard-id.ts';
import { findShard, parseShardName } from './model/shard-names.ts';
import type { Pace } from './model/throughput.ts';

const input = structure({
  ConsumerARN: required(consumerArn),
  StreamId: streamId,
  ShardId: required(shardId),
  StartingPosition: required(startingPosition),
  DryRun: dryRun,
});
const event = structure({
  Records: required(records),
  ContinuationSequenceNumber: string(),
  MillisBehindLatest: required(integer()),
  ChildShards: childShards,
});
const events = { member: 'EventStream', events: { SubscribeToShardEvent: event } } as const;

interface Event {
  readonly SubscribeToShardEvent: Value<typeof event>;
}

export function subscribeToShard(kinesis: Kinesis): Operation {
  const { clock, subscriptions, throughput } = kinesis;
  const made = operation('SubscribeToShard', input, structure({}), async (given, call) => {
    const { ConsumerARN: arn, StreamId: id, StartingPosition: from, DryRun: isDry = false } = given;
    const found = consumerAt(kinesis, { ConsumerARN: arn }, call);
    const { stream, consumer } = found;
    if (id !== undefined && stream.id !== id) throw resourceNotFound(`Stream ${id} not found.`);
    const now = clock.now();
    requireActiveConsumer(found, now, call.account);
    const shard = findShard(stream, parseShardName(given.ShardId, { StreamName: stream.name }, call));
    const start = { type: from.Type, sequenceNumber: from.SequenceNumber, timestamp: from.Timestamp };
    const position = await resolveStart(stream, shard, start, { operation: 'SubscribeToShard', now });
    if (isDry) throw dryRunSucceeded();
    const replaced = subscriptions.begin(arn, shard.number);
    if (replaced === undefined) {
      throw resourceInUse(
        `Another active subscription exists for this consumer: ${call.account}:${stream.name}:` +
          `${shardIdOf(shard.number)}:${consumer.name}`,
      );
    }
    const pace = throughput.subscription(arn, shard);
    return { EventStream: follow(kinesis, stream, shard, position, call, replaced, pace) };
  });
  return { ...made, events };
}

async function* follow(
  { clock }: Kinesis,
  stream: KinesisStream,
  shard: Shard,
  from: number,
  call: Call,
  replaced: AbortSignal,
  pace: Pace | undefined,
): AsyncGenerator<Event> {
  const ended = new AbortController();
  const ending = clock.after(limits.subscriptionMs, () => ended.abort());
  const over = AbortSignal.any([call.signal, replaced, ended.signal]);
  const { core } = stream;
  let position = from;
  try {
    while (!over.aborted) {
      const page = await core.read(shard, position, { records: limits.readRecords, bytes: limits.eventBytes });
      if (core.isDropped) throw resourceNotFound(`Stream ${stream.name} under account ${call.account} not found.`);
      position = page.next;
      pace?.meter.charge(page.bytes);
      const children = childrenAtEnd(stream, shard, position);
      const now = clock.now();
      stream.metrics['SubscribeToShardEvent.Records'] += page.records.length;
      stream.metrics['SubscribeToShardEvent.Bytes'] += page.bytes;
      call.client.messagesOut += page.records.length;
      yield {
        SubscribeToShardEvent: {
          Records: showRecords(shard, page),
          // Nothing follows the end of a shard.
          ContinuationSequenceNumber: children === undefined ? continuationOf(shard, position, now) : undefined,
          MillisBehindLatest: millisBehind(shard, page, now),
          ChildShards: children,
        },
      };
      if (children !== undefined) return;
      if (position >= shard.nextPosition) await idle(clock, shard, position, over);
      if (pace !== undefined) await slowDown(clock, pace, over);
    }
  } finally {
    ending.cancel();
  }
}

/** Until the consumer may be given more. */
async function slowDown(clock: Kinesis['clock'], { enforced, meter }: Pace, over: AbortSignal): Promise<void> {
  // What is taken is known when it was read: this only asks, and counts.
  if (meter.take(0) || !enforced) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  const timer = clock.after(meter.waitMs, end);
  over.addEventListener('abort', end);
  await promise;
  over.removeEventListener('abort', end);
  timer.cancel();
}

/** Until there is more, or it is time for a sign of life. */
async function idle(clock: Kinesis['clock'], shard: Shard, position: number, over: AbortSignal): Promise<void> {
  if (over.aborted) return;
  const due = new AbortController();
  const end = (): void => due.abort();
  const timer = clock.after(limits.heartbeatMs, end);
  // Not a signal made of both: it costs more than the event that it waits for.
  over.addEventListener('abort', end);
  try {
    await shard.waitFor(position, due.signal);
  } finally {
    over.removeEventListener('abort', end);
    timer.cancel();
  }
}
