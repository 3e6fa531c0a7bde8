// Transactions (part 4), frame by frame, as Qpid JMS sends them and as others might.

import { describe, expect, test } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import type { Composite } from '../../../broker/protocols/amqp/codec/composite.ts';
import { symbol } from '../../../broker/protocols/amqp/codec/value.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { hex } from './codec/bytes.ts';
import { amqpBroker, connect, queue, until, type AmqpBroker } from './fixture.ts';
import { RawPeer, terminus } from './raw-peer.ts';
import { accepted, control, durable, released, Session } from './transactional-session.ts';

describe('the coordinator', () => {
  test('4.5.1 says which of what is asked for it can do, and takes messages', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    const capabilities = ['amqp:local-transactions', 'amqp:distributed-transactions'];
    peer.attachSender({ target: { kind: 'coordinator', capabilities } });
    expect(await peer.expect('attach')).toMatchObject({
      role: true,
      target: { kind: 'coordinator', capabilities: ['amqp:local-transactions'] },
    });
    expect((await peer.expect('flow')).linkCredit).toBeGreaterThan(10);
  });

  test('4.5.1 says what it can do where nothing is asked for', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    peer.attachSender({ target: { kind: 'coordinator', capabilities: undefined } });
    const { target } = await peer.expect('attach');
    expect(target?.capabilities).toEqual([
      'amqp:local-transactions',
      'amqp:multi-txns-per-ssn',
      'amqp:multi-ssns-per-txn',
    ]);
  });

  test('4.2 gives each transaction an identifier of its own', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const ids = [await session.declare(), await session.declare()];
    expect(ids[0]).not.toEqual(ids[1]);
  });

  test.each([
    [
      '4.2 a declare with a global id',
      control('declare', { globalId: { type: 'binary', value: hex('01') } }),
      'not-implemented',
    ],
    [
      '4.3 a discharge of a transaction that is not',
      control('discharge', { txnId: hex('09') }),
      'transaction:unknown-id',
    ],
    ['a message that is neither', hex('0053 77 a1 01 61'), 'decode-error'],
    ['a message without a value', hex('0053 75 a0 01 61'), 'not-allowed'],
  ])('%s is rejected', async (_, body, condition) => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    session.ask(body);
    const { state, settled } = await session.peer.expect('disposition');
    expect({ state, settled }).toMatchObject({
      settled: true,
      state: { kind: 'rejected', error: { condition: `amqp:${condition}` } },
    });
    // The link goes on.
    await session.declare();
  });

  test('4.2 a refusal ends the link where its source does not know rejection', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    const source = { ...terminus('source', 'here'), outcomes: ['amqp:accepted:list'] };
    peer.attachSender({ source, target: { kind: 'coordinator', capabilities: [] } });
    await peer.expect('attach');
    await peer.expect('flow');
    peer.deliver(0, control('discharge', { txnId: hex('09') }));
    expect((await peer.expect('detach')).error?.condition).toBe('amqp:transaction:unknown-id');
  });

  test.each(['declare', 'discharge'] as const)('4.2, 4.3 a %s that is settled ends the link', async (kind) => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    session.send(txnId);
    await session.peer.expect('disposition');
    session.ask(control(kind, kind === 'declare' ? {} : { txnId }), { settled: true });
    expect((await session.peer.expect('detach')).error?.condition).toBe('amqp:not-allowed');
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('4.3 discharges what it declared, and nothing else', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    session.peer.attachSender({ name: 'other', handle: 3, target: { kind: 'coordinator', capabilities: [] } });
    await session.peer.expect('attach');
    await session.peer.expect('flow');
    session.ask(control('discharge', { txnId }), { handle: 3 });
    expect((await session.peer.expect('disposition')).state).toMatchObject({
      error: { condition: 'amqp:not-allowed' },
    });
    expect(await session.commit(txnId)).toEqual(accepted);
  });

  test('takes a discharge and the next declare at once', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    session.send(txnId);
    await session.peer.expect('disposition');
    session.discharge(txnId, false);
    session.ask(control('declare', {}));
    const states = [await session.peer.expect('disposition'), await session.peer.expect('disposition')];
    expect(new Set(states.map(({ state }) => state?.kind))).toEqual(new Set(['accepted', 'declared']));
    expect(queue(engine, 'orders').readyCount).toBe(1);
  });

  test('bounds the transactions that are open', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    for (let i = 0; i < 1000; i++) session.ask(control('declare', {}));
    for (let i = 0; i < 1000; i++) expect((await next(session.peer)).state?.kind).toBe('declared');
    session.ask(control('declare', {}));
    expect((await next(session.peer)).state).toMatchObject({ error: { condition: 'amqp:resource-limit-exceeded' } });
  });
});

