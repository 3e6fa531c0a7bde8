import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { account, kinesisEndpoint } from './endpoint.ts';
import { breaches, notNull, refusalOf, streamNotFound, takesWrongKinds } from './refusals.ts';

const StreamName = 's';
const StreamARN = `arn:aws:kinesis:us-east-1:${account}:stream/s`;

describe('retention', () => {
  it('is refused as AWS words it', async () => {
    await using endpoint = await kinesisEndpoint();
    const members = { RetentionPeriodHours: 'Integer', StreamName: 'String' } as const;
    for (const action of ['IncreaseStreamRetentionPeriod', 'DecreaseStreamRetentionPeriod']) {
      expect(await takesWrongKinds(endpoint, action, members)).toEqual([]);
      expect(await refusalOf(endpoint, action, {})).toEqual(
        breaches(['retentionPeriodHours', 'null', notNull], ['streamName', 'null', notNull]),
      );
      expect(await refusalOf(endpoint, action, { StreamName: 'none', RetentionPeriodHours: 30 })).toEqual(
        streamNotFound('none'),
      );
      await endpoint.json('CreateStream', { StreamName, ShardCount: 1 });
      expect(await refusalOf(endpoint, action, { StreamName, RetentionPeriodHours: 23 })).toEqual([
        'InvalidArgumentException',
        'Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.',
      ]);
      expect(await refusalOf(endpoint, action, { StreamName, RetentionPeriodHours: 8761 })).toEqual(
        breaches(['retentionPeriodHours', "'8761'", 'Member must have value less than or equal to 8760']),
      );
    }
  });

  it('is raised and lowered', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName, ShardCount: 1 });
    await endpoint.ok('IncreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 8760 });
    const hours = async (): Promise<number> =>
      (await endpoint.ok('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary.RetentionPeriodHours;
    expect(await hours()).toBe(8760);
    expect(
      await refusalOf(endpoint, 'IncreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 25 }),
    ).toEqual([
      'InvalidArgumentException',
      'Requested retention period (25 hours) for stream s can not be shorter than existing retention period (8760 hours). Use ' +
        'DecreaseRetentionPeriod API.',
    ]);
    await endpoint.ok('DecreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 25 });
    expect(await hours()).toBe(25);
    expect(
      await refusalOf(endpoint, 'DecreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 26 }),
    ).toEqual([
      'InvalidArgumentException',
      'Requested retention period (26 hours) for stream s can not be longer than existing retention period (25 hours). Use ' +
        'IncreaseRetentionPeriod API.',
    ]);
  });

  it('hides older records', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock });
    await endpoint.ok('CreateStream', { StreamName, ShardCount: 1 });
    await endpoint.ok('PutRecord', { StreamName, PartitionKey: 'old', Data: '' });
    clock.turn(24 * 3_600_000 + 1);
    await endpoint.ok('PutRecord', { StreamName, PartitionKey: 'new', Data: '' });
    const place = { StreamName, ShardId: 'shardId-0', ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await endpoint.ok('GetShardIterator', place);
    const { Records } = await endpoint.ok('GetRecords', { ShardIterator });
    expect(Records.map(({ PartitionKey }: { PartitionKey: string }) => PartitionKey)).toEqual(['new']);
  });
});

describe('tags', () => {
  it('are added, replaced, listed and removed', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName, ShardCount: 1, Tags: { z: '1' } });
    await endpoint.ok('AddTagsToStream', { StreamName, Tags: { a: 'ü0 _./=+-@', z: '2' } });
    await endpoint.ok('TagResource', { ResourceARN: StreamARN, Tags: { m: '' } });
    const all = [
      { Key: 'a', Value: 'ü0 _./=+-@' },
      { Key: 'm', Value: '' },
      { Key: 'z', Value: '2' },
    ];
    expect(await endpoint.ok('ListTagsForStream', { StreamName })).toEqual({ Tags: all, HasMoreTags: false });
    expect(await endpoint.ok('ListTagsForResource', { ResourceARN: StreamARN })).toEqual({ Tags: all });
    const page = await endpoint.ok('ListTagsForStream', { StreamName, Limit: 1, ExclusiveStartTagKey: 'a' });
    expect(page).toEqual({ Tags: [all[1]], HasMoreTags: true });
    await endpoint.ok('RemoveTagsFromStream', { StreamName, TagKeys: ['a', 'none'] });
    await endpoint.ok('UntagResource', { ResourceARN: StreamARN, TagKeys: ['m'] });
    expect((await endpoint.ok('ListTagsForStream', { StreamName })).Tags).toEqual([all[2]]);
  });

  const long = 'k'.repeat(129);
  const invalid =
    'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.';
  it.each([
    ['AddTagsToStream', { StreamName }, breaches(['tags', 'null', notNull])],
    [
      'AddTagsToStream',
      { StreamName, Tags: {} },
      breaches(['tags', "'{}'", 'Member must have length greater than or equal to 1']),
    ],
    [
      'AddTagsToStream',
      { StreamName, Tags: { [long]: 'v' } },
      breaches([
        'tags',
        `'{${long}=v}'`,
        'Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length ' +
          'greater than or equal to 1]',
      ]),
    ],
    [
      'RemoveTagsFromStream',
      { StreamName, TagKeys: ['a', long] },
      breaches([
        'tagKeys',
        `'[a, ${long}]'`,
        'Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater ' +
          'than or equal to 1]',
      ]),
    ],
    ['AddTagsToStream', { StreamName, Tags: { a: 'b;c' } }, ['InvalidArgumentException', invalid]],
    ['RemoveTagsFromStream', { StreamName, TagKeys: ['a,b'] }, ['InvalidArgumentException', invalid]],
    [
      'AddTagsToStream',
      { StreamName, Tags: { a: 'b%' } },
      [
        'InvalidArgumentException',
        `Failed to add tags to stream s under account ${account} because some tags contained illegal characters. The allowed ` +
          "characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.",
      ],
    ],
    [
      'AddTagsToStream',
      { StreamName, Tags: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ''])) },
      ['InvalidArgumentException', expect.stringContaining('a given stream cannot have more than')],
    ],
  ] as const)('are refused: %s %#', async (action, input, expected) => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName, ShardCount: 1 });
    expect(await refusalOf(endpoint, action, input)).toEqual(expected);
  });
});

