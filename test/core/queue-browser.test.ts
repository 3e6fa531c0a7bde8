import { expect, it } from 'vitest';
import type { Broker } from '../../broker/core/broker.ts';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';

async function publish(broker: Broker, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await broker.publish({ kind: 'queue', name: 'q' }, message({ text, priority: Number(text) % 10 }));
  }
}

function browse(broker: Broker, text?: string) {
  const bodies: string[] = [];
  const end = Promise.withResolvers<void>();
  const selector = text === undefined ? undefined : { text };
  const browser = broker.browse({
    queue: broker.queue('q'),
    selector,
    deliver: (_, { body }) => bodies.push(body.toString()),
    onEnd: end.resolve,
  });
  return { browser, bodies, ended: end.promise };
}

it('shows what the queue held when it began, and takes nothing', async () => {
  await using test = await testBroker();
  const texts = Array.from({ length: 250 }, (_, i) => String(i));
  await publish(test.broker, ...texts);
  const { browser, bodies, ended } = browse(test.broker);
  await publish(test.broker, '250');
  browser.setCredit(1000);
  await ended;
  expect(bodies).toEqual(texts);
  expect(test.broker.queue('q').readyCount).toBe(251);
});

it('waits for credit, and selects', async () => {
  await using test = await testBroker();
  await publish(test.broker, '1', '2', '3', '4', '5');
  const { browser, bodies, ended } = browse(test.broker, 'JMSPriority <> 2');
  browser.setCredit(2);
  await expect.poll(() => bodies).toEqual(['1', '3']);
  browser.grant(10);
  await ended;
  expect(bodies).toEqual(['1', '3', '4', '5']);
});

it('ends with its queue, and at once on an empty one', async () => {
  await using test = await testBroker();
  const empty = browse(test.broker);
  empty.browser.setCredit(1);
  await empty.ended;
  await publish(test.broker, '1');
  const gone = browse(test.broker);
  await test.broker.delete(test.broker.queue('q'));
  gone.browser.setCredit(1);
  await gone.ended;
  expect(gone.bodies).toEqual([]);
});
