import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { MemoryStore } from '../../../broker/store/memory-store.ts';
import { kinesisEndpoint } from './endpoint.ts';
import { atLeastOne, breaches, notNull, refusalOf, streamNotFound, takesWrongKinds } from './refusals.ts';

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await kinesisEndpoint();
    const members = {
      Records: 'List',
      'Records.0': 'Structure',
      'Records.0.Data': 'Blob',
      'Records.0.ExplicitHashKey': 'String',
      'Records.0.PartitionKey': 'String',
      StreamName: 'String',
      DryRun: 'Boolean',
    } as const;
    expect(await takesWrongKinds(endpoint, 'PutRecords', members)).toEqual([]);
  });
});

describe('validation', () => {
  const shown = 'com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310';
  const many = Array.from({ length: 501 }, () => ({ PartitionKey: '', Data: '' }));

  it.each([
    [{}, breaches(['records', 'null', notNull], ['streamName', 'null', notNull])],
    [{ StreamName: 's', Records: [] }, breaches(['records', "'[]'", atLeastOne])],
    [
      { StreamName: 's', Records: [{}] },
      breaches(['records.1.member.partitionKey', 'null', notNull], ['records.1.member.data', 'null', notNull]),
    ],
    [
      { StreamName: 's', Records: many },
      breaches(
        ['records', `'[${many.map(() => shown).join(', ')}]'`, 'Member must have length less than or equal to 500'],
        ...Array.from({ length: 9 }, (_, i) => [`records.${i + 1}.member.partitionKey`, "''", atLeastOne] as const),
      ),
    ],
    [{ StreamName: 'none', Records: [{ PartitionKey: 'a', Data: '' }] }, streamNotFound('none')],
  ])('%#', async (input, expected) => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    expect(await refusalOf(endpoint, 'PutRecords', input)).toEqual(expected);
  });

  it('of more than 10 MiB together', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const Data = Buffer.alloc(1024 * 1024 - 1).toString('base64');
    const Records = Array.from({ length: 11 }, () => ({ PartitionKey: 'a', Data }));
    const [type] = await refusalOf(endpoint, 'PutRecords', { StreamName: 's', Records });
    expect(type).toBe('InvalidArgumentException');
  });
});

describe('function', () => {
  it('puts each into its shard, and answers in the order that was given', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 4 });
    const Records = Array.from({ length: 500 }, (_, i) => ({
      PartitionKey: `k${i % 50}`,
      Data: Buffer.from(String(i)),
    }));
    const answer = await endpoint.client().send(new PutRecordsCommand({ StreamName: 's', Records }));
    expect(answer.FailedRecordCount).toBe(0);
    const put = answer.Records ?? [];
    const read = new Map<string, string>();
    for (const shard of new Set(put.map(({ ShardId }) => ShardId))) {
      const place = { StreamName: 's', ShardId: shard, ShardIteratorType: 'TRIM_HORIZON' };
      const { ShardIterator } = await endpoint.ok('GetShardIterator', place);
      const { Records: records } = await endpoint.ok('GetRecords', { ShardIterator });
      for (const { SequenceNumber, Data } of records) read.set(SequenceNumber, Buffer.from(Data, 'base64').toString());
    }
    expect(put.map(({ SequenceNumber }) => read.get(SequenceNumber ?? ''))).toEqual(Records.map((_, i) => String(i)));
  });

  it('stores before it answers, and refuses all if it cannot', async () => {
    const store = new MemoryStore();
    await using endpoint = await kinesisEndpoint({ store });
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 2 });
    store.fail(new BrokerError('store-full', 'the disk is full'));
    const Records = ['a', 'b', 'c'].map((PartitionKey) => ({ PartitionKey, Data: '' }));
    const answer = await endpoint.json('PutRecords', { StreamName: 's', Records });
    expect([answer.status, answer.body.__type]).toEqual([500, 'InternalFailureException']);
    store.fail(undefined);
    expect((await endpoint.ok('PutRecords', { StreamName: 's', Records })).FailedRecordCount).toBe(0);
  });
});
