// The waiters of the AWS SDK, all that its clients have: they end when what they wait for is there, and fail for what will
// not come.

import {
  CreateStreamCommand,
  DeleteStreamCommand,
  waitUntilChannelActive,
  waitUntilStreamExists,
  waitUntilStreamNotExists,
} from '@aws-sdk/client-kinesis';
import * as kinesisClient from '@aws-sdk/client-kinesis';
import * as snsClient from '@aws-sdk/client-sns';
import * as sqsClient from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { isOwn, isReal, target } from '../target.ts';

it('are all here', () => {
  const names = [sqsClient, snsClient, kinesisClient].flatMap((client) =>
    Object.keys(client).filter((name) => name.startsWith('waitUntil')),
  );
  expect(names.toSorted()).toEqual(['waitUntilChannelActive', 'waitUntilStreamExists', 'waitUntilStreamNotExists']);
});

const patience = isReal
  ? { minDelay: 2, maxDelay: 10, maxWaitTime: 180 }
  : { minDelay: 1, maxDelay: 1, maxWaitTime: 20 };

it('see a stream come, pass through its states, and go', { timeout: 240_000 }, async () => {
  await using aws = await target({ stateDelayMs: 1500 });
  const params = { client: aws.kinesis, ...patience };
  const StreamName = aws.name('s');
  expect(await waitUntilStreamNotExists(params, { StreamName })).toMatchObject({ state: 'SUCCESS' });
  await aws.kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  const { state, reason } = await waitUntilStreamExists(params, { StreamName });
  expect([state, reason]).toMatchObject(['SUCCESS', { StreamDescription: { StreamName, StreamStatus: 'ACTIVE' } }]);
  await aws.kinesis.send(new DeleteStreamCommand({ StreamName }));
  expect(await waitUntilStreamNotExists(params, { StreamName })).toMatchObject({
    state: 'SUCCESS',
    reason: { name: 'ResourceNotFoundException' },
  });
});

it('do not wait on for what cannot come', async () => {
  await using aws = await target();
  const params = { client: aws.kinesis, ...patience, maxWaitTime: 2 };
  await expect(waitUntilStreamExists(params, { StreamName: aws.name('none') })).rejects.toThrow(/TIMEOUT/);
  await aws.kinesis.send(new CreateStreamCommand({ StreamName: aws.name('s'), ShardCount: 1 }));
  await expect(waitUntilStreamNotExists(params, { StreamName: aws.name('s') })).rejects.toThrow(/TIMEOUT/);
});

it.skipIf(!isOwn)('ask for a channel, of which there are none, until they give up', async () => {
  await using aws = await target();
  const ChannelARN = `arn:aws:kinesis:us-east-1:000000000000:channel/c`;
  const params = { client: aws.kinesis, ...patience, maxWaitTime: 2 };
  await expect(waitUntilChannelActive(params, { ChannelARN })).rejects.toThrow(/TIMEOUT.*400: Channel .* not found/);
});
