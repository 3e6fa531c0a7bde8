// Transactional acquisition (part 4, section 4.4.3 and 4.4.4.3): what a link sends within a transaction goes back if that is
// not committed, and stays with its receiver if it is.

import { describe, expect, test } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import type { Draft } from '../../../broker/protocols/amqp/codec/composite.ts';
import { symbol, type MapEntries } from '../../../broker/protocols/amqp/codec/value.ts';
import { hex } from './codec/bytes.ts';
import { amqpBroker, connect, queue, until, type AmqpBroker } from './fixture.ts';
import type { RawPeer } from './raw-peer.ts';
import { terminus } from './raw-peer.ts';
import { accepted, durable, released, Session } from './transactional-session.ts';

function within(txnId: Buffer): MapEntries {
  return [[symbol('txn-id'), { type: 'binary', value: txnId }]];
}

/** Messages in queue `orders`, which nobody has received. */
async function waiting(engine: AmqpBroker, count: number): Promise<Session> {
  const session = await Session.open(engine);
  for (let i = 0; i < count; i++) {
    session.ask(durable, { handle: 1 });
    await session.peer.expect('disposition');
  }
  return session;
}

/** Grants the consumer credit within the transaction. */
function acquire({ peer }: Session, txnId: Buffer, credit: number, flow: Partial<Draft<'flow'>> = {}): void {
  peer.grant(credit, { handle: 2, properties: within(txnId), ...flow });
}

async function skipTo(peer: RawPeer, kind: 'disposition' | 'transfer'): Promise<void> {
  for (;;) {
    const received = await peer.next();
    if (received === undefined) throw new Error(`the connection ended before a ${kind}`);
    if (received.performative.kind === kind) return;
  }
}

describe('a message that is acquired in a transaction', () => {
  test('4.4.3 names it, and so does the flow that ends a drain', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    const txnId = await session.declare();
    acquire(session, txnId, 10, { drain: true });
    expect(await session.peer.expect('transfer')).toMatchObject({
      handle: 2,
      settled: false,
      state: { kind: 'transactionalState', txnId, outcome: undefined },
    });
    expect(await session.peer.expect('flow')).toMatchObject({ linkCredit: 0, properties: within(txnId) });
  });

  test('4.4.4.3 goes back when that is rolled back, and its delivery is settled', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 2);
    const txnId = await session.declare();
    acquire(session, txnId, 2);
    await session.peer.expect('transfer');
    await session.peer.expect('transfer');
    session.retire(txnId, 0, { settled: false });
    session.discharge(txnId, true);
    const settlements = [await session.peer.expect('disposition'), await session.peer.expect('disposition')];
    expect(settlements).toContainEqual(
      expect.objectContaining({ role: false, first: 0, last: 1, settled: true, state: released }),
    );
    expect(settlements).toContainEqual(expect.objectContaining({ role: true, state: accepted }));
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 0, readyCount: 2 });
    // As it was, and not as one that failed.
    session.peer.grant(2, { handle: 2, deliveryCount: 2 });
    const again = await session.peer.expect('transfer');
    expect(again).toMatchObject({ deliveryId: 2, state: undefined });
    expect(again.payload.subarray(0, 7).toString('hex')).toBe('005370c0020141');
  });

  test('4.4.4.3 that was settled by its receiver goes back all the same', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    const txnId = await session.declare();
    acquire(session, txnId, 1);
    await session.peer.expect('transfer');
    session.retire(txnId, 0);
    await session.rollBack(txnId);
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 0, readyCount: 1 });
  });

  test('4.4.4.3 gets its outcome when that is committed', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 3);
    const txnId = await session.declare();
    acquire(session, txnId, 2);
    await session.peer.expect('transfer');
    await session.peer.expect('transfer');
    session.retire(txnId, 0);
    session.retire(txnId, 1, {}, released);
    expect(await session.commit(txnId)).toEqual(accepted);
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 0, readyCount: 2 });
  });

  test('without an outcome stays with its receiver when that is committed, to be decided later', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    const txnId = await session.declare();
    acquire(session, txnId, 1);
    await session.peer.expect('transfer');
    expect(await session.commit(txnId)).toEqual(accepted);
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 1, readyCount: 0 });
    session.peer.send(0, 'disposition', { role: true, first: 0, settled: true, state: accepted });
    await until(() => queue(engine, 'orders').inFlightCount === 0);
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('and settled without an outcome has the default one in it', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    const { peer } = session;
    peer.attachReceiver({
      name: 'hasty',
      handle: 3,
      source: { ...terminus('source', 'orders'), defaultOutcome: accepted },
    });
    await peer.expect('attach');
    const txnId = await session.declare();
    acquire(session, txnId, 1, { handle: 3 });
    await peer.expect('transfer');
    peer.send(0, 'disposition', { role: true, first: 0, settled: true });
    expect(await session.commit(await session.declare())).toEqual(accepted);
    expect(queue(engine, 'orders').inFlightCount).toBe(1);
    expect(await session.commit(txnId)).toEqual(accepted);
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 0, readyCount: 0 });
  });

  test.each([
    ['committed', false, 0],
    ['rolled back', true, 1],
  ])('4.4.4.3 and is sent settled is over if that is %s', async (_, fail, ready) => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    const { peer } = session;
    peer.attachReceiver({ name: 'settled', handle: 3, sndSettleMode: 1 });
    await peer.expect('attach');
    const txnId = await session.declare();
    acquire(session, txnId, 1, { handle: 3 });
    expect(await peer.expect('transfer')).toMatchObject({
      settled: true,
      state: { kind: 'transactionalState', txnId, outcome: accepted },
    });
    expect(queue(engine, 'orders').inFlightCount).toBe(1);
    session.discharge(txnId, fail);
    expect((await peer.expect('disposition')).state).toEqual(accepted);
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 0, readyCount: ready });
  });

  test('goes back where the store refuses the commit', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    const txnId = await session.declare();
    acquire(session, txnId, 1);
    await session.peer.expect('transfer');
    session.retire(txnId, 0);
    engine.store.fail(new BrokerError('store-full', 'the disk is full'));
    expect(await session.commit(txnId)).toMatchObject({ error: { condition: 'amqp:transaction:rollback' } });
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 0, readyCount: 1 });
  });

  test('and rolled back comes to another client as one that was acquired before, and not as one that failed', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    const txnId = await session.declare();
    acquire(session, txnId, 1);
    await session.peer.expect('transfer');
    session.retire(txnId, 0, {}, { kind: 'rejected', error: undefined });
    await session.rollBack(txnId);
    await using client = await connect(engine.port);
    const inbox = await client.receiver('orders', 1);
    // What is false or none is not said at all.
    expect({ ...(await inbox.accept()) }).toEqual({ body: 'a', durable: true });
  });

  test('goes back when its coordinator is detached', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    acquire(session, await session.declare(), 1);
    await session.peer.expect('transfer');
    session.peer.send(0, 'detach', { handle: 0, closed: true });
    await until(() => queue(engine, 'orders').readyCount === 1);
  });

  test('4.4.4.3 must not have an outcome outside of it, nor in another: that ends the control link', async () => {
    await using engine = await amqpBroker();
    for (const inAnother of [false, true]) {
      await using session = await waiting(engine, inAnother ? 0 : 1);
      const txnId = await session.declare();
      const other = await session.declare();
      acquire(session, txnId, 1);
      await session.peer.expect('transfer');
      if (inAnother) session.retire(other, 0);
      else session.peer.send(0, 'disposition', { role: true, first: 0, settled: true, state: accepted });
      expect(await session.peer.expect('detach')).toMatchObject({
        handle: 0,
        error: { condition: 'amqp:transaction:rollback' },
      });
      expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 0, readyCount: 1 });
    }
  });
});

