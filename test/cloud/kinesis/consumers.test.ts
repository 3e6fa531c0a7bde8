import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { account, kinesisEndpoint } from './endpoint.ts';
import { breaches, notNull, refusalOf, streamNotFound } from './refusals.ts';

const StreamARN = `arn:aws:kinesis:us-east-1:${account}:stream/s`;

describe('consumers', () => {
  it('are registered, described, listed and deregistered', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock });
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    expect((await endpoint.ok('ListStreamConsumers', { StreamARN })).Consumers).toEqual([]);
    const { Consumer } = await endpoint.ok('RegisterStreamConsumer', {
      StreamARN,
      ConsumerName: 'c',
      Tags: { a: 'b' },
    });
    expect(Consumer).toEqual({
      ConsumerName: 'c',
      ConsumerARN: `${StreamARN}/consumer/c:1700000000`,
      ConsumerStatus: 'ACTIVE',
      ConsumerCreationTimestamp: 1700000000,
    });
    const { ConsumerARN } = Consumer;
    const described = { ConsumerDescription: { ...Consumer, StreamARN } };
    expect(await endpoint.ok('DescribeStreamConsumer', { ConsumerARN })).toEqual(described);
    expect(await endpoint.ok('DescribeStreamConsumer', { StreamARN, ConsumerName: 'c' })).toEqual(described);
    expect((await endpoint.ok('ListStreamConsumers', { StreamARN })).Consumers).toEqual([Consumer]);
    expect((await endpoint.ok('ListTagsForResource', { ResourceARN: ConsumerARN })).Tags).toEqual([
      { Key: 'a', Value: 'b' },
    ]);
    const { StreamDescriptionSummary } = await endpoint.ok('DescribeStreamSummary', { StreamName: 's' });
    expect(StreamDescriptionSummary.ConsumerCount).toBe(1);
    await endpoint.ok('DeregisterStreamConsumer', { ConsumerARN });
    expect((await endpoint.ok('ListStreamConsumers', { StreamARN })).Consumers).toEqual([]);
    expect((await refusalOf(endpoint, 'DescribeStreamConsumer', { ConsumerARN }))[0]).toBe('ResourceNotFoundException');
  });

  it('are refused without a name, a second time, and where there are too many', async () => {
    await using endpoint = await kinesisEndpoint();
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    expect(await refusalOf(endpoint, 'RegisterStreamConsumer', {})).toEqual(
      breaches(['streamARN', 'null', notNull], ['consumerName', 'null', notNull]),
    );
    const none = { StreamARN: StreamARN.replace(/s$/, 'none'), ConsumerName: 'c' };
    expect(await refusalOf(endpoint, 'RegisterStreamConsumer', none)).toEqual(streamNotFound('none'));
    for (let i = 0; i < 20; i++) await endpoint.ok('RegisterStreamConsumer', { StreamARN, ConsumerName: `c${i}` });
    const again = { StreamARN, ConsumerName: 'c0' };
    expect((await refusalOf(endpoint, 'RegisterStreamConsumer', again))[0]).toBe('ResourceInUseException');
    const more = { StreamARN, ConsumerName: 'c20' };
    expect((await refusalOf(endpoint, 'RegisterStreamConsumer', more))[0]).toBe('LimitExceededException');
    const first = await endpoint.ok('ListStreamConsumers', { StreamARN, MaxResults: 15 });
    const second = await endpoint.ok('ListStreamConsumers', { StreamARN, MaxResults: 15, NextToken: first.NextToken });
    expect([first.Consumers.length, second.Consumers.length, second.NextToken]).toEqual([15, 5, undefined]);
  });

  it('show their states for as long as the configuration says', async () => {
    const clock = new ManualClock();
    await using endpoint = await kinesisEndpoint({ clock, stateDelayMs: 1000 });
    await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 1 });
    clock.turn(1000);
    await expect.poll(async () => (await endpoint.ok('ListStreams')).StreamSummaries[0].StreamStatus).toBe('ACTIVE');
    const { Consumer } = await endpoint.ok('RegisterStreamConsumer', { StreamARN, ConsumerName: 'c' });
    expect(Consumer.ConsumerStatus).toBe('CREATING');
    const { ConsumerARN } = Consumer;
    const subscribe = { ConsumerARN, ShardId: 'shardId-000000000000', StartingPosition: { Type: 'LATEST' } };
    expect(await refusalOf(endpoint, 'SubscribeToShard', subscribe)).toEqual([
      'ResourceInUseException',
      `Consumer c with creation timestamp 1700000001 under stream: s, account ${account} is not in ACTIVE status.`,
    ]);
    clock.turn(1000);
    const status = async (): Promise<string> =>
      (await endpoint.ok('DescribeStreamConsumer', { ConsumerARN })).ConsumerDescription.ConsumerStatus;
    expect(await status()).toBe('ACTIVE');
    await endpoint.ok('DeregisterStreamConsumer', { ConsumerARN });
    expect(await status()).toBe('DELETING');
    clock.turn(1000);
    expect((await endpoint.ok('ListStreamConsumers', { StreamARN })).Consumers).toEqual([]);
  });
});
