// onLoss: dead-letter, and what it takes for a loss.

import { describe, expect, it } from 'vitest';
import { message } from '../support/messages.ts';
import { world } from './world.ts';

const toQueue = (name: string) => ({ kind: 'queue', name }) as const;
const secret = [{ name: 'secret', type: 'string', value: 's' }] as const;

describe('a route that lets nothing be lost', () => {
  it('takes from a FIFO queue: deduplication ids belong to the queue, not to the message', async () => {
    await using w = await world({
      queues: ['in.fifo', 'out.fifo'],
      routes: `[
        {name: a, from: queue://in, to: sqs://in.fifo, key: "constant:g", onLoss: dead-letter},
        {name: b, from: sqs://in.fifo, to: sqs://out.fifo, key: group, onLoss: dead-letter},
        {name: c, from: sqs://out.fifo, to: queue://out, onLoss: dead-letter}]`,
    });
    await w.broker.publish(toQueue('in'), message({ text: 'x' }));
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(1);
    expect(w.route('c').losses()).toMatchObject([{ field: 'MessageDeduplicationId', outcome: 'dropped', count: 1 }]);
  });

  it.each(['sqs://out', 'kinesis://out', 'queue://out'])('leaves out for %s what it is told to', async (to) => {
    const rest = to.startsWith('kinesis') ? ', key: "constant:k", envelope: structured' : '';
    await using w = await world({
      queues: ['out'],
      streams: [['out', 1]],
      routes: `[{name: r, from: queue://in, to: "${to}", rename: {secret: null}, onLoss: dead-letter${rest}}]`,
    });
    await w.broker.publish(toQueue('in'), message({ text: 'x', properties: secret }));
    await expect.poll(() => w.route('r').transferred).toBe(1);
    expect(w.route('r').losses()).toMatchObject([{ field: 'secret', reason: 'left out by the route', count: 1 }]);
  });

  it('makes a dead letter of what would lose a field, and says which', async () => {
    await using w = await world({
      queues: ['out'],
      routes:
        '[{name: r, from: queue://in, to: sqs://out, overflow: drop, rename: {secret: null}, onLoss: dead-letter}]',
    });
    const properties = [...secret, { name: 'no name', type: 'string', value: 'v' }] as const;
    await w.broker.publish(toQueue('in'), message({ text: 'x', properties }));
    await expect.poll(() => w.route('r').deadLettered).toBe(1);
    const [dead] = await w.broker.queue('ActiveMQ.DLQ').browse(0, 1);
    expect(dead?.entry.dead?.reason).toBe('route r: no name: the name is not one that SQS takes');
  });
});

it.each(['text', 'bytes'] as const)(
  'a message of %s without a body crosses SQS as an event, and as nothing else',
  async (bodyType) => {
    await using w = await world({
      queues: ['plain', 'event'],
      routes: `[
      {name: a, from: queue://in, to: [
        {address: sqs://plain, name: plain},
        {address: sqs://event, name: event, envelope: structured, onLoss: dead-letter}]},
      {name: b, from: sqs://event, to: queue://out, onLoss: dead-letter}]`,
    });
    await w.broker.publish(toQueue('in'), message({ bodyType, properties: secret }));
    await expect.poll(() => w.broker.queue('out').readyCount).toBe(1);
    const [{ body, ...back }] = (await w.messages(w.broker.queue('out'))) as [ReturnType<typeof message>];
    expect([body.length, back.bodyType, back.properties]).toEqual([0, bodyType, secret]);
    await expect.poll(() => w.route('a.plain').deadLettered).toBe(1);
  },
);
