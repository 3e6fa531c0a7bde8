import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { account, kinesisEndpoint } from './endpoint.ts';
import type { KinesisEndpoint } from './endpoint.ts';
import { refusalOf } from './refusals.ts';

const exceeded = (shard: string): string => `Rate exceeded for shard ${shard} in stream s under account ${account}.`;
const kibibyte = Buffer.alloc(1023).toString('base64');

function puts(count: number, hash: bigint): object[] {
  return Array.from({ length: count }, () => ({ PartitionKey: 'k', Data: kibibyte, ExplicitHashKey: String(hash) }));
}

async function iteratorOf(endpoint: KinesisEndpoint): Promise<string> {
  const place = { StreamName: 's', ShardId: 'shardId-0', ShardIteratorType: 'TRIM_HORIZON' };
  return (await endpoint.ok('GetShardIterator', place)).ShardIterator;
}

describe('with quotas enforced', () => {
  it('a shard takes a mebibyte or 1,000 records a second, and others are not held up', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock, quotas: 'enforce' });
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 2 });
    const put = (Records: object[]) => endpoint.ok('PutRecords', { StreamName: 's', Records });
    expect((await put(puts(500, 0n))).FailedRecordCount).toBe(0);
    const mixed = await put([...puts(400, 0n), ...puts(50, 0n), ...puts(10, 2n ** 127n), ...puts(40, 0n)]);
    expect(mixed.FailedRecordCount).toBe(0);
    const { FailedRecordCount, Records } = await put([...puts(30, 0n), ...puts(10, 2n ** 127n), ...puts(10, 0n)]);
    expect(FailedRecordCount).toBe(30);
    const failed = {
      ErrorCode: 'ProvisionedThroughputExceededException',
      ErrorMessage: exceeded('shardId-000000000000'),
    };
    expect(Records.slice(0, 10).every((record: object) => 'SequenceNumber' in record)).toBe(true);
    expect(Records[10]).toEqual(failed);
    expect(Records[29]).toEqual(failed);
    expect(Records[30].ShardId).toBe('shardId-000000000001');
    expect(Records[49]).toEqual(failed);
    const one = { StreamName: 's', PartitionKey: 'k', Data: '', ExplicitHashKey: '0' };
    expect(await refusalOf(endpoint, 'PutRecord', one)).toEqual([
      'ProvisionedThroughputExceededException',
      exceeded('shardId-000000000000'),
    ]);
    clock.turn(1000);
    await endpoint.ok('PutRecord', one);
  });

  it('a shard is read five times a second, and rests after 10 MiB', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock, quotas: 'enforce' });
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const ShardIterator = await iteratorOf(endpoint);
    for (let i = 0; i < 5; i++) await endpoint.ok('GetRecords', { ShardIterator });
    expect(await refusalOf(endpoint, 'GetRecords', { ShardIterator })).toEqual([
      'ProvisionedThroughputExceededException',
      `Rate exceeded for Shard - ${account}/s/shardId-000000000000`,
    ]);
    for (let second = 0; second < 9; second++) {
      clock.turn(1100);
      await endpoint.ok('PutRecords', { StreamName: 's', Records: puts(500, 0n) });
      await endpoint.ok('PutRecords', { StreamName: 's', Records: puts(500, 0n) });
    }
    await endpoint.ok('GetRecords', { ShardIterator });
    clock.turn(3000);
    expect((await refusalOf(endpoint, 'GetRecords', { ShardIterator }))[0]).toBe(
      'ProvisionedThroughputExceededException',
    );
    clock.turn(2000);
    await endpoint.ok('GetRecords', { ShardIterator });
  });
});

describe('on demand', () => {
  it('a stream has its shards doubled after a minute that would fill more than half of them', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock, quotas: 'enforce' });
    for (const input of [{ StreamName: 'on-demand' }, { StreamName: 'provisioned', ShardCount: 4 }]) {
      await endpoint.ok('CreateStream', input);
    }
    const open = async (StreamName: string): Promise<number> =>
      (await endpoint.ok('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary.OpenShardCount;
    // As many records as four shards take in 31 seconds, most of which are refused.
    const Records = Array.from({ length: 500 }, (_, i) => ({ PartitionKey: String(i), Data: '' }));
    const write = async (StreamName: string): Promise<void> => {
      for (let i = 0; i < 248; i++) await endpoint.ok('PutRecords', { StreamName, Records });
    };
    await write('on-demand');
    await write('provisioned');
    expect(await open('on-demand')).toBe(4);
    clock.turn(60_000);
    for (const StreamName of ['on-demand', 'provisioned']) await endpoint.ok('PutRecords', { StreamName, Records });
    await expect.poll(() => open('on-demand')).toBe(8);
    expect(await open('provisioned')).toBe(4);
    // A minute with less leaves it as it is.
    clock.turn(60_000);
    await endpoint.ok('PutRecords', { StreamName: 'on-demand', Records });
    expect(await open('on-demand')).toBe(8);
  });
});

describe('with quotas observed', () => {
  it('nothing is refused, and what would have been is counted', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock, quotas: 'observe' });
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const ShardIterator = await iteratorOf(endpoint);
    for (let i = 0; i < 8; i++) await endpoint.ok('GetRecords', { ShardIterator });
    await endpoint.ok('PutRecord', { StreamName: 's', PartitionKey: 'k', Data: '' });
    expect([...(await endpoint.store.readCounters('quota/'))]).toEqual([
      [`quota/kinesis-get-calls/arn:aws:kinesis:us-east-1:${account}:stream/s/shardId-000000000000`, 3],
    ]);
  });
});