describe('resource policies', () => {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'kinesis:PutRecord', Resource: StreamARN },
    ],
  });

  it('are put, got and deleted, of streams and of consumers', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName, ShardCount: 1 });
    const { Consumer } = await endpoint.ok('RegisterStreamConsumer', { StreamARN, ConsumerName: 'c' });
    for (const ResourceARN of [StreamARN, Consumer.ConsumerARN]) {
      expect(await endpoint.ok('GetResourcePolicy', { ResourceARN })).toEqual({ Policy: '{}' });
      await endpoint.ok('PutResourcePolicy', { ResourceARN, Policy });
      expect(await endpoint.ok('GetResourcePolicy', { ResourceARN })).toEqual({ Policy });
      await endpoint.ok('DeleteResourcePolicy', { ResourceARN });
      expect(await endpoint.ok('GetResourcePolicy', { ResourceARN })).toEqual({ Policy: '{}' });
      const [type] = await refusalOf(endpoint, 'DeleteResourcePolicy', { ResourceARN });
      expect(type).toBe('ResourceNotFoundException');
    }
    const none = { ResourceARN: StreamARN.replace(/s$/, 'none'), Policy };
    expect(await refusalOf(endpoint, 'PutResourcePolicy', none)).toEqual(streamNotFound(none.ResourceARN));
    const statement = { Effect: 'Allow', Principal: '*', Action: 'kinesis:PutRecord', Resource: StreamARN };
    for (const broken of [
      '{',
      '{"Version":"2012-10-17"}',
      JSON.stringify({ Statement: { ...statement, Principal: undefined } }),
      JSON.stringify({ Statement: { ...statement, Action: 'kinesis:DeleteStream' } }),
      JSON.stringify({ Statement: { ...statement, Action: 's3:PutObject' } }),
      JSON.stringify({ Statement: { ...statement, Condition: { Equals: { a: 'b' } } } }),
    ]) {
      const refused = await refusalOf(endpoint, 'PutResourcePolicy', { ResourceARN: StreamARN, Policy: broken });
      expect(refused[0]).toBe('InvalidArgumentException');
    }
  });
});

