import { describe, expect, it } from 'vitest';
import { account, kinesisEndpoint } from './endpoint.ts';
import { atLeastOne, breaches, matches, namePattern, notNull, refusalOf, takesWrongKinds } from './refusals.ts';

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await kinesisEndpoint();
    const members = {
      ShardId: 'String',
      ShardIteratorType: 'String',
      StartingSequenceNumber: 'String',
      StreamName: 'String',
      Timestamp: 'Timestamp',
    } as const;
    expect(await takesWrongKinds(endpoint, 'GetShardIterator', members)).toEqual([]);
  });
});

describe('validation', () => {
  const types =
    'Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]';
  const start = (type: string, what: string): string =>
    'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or ' +
    `LATEST and no StartingSequenceNumber. Request specified ${type} and ${what} StartingSequenceNumber.`;
  const at = { StreamName: 's', ShardId: 'shardId-0', ShardIteratorType: 'AT_SEQUENCE_NUMBER' };
  const invalid = (message: string): readonly [string, string] => ['InvalidArgumentException', message];
  const gone = (message: string): readonly [string, string] => ['ResourceNotFoundException', message];
  const hex = (text: string): string => String(BigInt(`0x${text}`));

  it.each([
    [
      {},
      breaches(['shardId', 'null', notNull], ['shardIteratorType', 'null', notNull], ['streamName', 'null', notNull]),
    ],
    [
      { StreamName: 's', ShardId: '', ShardIteratorType: 'a', StartingSequenceNumber: '' },
      breaches(
        ['shardId', "''", namePattern],
        ['shardId', "''", atLeastOne],
        ['shardIteratorType', "'a'", types],
        ['startingSequenceNumber', "''", matches('0|([1-9]\\d{0,128})')],
      ),
    ],
    [
      { ...at, StreamName: 'none', ShardId: 'x-2147483647' },
      gone(`Shard shardId-002147483647 in stream none under account ${account} does not exist`),
    ],
    [
      { ...at, StreamName: 'none', ShardId: 'shardId-002147483648' },
      gone(`Could not find shard shardId-002147483648 in stream none under account ${account}.`),
    ],
    [{ ...at, ShardId: '2.14E4' }, gone(`Could not find shard 2.14E4 in stream s under account ${account}.`)],
    [
      { ...at, ShardId: 'shardId-5', StartingSequenceNumber: '5' },
      gone(`Shard shardId-000000000005 in stream s under account ${account} does not exist`),
    ],
    [at, invalid(start('AT_SEQUENCE_NUMBER', 'no'))],
    [{ ...at, ShardIteratorType: 'LATEST', StartingSequenceNumber: '5' }, invalid(start('LATEST', 'also a'))],
    [
      { ...at, StartingSequenceNumber: '5' },
      invalid(
        'Invalid StartingSequenceNumber. It encodes shardId-000000000005, while it was used in a call to a shard with ' +
          'shardId-000000000000',
      ),
    ],
    [
      { ...at, StartingSequenceNumber: hex('20000000000000000000000000000000000000800000002') },
      invalid(
        'Invalid StartingSequenceNumber. It encodes shardId--02147483648, while it was used in a call to a shard with ' +
          'shardId-000000000000',
      ),
    ],
    [
      { ...at, StartingSequenceNumber: hex('13bb2cc3d80000000000000000000000') },
      invalid(
        'StartingSequenceNumber 26227199374822427428162556223570313216 used in GetShardIterator on shard ' +
          `shardId-000000000000 in stream s under account ${account} is invalid.`,
      ),
    ],
    [
      { ...at, StartingSequenceNumber: hex('20000000000000000000000000000000000000000000002') },
      invalid(
        `StartingSequenceNumber ${hex('20000000000000000000000000000000000000000000002')} used in GetShardIterator on shard ` +
          `shardId-000000000000 in stream s under account ${account} is invalid because it did not come from this stream.`,
      ),
    ],
    [
      { ...at, ShardIteratorType: 'AT_TIMESTAMP' },
      invalid(
        'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.',
      ),
    ],
  ])('%#', async (input, expected) => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    expect(await refusalOf(endpoint, 'GetShardIterator', input)).toEqual(expected);
  });

  it('fails at a sequence number of the first version', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const { status, body } = await endpoint.json('GetShardIterator', { ...at, StartingSequenceNumber: '0' });
    expect([status, body]).toEqual([500, { __type: 'InternalFailure' }]);
  });

  it('refuses times to come', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    const Timestamp = Math.floor(Date.now() / 1000) + 100;
    const [, message] = await refusalOf(endpoint, 'GetShardIterator', {
      ...at,
      ShardIteratorType: 'AT_TIMESTAMP',
      Timestamp,
    });
    expect(message).toMatch(
      new RegExp(
        'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. ' +
          `timestampInMillis: ${Timestamp}000, currentTimestampInMillis: \\d+$`,
      ),
    );
  });
});

describe('function', () => {
  it('gives iterators that say nothing, and never the same twice', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's'.repeat(128), ShardCount: 1 });
    const place = { StreamName: 's'.repeat(128), ShardId: 'any-0', ShardIteratorType: 'LATEST' };
    const iterators = [];
    for (let i = 0; i < 5; i++) iterators.push((await endpoint.ok('GetShardIterator', place)).ShardIterator);
    expect(new Set(iterators).size).toBe(5);
    for (const iterator of iterators) {
      expect(iterator.length).toBeLessThanOrEqual(512);
      const bytes = Buffer.from(iterator, 'base64');
      expect(bytes.subarray(0, 8).toString('hex')).toBe('0000000000000001');
      expect((bytes.length - 152) % 16).toBe(0);
    }
  });
});
