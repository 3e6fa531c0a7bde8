import { GetRecordsCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { account, kinesisEndpoint } from './endpoint.ts';
import type { KinesisEndpoint } from './endpoint.ts';
import { atLeastOne, breaches, notNull, refusalOf, takesWrongKinds } from './refusals.ts';

async function iteratorOf(endpoint: KinesisEndpoint, type: string, more: object = {}): Promise<string> {
  const place = { StreamName: 's', ShardId: 'shardId-000000000000', ShardIteratorType: type, ...more };
  return (await endpoint.ok('GetShardIterator', place)).ShardIterator;
}

async function put(endpoint: KinesisEndpoint, ...texts: readonly string[]): Promise<string[]> {
  const Records = texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text).toString('base64') }));
  const answer = await endpoint.ok('PutRecords', { StreamName: 's', Records });
  return answer.Records.map(({ SequenceNumber }: { SequenceNumber: string }) => SequenceNumber);
}

function keysOf({ Records }: { readonly Records: readonly { readonly PartitionKey: string }[] }): string[] {
  return Records.map(({ PartitionKey }) => PartitionKey);
}

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await kinesisEndpoint();
    expect(await takesWrongKinds(endpoint, 'GetRecords', { Limit: 'Integer', ShardIterator: 'String' })).toEqual([]);
  });
});

describe('validation', () => {
  it.each([
    [{}, breaches(['shardIterator', 'null', notNull])],
    [
      { ShardIterator: '', Limit: 0 },
      breaches(
        ['limit', "'0'", 'Member must have value greater than or equal to 1'],
        ['shardIterator', "''", atLeastOne],
      ),
    ],
    [{ ShardIterator: 'any' }, ['InvalidArgumentException', 'Invalid ShardIterator.']],
    [
      { ShardIterator: Buffer.alloc(152, 1).toString('base64') },
      ['InvalidArgumentException', 'Invalid ShardIterator.'],
    ],
  ])('%#', async (input, expected) => {
    await using endpoint = await kinesisEndpoint();
    expect(await refusalOf(endpoint, 'GetRecords', input)).toEqual(expected);
  });

  it('of an iterator after five minutes', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock });
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const ShardIterator = await iteratorOf(endpoint, 'LATEST');
    clock.turn(300_000);
    await endpoint.ok('GetRecords', { ShardIterator });
    clock.turn(1);
    expect(await refusalOf(endpoint, 'GetRecords', { ShardIterator })).toEqual([
      'ExpiredIteratorException',
      'Iterator expired. The iterator was created at time Tue Nov 14 22:13:20 UTC 2023 while right now it is Tue Nov 14 ' +
        '22:18:20 UTC 2023 which is further in the future than the tolerated delay of 300000 milliseconds.',
    ]);
  });

  it('of an iterator whose stream is gone', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const ShardIterator = await iteratorOf(endpoint, 'LATEST');
    await endpoint.ok('DeleteStream', { StreamName: 's' });
    const expected = [
      'ResourceNotFoundException',
      `Shard shardId-000000000000 in stream s under account ${account} does not exist`,
    ];
    expect(await refusalOf(endpoint, 'GetRecords', { ShardIterator })).toEqual(expected);
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    expect(await refusalOf(endpoint, 'GetRecords', { ShardIterator })).toEqual(expected);
  });
});

