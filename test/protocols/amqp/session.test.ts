// Rules of sessions, links and deliveries, with the clause of part 2 (transport) that they come from.

import { describe, expect, test } from 'vitest';
import { silent } from '../../../broker/util/log.ts';
import { hex } from './codec/bytes.ts';
import { amqpBroker, queue, until } from './fixture.ts';
import { RawPeer, terminus } from './raw-peer.ts';

const message = hex('0053 75 a0 01 61');
const durable = hex('00 53 70 c0 02 01 41  0053 75 a0 01 61');

describe('sessions', () => {
  test('2.7.2 begin says what we take', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    peer.send(3, 'begin', { nextOutgoingId: 100, incomingWindow: 1, outgoingWindow: 1 });
    expect(await peer.expect('begin')).toMatchObject({
      channel: 3,
      remoteChannel: 3,
      incomingWindow: 2048,
      handleMax: 1023,
    });
  });

  test('2.5.2 end is answered by end, and the channel is free again', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    peer.send(0, 'end', {});
    expect((await peer.expect('end')).error).toBeUndefined();
    peer.send(0, 'begin', { nextOutgoingId: 0, incomingWindow: 1, outgoingWindow: 1 });
    expect((await peer.expect('begin')).channel).toBe(0);
  });

  test('2.7.4 a flow that asks for an echo gets one', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    peer.send(0, 'flow', { incomingWindow: 5, nextOutgoingId: 0, outgoingWindow: 5, echo: true });
    expect(await peer.expect('flow')).toMatchObject({ handle: undefined, nextIncomingId: 0, incomingWindow: 2048 });
  });

  test('2.5.6 the incoming window is opened again before it is used up', async () => {
    await using engine = await amqpBroker({ limits: { maxUncommitted: 1000 } });
    await using peer = await RawPeer.sender(engine.port, { sndSettleMode: 1 });
    // Of many frames each: the window is counted in frames.
    for (let i = 0; i < 1025; i++) peer.deliver(0, Buffer.alloc(1), { settled: true, more: true });
    expect(await peer.expect('flow')).toMatchObject({ handle: undefined, nextIncomingId: 1025, incomingWindow: 2048 });
  });

  test('2.5.6 transfers are sent only within the window of the peer', async () => {
    await using engine = await amqpBroker();
    await using sender = await RawPeer.sender(engine.port);
    for (let i = 0; i < 3; i++) sender.deliver(i, message);
    await until(() => queue(engine, 'orders').readyCount === 3);
    await using peer = await RawPeer.open(engine.port);
    peer.attachReceiver();
    await peer.expect('attach');
    peer.grant(10, { incomingWindow: 2 });
    expect((await peer.expect('transfer')).deliveryId).toBe(0);
    expect((await peer.expect('transfer')).deliveryId).toBe(1);
    // The echo comes and no transfer before it.
    peer.grant(8, { incomingWindow: 0, nextIncomingId: 2, deliveryCount: 2, echo: true });
    expect(await peer.expect('flow')).toMatchObject({ handle: 0, linkCredit: 8, deliveryCount: 2 });
    peer.send(0, 'flow', { nextIncomingId: 2, incomingWindow: 1, nextOutgoingId: 0, outgoingWindow: 1 });
    expect((await peer.expect('transfer')).deliveryId).toBe(2);
  });

  test('2.5.6 a window of one frame lets a message of many through, a frame at a time', async () => {
    await using engine = await amqpBroker();
    await using sender = await RawPeer.sender(engine.port);
    sender.deliver(0, hex(`0053 75 b0 00001000 ${'61'.repeat(4096)}`));
    await sender.expect('disposition');
    await using peer = await RawPeer.open(engine.port, { maxFrameSize: 512 });
    peer.attachReceiver();
    await peer.expect('attach');
    peer.grant(1, { incomingWindow: 1 });
    let frames = 0;
    for (let more = true; more;) {
      ({ more } = await peer.expect('transfer'));
      // Had there been a second frame, it would be here before the echo.
      peer.grant(0, { deliveryCount: 1, nextIncomingId: frames, incomingWindow: 1, echo: true });
      await peer.expect('flow');
      frames++;
      peer.send(0, 'flow', { nextIncomingId: frames, incomingWindow: 1, nextOutgoingId: 0, outgoingWindow: 1 });
    }
    expect(frames).toBeGreaterThan(8);
  });

  test.each([
    ['2.7.3 a handle that is in use', 'session:handle-in-use', (peer: RawPeer) => peer.attachSender({ name: 'other' })],
    [
      '2.7.5 a transfer on a handle that is not attached',
      'session:unattached-handle',
      (peer: RawPeer) => peer.transfer({ handle: 9 }, message),
    ],
    [
      '2.7.4 a flow on a handle that is not attached',
      'session:unattached-handle',
      (peer: RawPeer) => peer.grant(1, { handle: 9 }),
    ],
    [
      '2.7.7 a detach of a handle that is not attached',
      'session:unattached-handle',
      (peer: RawPeer) => peer.send(0, 'detach', { handle: 9 }),
    ],
    [
      '2.7.5 a first transfer without a delivery-id',
      'invalid-field',
      (peer: RawPeer) => peer.transfer({ deliveryTag: hex('01') }, message),
    ],
    [
      '2.7.5 a first transfer without a delivery-tag',
      'invalid-field',
      (peer: RawPeer) => peer.transfer({ deliveryId: 0 }, message),
    ],
    [
      '2.8.7 a delivery-tag of 33 octets',
      'invalid-field',
      (peer: RawPeer) => peer.deliver(0, message, { deliveryTag: Buffer.alloc(33) }),
    ],
    [
      '2.7.5 a delivery-id that changes within a delivery',
      'invalid-field',
      (peer: RawPeer) => (peer.deliver(0, message, { more: true }), peer.transfer({ deliveryId: 1 }, message)),
    ],
    [
      '2.6.12 a delivery-id that was used before',
      'invalid-field',
      (peer: RawPeer) => (
        peer.deliver(3, message, { more: true }),
        peer.transfer({ aborted: true }, message),
        peer.deliver(3, message)
      ),
    ],
    [
      '2.7.4 credit in a flow without a handle',
      'invalid-field',
      (peer: RawPeer) => peer.grant(1, { handle: undefined }),
    ],
    [
      '2.7.5 a delivery-tag that changes within a delivery',
      'invalid-field',
      (peer: RawPeer) => (peer.deliver(0, message, { more: true }), peer.transfer({ deliveryTag: hex('09') }, message)),
    ],
    [
      '2.7.5 a message-format that changes within a delivery',
      'invalid-field',
      (peer: RawPeer) => (peer.deliver(0, message, { more: true }), peer.transfer({ messageFormat: 1 }, message)),
    ],
    [
      '2.7.6 a disposition whose range is backwards',
      'invalid-field',
      (peer: RawPeer) => peer.send(0, 'disposition', { role: true, first: 5, last: 4 }),
    ],
  ])('%s ends the session', async (_, condition, act) => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port);
    act(peer);
    expect((await peer.expect('end')).error?.condition).toBe(`amqp:${condition}`);
    // Until the peer has ended it too, what it sends there is void; the connection goes on.
    peer.deliver(5, message);
    peer.send(0, 'end', {});
    peer.send(0, 'begin', { nextOutgoingId: 0, incomingWindow: 1, outgoingWindow: 1 });
    await peer.expect('begin');
    expect(queue(engine, 'orders').readyCount).toBe(0);
  });

  test('2.7.6 a disposition of two thousand million deliveries is done at once', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port);
    peer.deliver(0, message);
    await peer.expect('disposition');
    peer.attachReceiver({ handle: 1 });
    peer.grant(10, { handle: 1 });
    await peer.expect('attach');
    await peer.expect('transfer');
    const begun = process.hrtime.bigint();
    peer.send(0, 'disposition', { role: true, first: 0, last: 0x7ffffffe, settled: true, state: { kind: 'accepted' } });
    peer.send(0, 'disposition', { role: false, first: 0, last: 0x7ffffffe, settled: true });
    await until(() => queue(engine, 'orders').inFlightCount === 0);
    expect(Number(process.hrtime.bigint() - begun) / 1e6).toBeLessThan(10_000);
  });
});

