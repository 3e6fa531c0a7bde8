import rhea from 'rhea';
import { expect, test } from 'vitest';
import { subscriptions } from '../../../broker/core/namespaces.ts';
import { amqpBroker, connect, send, until } from './fixture.ts';

const noLocal = { 'no-local': rhea.types.wrap_described([], 0x468c00000003) };

test('every subscription to a topic gets its messages', async () => {
  await using engine = await amqpBroker();
  await using client = await connect(engine.port);
  const inboxes = [await client.receiver('topic://prices', 10), await client.receiver('topic://prices', 10)];
  await send(await client.sender('topic://prices'), { body: 1 });
  for (const inbox of inboxes) expect((await inbox.accept()).body).toBe(1);
});

test('a filter takes the topics that match it', async () => {
  await using engine = await amqpBroker();
  await using client = await connect(engine.port);
  const all = await client.receiver('topic://prices.>', 10);
  const level = await client.receiver('topic://prices.*.bid', 10);
  for (const name of ['prices.eur.bid', 'prices.eur.ask', 'trades']) {
    await send(await client.sender(`topic://${name}`), { body: name });
  }
  expect([(await all.accept()).body, (await all.accept()).body]).toEqual(['prices.eur.bid', 'prices.eur.ask']);
  expect((await level.accept()).body).toBe('prices.eur.bid');
  expect(all.waiting + level.waiting).toBe(0);
});

test('the capability of a terminus says what a plain name is', async () => {
  await using engine = await amqpBroker();
  await using client = await connect(engine.port);
  const inbox = await client.receiver({ source: { address: 'prices', capabilities: ['topic'] } }, 10);
  expect(inbox.receiver.source.capabilities).toEqual(['topic']);
  const sender = await client.sender({ target: { address: 'prices', capabilities: ['topic'] } });
  await send(sender, { body: 1 });
  expect((await inbox.accept()).body).toBe(1);
  expect(engine.broker.find('mq', 'prices')).toBeUndefined();
});

test('a subscription ends with its link, and its queue with it', async () => {
  await using engine = await amqpBroker();
  await using client = await connect(engine.port);
  const inbox = await client.receiver('topic://prices', 10);
  expect([...engine.broker.queues(subscriptions)]).toHaveLength(1);
  inbox.receiver.close();
  await until(() => [...engine.broker.queues(subscriptions)].length === 0);
  expect(engine.broker.topics.subscriptionCount).toBe(0);
});

test('a subscription that is no-local does not get what its own connection sent', async () => {
  await using engine = await amqpBroker();
  await using client = await connect(engine.port);
  await using other = await connect(engine.port);
  const inbox = await client.receiver({ source: { address: 'topic://chat', filter: noLocal } }, 10);
  expect(Object.keys(inbox.receiver.source.filter ?? {})).toEqual(['no-local']);
  await send(await client.sender('topic://chat'), { body: 'mine' });
  await send(await other.sender('topic://chat'), { body: 'yours' });
  expect((await inbox.accept()).body).toBe('yours');
});

test('a message to a topic without subscriptions is accepted', async () => {
  await using engine = await amqpBroker();
  await using client = await connect(engine.port);
  await expect(send(await client.sender('topic://nobody'), { body: 1 })).resolves.toMatchObject({
    outcome: 'accepted',
  });
});
