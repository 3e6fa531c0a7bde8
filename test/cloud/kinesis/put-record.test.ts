import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { account, kinesisEndpoint } from './endpoint.ts';
import {
  atLeastOne,
  breaches,
  matches,
  notNull,
  recordsOf,
  refusalOf,
  streamNotFound,
  takesWrongKinds,
} from './refusals.ts';

const sequencePattern = matches('0|([1-9]\\d{0,128})');
const tooLong = 'Member must have length less than or equal to 1048576';
const hashPattern = matches('0|([1-9]\\d{0,38})');

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await kinesisEndpoint();
    const members = {
      Data: 'Blob',
      PartitionKey: 'String',
      ExplicitHashKey: 'String',
      SequenceNumberForOrdering: 'String',
      StreamName: 'String',
    } as const;
    expect(await takesWrongKinds(endpoint, 'PutRecord', members)).toEqual([]);
  });
});

describe('validation', () => {
  it.each([
    [{}, breaches(['partitionKey', 'null', notNull], ['data', 'null', notNull], ['streamName', 'null', notNull])],
    [
      { StreamName: 's', PartitionKey: '', Data: '', ExplicitHashKey: '', SequenceNumberForOrdering: '' },
      breaches(
        ['sequenceNumberForOrdering', "''", sequencePattern],
        ['partitionKey', "''", atLeastOne],
        ['explicitHashKey', "''", hashPattern],
      ),
    ],
    [
      { StreamName: 's', PartitionKey: 'a', Data: Buffer.alloc(1048577).toString('base64') },
      breaches(['data', '', tooLong]),
    ],
    [
      // Key and data together.
      { StreamName: 's', PartitionKey: 'four', Data: Buffer.alloc(1048573).toString('base64') },
      breaches(['data', '', tooLong]),
    ],
    [{ StreamName: 'none', PartitionKey: 'a', Data: '' }, streamNotFound('none')],
    [
      { StreamName: 's', PartitionKey: 'a', Data: '', ExplicitHashKey: String(2n ** 128n) },
      [
        'InvalidArgumentException',
        `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${2n ** 128n}`,
      ],
    ],
  ])('%#', async (input, expected) => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    expect(await refusalOf(endpoint, 'PutRecord', input)).toEqual(expected);
  });

  it.each([
    ['version 0', '20000000000000000000000000000000000000000000000'],
    ['version 3', '20000000000000000000000000000000000000000000003'],
    ['another first digit', '30000000000000000000000000000000000000000000001'],
    ['a counter that is too high', '20000000000800000000000000000000000000000000002'],
    ['a date that is too late', '13bb2cc3d80000000000000000000000'],
    ['all bits', '2ffffffffff7fffffffffffffff000000000007fffffff2'],
  ])('of a sequence number for ordering with %s', async (_, hex) => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const number = String(BigInt(`0x${hex}`));
    const input = { StreamName: 's', PartitionKey: 'a', Data: '', SequenceNumberForOrdering: number };
    expect(await refusalOf(endpoint, 'PutRecord', input)).toEqual([
      'InvalidArgumentException',
      `ExclusiveMinimumSequenceNumber ${number} used in PutRecord on stream s under account ${account} is invalid.`,
    ]);
  });
});

describe('function', () => {
  it('puts records into the shards of their keys, with numbers that grow', async () => {
    await using endpoint = await kinesisEndpoint();
    const kinesis = endpoint.client();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 3 });
    const put = async (key: string, hash?: string): Promise<readonly [string | undefined, bigint]> => {
      const Data = Buffer.from(key);
      const answer = await kinesis.send(
        new PutRecordCommand({ StreamName: 's', Data, PartitionKey: key, ExplicitHashKey: hash }),
      );
      expect(answer.SequenceNumber).toMatch(/^\d{56}$/);
      return [answer.ShardId, BigInt(answer.SequenceNumber ?? '0')];
    };
    const [[shardA, first], [, second], [shardB]] = [
      await put('a'),
      await put('a'),
      await put('b', String(2n ** 128n - 1n)),
    ];
    expect(shardA).toBe('shardId-000000000000');
    expect(shardB).toBe('shardId-000000000002');
    expect(second > first).toBe(true);
    // Version 2, made for shard 0, at a time close to now.
    const hex = second.toString(16);
    expect(hex).toMatch(/^20[0-9a-f]{8}0[0-9a-f]{16}000[0-9a-f]{8}000000002$/);
    expect(Math.abs(Number.parseInt(hex.slice(30, 38), 16) - Date.now() / 1000)).toBeLessThan(60);
  });

  it('takes numbers for ordering that may have been before', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const put = { StreamName: 's', PartitionKey: 'a', Data: '' };
    const { SequenceNumber } = await endpoint.ok('PutRecord', put);
    await endpoint.ok('PutRecord', { ...put, SequenceNumberForOrdering: SequenceNumber });
    await endpoint.ok('PutRecord', { ...put, SequenceNumberForOrdering: '0' });
  });

  it('says that records are encrypted while the stream is', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const put = { StreamName: 's', PartitionKey: 'a', Data: '' };
    expect(await endpoint.ok('PutRecord', put)).not.toHaveProperty('EncryptionType');
    await endpoint.ok('StartStreamEncryption', { StreamName: 's', EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' });
    expect(await endpoint.ok('PutRecord', put)).toMatchObject({ EncryptionType: 'KMS' });
  });

  it('takes larger records where the stream does', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1, MaxRecordSizeInKiB: 10_240 });
    const Data = Buffer.alloc(10 * 1024 * 1024 - 1, 7).toString('base64');
    await endpoint.ok('PutRecord', { StreamName: 's', PartitionKey: 'a', Data });
    const input = { StreamName: 's', PartitionKey: 'a', Data: Buffer.alloc(10 * 1024 * 1024 + 1).toString('base64') };
    expect((await refusalOf(endpoint, 'PutRecord', input))[1]).toContain('less than or equal to 10485760');
  });

  it('tries, and puts nothing, with DryRun', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const input = { StreamName: 's', PartitionKey: 'a', Data: '', DryRun: true };
    expect((await refusalOf(endpoint, 'PutRecord', input))[0]).toBe('DryRunOperationException');
    expect(await recordsOf(endpoint)).toEqual([]);
  });

  it('needs no key where the service distributes records', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 2, RecordDistributionStrategy: 'AUTO' });
    expect(await endpoint.ok('PutRecord', { StreamName: 's', Data: '' })).toHaveProperty('ShardId');
  });
});
