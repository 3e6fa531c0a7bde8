// The group by which a queue, a topic or a stream keeps order, from one route to the next.

import { describe, expect, it } from 'vitest';
import type { Message } from '../../broker/core/message.ts';
import { message } from '../support/messages.ts';
import { world } from './world.ts';
import type { World } from './world.ts';

const toQueue = (name: string) => ({ kind: 'queue', name }) as const;
const keyed = 'key: "json:$.customer"';

async function send({ broker }: World, fields: Partial<Message> = {}): Promise<void> {
  for (const customer of ['a', 'b', 'a', 'c 1', 'b']) {
    await broker.publish(toQueue('in'), message({ text: JSON.stringify({ customer }), ...fields }));
  }
}

/** Sorted: only messages of the same group keep their order. */
async function groups(w: World, queue: string): Promise<unknown[]> {
  const found = (await w.messages(w.broker.queue(queue))).map(({ groupId = '' }) => groupId);
  return found.sort((one, other) => (one < other ? -1 : 1));
}

const digest = expect.stringMatching(/^sha256-[0-9a-f]{64}$/) as unknown;

describe('the group that a route gave a message', () => {
  it.each([
    ['a FIFO queue', 'sqs://one.fifo', ''],
    ['a FIFO topic', 'sns://one.fifo', ''],
    ['a FIFO queue, as an event', 'sqs://one.fifo', ', envelope: structured'],
    ['a FIFO queue, with headers of events', 'sqs://one.fifo', ', envelope: binary'],
  ])('in %s is its group further on', async (_, between, rest) => {
    await using w = await world({
      queues: ['one.fifo', 'two.fifo'],
      topics: ['one.fifo'],
      routes: `[
        {name: a, from: queue://in, to: "${between}", ${keyed}${rest}},
        {name: b, from: "${between}", to: sqs://two.fifo, key: group},
        {name: c, from: sqs://two.fifo, to: queue://out}]`,
    });
    await send(w);
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(5);
    expect(await groups(w, 'out')).toEqual(['a', 'a', 'b', 'b', digest]);
    expect(w.broker.find('mq', 'ActiveMQ.DLQ')?.readyCount ?? 0).toBe(0);
  });

  it('is the one that a stream is read with, too', async () => {
    await using w = await world({
      queues: ['two.fifo'],
      streams: [['s', 1]],
      routes: `[
        {name: a, from: queue://in, to: kinesis://s, ${keyed}, envelope: structured},
        {name: b, from: kinesis://s, to: sqs://two.fifo, key: group},
        {name: c, from: sqs://two.fifo, to: queue://out}]`,
    });
    await send(w);
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(5);
    expect(await groups(w, 'out')).toEqual(['a', 'a', 'b', 'b', 'c 1']);
    expect(w.route('b').losses()).toEqual([]);
  });

  it('is in the ledger: kept where it goes on, dropped where its sender gave it another', async () => {
    await using w = await world({
      queues: ['one.fifo'],
      routes: `[
        {name: a, from: queue://in, to: sqs://one.fifo, ${keyed}},
        {name: b, from: sqs://one.fifo, to: queue://out}]`,
    });
    await send(w);
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(5);
    const fields = () =>
      w
        .route('b')
        .ledger()
        .filter(({ field }) => /group/i.test(field));
    expect(fields()).toMatchObject([{ field: 'groupId', outcome: 'kept', count: 5 }]);
    await send(w, { groupId: 'jms' });
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(10);
    expect(new Set(await groups(w, 'out'))).toEqual(new Set(['a', 'b', digest, 'jms']));
    expect(fields()).toMatchObject([
      { field: 'MessageGroupId', outcome: 'dropped', reason: 'its sender gave it a group of its own', count: 5 },
      { field: 'groupId', outcome: 'kept', count: 10 },
    ]);
  });

  it('is that of the sender, whatever characters it has, where that is the key', async () => {
    await using w = await world({
      queues: ['one.fifo'],
      routes: `[
        {name: a, from: queue://in, to: sqs://one.fifo, key: group, onLoss: dead-letter},
        {name: b, from: sqs://one.fifo, to: queue://out}]`,
    });
    await send(w, { groupId: 'Zürich 1' });
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(5);
    expect(new Set(await groups(w, 'out'))).toEqual(new Set(['Zürich 1']));
    expect(
      w
        .route('b')
        .losses()
        .map(({ field }) => field),
    ).not.toContain('MessageGroupId');
  });
});
