import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  paginateListStreams,
  waitUntilStreamExists,
  waitUntilStreamNotExists,
} from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../broker/store/memory-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { account, kinesisEndpoint } from './endpoint.ts';
import {
  atLeastOne,
  breaches,
  namePattern,
  notNull,
  recordsOf,
  refusalOf,
  streamNotFound,
  takesWrongKinds,
} from './refusals.ts';

const arn = (name: string): string => `arn:aws:kinesis:us-east-1:${account}:stream/${name}`;

describe('CreateStream', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await kinesisEndpoint();
    const members = {
      ShardCount: 'Integer',
      StreamName: 'String',
      Tags: 'Map',
      StreamModeDetails: 'Structure',
    } as const;
    expect(await takesWrongKinds(endpoint, 'CreateStream', members)).toEqual([]);
  });

  it.each([
    [{}, breaches(['streamName', 'null', notNull])],
    [
      { StreamName: '', ShardCount: 0 },
      breaches(
        ['shardCount', "'0'", 'Member must have value greater than or equal to 1'],
        ['streamName', "''", namePattern],
        ['streamName', "''", atLeastOne],
      ),
    ],
    [
      { StreamName: 'n', ShardCount: 100_000_000_000 },
      breaches(['shardCount', "'2147483647'", 'Member must have value less than or equal to 100000']),
    ],
    [
      { StreamName: 's', ShardCount: 1 },
      ['ResourceInUseException', `Stream s under account ${account} already exists.`],
    ],
    [
      { StreamName: 'n', ShardCount: 20_000 },
      [
        'LimitExceededException',
        `This request would exceed the shard limit for the account ${account} in us-east-1. Current shard count for the ` +
          'account: 1. Limit: 20000. Number of additional shards that would have resulted from this request: 20000. Refer to ' +
          'the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current ' +
          'limits and how to request higher limits.',
      ],
    ],
    [
      { StreamName: 'n', StreamModeDetails: { StreamMode: 'ON_DEMAND' }, ShardCount: 1 },
      ['ValidationException', expect.stringContaining('ON_DEMAND')],
    ],
    [
      { StreamName: 'n', ShardCount: 1, Tags: { 'a;b': 'c' } },
      ['InvalidArgumentException', expect.stringContaining('Some tags contain invalid characters.')],
    ],
  ])('refuses %j', async (input, expected) => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    expect(await refusalOf(endpoint, 'CreateStream', input)).toEqual(expected);
  });

  it('divides the hash keys evenly', async () => {
    await using endpoint = await kinesisEndpoint();
    expect((await endpoint.json('CreateStream', { StreamName: 's', ShardCount: 3 })).text).toBe('');
    const { StreamDescription } = await endpoint.ok('DescribeStream', { StreamName: 's' });
    const { Shards, StreamCreationTimestamp, ...others } = StreamDescription;
    expect(others).toEqual({
      StreamName: 's',
      StreamARN: arn('s'),
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      HasMoreShards: false,
      RetentionPeriodHours: 24,
      EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
      EncryptionType: 'NONE',
    });
    expect(Number.isInteger(StreamCreationTimestamp)).toBe(true);
    expect(Shards.map((shard: { HashKeyRange: object }) => shard.HashKeyRange)).toEqual([
      { StartingHashKey: '0', EndingHashKey: '113427455640312821154458202477256070484' },
      {
        StartingHashKey: '113427455640312821154458202477256070485',
        EndingHashKey: '226854911280625642308916404954512140969',
      },
      {
        StartingHashKey: '226854911280625642308916404954512140970',
        EndingHashKey: '340282366920938463463374607431768211455',
      },
    ]);
    const starts = Shards.map((shard: { SequenceNumberRange: { StartingSequenceNumber: string } }) =>
      BigInt(shard.SequenceNumberRange.StartingSequenceNumber),
    );
    // As far apart as the numbers of two shards are in AWS.
    expect(starts[1] - starts[0]).toBe(22300745198530623141535718272648361505980432n);
  });

  it('makes four shards on demand, if nothing is said', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.client().send(new CreateStreamCommand({ StreamName: 's' }));
    const { StreamDescriptionSummary: summary } = await endpoint
      .client()
      .send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
    expect(summary).toMatchObject({ OpenShardCount: 4, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    expect(summary).toMatchObject({ ConsumerCount: 0, MaxRecordSizeInKiB: 1024, StreamStatus: 'ACTIVE' });
    expect(summary?.StreamCreationTimestamp).toBeInstanceOf(Date);
    const update = { StreamName: 's', TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' };
    expect(await refusalOf(endpoint, 'UpdateShardCount', update)).toEqual([
      'ValidationException',
      'Request is invalid. Stream s under account 000000000000 is in On-Demand mode.',
    ]);
  });
});

