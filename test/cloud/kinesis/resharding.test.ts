import { describe, expect, it } from 'vitest';
import { account, kinesisEndpoint } from './endpoint.ts';
import type { KinesisEndpoint } from './endpoint.ts';
import { breaches, matches, notNull, refusalOf, streamNotFound, takesWrongKinds } from './refusals.ts';

interface Shown {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly AdjacentParentShardId?: string;
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
  readonly SequenceNumberRange: { readonly StartingSequenceNumber: string; readonly EndingSequenceNumber?: string };
}

async function shards(endpoint: KinesisEndpoint): Promise<readonly Shown[]> {
  return (await endpoint.ok('ListShards', { StreamName: 's' })).Shards;
}

const half = 2n ** 127n;
const last = String(2n ** 128n - 1n);
const number = (id: string | undefined): number | undefined => (id === undefined ? undefined : Number(id.slice(8)));

describe('SplitShard', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await kinesisEndpoint();
    const members = { NewStartingHashKey: 'String', StreamName: 'String', ShardToSplit: 'String' } as const;
    expect(await takesWrongKinds(endpoint, 'SplitShard', members)).toEqual([]);
  });

  const input = { StreamName: 's', ShardToSplit: 'shardId-0', NewStartingHashKey: '0' };
  const gone = (id: string): readonly string[] => [
    'ResourceNotFoundException',
    `Could not find shard ${id} in stream s under account ${account}.`,
  ];
  const outside = (key: string): readonly string[] => [
    'InvalidArgumentException',
    `NewStartingHashKey ${key} used in SplitShard() on shard shardId-000000000000 in stream s under account ${account} is not ` +
      `both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey ${last}.`,
  ];

  it.each([
    [
      {},
      breaches(
        ['newStartingHashKey', 'null', notNull],
        ['streamName', 'null', notNull],
        ['shardToSplit', 'null', notNull],
      ),
    ],
    [{ ...input, NewStartingHashKey: '-1' }, breaches(['newStartingHashKey', "'-1'", matches('0|([1-9]\\d{0,38})')])],
    [{ ...input, StreamName: 'none' }, streamNotFound('none')],
    [{ ...input, ShardToSplit: '2147483648' }, gone('2147483648')],
    [{ ...input, ShardToSplit: 'shardId-5' }, gone('shardId-000000000005')],
    [{ ...input, NewStartingHashKey: '1' }, outside('1')],
    [{ ...input, NewStartingHashKey: last }, outside(last)],
  ])('refuses %j', async (given, expected) => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    expect(await refusalOf(endpoint, 'SplitShard', given)).toEqual(expected);
  });

  it('closes the shard and opens two', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const put = { StreamName: 's', PartitionKey: 'a', Data: '' };
    const before = await endpoint.ok('PutRecord', { ...put, ExplicitHashKey: '0' });
    await endpoint.ok('SplitShard', { ...input, NewStartingHashKey: String(half) });
    const [parent, low, high] = await shards(endpoint);
    expect(parent?.SequenceNumberRange.EndingSequenceNumber).toMatch(/^\d{56}$/);
    expect(BigInt(parent?.SequenceNumberRange.EndingSequenceNumber ?? 0) > BigInt(before.SequenceNumber)).toBe(true);
    expect([low?.ParentShardId, high?.ParentShardId]).toEqual(['shardId-000000000000', 'shardId-000000000000']);
    expect(low?.HashKeyRange).toEqual({ StartingHashKey: '0', EndingHashKey: String(half - 1n) });
    expect(high?.HashKeyRange).toEqual({ StartingHashKey: String(half), EndingHashKey: last });
    const after = await endpoint.ok('PutRecord', { ...put, ExplicitHashKey: String(half) });
    expect(after.ShardId).toBe('shardId-000000000002');
    expect(BigInt(after.SequenceNumber) > BigInt(high?.SequenceNumberRange.StartingSequenceNumber ?? 0)).toBe(true);
    expect(await refusalOf(endpoint, 'SplitShard', { ...input, NewStartingHashKey: '9' })).toEqual([
      'ResourceInUseException',
      `Shard shardId-000000000000 in stream s under account ${account} has already been merged or split, and thus is not ` +
        'eligible for merging or splitting.',
    ]);
  });
});