describe('encryption', () => {
  it('is begun and ended, and noted with the records that come meanwhile', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName, ShardCount: 1 });
    const put = { StreamName, PartitionKey: 'a', Data: '' };
    await endpoint.ok('PutRecord', put);
    await endpoint.ok('StartStreamEncryption', { StreamName, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' });
    const { StreamDescription } = await endpoint.ok('DescribeStream', { StreamName });
    expect(StreamDescription).toMatchObject({ EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' });
    await endpoint.ok('PutRecord', put);
    await endpoint.ok('StopStreamEncryption', { StreamName, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' });
    expect((await endpoint.ok('DescribeStream', { StreamName })).StreamDescription).not.toHaveProperty('KeyId');
    const place = { StreamName, ShardId: 'shardId-0', ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await endpoint.ok('GetShardIterator', place);
    const { Records } = await endpoint.ok('GetRecords', { ShardIterator });
    expect(Records.map((record: { EncryptionType?: string }) => record.EncryptionType)).toEqual([undefined, 'KMS']);
    const bad = { StreamName, EncryptionType: 'KMS', KeyId: 'not a key' };
    expect((await refusalOf(endpoint, 'StartStreamEncryption', bad))[0]).toBe('InvalidArgumentException');
  });
});

describe('encryption in a day', () => {
  it('is begun and ended 25 times', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock });
    await endpoint.ok('CreateStream', { StreamName, ShardCount: 1 });
    const input = { StreamName, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' };
    for (const action of ['StartStreamEncryption', 'StopStreamEncryption']) {
      for (let i = 0; i < 25; i++) await endpoint.ok(action, input);
      expect(await refusalOf(endpoint, action, input)).toEqual([
        'LimitExceededException',
        `${action} can be called at most 25 times in 24 hours for stream s.`,
      ]);
      clock.turn(86_400_000);
      await endpoint.ok(action, input);
    }
  });
});

describe('enhanced monitoring', () => {
  it('adds and removes metrics, and says what was before', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName, ShardCount: 1 });
    const two = ['OutgoingBytes', 'IncomingBytes'];
    expect(await endpoint.ok('EnableEnhancedMonitoring', { StreamName, ShardLevelMetrics: two })).toEqual({
      StreamName,
      CurrentShardLevelMetrics: [],
      DesiredShardLevelMetrics: ['IncomingBytes', 'OutgoingBytes'],
      StreamARN,
    });
    const all = await endpoint.ok('EnableEnhancedMonitoring', { StreamName, ShardLevelMetrics: ['ALL'] });
    expect(all.DesiredShardLevelMetrics).toHaveLength(7);
    const fewer = await endpoint.ok('DisableEnhancedMonitoring', { StreamName, ShardLevelMetrics: two });
    expect(fewer.DesiredShardLevelMetrics).toHaveLength(5);
    const { StreamDescription } = await endpoint.ok('DescribeStream', { StreamName });
    expect(StreamDescription.EnhancedMonitoring[0].ShardLevelMetrics).toEqual(fewer.DesiredShardLevelMetrics);
    const [type] = await refusalOf(endpoint, 'EnableEnhancedMonitoring', { StreamName, ShardLevelMetrics: ['Any'] });
    expect(type).toBe('ValidationException');
  });
});

