// Producers are held back by their credit (part 2, section 2.6.7), before anything has to be refused.

import { describe, expect, test } from 'vitest';
import { hex } from './codec/bytes.ts';
import { amqpBroker, queue } from './fixture.ts';
import { RawPeer, terminus } from './raw-peer.ts';

const durable = hex('00 53 70 c0 02 01 41  0053 77 a1 01 61');
const policies = [{ kind: 'queue', filter: 'orders', maxMessages: 4 }] as const;

describe('a producer to a queue at its bound', () => {
  test('gets no more credit until there is room again', async () => {
    await using engine = await amqpBroker({ policies });
    await using peer = await RawPeer.sender(engine.port);
    // What it has credit for is taken; half of it used up, it would get new.
    for (let i = 0; i < 500; i++) peer.deliver(i, durable);
    for (let answered = 0; answered < 500;) {
      const { first, last = first } = await peer.expect('disposition');
      answered += last - first + 1;
    }
    peer.send(0, 'flow', {
      incomingWindow: 9,
      nextOutgoingId: 500,
      outgoingWindow: 9,
      handle: 0,
      deliveryCount: 500,
      echo: true,
    });
    expect((await peer.expect('flow')).linkCredit).toBe(500);
    await queue(engine, 'orders').purge();
    expect((await peer.expect('flow')).linkCredit).toBe(1000);
  });

  test('is attached all the same, and another to another queue is not held back', async () => {
    await using engine = await amqpBroker({ policies });
    await using first = await RawPeer.sender(engine.port);
    for (let i = 0; i < 4; i++) {
      first.deliver(i, durable);
      await first.expect('disposition');
    }
    await using peer = await RawPeer.open(engine.port);
    peer.attachSender();
    await peer.expect('attach');
    peer.attachSender({ name: 'free', handle: 1, target: terminus('target', 'free') });
    await peer.expect('attach');
    expect(await peer.expect('flow')).toMatchObject({ handle: 1, linkCredit: 1000 });
    await queue(engine, 'orders').purge();
    expect(await peer.expect('flow')).toMatchObject({ handle: 0, linkCredit: 1000 });
  });
});