describe('DescribeStream', () => {
  it('pages shards', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 5 });
    const first = (await endpoint.ok('DescribeStream', { StreamName: 's', Limit: 2 })).StreamDescription;
    expect([first.Shards.length, first.HasMoreShards]).toEqual([2, true]);
    const after = { StreamName: 's', ExclusiveStartShardId: 'shardId-000000000002' };
    const last = (await endpoint.ok('DescribeStream', after)).StreamDescription;
    expect([last.Shards.length, last.HasMoreShards]).toEqual([2, false]);
  });

  it('finds streams by name, ARN and id', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const { StreamDescriptionSummary } = await endpoint.ok('DescribeStreamSummary', { StreamARN: arn('s') });
    const { StreamId } = StreamDescriptionSummary;
    expect(StreamId).toMatch(/^[a-z0-9]{20}-[a-z0-9]{3}$/);
    expect((await endpoint.ok('DescribeStream', { StreamId })).StreamDescription.StreamName).toBe('s');
    expect(await refusalOf(endpoint, 'DescribeStream', { StreamARN: arn('n') })).toEqual(streamNotFound('n'));
    expect(await refusalOf(endpoint, 'DescribeStream', { StreamName: 'n' })).toEqual(streamNotFound('n'));
    expect(await refusalOf(endpoint, 'DescribeStream', {})).toEqual(breaches(['streamName', 'null', notNull]));
    const [type] = await refusalOf(endpoint, 'DescribeStream', { StreamName: 'x', StreamARN: arn('s') });
    expect(type).toBe('InvalidArgumentException');
  });
});

describe('ListStreams', () => {
  it('pages by name, per account and region', async () => {
    await using endpoint = await kinesisEndpoint();
    for (const StreamName of ['c', 'a', 'b']) await endpoint.ok('CreateStream', { StreamName, ShardCount: 1 });
    const kinesis = endpoint.client();
    const names: (string | undefined)[] = [];
    for await (const page of paginateListStreams({ client: kinesis, pageSize: 2 }, {})) {
      names.push(...(page.StreamNames ?? []), page.HasMoreStreams ? 'more' : undefined);
    }
    expect(names).toEqual(['a', 'b', 'more', 'c', undefined]);
    const after = await endpoint.ok('ListStreams', { ExclusiveStartStreamName: 'b' });
    expect(after).toMatchObject({ StreamNames: ['c'], HasMoreStreams: false });
    expect(after.StreamSummaries).toMatchObject([{ StreamName: 'c', StreamARN: arn('c'), StreamStatus: 'ACTIVE' }]);
    const elsewhere = endpoint.client({ region: 'eu-west-1' });
    await elsewhere.send(new CreateStreamCommand({ StreamName: 'a', ShardCount: 1 }));
    expect((await endpoint.ok('ListStreams')).StreamNames).toEqual(['a', 'b', 'c']);
    const [type] = await refusalOf(endpoint, 'ListStreams', { NextToken: 'any' });
    expect(type).toBe('InvalidArgumentException');
  });
});