describe('links', () => {
  test('2.6.3 an attach is answered with the terms of the link, and credit', async () => {
    await using engine = await amqpBroker({ limits: { maxMessageBytes: 5000 } });
    await using peer = await RawPeer.open(engine.port);
    peer.attachSender({ handle: 7, name: 'n', rcvSettleMode: 1 });
    expect(await peer.expect('attach')).toMatchObject({
      name: 'n',
      handle: 7,
      role: true,
      rcvSettleMode: 1,
      maxMessageSize: 5000n,
      target: { kind: 'target', address: { type: 'string', value: 'orders' } },
    });
    expect(await peer.expect('flow')).toMatchObject({ handle: 7, deliveryCount: 0, linkCredit: 1000 });
  });

  test.each([
    ['a sender without a target', 'invalid-field', (peer: RawPeer) => peer.attachSender({ target: undefined })],
    [
      'a sender without its initial delivery-count',
      'invalid-field',
      (peer: RawPeer) => peer.attachSender({ initialDeliveryCount: undefined }),
    ],
    ['a settle mode that there is not', 'invalid-field', (peer: RawPeer) => peer.attachSender({ sndSettleMode: 3 })],
    [
      '3.5.5 a durability that there is not',
      'invalid-field',
      (peer: RawPeer) => peer.attachReceiver({ source: { ...terminus('source', 'orders'), durable: 3 } }),
    ],
    [
      '3.5.6 an expiry-policy that there is not',
      'invalid-field',
      (peer: RawPeer) => peer.attachSender({ target: { ...terminus('target', 'orders'), expiryPolicy: 'some-day' } }),
    ],
    [
      'a receiver that resumes what is not there',
      'not-found',
      (peer: RawPeer) => peer.attachReceiver({ source: undefined }),
    ],
    [
      'an address that is a number',
      'invalid-field',
      (peer: RawPeer) =>
        peer.attachReceiver({ source: { ...terminus('source', ''), address: { type: 'int', value: 1 } } }),
    ],
  ])('2.6.3 %s is refused: attach without a terminus, then detach with the reason', async (_, condition, act) => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    act(peer);
    const attach = await peer.expect('attach');
    expect(attach.role ? attach.target : attach.source).toBeUndefined();
    expect(await peer.expect('detach')).toMatchObject({ closed: true, error: { condition: `amqp:${condition}` } });
    // What was sent before the refusal was known is void, and the handle is in use until the peer has detached.
    peer.deliver(0, message);
    peer.send(0, 'detach', { handle: 0, closed: true });
    peer.attachSender({ name: 'again' });
    await peer.expect('attach');
  });

  test.each([
    [
      '2.7.5 a message-format that is not known',
      'not-implemented',
      (peer: RawPeer) => peer.deliver(0, message, { messageFormat: 5 }),
    ],
    ['2.6.13 a delivery to resume', 'not-allowed', (peer: RawPeer) => peer.deliver(0, message, { resume: true })],
    [
      '2.7.5 a delivery that is to be settled second, where the link settles first',
      'invalid-field',
      (peer: RawPeer) => peer.deliver(0, message, { rcvSettleMode: 1 }),
    ],
  ])('%s ends the link and not the session', async (_, condition, act) => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port);
    act(peer);
    expect((await peer.expect('detach')).error?.condition).toBe(`amqp:${condition}`);
    peer.send(0, 'detach', { handle: 0, closed: true });
    peer.attachSender({ name: 'again' });
    await peer.expect('attach');
  });

  test('2.7.5 a transfer without credit ends the link', async () => {
    await using engine = await amqpBroker({ limits: { maxUncommitted: 2 } });
    await using peer = await RawPeer.sender(engine.port, { rcvSettleMode: 1 });
    for (const id of [0, 1]) peer.deliver(id, durable);
    await peer.expect('disposition');
    peer.deliver(2, durable);
    expect((await peer.expect('detach')).error?.condition).toBe('amqp:link:transfer-limit-exceeded');
  });

  test('2.7.5 a transfer from a receiver ends the link', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    peer.attachReceiver();
    await peer.expect('attach');
    peer.deliver(0, message);
    expect((await peer.expect('detach')).error?.condition).toBe('amqp:not-allowed');
  });

  test('2.6.13 a link that comes back with unsettled deliveries hears that none of them is known', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    const tag = { type: 'binary', value: hex('01') } as const;
    const accepted = { descriptor: { type: 'ulong', value: 0x24n }, value: { type: 'list', value: [] } } as const;
    peer.attachReceiver({ unsettled: [[tag, { type: 'described', value: accepted }]] });
    expect((await peer.expect('attach')).unsettled).toBeUndefined();
    peer.attachSender({ handle: 1, unsettled: [[tag, { type: 'null', value: null }]] });
    expect((await peer.expect('attach')).unsettled).toBeUndefined();
  });

  test('2.6.7 credit counts from the delivery-count that the receiver knew', async () => {
    await using engine = await amqpBroker();
    await using sender = await RawPeer.sender(engine.port);
    for (let i = 0; i < 5; i++) sender.deliver(i, message);
    await until(() => queue(engine, 'orders').readyCount === 5);
    await using peer = await RawPeer.open(engine.port);
    peer.attachReceiver();
    await peer.expect('attach');
    peer.grant(2);
    await peer.expect('transfer');
    await peer.expect('transfer');
    // Written before it knew of the two deliveries: it allows one more.
    peer.grant(3, { deliveryCount: 0 });
    await peer.expect('transfer');
    peer.grant(0, { deliveryCount: 3, echo: true });
    expect(await peer.expect('flow')).toMatchObject({ linkCredit: 0, deliveryCount: 3, available: 2 });
  });

  test('2.6.7 drain is answered with the credit used up', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.open(engine.port);
    peer.attachReceiver();
    await peer.expect('attach');
    peer.grant(5, { drain: true });
    expect(await peer.expect('flow')).toMatchObject({ deliveryCount: 5, linkCredit: 0, drain: true, available: 0 });
  });
});