/** The next disposition: flows of credit and windows may come between. */
async function next(peer: RawPeer): Promise<Composite<'disposition'>> {
  for (;;) {
    const received = await peer.next();
    if (received?.performative.kind === 'disposition') return received.performative;
    if (received?.performative.kind !== 'flow') throw new Error(`got ${JSON.stringify(received?.performative)}`);
  }
}

describe('messages sent in a transaction', () => {
  test('4.4.4.1 are answered at once with what will become of them, and are there once it is committed', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    const id = session.send(txnId);
    expect(await session.peer.expect('disposition')).toMatchObject({
      role: true,
      first: id,
      settled: true,
      state: { kind: 'transactionalState', txnId, outcome: accepted },
    });
    expect(queue(engine, 'orders').readyCount).toBe(0);
    engine.store.hold();
    session.discharge(txnId, false);
    await until(() => engine.store.pendingBytes > 0);
    engine.store.resume();
    expect((await session.peer.expect('disposition')).state).toEqual(accepted);
    expect(queue(engine, 'orders').readyCount).toBe(1);
  });

  test('4.3 were never sent once it is rolled back', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    session.send(txnId);
    await session.peer.expect('disposition');
    await session.rollBack(txnId);
    expect(await session.commit(await session.declare())).toEqual(accepted);
    expect(queue(engine, 'orders').readyCount).toBe(0);
    session.send(txnId);
    expect((await session.peer.expect('disposition')).state).toMatchObject({
      kind: 'rejected',
      error: { condition: 'amqp:transaction:unknown-id' },
    });
  });

  test('4.4.4.1 may come in several transfers, of which any may be the one that says so', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    session.ask(durable.subarray(0, 9), { handle: 1, more: true });
    session.peer.transfer(
      { handle: 1, state: { kind: 'transactionalState', txnId, outcome: undefined } },
      durable.subarray(9),
    );
    expect((await session.peer.expect('disposition')).state?.kind).toBe('transactionalState');
    await session.rollBack(txnId);
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('4.4.1 must be there whole when it is discharged: otherwise the control link ends', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    session.send(txnId);
    await session.peer.expect('disposition');
    const state = { kind: 'transactionalState', txnId, outcome: undefined } as const;
    session.ask(durable.subarray(0, 9), { handle: 1, more: true, state });
    session.discharge(txnId, true);
    expect(await session.peer.expect('detach')).toMatchObject({
      handle: 0,
      error: { condition: 'amqp:transaction:rollback' },
    });
    session.peer.transfer({ handle: 1, state }, durable.subarray(9));
    expect((await session.peer.expect('disposition')).state).toMatchObject({
      kind: 'rejected',
      error: { condition: 'amqp:transaction:unknown-id' },
    });
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('4.4.1 that is aborted is none of it', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    const state = { kind: 'transactionalState', txnId, outcome: undefined } as const;
    session.ask(durable.subarray(0, 9), { handle: 1, more: true, state });
    session.peer.transfer({ handle: 1, state, aborted: true }, Buffer.alloc(0));
    expect(await session.commit(txnId)).toEqual(accepted);
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('4.4.4.1 may go to several queues, in an order with those outside of it', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    session.peer.attachSender({ name: 'both', handle: 4, target: terminus('target', 'invoices,queue://orders') });
    await session.peer.expect('attach');
    await session.peer.expect('flow');
    const txnId = await session.declare();
    session.send(txnId, { handle: 4 });
    await session.peer.expect('disposition');
    expect(await session.commit(txnId)).toEqual(accepted);
    expect([queue(engine, 'invoices').readyCount, queue(engine, 'orders').readyCount]).toEqual([1, 1]);
  });

  test('are more than there is credit for, since those in a transaction give theirs back', async () => {
    await using engine = await amqpBroker({ limits: { maxUncommitted: 10 } });
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    for (let i = 0; i < 50; i++) {
      session.send(txnId);
      expect((await next(session.peer)).state?.kind).toBe('transactionalState');
    }
    session.discharge(txnId, false);
    expect((await next(session.peer)).state).toEqual(accepted);
    expect(queue(engine, 'orders').readyCount).toBe(50);
  });

  /** A session with the anonymous terminus on handle 5, and what is sent there without an address. */
  async function relayed(engine: AmqpBroker, outcomes?: readonly string[]): Promise<Session> {
    const session = await Session.open(engine);
    const source = { ...terminus('source', 'here'), outcomes };
    session.peer.attachSender({ name: 'relay', handle: 5, source, target: terminus('target', undefined) });
    await session.peer.expect('attach');
    await session.peer.expect('flow');
    return session;
  }

  test('4.4.4.1 that cannot be taken are rejected in it, and the rest can be committed', async () => {
    await using engine = await amqpBroker();
    await using session = await relayed(engine);
    const txnId = await session.declare();
    session.send(txnId);
    await session.peer.expect('disposition');
    session.send(txnId, { handle: 5 });
    expect(await session.peer.expect('disposition')).toMatchObject({
      settled: true,
      state: {
        kind: 'transactionalState',
        txnId,
        outcome: { kind: 'rejected', error: { condition: 'amqp:not-found' } },
      },
    });
    expect(await session.commit(txnId)).toEqual(accepted);
    expect(queue(engine, 'orders').readyCount).toBe(1);
  });

  test('4.4.4.1 that cannot be taken and were sent settled make the commit fail, and end no link', async () => {
    await using engine = await amqpBroker();
    await using session = await relayed(engine);
    const txnId = await session.declare();
    session.send(txnId);
    await session.peer.expect('disposition');
    session.send(txnId, { handle: 5, settled: true });
    expect(await session.commit(txnId)).toMatchObject({ error: { condition: 'amqp:transaction:rollback' } });
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('4.4.4.1 that cannot be taken make the commit fail too where their sender knows no rejection', async () => {
    await using engine = await amqpBroker();
    await using session = await relayed(engine, ['amqp:accepted:list']);
    const txnId = await session.declare();
    session.send(txnId, { handle: 5 });
    expect(await session.peer.expect('detach')).toMatchObject({ handle: 5, error: { condition: 'amqp:not-found' } });
    expect(await session.commit(txnId)).toMatchObject({ error: { condition: 'amqp:transaction:rollback' } });
  });

  test('are bounded: one too large can only be rolled back', async () => {
    await using engine = await amqpBroker({ limits: { maxMessageBytes: 30 } });
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    for (let i = 0; i < 2; i++) {
      session.send(txnId);
      expect((await session.peer.expect('disposition')).state?.kind).toBe('transactionalState');
    }
    for (let i = 0; i < 2; i++) {
      session.send(txnId);
      expect((await session.peer.expect('disposition')).state).toMatchObject({
        kind: 'transactionalState',
        outcome: { kind: 'rejected', error: { condition: 'amqp:transaction:rollback' } },
      });
    }
    expect(await session.commit(txnId)).toMatchObject({ error: { condition: 'amqp:transaction:rollback' } });
    expect(queue(engine, 'orders').readyCount).toBe(0);
    const again = await session.declare();
    session.send(again);
    await session.peer.expect('disposition');
    expect(await session.commit(again)).toEqual(accepted);
  });

  test('are none of them there where the store refuses the commit', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    session.send(txnId);
    await session.peer.expect('disposition');
    engine.store.fail(new BrokerError('store-full', 'the disk is full'));
    expect(await session.commit(txnId)).toMatchObject({
      kind: 'rejected',
      error: { condition: 'amqp:transaction:rollback', description: 'the disk is full' },
    });
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('are delayed from when they are sent', async () => {
    const clock = new ManualClock();
    await using engine = await amqpBroker({ clock });
    await using session = await Session.open(engine);
    const txnId = await session.declare();
    clock.turn(10_000);
    // Message annotation x-opt-delivery-delay: 5000.
    const delayed = hex(
      `00 53 70 c0 02 01 41  00 53 72 c1 1c 02 a3 14 ${Buffer.from('x-opt-delivery-delay').toString('hex')} 71 00001388  00 53 77 a1 01 61`,
    );
    session.ask(delayed, { handle: 1, state: { kind: 'transactionalState', txnId, outcome: undefined } });
    await session.peer.expect('disposition');
    expect(await session.commit(txnId)).toEqual(accepted);
    expect([queue(engine, 'orders').readyCount, queue(engine, 'orders').delayedCount]).toEqual([0, 1]);
    clock.turn(4999);
    expect(queue(engine, 'orders').readyCount).toBe(0);
    clock.turn(1);
    await until(() => queue(engine, 'orders').readyCount === 1);
  });
});

describe('outcomes in a transaction', () => {
  /** Two messages in the queue, both delivered. */
  async function delivered(engine: AmqpBroker): Promise<Session> {
    const session = await Session.open(engine);
    for (let i = 0; i < 2; i++) {
      session.ask(durable, { handle: 1 });
      await session.peer.expect('disposition');
    }
    session.peer.grant(10, { handle: 2 });
    await session.peer.expect('transfer');
    await session.peer.expect('transfer');
    return session;
  }

  test('4.4.4.2 settle once it is committed', async () => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    const txnId = await session.declare();
    session.retire(txnId, 0, { last: 1 });
    expect(await session.commit(txnId)).toEqual(accepted);
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 0, readyCount: 0 });
  });

  test('that was settled in one that is rolled back is delivered again, as one that failed', async () => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    const txnId = await session.declare();
    session.retire(txnId, 0);
    session.discharge(txnId, true);
    const again = await session.peer.expect('transfer');
    expect(again.deliveryId).toBe(2);
    // Its header: durable, and delivery-count 1.
    expect(again.payload.subarray(0, 20).toString('hex')).toMatch(/^005370c0..0541.*5201/);
    await session.peer.expect('disposition');
    session.peer.send(0, 'disposition', { role: true, first: 1, last: 2, settled: true, state: accepted });
    await until(() => queue(engine, 'orders').inFlightCount === 0);
  });

  test('that was not settled in one that is rolled back stays with its receiver, to be decided again', async () => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    const txnId = await session.declare();
    session.retire(txnId, 0, { settled: false });
    await session.rollBack(txnId);
    expect(queue(engine, 'orders').inFlightCount).toBe(2);
    const second = await session.declare();
    session.retire(second, 0, { settled: false });
    session.discharge(second, false);
    // The receiver waits for our settlement, and gets it with the commit.
    const answers = [await session.peer.expect('disposition'), await session.peer.expect('disposition')];
    expect(answers.find(({ role }) => !role)).toMatchObject({ first: 0, settled: true, state: accepted });
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 1, readyCount: 0 });
  });

  test('that is settled later than it is decided counts as settled', async () => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    const txnId = await session.declare();
    session.retire(txnId, 0, { settled: false });
    session.peer.send(0, 'disposition', { role: true, first: 0, settled: true });
    session.discharge(txnId, true);
    expect((await session.peer.expect('transfer')).deliveryId).toBe(2);
  });

  test.each([
    ['released', released, 1, 0],
    [
      'modified',
      { kind: 'modified', deliveryFailed: true, undeliverableHere: undefined, messageAnnotations: undefined },
      1,
      0,
    ],
    ['rejected', { kind: 'rejected', error: undefined }, 0, 1],
    ['modified as undeliverable here', { kind: 'modified', deliveryFailed: true, undeliverableHere: true }, 0, 1],
  ])('4.4.4.2 %s', async (_, outcome, ready, dead) => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    session.peer.grant(0, { handle: 2, deliveryCount: 2 });
    const txnId = await session.declare();
    session.retire(txnId, 0, {}, outcome);
    const between = await session.declare();
    expect(await session.commit(between)).toEqual(accepted);
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 2, readyCount: 0 });
    expect(await session.commit(txnId)).toEqual(accepted);
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 1, readyCount: ready });
    expect(queue(engine, 'ActiveMQ.DLQ').readyCount).toBe(dead);
  });

  test('4.4.4.2 annotations that come with modified count from the commit on', async () => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    session.peer.grant(0, { handle: 2, deliveryCount: 2 });
    const txnId = await session.declare();
    const messageAnnotations = [[symbol('x-opt-c'), { type: 'int', value: 7 }]] as const;
    session.retire(txnId, 0, {}, { kind: 'modified', deliveryFailed: true, messageAnnotations });
    expect(await session.commit(txnId)).toEqual(accepted);
    await until(() => queue(engine, 'orders').readyCount === 1);
    await using client = await connect(engine.port);
    const inbox = await client.receiver('orders', 1);
    expect(await inbox.accept()).toMatchObject({ delivery_count: 1, message_annotations: { 'x-opt-c': 7 } });
  });

  test('4.4.4.2 of an unknown transaction ends the link, and what it held goes back', async () => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    session.retire(hex('0909'), 0, { last: 1 });
    expect(await session.peer.expect('detach')).toMatchObject({
      handle: 2,
      error: { condition: 'amqp:transaction:unknown-id' },
    });
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 0, readyCount: 2 });
  });

  test('4.4.2 of a delivery that is in another transaction ends the control link, and with it what was declared there', async () => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    const [one, other] = [await session.declare(), await session.declare()];
    session.retire(one, 0, { settled: false });
    session.retire(other, 0, { settled: false });
    expect(await session.peer.expect('detach')).toMatchObject({
      handle: 0,
      closed: true,
      error: { condition: 'amqp:transaction:rollback' },
    });
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 2, readyCount: 0 });
  });

  test('4.4.2 outside of the transaction that the delivery is in end the control link too', async () => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    session.retire(await session.declare(), 0, { settled: false });
    session.peer.send(0, 'disposition', { role: true, first: 0, settled: true, state: accepted });
    expect(await session.peer.expect('detach')).toMatchObject({
      handle: 0,
      error: { condition: 'amqp:transaction:rollback' },
    });
  });

  test.each([
    ['released, if that is its default', released, '005370c0020141', 1],
    ['accepted, if that is its default', accepted, undefined, 0],
  ])('4.4.4.2 of what is settled and rolled back become %s', async (_, defaultOutcome, header, again) => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const { peer } = session;
    peer.attachReceiver({ name: 'other', handle: 3, source: { ...terminus('source', 'orders'), defaultOutcome } });
    expect((await peer.expect('attach')).source).toMatchObject({ defaultOutcome });
    session.ask(durable, { handle: 1 });
    await peer.expect('disposition');
    peer.grant(1, { handle: 3 });
    await peer.expect('transfer');
    const txnId = await session.declare();
    session.retire(txnId, 0);
    await session.rollBack(txnId);
    await until(() => queue(engine, 'orders').inFlightCount === 0);
    expect(queue(engine, 'orders').readyCount).toBe(again);
    if (header === undefined) return;
    peer.grant(1, { handle: 2 });
    expect((await peer.expect('transfer')).payload.toString('hex').startsWith(header)).toBe(true);
  });

  test('are together with messages that are sent in it, or not at all', async () => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    const txnId = await session.declare();
    session.retire(txnId, 0);
    session.send(txnId);
    await session.peer.expect('disposition');
    engine.store.fail(new BrokerError('store-failed', 'the disk is gone'));
    session.discharge(txnId, false);
    // It comes again, and the answer says so.
    const kinds = [(await session.peer.next())?.performative, (await session.peer.next())?.performative];
    expect(new Set(kinds.map((performative) => performative?.kind))).toEqual(new Set(['disposition', 'transfer']));
    engine.store.fail(undefined);
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 2, readyCount: 0 });
  });

  test.each([
    ['4.3 its coordinator is detached', (peer: RawPeer) => peer.send(0, 'detach', { handle: 0, closed: true })],
    ['its session ends', (peer: RawPeer) => peer.send(0, 'end', {})],
    ['its connection is closed', (peer: RawPeer) => peer.send(0, 'close', {})],
    ['its connection breaks', (peer: RawPeer) => void peer.socket.destroy()],
  ])('are rolled back when %s', async (_, act) => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    session.peer.grant(0, { handle: 2, deliveryCount: 2 });
    const txnId = await session.declare();
    session.retire(txnId, 0);
    session.send(txnId);
    await session.peer.expect('disposition');
    act(session.peer);
    await until(() => queue(engine, 'orders').readyCount > 0);
    // The one that was settled in it is one that failed.
    await using other = await RawPeer.open(engine.port);
    other.attachReceiver();
    await other.expect('attach');
    other.grant(5);
    const first = await other.expect('transfer');
    expect(first.payload.subarray(0, 20).toString('hex')).toMatch(/^005370c0..0541.*5201/);
    expect(queue(engine, 'orders').enqueued).toBe(2);
  });

  test('of a link that is detached before the commit are committed all the same', async () => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    const txnId = await session.declare();
    session.retire(txnId, 0);
    session.peer.send(0, 'detach', { handle: 2, closed: true });
    await session.peer.expect('detach');
    expect(queue(engine, 'orders')).toMatchObject({ readyCount: 1, inFlightCount: 1 });
    expect(await session.commit(txnId)).toEqual(accepted);
    expect(queue(engine, 'orders')).toMatchObject({ readyCount: 1, inFlightCount: 0 });
  });

  test('of a link that is detached before the rollback go to others', async () => {
    await using engine = await amqpBroker();
    await using session = await delivered(engine);
    const txnId = await session.declare();
    session.retire(txnId, 0);
    session.peer.send(0, 'detach', { handle: 2, closed: true });
    await session.peer.expect('detach');
    await session.rollBack(txnId);
    expect(queue(engine, 'orders')).toMatchObject({ readyCount: 2, inFlightCount: 0 });
  });

  test('4.1 may be of links of several sessions', async () => {
    await using engine = await amqpBroker();
    await using session = await Session.open(engine);
    const { peer } = session;
    peer.send(1, 'begin', { nextOutgoingId: 0, incomingWindow: 100, outgoingWindow: 100 });
    await peer.expect('begin');
    peer.send(1, 'attach', {
      name: 'elsewhere',
      handle: 0,
      role: false,
      source: terminus('source', 'here'),
      target: terminus('target', 'orders'),
      initialDeliveryCount: 0,
    });
    await peer.expect('attach');
    await peer.expect('flow');
    const txnId = await session.declare();
    peer.transferOn(
      1,
      {
        handle: 0,
        deliveryId: 0,
        deliveryTag: hex('01'),
        state: { kind: 'transactionalState', txnId, outcome: undefined },
      },
      durable,
    );
    expect((await peer.expect('disposition')).channel).toBe(1);
    expect(await session.commit(txnId)).toEqual(accepted);
    expect(queue(engine, 'orders').readyCount).toBe(1);
  });
});
