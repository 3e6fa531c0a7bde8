import { crc32 } from 'node:zlib';
import { SubscribeToShardCommand } from '@aws-sdk/client-kinesis';
import type { StartingPosition, SubscribeToShardEvent } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { account, kinesisEndpoint } from './endpoint.ts';
import type { KinesisEndpoint } from './endpoint.ts';
import { refusalOf } from './refusals.ts';

const StreamARN = `arn:aws:kinesis:us-east-1:${account}:stream/s`;
const ShardId = 'shardId-000000000000';

async function consumer(endpoint: KinesisEndpoint): Promise<string> {
  await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
  return (await endpoint.ok('RegisterStreamConsumer', { StreamARN, ConsumerName: 'c' })).Consumer.ConsumerARN;
}

async function subscribe(
  endpoint: KinesisEndpoint,
  ConsumerARN: string,
  position: StartingPosition,
): Promise<AsyncIterator<SubscribeToShardEvent>> {
  const command = new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition: position });
  const { EventStream } = await endpoint.client().send(command);
  return (async function* events() {
    for await (const { SubscribeToShardEvent: event } of EventStream ?? []) if (event !== undefined) yield event;
  })();
}

async function put(endpoint: KinesisEndpoint, ...texts: readonly string[]): Promise<string[]> {
  const Records = texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text).toString('base64') }));
  const answer = await endpoint.ok('PutRecords', { StreamName: 's', Records });
  return answer.Records.map(({ SequenceNumber }: { SequenceNumber: string }) => SequenceNumber);
}

const keys = (event: SubscribeToShardEvent | undefined): (string | undefined)[] =>
  event?.Records?.map(({ PartitionKey }) => PartitionKey) ?? [];

async function next(events: AsyncIterator<SubscribeToShardEvent>): Promise<SubscribeToShardEvent | undefined> {
  const { done, value } = await events.next();
  return done === true ? undefined : value;
}

describe('a subscription', () => {
  it('sends what is there, then what comes, over HTTP/2', async () => {
    await using endpoint = await kinesisEndpoint();
    const arn = await consumer(endpoint);
    await put(endpoint, 'a', 'b');
    const events = await subscribe(endpoint, arn, { Type: 'TRIM_HORIZON' });
    const first = await next(events);
    expect(keys(first)).toEqual(['a', 'b']);
    expect(first?.MillisBehindLatest).toBe(0);
    const [last] = await put(endpoint, 'c');
    const second = await next(events);
    expect(keys(second)).toEqual(['c']);
    expect(second?.ContinuationSequenceNumber).toBe(last);
    expect(Buffer.from(second?.Records?.[0]?.Data ?? []).toString()).toBe('c');
    await events.return?.();
  });

  it('goes on after the number that it gave', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock });
    const arn = await consumer(endpoint);
    await put(endpoint, 'a');
    const events = await subscribe(endpoint, arn, { Type: 'TRIM_HORIZON' });
    const SequenceNumber = (await next(events))?.ContinuationSequenceNumber;
    await put(endpoint, 'b');
    clock.turn(5000);
    const again = await subscribe(endpoint, arn, { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber });
    expect(keys(await next(again))).toEqual(['b']);
    await again.return?.();
  });

  it('that reads nothing yet can be continued, too', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock });
    const arn = await consumer(endpoint);
    const events = await subscribe(endpoint, arn, { Type: 'LATEST' });
    const first = await next(events);
    expect(keys(first)).toEqual([]);
    await put(endpoint, 'a');
    clock.turn(5000);
    const position = { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: first?.ContinuationSequenceNumber } as const;
    const again = await subscribe(endpoint, arn, position);
    expect(keys(await next(again))).toEqual(['a']);
    await again.return?.();
  });

  it('gives a sign of life every five seconds, and ends after five minutes', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock });
    const events = await subscribe(endpoint, await consumer(endpoint), { Type: 'LATEST' });
    await next(events);
    for (let i = 0; i < 3; i++) {
      await expect.poll(() => clock.pending).toBeGreaterThanOrEqual(3);
      clock.turn(5000);
      expect(keys(await next(events))).toEqual([]);
    }
    clock.turn(285_000);
    let event: SubscribeToShardEvent | undefined;
    do event = await next(events);
    while (event !== undefined);
    expect((await events.next()).done).toBe(true);
  });

  it('is refused within five seconds of another, and takes its place after that', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock });
    const ConsumerARN = await consumer(endpoint);
    const events = await subscribe(endpoint, ConsumerARN, { Type: 'LATEST' });
    await next(events);
    clock.turn(4999);
    const input = { ConsumerARN, ShardId, StartingPosition: { Type: 'LATEST' } };
    expect(await refusalOf(endpoint, 'SubscribeToShard', input)).toEqual([
      'ResourceInUseException',
      `Another active subscription exists for this consumer: ${account}:s:${ShardId}:c`,
    ]);
    clock.turn(1);
    const other = await subscribe(endpoint, ConsumerARN, { Type: 'LATEST' });
    await next(other);
    while ((await next(events)) !== undefined);
    await put(endpoint, 'a');
    expect(keys(await next(other))).toEqual(['a']);
    await other.return?.();
  });

  it('ends with the shard, and names its children', async () => {
    await using endpoint = await kinesisEndpoint();
    const events = await subscribe(endpoint, await consumer(endpoint), { Type: 'TRIM_HORIZON' });
    await next(events);
    await endpoint.ok('SplitShard', { StreamName: 's', ShardToSplit: ShardId, NewStartingHashKey: '100' });
    const last = await next(events);
    expect(last?.ChildShards?.map((shard) => shard.ShardId)).toEqual(['shardId-000000000001', 'shardId-000000000002']);
    expect(last).not.toHaveProperty('ContinuationSequenceNumber');
    expect(await next(events)).toBeUndefined();
  });

  it('ends with an exception when the stream is deleted', async () => {
    await using endpoint = await kinesisEndpoint();
    const events = await subscribe(endpoint, await consumer(endpoint), { Type: 'TRIM_HORIZON' });
    await next(events);
    await endpoint.ok('DeleteStream', { StreamName: 's', EnforceConsumerDeletion: true });
    await expect(
      (async () => {
        while ((await next(events)) !== undefined);
      })(),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('is framed with checksums, over HTTP/1.1 as well', async () => {
    await using endpoint = await kinesisEndpoint();
    const ConsumerARN = await consumer(endpoint);
    await put(endpoint, 'a');
    const controller = new AbortController();
    const response = await fetch(endpoint.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Kinesis_20131202.SubscribeToShard' },
      body: JSON.stringify({ ConsumerARN, ShardId, StartingPosition: { Type: 'TRIM_HORIZON' } }),
      signal: controller.signal,
    });
    expect(response.headers.get('content-type')).toBe('application/vnd.amazon.eventstream');
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    let bytes = Buffer.alloc(0);
    for await (const chunk of response.body ?? []) {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.includes('"PartitionKey"')) break;
    }
    controller.abort();
    const names: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = bytes.readUInt32BE(at);
      const message = bytes.subarray(at, at + length);
      expect(message.readUInt32BE(8)).toBe(crc32(message.subarray(0, 8)));
      expect(message.readUInt32BE(length - 4)).toBe(crc32(message.subarray(0, length - 4)));
      const headers = message.subarray(12, 12 + message.readUInt32BE(4)).toString('latin1');
      // A name, the type of its value, two bytes of length, the value.
      const value = headers.slice(headers.indexOf(':event-type') + ':event-type'.length + 3);
      names.push(/^[\w-]+/.exec(value)?.[0] ?? headers);
      at += length;
    }
    expect(names).toEqual(['initial-response', 'SubscribeToShardEvent']);
  });
});

