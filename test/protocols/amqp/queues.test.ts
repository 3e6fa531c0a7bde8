import rhea from 'rhea';
import { describe, expect, test } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import { message as coreMessage } from '../../support/messages.ts';
import { amqpBroker, conditionOf, connect, creditOf, first, queue, send, until } from './fixture.ts';

describe('sending to a queue', () => {
  test('a message is accepted once it is stored, not before', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    engine.store.hold();
    let accepted = false;
    const answer = send(sender, { body: 'one', durable: true }).then(({ outcome }) => {
      accepted = true;
      return outcome;
    });
    await until(() => engine.store.pendingBytes > 0);
    // A round trip through the broker, during which an early answer would have come.
    await client.receiver('other');
    expect(accepted).toBe(false);
    engine.store.resume();
    await expect(answer).resolves.toBe('accepted');
    expect(queue(engine, 'orders').readyCount).toBe(1);
  });

  test('a message that cannot be stored is rejected with the reason', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    engine.store.fail(new BrokerError('store-full', 'the disk is full'));
    const { outcome, delivery } = await send(sender, { body: 'one', durable: true });
    expect(outcome).toBe('rejected');
    expect(delivery?.remote_state).toMatchObject({
      error: { condition: 'amqp:resource-limit-exceeded', description: 'the disk is full' },
    });
    engine.store.fail(undefined);
    await expect(send(sender, { body: 'two', durable: true })).resolves.toMatchObject({ outcome: 'accepted' });
  });

  test('many messages at once are each accepted', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    let accepted = 0;
    sender.on('accepted', () => accepted++);
    for (let i = 0; i < 500; i++) sender.send({ body: i, durable: i % 2 === 0 });
    await until(() => accepted === 500);
    expect(queue(engine, 'orders').readyCount).toBe(500);
  });

  test('a settled transfer is stored and not answered', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender({ target: 'orders', snd_settle_mode: 1 });
    sender.send({ body: 'one', durable: true });
    await until(() => queue(engine, 'orders').readyCount === 1);
    expect(sender.sendable()).toBe(true);
  });

  test('a message larger than a frame arrives whole', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const body = rhea.message.data_section(Buffer.alloc(1_000_000, 'causeway'));
    await send(await client.sender('orders'), { body });
    const inbox = await client.receiver('orders', 1);
    expect((await inbox.accept()).body.content.equals(body.content)).toBe(true);
  });

  test('a message larger than the limit ends the link, and takes no memory', async () => {
    await using engine = await amqpBroker({ limits: { maxMessageBytes: 100_000 } });
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    expect(sender.max_message_size).toBe(100_000);
    const [context] = await first<{ sender: typeof sender }>(sender, ['sender_error'], () =>
      sender.send({ body: rhea.message.data_section(Buffer.alloc(200_000)) }),
    );
    expect(conditionOf(context.sender)).toBe('amqp:link:message-size-exceeded');
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('credit comes back as messages are stored, so that a producer waits for the store', async () => {
    await using engine = await amqpBroker({ limits: { maxUncommitted: 10 } });
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    expect(creditOf(sender)).toBe(10);
    engine.store.hold();
    for (let i = 0; i < 10; i++) sender.send({ body: i, durable: true });
    await until(() => engine.store.pendingBytes > 0);
    expect(creditOf(sender)).toBe(0);
    await first(sender, ['sendable'], () => engine.store.resume());
    expect(creditOf(sender)).toBeGreaterThanOrEqual(5);
  });
});