describe('a link that acquires in a transaction', () => {
  test('4.4.3 is without one after the discharge, with what is left of its credit', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    const txnId = await session.declare();
    acquire(session, txnId, 5);
    await session.peer.expect('transfer');
    expect(await session.commit(txnId)).toEqual(accepted);
    session.ask(durable, { handle: 1 });
    // It comes before we are told that it is stored, or after.
    const next = [await session.peer.next(), await session.peer.next()].map((received) => received?.performative);
    expect(next).toContainEqual(expect.objectContaining({ kind: 'transfer', deliveryId: 1, state: undefined }));
    session.peer.grant(0, { handle: 2, deliveryCount: 2, echo: true });
    expect((await session.peer.expect('flow')).properties).toBeUndefined();
  });

  test('may be on another session than the coordinator', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    const { peer } = session;
    peer.send(1, 'begin', { nextOutgoingId: 0, incomingWindow: 100, outgoingWindow: 100 });
    await peer.expect('begin');
    peer.send(1, 'attach', {
      name: 'elsewhere',
      handle: 0,
      role: true,
      source: terminus('source', 'orders'),
      target: terminus('target', 'here'),
    });
    await peer.expect('attach');
    const txnId = await session.declare();
    peer.send(1, 'flow', {
      nextIncomingId: 0,
      incomingWindow: 100,
      nextOutgoingId: 0,
      outgoingWindow: 100,
      handle: 0,
      deliveryCount: 0,
      linkCredit: 1,
      properties: within(txnId),
    });
    expect(await peer.expect('transfer')).toMatchObject({ channel: 1, state: { txnId } });
    session.discharge(txnId, true);
    await skipTo(peer, 'disposition');
    expect(queue(engine, 'orders').readyCount).toBe(1);
  });

  test.each([
    ['another', true],
    ['none', false],
  ])('may be given %s, for what follows', async (_, another) => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 2);
    const one = await session.declare();
    const other = await session.declare();
    acquire(session, one, 1);
    await session.peer.expect('transfer');
    const properties: MapEntries = another ? within(other) : [[symbol('txn-id'), { type: 'null', value: null }]];
    session.peer.grant(1, { handle: 2, deliveryCount: 1, properties });
    const { state } = await session.peer.expect('transfer');
    expect(state).toEqual(another ? { kind: 'transactionalState', txnId: other, outcome: undefined } : undefined);
    session.discharge(one, true);
    await skipTo(session.peer, 'disposition');
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 1, readyCount: 1 });
  });

  test.each([
    ['a transaction that is not', within(hex('0909')), 'amqp:transaction:unknown-id'],
    ['what is no identifier', [[symbol('txn-id'), { type: 'int', value: 1 }]] as MapEntries, 'amqp:invalid-field'],
  ])('ends when it is given %s', async (_, properties, condition) => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    session.peer.grant(1, { handle: 2, properties });
    expect(await session.peer.expect('detach')).toMatchObject({ handle: 2, closed: true, error: { condition } });
    expect(queue(engine, 'orders').readyCount).toBe(1);
  });

  test('ends when that can only be rolled back, having become too large', async () => {
    await using engine = await amqpBroker({ limits: { maxMessageBytes: 600 } });
    await using session = await waiting(engine, 4);
    const txnId = await session.declare();
    acquire(session, txnId, 4);
    for (let i = 0; i < 3; i++) await session.peer.expect('transfer');
    expect(await session.peer.expect('detach')).toMatchObject({
      handle: 2,
      error: { condition: 'amqp:transaction:rollback' },
    });
    expect(queue(engine, 'orders')).toMatchObject({ inFlightCount: 0, readyCount: 4 });
    expect(await session.commit(txnId)).toMatchObject({ error: { condition: 'amqp:transaction:rollback' } });
  });

  test('4.4.3 and only browses ends: it acquires nothing', async () => {
    await using engine = await amqpBroker();
    await using session = await waiting(engine, 1);
    const source = { ...terminus('source', 'orders'), distributionMode: 'copy' };
    session.peer.attachReceiver({ name: 'browser', handle: 3, source });
    await session.peer.expect('attach');
    acquire(session, await session.declare(), 1, { handle: 3 });
    expect((await session.peer.expect('detach')).error?.condition).toBe('amqp:not-implemented');
  });
});