describe('MergeShards', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await kinesisEndpoint();
    const members = { ShardToMerge: 'String', AdjacentShardToMerge: 'String', StreamName: 'String' } as const;
    expect(await takesWrongKinds(endpoint, 'MergeShards', members)).toEqual([]);
  });

  it.each([
    ['shardId-0', 'shardId-2'],
    ['shardId-1', 'shardId-0'],
    ['shardId-1', 'shardId-1'],
  ])('refuses %s and %s, which are not adjacent', async (ShardToMerge, AdjacentShardToMerge) => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 3 });
    const [type, message] = await refusalOf(endpoint, 'MergeShards', {
      StreamName: 's',
      ShardToMerge,
      AdjacentShardToMerge,
    });
    expect(type).toBe('InvalidArgumentException');
    expect(message).toContain(
      `in stream s under account ${account} are not an adjacent pair of shards eligible for merging`,
    );
  });

  it('closes both and opens one', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 2 });
    await endpoint.ok('MergeShards', { StreamName: 's', ShardToMerge: 'shardId-0', AdjacentShardToMerge: 'shardId-1' });
    const [one, other, merged] = await shards(endpoint);
    expect(merged).toMatchObject({
      ShardId: 'shardId-000000000002',
      ParentShardId: 'shardId-000000000000',
      AdjacentParentShardId: 'shardId-000000000001',
      HashKeyRange: { StartingHashKey: '0', EndingHashKey: last },
    });
    expect([one, other].every((shard) => shard?.SequenceNumberRange.EndingSequenceNumber !== undefined)).toBe(true);
  });
});

describe('a stream on demand', () => {
  it('sees to its shards itself', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's' });
    const split = { StreamName: 's', ShardToSplit: 'shardId-0', NewStartingHashKey: '9' };
    expect((await refusalOf(endpoint, 'SplitShard', split))[0]).toBe('ValidationException');
    const merge = { StreamName: 's', ShardToMerge: 'shardId-0', AdjacentShardToMerge: 'shardId-1' };
    expect((await refusalOf(endpoint, 'MergeShards', merge))[0]).toBe('ValidationException');
  });
});

describe('UpdateShardCount', () => {
  const scale = { StreamName: 's', ScalingType: 'UNIFORM_SCALING' };

  it.each([
    [2, 4, [2, 3, 4, 5], [0, 0, 1, 1]],
    // As AWS does it: what lies within a shard that is to be is merged, what reaches beyond it is split.
    [4, 3, [6, 9, 10], [0, 5, 8]],
    [4, 2, [4, 5], [0, 2]],
    [3, 3, [0, 1, 2], [undefined, undefined, undefined]],
  ])('makes %i shards %i, all of the same size', async (from, to, numbers, parents) => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: from });
    const answer = await endpoint.ok('UpdateShardCount', { ...scale, TargetShardCount: to });
    expect(answer).toMatchObject({ StreamName: 's', CurrentShardCount: from, TargetShardCount: to });
    const open = (await shards(endpoint)).filter(
      (shard) => shard.SequenceNumberRange.EndingSequenceNumber === undefined,
    );
    expect(open.map(({ ShardId }) => number(ShardId))).toEqual(numbers);
    expect(open.map(({ ParentShardId }) => number(ParentShardId))).toEqual(parents);
    const size = 2n ** 128n / BigInt(to);
    expect(open.map(({ HashKeyRange }) => HashKeyRange.StartingHashKey)).toEqual(
      Array.from({ length: to }, (_, i) => String(size * BigInt(i))),
    );
    expect(open.at(-1)?.HashKeyRange.EndingHashKey).toBe(last);
  });

  it.each([
    [5, 'UpdateShardCount cannot scale up over double your current open shard count.'],
    [0, 'Member must have value greater than or equal to 1'],
  ])('refuses %i of 2', async (TargetShardCount, message) => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 2 });
    expect((await refusalOf(endpoint, 'UpdateShardCount', { ...scale, TargetShardCount }))[1]).toContain(message);
  });

  it('refuses less than half, an eleventh time in a day, and streams on demand', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 4 });
    const [type, message] = await refusalOf(endpoint, 'UpdateShardCount', { ...scale, TargetShardCount: 1 });
    expect([type, message]).toEqual(['LimitExceededException', expect.stringContaining('below half')]);
    for (let i = 0; i < 10; i++) await endpoint.ok('UpdateShardCount', { ...scale, TargetShardCount: 4 });
    const [again] = await refusalOf(endpoint, 'UpdateShardCount', { ...scale, TargetShardCount: 4 });
    expect(again).toBe('LimitExceededException');
    await endpoint.ok('CreateStream', { StreamName: 'd' });
    const [onDemand] = await refusalOf(endpoint, 'UpdateShardCount', {
      ...scale,
      StreamName: 'd',
      TargetShardCount: 8,
    });
    expect(onDemand).toBe('ValidationException');
  });
});