describe('receiving from a queue', () => {
  test('messages come in order, with the credit that was given, and are gone when accepted', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    for (const body of ['a', 'b', 'c']) await send(sender, { body, durable: true });
    const inbox = await client.receiver('orders', 2);
    expect((await inbox.accept()).body).toBe('a');
    expect((await inbox.accept()).body).toBe('b');
    await until(() => queue(engine, 'orders').inFlightCount === 0);
    expect(inbox.waiting).toBe(0);
    expect(queue(engine, 'orders').readyCount).toBe(1);
    inbox.receiver.add_credit(1);
    expect((await inbox.accept()).body).toBe('c');
  });

  test('a released message comes again, its delivery-count unchanged, and is no longer first acquired', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    await send(await client.sender('orders'), { body: 'a', durable: true });
    const inbox = await client.receiver('orders', 2);
    const delivered = await inbox.next();
    expect(delivered.message).toMatchObject({ first_acquirer: true, durable: true });
    delivered.delivery?.release({ undeliverable_here: false });
    const { message } = await inbox.next();
    expect(message.body).toBe('a');
    expect(message.delivery_count ?? 0).toBe(0);
    expect(message.first_acquirer).toBeFalsy();
  });

  test('a modified message that failed comes again with its delivery-count one higher', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    await send(await client.sender('orders'), { body: 'a', durable: true });
    const inbox = await client.receiver('orders', 2);
    (await inbox.next()).delivery?.modified({ delivery_failed: true, undeliverable_here: false });
    expect((await inbox.accept()).delivery_count).toBe(1);
  });

  test('annotations that come with modified are in the message at its next delivery, in the place of those of the same key', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    for (const durable of [true, false]) {
      await send(sender, {
        body: 'a',
        durable,
        message_annotations: { 'x-opt-a': 1, 'x-opt-b': 'sent' },
        subject: 's',
      });
      await send(sender, { body: 'b', durable });
      const inbox = await client.receiver('orders', 1);
      const given = { 'x-opt-b': 'given', 'x-opt-c': true };
      (await inbox.next()).delivery?.modified({ delivery_failed: true, message_annotations: given });
      await until(() => queue(engine, 'orders').readyCount === 2);
      inbox.receiver.add_credit(2);
      expect(await inbox.accept()).toMatchObject({
        body: 'a',
        subject: 's',
        delivery_count: 1,
        message_annotations: { 'x-opt-a': 1, 'x-opt-b': 'given', 'x-opt-c': true },
      });
      expect((await inbox.accept()).body).toBe('b');
      inbox.receiver.close();
    }
  });

  test('annotations that come with modified are in the store, in the same place of the queue', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    for (const body of ['a', 'b']) await send(sender, { body, durable: true });
    const inbox = await client.receiver('orders', 1);
    const given = { 'x-opt-c': 'given' };
    (await inbox.next()).delivery?.modified({ delivery_failed: true, message_annotations: given });
    await until(() => queue(engine, 'orders').readyCount === 2);
    await using next = await amqpBroker({ store: engine.store });
    await using other = await connect(next.port);
    const inboxThere = await other.receiver('orders', 2);
    expect(await inboxThere.accept()).toMatchObject({ body: 'a', delivery_count: 1, message_annotations: given });
    expect((await inboxThere.accept()).body).toBe('b');
    await until(() => queue(next, 'orders').inFlightCount === 0);
    expect(await engine.store.readPage(queue(next, 'orders').id, 0, { entries: 9, bytes: 9999 })).toEqual([]);
  });

  test('a copy that others have is not annotated with it', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const [one, other] = [await client.receiver('topic://t', 1), await client.receiver('topic://t', 1)];
    const durable = (name: string) => ({ name, source: { address: 'topic://t', durable: 2, expiry_policy: 'never' } });
    const stored = await client.receiver(durable('kept'), 1);
    await send(await client.sender('topic://t'), { body: 'a', durable: true });
    (await stored.next()).delivery?.modified({ message_annotations: { 'x-opt-c': 1 } });
    // Of two outcomes given at once, rhea sends the first for both.
    expect((await other.accept()).message_annotations).toBeUndefined();
    (await one.next()).delivery?.modified({ message_annotations: { 'x-opt-d': 1 } });
    one.receiver.add_credit(1);
    stored.receiver.add_credit(1);
    expect((await one.accept()).message_annotations).toEqual({ 'x-opt-d': 1 });
    expect((await stored.accept()).message_annotations).toEqual({ 'x-opt-c': 1 });
  });

  test('a message that is annotated as undeliverable here is a dead letter with its annotations', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    await engine.broker.publish({ kind: 'queue', name: 'orders' }, coreMessage({ text: 'from elsewhere' }));
    const inbox = await client.receiver('orders', 1);
    const given = { 'x-opt-why': 'no price' };
    (await inbox.next()).delivery?.modified({ undeliverable_here: true, message_annotations: given });
    const dead = await client.receiver('ActiveMQ.DLQ', 1);
    const letter = await dead.accept();
    expect(letter).toMatchObject({ body: 'from elsewhere', message_annotations: given });
    expect(letter.delivery_annotations).toMatchObject({ 'x-opt-dead-letter-origin': 'queue://orders' });
  });

  test('annotations that make a message larger than may be detach the link, and are not kept', async () => {
    await using engine = await amqpBroker({ limits: { maxMessageBytes: 1000 } });
    await using client = await connect(engine.port);
    await send(await client.sender('orders'), { body: 'a', durable: true });
    const inbox = await client.receiver('orders', 1);
    const closed = first<{ receiver: { error?: unknown } }>(inbox.receiver, ['receiver_error']);
    (await inbox.next()).delivery?.modified({ message_annotations: { 'x-opt-c': 'x'.repeat(2000) } });
    const [{ receiver }] = await closed;
    expect(conditionOf(receiver)).toBe('amqp:link:message-size-exceeded');
    expect((await (await client.receiver('orders', 1)).accept()).message_annotations).toBeUndefined();
  });

  test('a message that fails too often is dead-lettered', async () => {
    const policies = [{ kind: 'queue', filter: '>', maxRedeliveries: 2 }] as const;
    await using engine = await amqpBroker({ policies });
    await using client = await connect(engine.port);
    await send(await client.sender('orders'), { body: 'a', durable: true });
    const inbox = await client.receiver('orders', 10);
    for (const count of [0, 1, 2]) {
      const { message, delivery } = await inbox.next();
      expect(message.delivery_count ?? 0).toBe(count);
      delivery?.modified({ delivery_failed: true, undeliverable_here: false });
    }
    await until(() => queue(engine, 'ActiveMQ.DLQ').readyCount === 1);
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test.each([
    [
      'rejected',
      (delivery: { reject(error: object): void }) => delivery.reject({ condition: 'app:bad', description: 'no price' }),
      'app:bad: no price',
    ],
    [
      'modified as undeliverable here',
      (delivery: { modified(params: object): void }) => delivery.modified({ undeliverable_here: true }),
      'undeliverable here, says its receiver',
    ],
  ] as [string, (delivery: unknown) => void, string][])(
    'a message that is %s is a dead letter',
    async (_, act, reason) => {
      await using engine = await amqpBroker();
      await using client = await connect(engine.port);
      await send(await client.sender('orders'), { body: 'a', durable: true, application_properties: { n: 1 } });
      act((await (await client.receiver('orders', 1)).next()).delivery);
      const dead = await (await client.receiver('ActiveMQ.DLQ', 1)).accept();
      expect(dead).toMatchObject({ body: 'a', application_properties: { n: 1 } });
      expect(dead.delivery_annotations).toMatchObject({
        'x-opt-dead-letter-reason': reason,
        'x-opt-dead-letter-origin': 'queue://orders',
      });
    },
  );

  test('messages that are sent settled are gone once they are sent', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    for (const body of ['a', 'b']) await send(sender, { body, durable: true });
    const inbox = await client.receiver({ source: 'orders', snd_settle_mode: 1 }, 10);
    expect((await inbox.next()).delivery?.remote_settled).toBe(true);
    await inbox.next();
    await until(() => queue(engine, 'orders').inFlightCount === 0);
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('a receiver that settles second is answered once its acceptance is stored', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    await send(await client.sender('orders'), { body: 'a', durable: true });
    const inbox = await client.receiver({ source: 'orders', rcv_settle_mode: 1, autosettle: false }, 1);
    const { delivery } = await inbox.next();
    engine.store.hold();
    delivery?.update(false, rhea.types.wrap_described([], 0x24));
    await until(() => engine.broker.delivered === 1);
    expect(delivery?.remote_settled).toBeFalsy();
    const settled = first(inbox.receiver, ['settled']);
    engine.store.resume();
    await settled;
    expect(delivery?.remote_settled).toBe(true);
    expect(queue(engine, 'orders').inFlightCount).toBe(0);
  });

  test('what was not settled when its connection broke goes to another receiver', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    await send(await client.sender('orders'), { body: 'a', durable: true });
    const broken = await connect(engine.port);
    await (await broken.receiver('orders', 1)).next();
    broken.connection.on('connection_error', () => undefined);
    (broken.connection as unknown as { socket: { destroy(): void } }).socket.destroy();
    const message = await (await client.receiver('orders', 1)).accept();
    expect(message.body).toBe('a');
    expect(message.first_acquirer).toBeFalsy();
  });

  test('a settlement that cannot be stored leaves the message in the queue', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    await send(await client.sender('orders'), { body: 'a', durable: true });
    const inbox = await client.receiver('orders', 2);
    engine.store.fail(new BrokerError('store-failed', 'the disk is gone'));
    await inbox.accept();
    const again = await inbox.next();
    expect(again.message.body).toBe('a');
    engine.store.fail(undefined);
    again.delivery?.accept();
    await until(() => queue(engine, 'orders').inFlightCount === 0);
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('what is settled while the disk takes no messages is settled', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    await send(sender, { body: 'a', durable: true });
    const inbox = await client.receiver('orders', 1);
    const { delivery } = await inbox.next();
    const write = engine.store.write.bind(engine.store);
    engine.store.write = (changes) =>
      changes.some(({ kind }) => kind === 'put')
        ? Promise.reject(new BrokerError('store-full', 'the disk is full'))
        : write(changes);
    // Both in one turn, and so in one packet.
    const answer = send(sender, { body: 'b', durable: true });
    delivery?.accept();
    expect((await answer).outcome).toBe('rejected');
    await until(() => queue(engine, 'orders').inFlightCount === 0);
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('receivers of one queue share its messages', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const [one, two] = [await client.receiver('orders', 10), await client.receiver('orders', 10)];
    const sender = await client.sender('orders');
    for (let i = 0; i < 6; i++) await send(sender, { body: i });
    for (const inbox of [one, two]) for (let i = 0; i < 3; i++) await inbox.accept();
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('a receiver without credit does not hold back another in its session', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    await client.receiver('idle');
    const busy = await client.receiver('busy', 1);
    await send(await client.sender('idle'), { body: 'waits' });
    await send(await client.sender('busy'), { body: 'comes' });
    expect((await busy.accept()).body).toBe('comes');
  });

  test('one unsettled delivery does not hold back those after it, however many', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port, { session_buffer_size: 8192 });
    const sender = await client.sender('orders');
    for (let i = 0; i < 5000; i++) sender.send({ body: i });
    const inbox = await client.receiver('orders', 5000);
    await inbox.next();
    for (let i = 1; i < 5000; i++) await inbox.accept();
    await until(() => queue(engine, 'orders').inFlightCount === 1);
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('drain uses up the credit that no message takes', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    await send(await client.sender('orders'), { body: 'a' });
    const inbox = await client.receiver('orders');
    const drained = first(inbox.receiver, ['receiver_drained']);
    inbox.receiver.add_credit(10);
    inbox.receiver.drain_credit();
    await drained;
    expect(inbox.waiting).toBe(1);
    expect(creditOf(inbox.receiver)).toBe(0);
    await send(await client.sender('orders'), { body: 'b' });
    inbox.receiver.add_credit(1);
    await inbox.accept();
    expect((await inbox.accept()).body).toBe('b');
  });

  test('drain waits for what is read from disk', async () => {
    const window = { entries: 4, bytes: 1 << 20, minimumEntries: 1, reload: 4 };
    await using engine = await amqpBroker({ window });
    await using client = await connect(engine.port);
    const sender = await client.sender('orders');
    for (let i = 0; i < 50; i++) await send(sender, { body: i, durable: true });
    const inbox = await client.receiver('orders');
    const drained = first(inbox.receiver, ['receiver_drained']);
    inbox.receiver.add_credit(60);
    inbox.receiver.drain_credit();
    await drained;
    expect(inbox.waiting).toBe(50);
  });

  test('a queue that is deleted detaches its receivers', async () => {
    await using engine = await amqpBroker();
    await using client = await connect(engine.port);
    const inbox = await client.receiver('orders', 1);
    const closed = first<{ receiver: { error?: unknown } }>(inbox.receiver, ['receiver_error']);
    await engine.broker.delete(queue(engine, 'orders'));
    const [{ receiver }] = await closed;
    expect(conditionOf(receiver)).toBe('amqp:resource-deleted');
  });
});