describe('the throughput of a subscription', () => {
  /** Six mebibytes in records of 512 KiB, put as fast as the shard takes them. */
  async function filled(quotas: 'enforce' | 'observe') {
    const clock = new ManualClock();
    const endpoint = await kinesisEndpoint({ clock, quotas });
    const arn = await consumer(endpoint);
    const record = { PartitionKey: 'k', Data: Buffer.alloc(512 * 1024 - 1).toString('base64') };
    for (let second = 0; second < 6; second++) {
      clock.turn(1000);
      await endpoint.ok('PutRecords', { StreamName: 's', Records: [record, record] });
    }
    const seen = { bytes: 0 };
    const events = await subscribe(endpoint, arn, { Type: 'TRIM_HORIZON' });
    const reading = (async () => {
      for (let event = await next(events); event !== undefined; event = await next(events)) {
        for (const { Data: data } of event.Records ?? []) seen.bytes += data?.length ?? 0;
        if (seen.bytes > 5.9 * 1024 * 1024) break;
      }
      await events.return?.();
    })();
    return { clock, endpoint, arn, seen, reading };
  }
  const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

  it('is 2 MiB a second where quotas are enforced: it waits, and nothing is refused', async () => {
    const { clock, endpoint, seen, reading } = await filled('enforce');
    await using _ = endpoint;
    // What a second allows comes at once.
    await expect.poll(() => mebibytes(seen.bytes)).toBe(2);
    await expect.poll(() => (clock.turn(50), mebibytes(seen.bytes)), { interval: 10 }).toBe(6);
    await reading;
    // An event may go beyond what is left, which then has to be made up for.
    expect(clock.now() - 1_700_000_006_000).toBeGreaterThanOrEqual(1500);
  });

  it('is only watched where they are observed', async () => {
    const { endpoint, arn, reading } = await filled('observe');
    await using _ = endpoint;
    await reading;
    const counted = await endpoint.store.readCounters('quota/kinesis-subscription-bytes/');
    expect([...counted.keys()]).toEqual([`quota/kinesis-subscription-bytes/${arn}/${ShardId}`]);
  });
});