describe('ListShards', () => {
  it('asks for a stream or a token, not both', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const invalid = (message: string): readonly string[] => ['InvalidArgumentException', message];
    expect(await refusalOf(endpoint, 'ListShards', {})).toEqual(
      invalid('Either NextToken or StreamName should be provided.'),
    );
    expect(await refusalOf(endpoint, 'ListShards', { StreamName: 's', NextToken: 'x' })).toEqual(
      invalid('NextToken and StreamName cannot be provided together.'),
    );
    expect(await refusalOf(endpoint, 'ListShards', { StreamName: 'none' })).toEqual(streamNotFound('none'));
    expect((await refusalOf(endpoint, 'ListShards', { NextToken: 'x' }))[0]).toBe('InvalidArgumentException');
    const filter = { StreamName: 's', ShardFilter: { Type: 'AFTER_SHARD_ID' } };
    expect((await refusalOf(endpoint, 'ListShards', filter))[0]).toBe('InvalidArgumentException');
  });

  it('pages, with the filter of the first page', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 5 });
    const ShardFilter = { Type: 'AFTER_SHARD_ID', ShardId: 'shardId-000000000000' };
    const first = await endpoint.ok('ListShards', { StreamName: 's', MaxResults: 3, ShardFilter });
    expect(first.Shards.map(({ ShardId }: Shown) => number(ShardId))).toEqual([1, 2, 3]);
    const second = await endpoint.ok('ListShards', { NextToken: first.NextToken });
    expect(second.Shards.map(({ ShardId }: Shown) => number(ShardId))).toEqual([4]);
    expect(second).not.toHaveProperty('NextToken');
  });

  it('shows the shards of a time', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    await endpoint.ok('SplitShard', { StreamName: 's', ShardToSplit: 'shardId-0', NewStartingHashKey: String(half) });
    const list = async (ShardFilter: object): Promise<(number | undefined)[]> => {
      const { Shards } = await endpoint.ok('ListShards', { StreamName: 's', ShardFilter });
      return Shards.map(({ ShardId }: Shown) => number(ShardId));
    };
    const soon = Math.ceil(Date.now() / 1000) + 1;
    expect(await list({ Type: 'AT_LATEST' })).toEqual([1, 2]);
    expect(await list({ Type: 'FROM_TRIM_HORIZON' })).toEqual([0, 1, 2]);
    expect(await list({ Type: 'AT_TRIM_HORIZON' })).toContain(0);
    expect(await list({ Type: 'AT_TIMESTAMP', Timestamp: soon })).toEqual([1, 2]);
    expect(await list({ Type: 'FROM_TIMESTAMP', Timestamp: soon })).toEqual([1, 2]);
    expect(await list({ Type: 'FROM_TIMESTAMP', Timestamp: 1 })).toEqual([0, 1, 2]);
  });
});
