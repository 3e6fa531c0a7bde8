import rhea from 'rhea';
import type { Receiver, Sender } from 'rhea';
import { describe, expect, test } from 'vitest';
import { amqpBroker, conditionOf, connect, first, queue, send, until, type Remote } from './fixture.ts';

const selector = (text: string) => ({ 'jms-selector': rhea.types.wrap_described(text, 0x468c00000004) });
const unknown = { mine: rhea.types.wrap_described('x', 'example:my-filter') };

describe('refuses to attach, with the reason', () => {
  test.each([
    ['a sender to a filter', 'invalid-field', { target: 'topic://a.*' }],
    ['a sender to a filter among others', 'invalid-field', { target: 'a,b.>' }],
    ['a sender to a temporary queue that is not there', 'not-found', { target: 'temp-queue://ID:1' }],
    [
      'a sender to a dynamic node that is not temporary',
      'not-implemented',
      { target: { dynamic: true, capabilities: ['queue'] } },
    ],
    ['a sender to a dynamic node that has an address', 'invalid-field', { target: { dynamic: true, address: 'a' } }],
    ['a sender to an unknown kind of node', 'not-implemented', { target: 'kafka://a' }],
    ['a sender to a queue without a name', 'invalid-field', { target: 'queue://' }],
  ])('%s', async (_, condition, options) => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    await expect(client.sender(options as never)).rejects.toMatchObject({ condition: `amqp:${condition}` });
    // The session goes on.
    await client.sender('orders');
  });

  test.each([
    ['a receiver with a bad selector', 'invalid-field', { source: { address: 'a', filter: selector('colour =') } }],
    [
      'a subscription with a bad selector',
      'invalid-field',
      { source: { address: 'topic://a', filter: selector('(') } },
    ],
    [
      'a durable subscription with a bad selector',
      'invalid-field',
      { source: { address: 'topic://a', durable: 2, filter: selector('(') } },
    ],
    [
      'a receiver that browses several queues',
      'not-implemented',
      { source: { address: 'a.>', distribution_mode: 'copy' } },
    ],
    ['a receiver with an unknown option', 'invalid-field', { source: 'queue://a?consumer.exclusiv=true' }],
    ['a receiver with a bad value of an option', 'invalid-field', { source: 'queue://a?consumer.priority=high' }],
    ['a receiver from a temporary queue that is not there', 'not-found', { source: 'temp-queue://ID:1' }],
    ['a receiver from nowhere', 'invalid-field', { source: {} }],
  ])('%s', async (_, condition, options) => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    await expect(client.receiver(options as never)).rejects.toMatchObject({ condition: `amqp:${condition}` });
    await client.receiver('orders');
    expect(engine.broker.topics.subscriptionCount).toBe(0);
  });
});

test('a filter that is not known is not said to be in place', async () => {
  await using engine = await amqpBroker();
  await using client = await connect(engine.port);
  const inbox = await client.receiver({ source: { address: 'orders', filter: unknown } });
  expect(inbox.receiver.source.filter).toBeFalsy();
});

test('the attach says what the terminus really is', async () => {
  await using engine = await amqpBroker();
  await using client = await connect(engine.port);
  const { receiver } = await client.receiver({ source: { address: 'orders', durable: 2, expiry_policy: 'never' } });
  expect(receiver.source).toMatchObject({ address: 'orders', expiry_policy: 'link-detach', distribution_mode: 'move' });
  expect(receiver.source.durable ?? 0).toBe(0);
});

describe('the anonymous terminus', () => {
  test('is offered, and sends each message to where it says', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    expect(client.connection.remote.open.offered_capabilities).toContain('ANONYMOUS-RELAY');
    const inbox = await client.receiver('topic://prices', 1);
    const sender = await client.sender({ target: {} });
    await send(sender, { to: 'queue://orders', body: 'a', durable: true });
    await send(sender, { to: 'plain', body: 'b' });
    await send(sender, { to: 'topic://prices', body: 'c' });
    expect(queue(engine, 'orders').readyCount).toBe(1);
    expect(queue(engine, 'plain').readyCount).toBe(1);
    expect((await inbox.accept()).body).toBe('c');
  });

  test.each([
    ['without a destination', {}, 'amqp:not-found'],
    ['to a filter', { to: 'topic://a.*' }, 'amqp:invalid-field'],
  ])('rejects a message %s', async (_, properties, condition) => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender({ target: {} });
    const { outcome, delivery } = await send(sender, { ...properties, body: 'a' });
    expect(outcome).toBe('rejected');
    expect(delivery?.remote_state).toMatchObject({ error: { condition } });
  });

  test('ends the link where the sender does not understand a rejection, or does not wait for it', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    for (const options of [{ source: { outcomes: ['amqp:accepted:list'] } }, { snd_settle_mode: 1 }]) {
      const sender = await client.sender({ target: {}, ...options } as never);
      await first(sender, ['sender_error'], () => sender.send({ body: 'a' }));
      expect(conditionOf(sender)).toBe('amqp:not-found');
    }
  });
});

describe('detaching', () => {
  test('is answered by detaching, and closing by closing', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    await first(sender, ['sender_close'], () => sender.detach());
    expect((sender as unknown as Remote).remote.detach.closed).toBeFalsy();
    const other = await client.sender('orders');
    await first(other, ['sender_close'], () => other.close());
    expect((other as unknown as Remote).remote.detach.closed).toBe(true);
  });

  test('gives back what the receiver has not settled', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    await send(await client.sender('orders'), { body: 'a', durable: true });
    const inbox = await client.receiver('orders', 1);
    await inbox.next();
    expect(queue(engine, 'orders').inFlightCount).toBe(1);
    inbox.receiver.detach();
    await until(() => queue(engine, 'orders').readyCount === 1);
  });

  test('is done to a link whose name is attached again', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const session = client.connection.create_session();
    session.begin();
    const old = await client.receiver({ name: 'the-link', source: 'orders' }, 1);
    const stolen = first<{ receiver: Receiver }>(old.receiver, ['receiver_error']);
    session.open_receiver({ name: 'the-link', source: 'orders' });
    expect(conditionOf((await stolen)[0].receiver)).toBe('amqp:link:stolen');
  });

  test('leaves a link of the same name and the other role alone', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const session = client.connection.create_session();
    session.begin();
    const inbox = await client.receiver({ name: 'both', source: 'orders' }, 1);
    const sender: Sender = session.open_sender({ name: 'both', target: 'orders' });
    await first(sender, ['sendable']);
    await send(sender, { body: 'a' });
    expect((await inbox.accept()).body).toBe('a');
  });
});