describe('a message of which a part was sent when its transaction is discharged', () => {
  /** A body of three frames of 512 octets; the session takes `window` of them. */
  async function begun(engine: AmqpBroker, window: number): Promise<{ session: Session; txnId: Buffer }> {
    const session = await Session.open(engine, { maxFrameSize: 512 });
    session.ask(Buffer.concat([hex('00 53 70 c0 02 01 41  00 53 75 b0 00000400'), Buffer.alloc(1024, 0x61)]), {
      handle: 1,
    });
    await session.peer.expect('disposition');
    const txnId = await session.declare();
    acquire(session, txnId, 1, { incomingWindow: window });
    for (let i = 0; i < window; i++) expect(await session.peer.expect('transfer')).toMatchObject({ more: true });
    return { session, txnId };
  }

  test('4.4.3 is aborted if that is rolled back, before the discharge is answered', async () => {
    await using engine = await amqpBroker();
    const { session, txnId } = await begun(engine, 1);
    await using _ = session;
    session.discharge(txnId, true);
    await until(() => queue(engine, 'orders').readyCount === 1);
    session.peer.grant(0, { handle: 2, nextIncomingId: 1, incomingWindow: 10, deliveryCount: 1 });
    expect(await session.peer.expect('transfer')).toMatchObject({ handle: 2, aborted: true, more: false });
    expect(await session.peer.expect('disposition')).toMatchObject({ role: true, state: accepted });
    // The receiver has settled it, as an aborted one is.
    session.peer.grant(1, { handle: 2, nextIncomingId: 2, incomingWindow: 10, deliveryCount: 1 });
    expect(await session.peer.expect('transfer')).toMatchObject({ deliveryId: 1, more: true, state: undefined });
  });

  test('is sent to its end if that is committed', async () => {
    await using engine = await amqpBroker();
    const { session, txnId } = await begun(engine, 1);
    await using _ = session;
    expect(await session.commit(txnId)).toEqual(accepted);
    session.peer.grant(0, { handle: 2, nextIncomingId: 1, incomingWindow: 10, deliveryCount: 1 });
    expect(await session.peer.expect('transfer')).toMatchObject({ more: true, state: undefined });
    expect(await session.peer.expect('transfer')).toMatchObject({ more: false, state: undefined });
    expect(queue(engine, 'orders').inFlightCount).toBe(1);
  });

  test('was not sent at all if nothing of it was: it costs no credit', async () => {
    await using engine = await amqpBroker();
    const { session, txnId } = await begun(engine, 0);
    await using _ = session;
    await session.rollBack(txnId);
    expect(queue(engine, 'orders').readyCount).toBe(1);
    session.peer.grant(1, { handle: 2, incomingWindow: 10 });
    expect(await session.peer.expect('transfer')).toMatchObject({ deliveryId: 0, more: true, state: undefined });
  });
});