describe('function', () => {
  it('reads from each kind of start', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock });
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const [a = ''] = await put(endpoint, 'a', 'b');
    clock.turn(5000);
    await put(endpoint, 'c');
    const read = async (type: string, more?: object): Promise<string[]> => {
      const ShardIterator = await iteratorOf(endpoint, type, more);
      return keysOf(await endpoint.ok('GetRecords', { ShardIterator }));
    };
    expect(await read('TRIM_HORIZON')).toEqual(['a', 'b', 'c']);
    expect(await read('AT_SEQUENCE_NUMBER', { StartingSequenceNumber: a })).toEqual(['a', 'b', 'c']);
    expect(await read('AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber: a })).toEqual(['b', 'c']);
    expect(await read('AT_TIMESTAMP', { Timestamp: clock.now() / 1000 - 4 })).toEqual(['c']);
    expect(await read('AT_TIMESTAMP', { Timestamp: 1 })).toEqual(['a', 'b', 'c']);
    expect(await read('LATEST')).toEqual([]);
    const { StreamDescription } = await endpoint.ok('DescribeStream', { StreamName: 's' });
    const { StartingSequenceNumber } = StreamDescription.Shards[0].SequenceNumberRange;
    expect(await read('AT_SEQUENCE_NUMBER', { StartingSequenceNumber })).toEqual(['a', 'b', 'c']);
    expect(await read('AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber })).toEqual(['a', 'b', 'c']);
  });

  it('goes on where the last answer ended, and takes an iterator again', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    await put(endpoint, 'a', 'b', 'c');
    const ShardIterator = await iteratorOf(endpoint, 'TRIM_HORIZON');
    const first = await endpoint.ok('GetRecords', { ShardIterator, Limit: 2 });
    expect(keysOf(first)).toEqual(['a', 'b']);
    expect(first.MillisBehindLatest).toBeGreaterThanOrEqual(0);
    const second = await endpoint.ok('GetRecords', { ShardIterator: first.NextShardIterator });
    expect(keysOf(second)).toEqual(['c']);
    expect(second.MillisBehindLatest).toBe(0);
    expect(keysOf(await endpoint.ok('GetRecords', { ShardIterator: `"${ShardIterator}"` }))).toEqual(['a', 'b', 'c']);
    await put(endpoint, 'd');
    expect(keysOf(await endpoint.ok('GetRecords', { ShardIterator: second.NextShardIterator }))).toEqual(['d']);
  });

  it('says how far behind it is', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock });
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    await put(endpoint, 'a');
    clock.turn(5000);
    await put(endpoint, 'b');
    clock.turn(1000);
    const ShardIterator = await iteratorOf(endpoint, 'TRIM_HORIZON');
    expect((await endpoint.ok('GetRecords', { ShardIterator, Limit: 1 })).MillisBehindLatest).toBe(6000);
  });

  it('ends with the shard, and names its children', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    await put(endpoint, 'a');
    const ShardIterator = await iteratorOf(endpoint, 'TRIM_HORIZON');
    const half = String(2n ** 127n);
    await endpoint.ok('SplitShard', { StreamName: 's', ShardToSplit: 'shardId-0', NewStartingHashKey: half });
    const last = await endpoint.ok('GetRecords', { ShardIterator });
    expect(keysOf(last)).toEqual(['a']);
    expect(last).not.toHaveProperty('ChildShards');
    const answer = await endpoint.ok('GetRecords', { ShardIterator: last.NextShardIterator });
    expect(answer.Records).toEqual([]);
    expect(answer).not.toHaveProperty('NextShardIterator');
    expect(answer.ChildShards).toEqual([
      {
        ShardId: 'shardId-000000000001',
        ParentShards: ['shardId-000000000000'],
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 127n - 1n) },
      },
      {
        ShardId: 'shardId-000000000002',
        ParentShards: ['shardId-000000000000'],
        HashKeyRange: { StartingHashKey: half, EndingHashKey: String(2n ** 128n - 1n) },
      },
    ]);
  });

  it('keeps to 10 MiB, but not below a record', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const Data = Buffer.alloc(1024 * 1024 - 1, 1);
    for (let i = 0; i < 12; i++) {
      await endpoint.ok('PutRecord', { StreamName: 's', PartitionKey: 'k', Data: Data.toString('base64') });
    }
    const ShardIterator = await iteratorOf(endpoint, 'TRIM_HORIZON');
    const answer = await endpoint.client().send(new GetRecordsCommand({ ShardIterator }));
    expect(answer.Records).toHaveLength(10);
    expect(answer.Records?.every((record) => Data.equals(record.Data ?? Data))).toBe(true);
    expect(answer.Records?.[0]?.ApproximateArrivalTimestamp).toBeInstanceOf(Date);
  });

  it('passes aggregated records of the KPL through as they are', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const aggregated = Buffer.from(
      'f3899ac20a01611a0f0800220b68656c6c6f20776f726c64d41d8cd98f00b204e9800998ecf8427e',
      'hex',
    );
    await endpoint.ok('PutRecord', { StreamName: 's', PartitionKey: 'a', Data: aggregated.toString('base64') });
    const { Records } = await endpoint.ok('GetRecords', { ShardIterator: await iteratorOf(endpoint, 'TRIM_HORIZON') });
    expect(Records[0].Data).toBe(aggregated.toString('base64'));
  });
});
