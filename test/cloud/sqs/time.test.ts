// What happens to messages as time passes: visibility timeouts, delays, waits and retention, on a clock that is turned.

import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { waitUntil } from '../../support/wait.ts';
import { account, testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';

const QueueUrl = `http://queue.test/${account}/q`;

interface Timed extends AsyncDisposable {
  readonly endpoint: TestEndpoint;
  readonly clock: ManualClock;
  send(MessageBody: string, members?: object): Promise<void>;
  /** The bodies that a receive gives now. */
  receive(members?: object): Promise<readonly string[]>;
}

async function timed(attributes: Record<string, string> = {}): Promise<Timed> {
  const clock = new ManualClock();
  const endpoint = await testEndpoint({ clock });
  await endpoint.json('CreateQueue', { QueueName: 'q', Attributes: attributes });
  return {
    endpoint,
    clock,
    send: async (MessageBody, members = {}) => {
      await endpoint.json('SendMessage', { QueueUrl, MessageBody, ...members });
    },
    receive: async (members = {}) => {
      const { body } = await endpoint.json('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, ...members });
      return (body.Messages ?? []).map(({ Body }: { Body: string }) => Body);
    },
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

function waiting({ endpoint }: Timed): Promise<boolean> {
  const queue = endpoint.queues.find({ account, region: 'us-east-1' }, 'q');
  return waitUntil(() => queue?.core.consumerCount === 1);
}

describe('the visibility timeout', () => {
  it('hides a message for as long as the queue says', async () => {
    await using test = await timed({ VisibilityTimeout: '30' });
    await test.send('m');
    expect(await test.receive()).toEqual(['m']);
    test.clock.turn(29_999);
    expect(await test.receive()).toEqual([]);
    test.clock.turn(1);
    expect(await test.receive()).toEqual(['m']);
  });

  it('hides it for as long as the request says', async () => {
    await using test = await timed({ VisibilityTimeout: '30' });
    await test.send('m');
    expect(await test.receive({ VisibilityTimeout: 5 })).toEqual(['m']);
    test.clock.turn(5000);
    expect(await test.receive({ VisibilityTimeout: 0 })).toEqual(['m']);
    expect(await test.receive()).toEqual(['m']);
  });

  it('ends in the place that the message had', async () => {
    await using test = await timed({ VisibilityTimeout: '1' });
    for (const body of ['a', 'b', 'c']) await test.send(body);
    expect(await test.receive({ MaxNumberOfMessages: 2 })).toEqual(['a', 'b']);
    test.clock.turn(1000);
    expect(await test.receive()).toEqual(['a', 'b', 'c']);
  });

  it('wakes a waiting receive when it ends', async () => {
    await using test = await timed({ VisibilityTimeout: '5' });
    await test.send('m');
    await test.receive();
    const received = test.receive({ WaitTimeSeconds: 20 });
    await waiting(test);
    test.clock.turn(5000);
    expect(await received).toEqual(['m']);
  });
});

describe('a delay', () => {
  it('holds a message back for as long as the queue says', async () => {
    await using test = await timed({ DelaySeconds: '2' });
    await test.send('m');
    test.clock.turn(1999);
    expect(await test.receive()).toEqual([]);
    const received = test.receive({ WaitTimeSeconds: 20 });
    await waiting(test);
    test.clock.turn(1);
    expect(await received).toEqual(['m']);
  });

  it('holds it back for as long as the message says, and not at all for 0', async () => {
    await using test = await timed({ DelaySeconds: '10' });
    await test.send('late', { DelaySeconds: 20 });
    await test.send('now', { DelaySeconds: 0 });
    expect(await test.receive()).toEqual(['now']);
    test.clock.turn(19_999);
    expect(await test.receive()).toEqual([]);
    const received = test.receive({ WaitTimeSeconds: 20 });
    await waiting(test);
    test.clock.turn(1);
    expect(await received).toEqual(['late']);
  });
});

describe('a wait', () => {
  it('ends with nothing after as long as was asked', async () => {
    await using test = await timed();
    const received = test.receive({ WaitTimeSeconds: 3 });
    await waiting(test);
    test.clock.turn(3000);
    expect(await received).toEqual([]);
  });
});

describe('retention', () => {
  it('drops a message that is older than the queue keeps any', async () => {
    await using test = await timed({ MessageRetentionPeriod: '60' });
    await test.send('old');
    test.clock.turn(30_000);
    await test.send('young');
    test.clock.turn(29_999);
    expect(await test.receive({ VisibilityTimeout: 0 })).toEqual(['old', 'young']);
    test.clock.turn(1);
    expect(await test.receive()).toEqual(['young']);
  });

  it('follows a change of the attribute', async () => {
    await using test = await timed();
    await test.send('m');
    test.clock.turn(100_000);
    await test.endpoint.json('SetQueueAttributes', { QueueUrl, Attributes: { MessageRetentionPeriod: '60' } });
    expect(await test.receive()).toEqual([]);
  });
});

it('counts receives, and tells when the first was', async () => {
  await using test = await timed({ VisibilityTimeout: '1' });
  const start = test.clock.now();
  await test.send('m');
  test.clock.turn(5000);
  await test.receive();
  test.clock.turn(7000);
  const { body } = await test.endpoint.json('ReceiveMessage', { QueueUrl, AttributeNames: ['All'] });
  expect(body.Messages[0].Attributes).toEqual({
    SenderId: account,
    SentTimestamp: String(start),
    ApproximateFirstReceiveTimestamp: String(start + 5000),
    ApproximateReceiveCount: '2',
  });
});