describe('deliveries', () => {
  test('2.7.6 the answers to deliveries in a row share a disposition', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port);
    engine.store.hold();
    for (let i = 0; i < 10; i++) peer.deliver(i, durable);
    await until(() => engine.broker.received === 10);
    engine.store.resume();
    expect(await peer.expect('disposition')).toMatchObject({
      role: true,
      first: 0,
      last: 9,
      settled: true,
      state: { kind: 'accepted' },
    });
  });

  test('2.6.12 serial numbers wrap', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port, { initialDeliveryCount: 0xfffffffe });
    engine.store.hold();
    for (let i = 0; i < 4; i++) peer.deliver((0xfffffffe + i) >>> 0, durable);
    await until(() => engine.broker.received === 4);
    engine.store.resume();
    expect(await peer.expect('disposition')).toMatchObject({ first: 0xfffffffe, last: 1 });
  });

  test('2.6.12 in settle mode second, we settle when the sender has', async () => {
    await using engine = await amqpBroker({ limits: { maxUncommitted: 2 } });
    await using peer = await RawPeer.sender(engine.port, { rcvSettleMode: 1 });
    for (const id of [0, 1]) peer.deliver(id, durable);
    expect(await peer.expect('disposition')).toMatchObject({
      first: 0,
      last: 1,
      settled: false,
      state: { kind: 'accepted' },
    });
    // Credit comes back with the settlement only.
    peer.send(0, 'flow', { incomingWindow: 5, nextOutgoingId: 2, outgoingWindow: 5, echo: true });
    expect((await peer.expect('flow')).handle).toBeUndefined();
    peer.send(0, 'disposition', { role: false, first: 0, last: 1, settled: true });
    expect(await peer.expect('flow')).toMatchObject({ handle: 0, linkCredit: 1, deliveryCount: 2 });
    expect(await peer.expect('flow')).toMatchObject({ handle: 0, linkCredit: 2, deliveryCount: 2 });
  });

  test('2.7.5 in settle mode second, a delivery may ask to be settled first', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port, { rcvSettleMode: 1 });
    peer.deliver(0, message, { rcvSettleMode: 0 });
    expect(await peer.expect('disposition')).toMatchObject({ first: 0, settled: true });
    peer.deliver(1, message);
    expect(await peer.expect('disposition')).toMatchObject({ first: 1, settled: false });
  });

  test('2.7.5 what is said again in each transfer of a delivery may be said again', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port);
    const again = { deliveryId: 0, deliveryTag: hex('01'), messageFormat: 0 };
    peer.transfer({ ...again, more: true }, message.subarray(0, 3));
    peer.transfer({ ...again, more: true }, message.subarray(3, 4));
    peer.transfer(again, message.subarray(4));
    expect((await peer.expect('disposition')).state).toEqual({ kind: 'accepted' });
  });

  test('2.7.6 what is delivered because of a disposition is none of what that is about', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port);
    peer.deliver(0, message);
    await peer.expect('disposition');
    peer.attachReceiver({ handle: 1 });
    peer.grant(2, { handle: 1 });
    await peer.expect('attach');
    expect((await peer.expect('transfer')).deliveryId).toBe(0);
    peer.send(0, 'disposition', { role: true, first: 0, last: 0x7ffffffe, settled: true, state: { kind: 'released' } });
    expect((await peer.expect('transfer')).deliveryId).toBe(1);
    peer.send(0, 'flow', { nextIncomingId: 2, incomingWindow: 9, nextOutgoingId: 1, outgoingWindow: 9, echo: true });
    await peer.expect('flow');
    expect(queue(engine, 'orders').inFlightCount).toBe(1);
  });

  test('2.7.5 transfers of two links may be interleaved', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port);
    peer.attachSender({ handle: 1, name: 'other', target: terminus('target', 'parts') });
    await peer.expect('attach');
    await peer.expect('flow');
    peer.deliver(0, message.subarray(0, 3), { more: true });
    peer.deliver(1, message.subarray(0, 2), { handle: 1, more: true });
    peer.transfer({ handle: 0 }, message.subarray(3));
    peer.transfer({ handle: 1 }, message.subarray(2));
    await until(() => queue(engine, 'orders').readyCount + queue(engine, 'parts').readyCount === 2);
    for (const name of ['orders', 'parts']) {
      const [pulled] = await queue(engine, name).browse(0, 1);
      expect(pulled?.message.body.toString()).toBe('a');
    }
  });

  test('2.7.5 an aborted delivery is forgotten', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port);
    peer.deliver(0, message, { more: true });
    peer.transfer({ aborted: true }, Buffer.alloc(0));
    peer.deliver(1, message);
    expect(await peer.expect('disposition')).toMatchObject({ first: 1 });
    expect(queue(engine, 'orders').readyCount).toBe(1);
  });

  test('3.2 a message that is none is rejected, and the link goes on', async () => {
    await using engine = await amqpBroker();
    await using peer = await RawPeer.sender(engine.port);
    peer.deliver(0, hex('0053 75 a1 01 61'));
    peer.deliver(1, message);
    expect(await peer.expect('disposition')).toMatchObject({
      first: 0,
      state: { kind: 'rejected', error: { condition: 'amqp:decode-error' } },
    });
    expect(await peer.expect('disposition')).toMatchObject({ first: 1, state: { kind: 'accepted' } });
  });

  test('3.5.3 a delivery settled without an outcome gets the default of the receiver', async () => {
    await using engine = await amqpBroker();
    await using sender = await RawPeer.sender(engine.port);
    for (const id of [0, 1]) sender.deliver(id, message);
    await until(() => queue(engine, 'orders').readyCount === 2);
    await using peer = await RawPeer.open(engine.port);
    peer.attachReceiver({ source: { ...terminus('source', 'orders'), defaultOutcome: { kind: 'accepted' } } });
    expect((await peer.expect('attach')).source).toMatchObject({ defaultOutcome: { kind: 'accepted' } });
    peer.grant(1);
    await peer.expect('transfer');
    peer.send(0, 'disposition', { role: true, first: 0, settled: true });
    await until(() => queue(engine, 'orders').inFlightCount === 0);
    expect(queue(engine, 'orders').readyCount).toBe(1);
    // Without a default it is as if it had not been delivered.
    peer.attachReceiver({ handle: 1, name: 'other' });
    peer.grant(1, { handle: 1 });
    await peer.expect('attach');
    await peer.expect('transfer');
    peer.send(0, 'disposition', { role: true, first: 1, settled: true });
    await until(() => queue(engine, 'orders').readyCount === 1);
  });

  test('a message above what the receiver takes ends the link, and stays', async () => {
    await using engine = await amqpBroker();
    await using sender = await RawPeer.sender(engine.port);
    sender.deliver(0, hex(`0053 75 b0 00001000 ${'61'.repeat(4096)}`));
    await sender.expect('disposition');
    await using peer = await RawPeer.open(engine.port);
    peer.attachReceiver({ maxMessageSize: 1000n });
    await peer.expect('attach');
    peer.grant(1);
    expect((await peer.expect('detach')).error?.condition).toBe('amqp:link:message-size-exceeded');
    await until(() => queue(engine, 'orders').readyCount === 1);
  });

  test('a bound on unsent octets below one message holds nothing up', async () => {
    await using engine = await amqpBroker({ limits: { maxUnsentBytes: 1 } });
    await using sender = await RawPeer.sender(engine.port);
    for (let i = 0; i < 50; i++) sender.deliver(i, message);
    await until(() => queue(engine, 'orders').readyCount === 50);
    await using peer = await RawPeer.open(engine.port);
    peer.attachReceiver();
    await peer.expect('attach');
    peer.grant(50);
    for (let i = 0; i < 50; i++) expect((await peer.expect('transfer')).deliveryId).toBe(i);
  });

  test('nothing is delivered to a peer that does not read, and the rest when it does', async () => {
    await using engine = await amqpBroker({ limits: { maxUnsentBytes: 50_000 } });
    await using sender = await RawPeer.sender(engine.port);
    const large = hex(`0053 75 b0 00010000 ${'61'.repeat(65_536)}`);
    const count = 400;
    for (let i = 0; i < count; i++) sender.deliver(i, large, { deliveryTag: Buffer.of(i >> 8, i & 0xff) });
    await until(() => queue(engine, 'orders').readyCount === count);
    await using peer = await RawPeer.open(engine.port);
    peer.attachReceiver();
    await peer.expect('attach');
    peer.socket.pause();
    peer.grant(count);
    // The kernel's buffers take some of it; most stays in the queue.
    await until(() => queue(engine, 'orders').inFlightCount > 0);
    await using other = await RawPeer.open(engine.port);
    other.attachSender();
    await other.expect('attach');
    expect(queue(engine, 'orders').readyCount).toBeGreaterThan(count / 4);
    peer.socket.resume();
    for (let i = 0; i < count; i++) expect((await peer.expect('transfer')).deliveryId).toBe(i);
  });
});

describe('faults of ours', () => {
  test('end the link or the connection they are in, are logged, and nothing else', async () => {
    const faults: unknown[] = [];
    await using engine = await amqpBroker();
    const log = { ...silent, error: (details: { err: unknown }) => faults.push(details.err) };
    Object.assign(engine.context, { log });
    const receive = queue(engine, 'orders');
    await using sender = await RawPeer.sender(engine.port);
    sender.deliver(0, message);
    await sender.expect('disposition');
    await using peer = await RawPeer.open(engine.port);
    peer.attachReceiver();
    await peer.expect('attach');
    // A message that no dialect could have made.
    const broken = { ...(await receive.browse(0, 1))[0]?.message, original: undefined, timestamp: Number.NaN };
    await engine.broker.publish({ kind: 'queue', name: 'broken' }, broken as never);
    peer.attachReceiver({ name: 'broken', handle: 1, source: terminus('source', 'broken') });
    await peer.expect('attach');
    peer.grant(1, { handle: 1 });
    expect(await peer.expect('detach')).toMatchObject({ handle: 1, error: { condition: 'amqp:internal-error' } });
    peer.grant(1);
    expect((await peer.expect('transfer')).handle).toBe(0);
    expect(faults).toHaveLength(1);
  });
});