describe('modes and sizes', () => {
  it('are changed', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName, ShardCount: 1 });
    const summary = async (): Promise<object> =>
      (await endpoint.ok('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary;
    await endpoint.ok('UpdateStreamMode', { StreamARN, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    expect(await summary()).toMatchObject({ StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    await endpoint.ok('UpdateStreamMode', { StreamARN, StreamModeDetails: { StreamMode: 'PROVISIONED' } });
    const third = { StreamARN, StreamModeDetails: { StreamMode: 'ON_DEMAND' } };
    expect((await refusalOf(endpoint, 'UpdateStreamMode', third))[0]).toBe('LimitExceededException');
    await endpoint.ok('UpdateMaxRecordSize', { StreamARN, MaxRecordSizeInKiB: 2048 });
    await endpoint.ok('UpdateStreamRecordDistributionStrategy', { StreamARN, RecordDistributionStrategy: 'AUTO' });
    expect(await summary()).toMatchObject({ MaxRecordSizeInKiB: 2048, RecordDistributionStrategy: 'AUTO' });
    expect(await refusalOf(endpoint, 'UpdateMaxRecordSize', { StreamARN, MaxRecordSizeInKiB: 1 })).toEqual(
      breaches(['maxRecordSizeInKiB', "'1'", 'Member must have value greater than or equal to 1024']),
    );
  });

  it('warm up on demand, with the commitment of the account', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock });
    await endpoint.ok('CreateStream', { StreamName });
    const warm = { StreamName, WarmThroughputMiBps: 8 };
    expect((await refusalOf(endpoint, 'UpdateStreamWarmThroughput', warm))[0]).toBe('ValidationException');
    const settings = (Status: string): object => ({ MinimumThroughputBillingCommitment: { Status } });
    expect(await endpoint.ok('DescribeAccountSettings')).toEqual(settings('DISABLED'));
    await endpoint.ok('UpdateAccountSettings', settings('ENABLED'));
    expect((await refusalOf(endpoint, 'UpdateStreamWarmThroughput', { ...warm, WarmThroughputMiBps: 10_241 }))[0]).toBe(
      'LimitExceededException',
    );
    expect(await endpoint.ok('UpdateStreamWarmThroughput', warm)).toEqual({
      StreamARN,
      StreamName,
      WarmThroughput: { TargetMiBps: 8, CurrentMiBps: 8 },
    });
    expect((await endpoint.ok('ListShards', { StreamName, ShardFilter: { Type: 'AT_LATEST' } })).Shards).toHaveLength(
      8,
    );
    const warmth = async (): Promise<unknown> =>
      (await endpoint.ok('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary.WarmThroughput;
    expect(await warmth()).toEqual({ TargetMiBps: 8, CurrentMiBps: 8 });
    const ending = await endpoint.ok('UpdateAccountSettings', settings('DISABLED'));
    expect(ending.MinimumThroughputBillingCommitment.Status).toBe('ENABLED_UNTIL_EARLIEST_ALLOWED_END');
    clock.turn(24 * 3_600_000);
    expect(await endpoint.ok('DescribeAccountSettings')).toMatchObject(settings('DISABLED'));
    expect(await warmth()).toBeUndefined();
  });

  it('say what a stream can take while shards are made for more', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock, stateDelayMs: 1000 });
    await endpoint.ok('UpdateAccountSettings', { MinimumThroughputBillingCommitment: { Status: 'ENABLED' } });
    await endpoint.ok('CreateStream', { StreamName });
    const summary = async (): Promise<{ readonly StreamStatus: string; readonly WarmThroughput: unknown }> =>
      (await endpoint.ok('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary;
    clock.turn(1000);
    await expect.poll(async () => (await summary()).StreamStatus).toBe('ACTIVE');
    expect((await summary()).WarmThroughput).toEqual({ TargetMiBps: 4, CurrentMiBps: 4 });
    const asked = { StreamName, WarmThroughputMiBps: 6 };
    const changing = { TargetMiBps: 6, CurrentMiBps: 4 };
    expect((await endpoint.ok('UpdateStreamWarmThroughput', asked)).WarmThroughput).toEqual(changing);
    expect((await summary()).WarmThroughput).toEqual(changing);
    clock.turn(1000);
    await expect.poll(async () => (await summary()).WarmThroughput).toEqual({ TargetMiBps: 6, CurrentMiBps: 6 });
  });

  it('are refused beyond what a stream or an account may have', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('UpdateAccountSettings', { MinimumThroughputBillingCommitment: { Status: 'ENABLED' } });
    await endpoint.ok('CreateStream', { StreamName, ShardCount: 1 });
    const onDemand = { StreamARN, StreamModeDetails: { StreamMode: 'ON_DEMAND' } };
    const tooWarm = await refusalOf(endpoint, 'UpdateStreamMode', { ...onDemand, WarmThroughputMiBps: 10_241 });
    expect(tooWarm[0]).toBe('LimitExceededException');
    for (let i = 0; i < 50; i++) await endpoint.ok('CreateStream', { StreamName: `o${i}` });
    expect((await refusalOf(endpoint, 'UpdateStreamMode', onDemand))[0]).toBe('LimitExceededException');
    expect((await refusalOf(endpoint, 'CreateStream', { StreamName: 'o50' }))[0]).toBe('LimitExceededException');
  });
});

describe('limits', () => {
  it('are described with what is used of them', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName, ShardCount: 3 });
    await endpoint.ok('CreateStream', { StreamName: 'on-demand' });
    expect(await endpoint.ok('DescribeLimits')).toEqual({
      ShardLimit: 20_000,
      OpenShardCount: 3,
      OnDemandStreamCount: 1,
      OnDemandStreamCountLimit: 50,
      ChannelCount: 0,
      ChannelCountLimit: 0,
    });
  });
});

describe('channels', () => {
  it('answer as to an account that is not enabled for them', async () => {
    await using endpoint = await kinesisEndpoint();
    expect(await endpoint.ok('ListChannels')).toEqual({ ChannelSummaries: [] });
    const input = {
      ChannelName: 'c',
      ServiceExecutionRoleARN: `arn:aws:iam::${account}:role/r`,
      StreamConfigurationList: [{ StreamARN, RecordConfiguration: { RecordFormatType: 'JSON' } }],
    };
    expect((await refusalOf(endpoint, 'CreateChannel', input))[0]).toBe('AccessDeniedException');
    const ChannelARN = `arn:aws:kinesis:us-east-1:${account}:channel/c`;
    for (const action of ['DescribeChannel', 'UpdateChannel', 'DeleteChannel']) {
      expect((await refusalOf(endpoint, action, { ChannelARN }))[0]).toBe('ResourceNotFoundException');
      expect(await refusalOf(endpoint, action, {})).toEqual(breaches(['channelARN', 'null', notNull]));
    }
  });
});