describe('DeleteStream', () => {
  it('removes the stream with its records', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    await endpoint.ok('PutRecord', { StreamName: 's', PartitionKey: 'a', Data: '' });
    expect((await endpoint.json('DeleteStream', { StreamName: 's' })).text).toBe('');
    expect(await refusalOf(endpoint, 'DeleteStream', { StreamName: 's' })).toEqual(streamNotFound('s'));
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    expect(await recordsOf(endpoint)).toEqual([]);
  });

  it('spares streams with consumers, unless it is told', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    await endpoint.ok('RegisterStreamConsumer', { StreamARN: arn('s'), ConsumerName: 'c' });
    expect((await refusalOf(endpoint, 'DeleteStream', { StreamName: 's' }))[0]).toBe('ResourceInUseException');
    await endpoint.ok('DeleteStream', { StreamName: 's', EnforceConsumerDeletion: true });
    expect((await endpoint.ok('ListStreams')).StreamNames).toEqual([]);
  });
});

describe('states', () => {
  it('are shown for as long as the configuration says', async () => {
    await using endpoint = await kinesisEndpoint({ stateDelayMs: 300 });
    const client = endpoint.client();
    const name = { StreamName: 's' };
    await endpoint.ok('CreateStream', { ...name, ShardCount: 1 });
    const description = (await endpoint.ok('DescribeStream', name)).StreamDescription;
    expect(description).toMatchObject({ StreamStatus: 'CREATING', Shards: [], HasMoreShards: false });
    expect(await refusalOf(endpoint, 'PutRecord', { ...name, PartitionKey: 'a', Data: '' })).toEqual(
      streamNotFound('s'),
    );
    expect(
      await refusalOf(endpoint, 'SplitShard', { ...name, ShardToSplit: 'shardId-0', NewStartingHashKey: '2' }),
    ).toEqual(['ResourceInUseException', `Stream s under account ${account} not ACTIVE, instead in state CREATING`]);
    await waitUntilStreamExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, name);
    await endpoint.ok('SplitShard', { ...name, ShardToSplit: 'shardId-0', NewStartingHashKey: String(2n ** 127n) });
    const updating = (await endpoint.ok('DescribeStream', name)).StreamDescription;
    expect([updating.StreamStatus, updating.Shards.length]).toEqual(['UPDATING', 1]);
    await endpoint.ok('PutRecord', { ...name, PartitionKey: 'a', Data: '' });
    await waitUntilStreamExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, name);
    expect((await endpoint.ok('DescribeStream', name)).StreamDescription.Shards).toHaveLength(3);
    await endpoint.ok('DeleteStream', name);
    expect((await endpoint.ok('DescribeStream', name)).StreamDescription.StreamStatus).toBe('DELETING');
    await waitUntilStreamNotExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, name);
  });

  it('five streams can be made at a time', async () => {
    await using endpoint = await kinesisEndpoint({ clock: new ManualClock(), stateDelayMs: 1000 });
    for (let i = 0; i < 5; i++) await endpoint.ok('CreateStream', { StreamName: `s${i}`, ShardCount: 1 });
    expect((await refusalOf(endpoint, 'CreateStream', { StreamName: 's5', ShardCount: 1 }))[0]).toBe(
      'LimitExceededException',
    );
  });

  it('go on after a restart', async () => {
    const store = new MemoryStore();
    // The engine that ended let the store go; this one is in memory, and stays.
    const kept = Object.assign(store, { close: async () => undefined });
    const clock = new ManualClock();
    {
      await using endpoint = await kinesisEndpoint({ store: kept, clock, stateDelayMs: 1000 });
      await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
      clock.turn(1000);
      await expect.poll(async () => (await endpoint.ok('ListStreams')).StreamSummaries[0].StreamStatus).toBe('ACTIVE');
      await endpoint.ok('UpdateShardCount', { StreamName: 's', TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' });
    }
    await using endpoint = await kinesisEndpoint({ store: kept, clock, stateDelayMs: 1000 });
    expect((await endpoint.ok('ListStreams')).StreamSummaries[0].StreamStatus).toBe('UPDATING');
    clock.turn(1000);
    await expect.poll(async () => (await endpoint.ok('ListStreams')).StreamSummaries[0].StreamStatus).toBe('ACTIVE');
    expect((await endpoint.ok('ListShards', { StreamName: 's' })).Shards).toHaveLength(3);
  });
});
