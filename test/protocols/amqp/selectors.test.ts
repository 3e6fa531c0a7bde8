// Receivers that take only what they select (the filter apache.org:selector-filter:string).

import rhea from 'rhea';
import { describe, expect, test } from 'vitest';
import { amqpBroker, connect, creditOf, first, queue, send } from './fixture.ts';

const filter = { 'jms-selector': rhea.types.wrap_described("colour = 'red' AND size > 5", 0x468c00000004) };

const sent = [
  ['red', 6],
  ['blue', 6],
  ['red', 5],
  ['red', 7],
] as const;

describe('a receiver with a selector', () => {
  test.each(['orders', 'topic://orders'])('gets what it selects from %s', async (address) => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const inbox = await client.receiver({ source: { address, filter } }, 10);
    const sender = await client.sender(address);
    for (const [colour, size] of sent) {
      await send(sender, { body: `${colour} ${size}`, application_properties: { colour, size }, durable: true });
    }
    expect((await inbox.accept()).body).toBe('red 6');
    expect((await inbox.accept()).body).toBe('red 7');
    expect(inbox.waiting).toBe(0);
    if (address === 'orders') expect(queue(engine, 'orders').readyCount).toBe(2);
  });

  test('is drained while the queue holds only what it does not select', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    await send(sender, { body: 'x', application_properties: { colour: 'blue' }, durable: true });
    const { receiver } = await client.receiver({ source: { address: 'orders', filter } }, 5);
    const drained = first(receiver, ['receiver_drained']);
    receiver.drain_credit();
    await drained;
    expect(creditOf(receiver)).toBe(0);
  });
});
