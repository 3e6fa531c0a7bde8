// Links that stand for named subscriptions (Apache's AMQP JMS Mapping), frame by frame as Qpid JMS sends them.

import { describe, expect, test } from 'vitest';
import { BrokerError } from '../../../broker/core/errors.ts';
import type { Composite, Draft } from '../../../broker/protocols/amqp/codec/composite.ts';
import type { MapEntries, Value } from '../../../broker/protocols/amqp/codec/value.ts';
import { hex } from './codec/bytes.ts';
import { amqpBroker, until, type AmqpBroker } from './fixture.ts';
import { RawPeer, terminus } from './raw-peer.ts';

const durableMessage = hex('00 53 70 c0 02 01 41  0053 77 a1 01 61');
const sole = ['sole-connection-for-container'];

function source(address: string, fields: Partial<Composite<'source'>> = {}): Composite<'source'> {
  return { ...terminus('source', address), ...fields };
}

/** As createDurableSubscriber asks for it. */
function durable(address: string, fields: Partial<Composite<'source'>> = {}): Composite<'source'> {
  const terms = { durable: 2, expiryPolicy: 'never', distributionMode: 'copy', capabilities: ['topic'] };
  return source(address, { ...terms, ...fields });
}

function filter(name: string, code: bigint, value: Value): MapEntries[number] {
  const descriptor = { type: 'ulong', value: code } as const;
  return [
    { type: 'symbol', value: name },
    { type: 'described', value: { descriptor, value } },
  ];
}

function selector(text: string): MapEntries {
  return [filter('jms-selector', 0x468c00000004n, { type: 'string', value: text })];
}

const noLocal: MapEntries = [filter('no-local', 0x468c00000003n, { type: 'list', value: [] })];

/** A peer of container `till`, with an attached receiver, or what the attach was answered with. */
async function attach(
  engine: AmqpBroker,
  draft: Partial<Draft<'attach'>>,
  open: Partial<Draft<'open'>> = {},
): Promise<{ peer: RawPeer; reply: Composite<'attach'> }> {
  const peer = await RawPeer.open(engine.port, { containerId: 'till', ...open });
  peer.attachReceiver({ name: 'sub', ...draft });
  return { peer, reply: await peer.expect('attach') };
}

async function publish(engine: AmqpBroker, address: string): Promise<void> {
  await using peer = await RawPeer.open(engine.port);
  peer.attachSender({ target: terminus('target', address) });
  await peer.expect('attach');
  await peer.expect('flow');
  peer.deliver(0, durableMessage);
  await peer.expect('disposition');
}

function subscription(engine: AmqpBroker, name = 'sub', clientId: string | undefined = 'till') {
  return engine.broker.subscriptions.find(clientId, name);
}

/** Detaches the link of handle 0. */
async function detach(peer: RawPeer, closed: boolean): Promise<Composite<'detach'>> {
  peer.send(0, 'detach', { handle: 0, closed });
  const answer = await peer.expect('detach');
  await peer[Symbol.asyncDispose]();
  return answer;
}

describe('a durable subscription', () => {
  test('is attached once it is in the store, with the terms of its terminus', async () => {
    await using engine = await amqpBroker();
    engine.store.hold();
    await using peer = await RawPeer.open(engine.port, { containerId: 'till' });
    peer.attachReceiver({ name: 'sub', source: durable('topic://prices', { filter: selector('a = 1') }) });
    peer.grant(5);
    // The end of another session is answered before it.
    peer.send(1, 'begin', { nextOutgoingId: 0, incomingWindow: 1, outgoingWindow: 1 });
    expect((await peer.expect('begin')).channel).toBe(1);
    engine.store.resume();
    const reply = await peer.expect('attach');
    expect(reply.source).toMatchObject({
      durable: 2,
      expiryPolicy: 'never',
      distributionMode: 'copy',
      capabilities: ['topic'],
      filter: selector('a = 1'),
    });
    expect(subscription(engine)).toMatchObject({ filters: ['prices'], durable: true, shared: false, active: true });
  });

  test('is refused if it cannot be stored', async () => {
    await using engine = await amqpBroker();
    engine.store.fail(new BrokerError('store-full', 'the disk is full'));
    const { peer, reply } = await attach(engine, { source: durable('topic://prices') });
    expect(reply.source).toBeUndefined();
    expect((await peer.expect('detach')).error?.condition).toBe('amqp:resource-limit-exceeded');
    expect(subscription(engine)).toBeUndefined();
    await peer[Symbol.asyncDispose]();
  });

  test('goes on collecting while its link is detached, and ends when that is closed', async () => {
    await using engine = await amqpBroker();
    const { peer } = await attach(engine, { source: durable('topic://prices') });
    expect(await detach(peer, false)).toMatchObject({ closed: false, error: undefined });
    await publish(engine, 'topic://prices');
    const again = await attach(engine, { source: durable('topic://prices') });
    again.peer.grant(5);
    await again.peer.expect('transfer');
    expect(await detach(again.peer, true)).toMatchObject({ closed: true, error: undefined });
    expect(subscription(engine)).toBeUndefined();
    expect(engine.broker.topics.subscriptionCount).toBe(0);
  });

  test('is kept when its connection breaks, with what was not settled', async () => {
    await using engine = await amqpBroker();
    const { peer } = await attach(engine, { source: durable('topic://prices') });
    await publish(engine, 'topic://prices');
    peer.grant(5);
    await peer.expect('transfer');
    await peer[Symbol.asyncDispose]();
    await until(() => subscription(engine)?.active === false);
    const again = await attach(engine, { source: durable('topic://prices') });
    again.peer.grant(5);
    await again.peer.expect('transfer');
    await again.peer[Symbol.asyncDispose]();
  });

  test.each([
    ['selector', durable('topic://prices', { filter: selector('a = 1') })],
    ['topic', durable('topic://others')],
    ['no-local', durable('topic://prices', { filter: noLocal })],
  ])('begins anew when its %s is another', async (_, changed) => {
    await using engine = await amqpBroker();
    const { peer } = await attach(engine, { source: durable('topic://prices') });
    await detach(peer, false);
    await publish(engine, 'topic://prices');
    expect(subscription(engine)?.queue.readyCount).toBe(1);
    const again = await attach(engine, { source: changed });
    expect(again.reply.source?.filter).toEqual(changed.filter);
    expect(subscription(engine)?.queue.readyCount).toBe(0);
    await again.peer[Symbol.asyncDispose]();
  });

  test('is taken over by a link of its name on another connection of its container', async () => {
    await using engine = await amqpBroker();
    const old = await attach(engine, { source: durable('topic://prices') });
    const taking = await attach(engine, { source: durable('topic://prices') });
    expect(await old.peer.expect('detach')).toMatchObject({ closed: true, error: { condition: 'amqp:link:stolen' } });
    expect(taking.reply.source?.durable).toBe(2);
    await old.peer[Symbol.asyncDispose]();
    await taking.peer[Symbol.asyncDispose]();
  });

  test("is another container's own under the same name", async () => {
    await using engine = await amqpBroker();
    const one = await attach(engine, { source: durable('topic://prices') });
    const other = await attach(engine, { source: durable('topic://prices') }, { containerId: 'other' });
    expect(other.reply.source?.durable).toBe(2);
    expect(subscription(engine, 'sub', 'other')).toBeDefined();
    await one.peer[Symbol.asyncDispose]();
    await other.peer[Symbol.asyncDispose]();
  });
});

describe('a link without a source', () => {
  const lookup = { source: undefined } as const;

  test('finds the durable subscription of its name, and ends it when it is closed', async () => {
    await using engine = await amqpBroker();
    const filters = [...selector('a = 1'), ...noLocal];
    const { peer } = await attach(engine, { source: durable('topic://prices', { filter: filters }) });
    await detach(peer, false);
    const found = await attach(engine, lookup);
    expect(found.reply.source).toMatchObject({
      address: { type: 'string', value: 'topic://prices' },
      durable: 2,
      expiryPolicy: 'never',
      distributionMode: 'copy',
      filter: [
        filter('apache.org:no-local-filter:list', 0x468c00000003n, { type: 'list', value: [] }),
        filter('apache.org:selector-filter:string', 0x468c00000004n, { type: 'string', value: 'a = 1' }),
      ],
    });
    expect(await detach(found.peer, true)).toMatchObject({ closed: true, error: undefined });
    expect(subscription(engine)).toBeUndefined();
  });

  test('is refused where there is none', async () => {
    await using engine = await amqpBroker();
    const { peer, reply } = await attach(engine, lookup);
    expect(reply.source).toBeUndefined();
    expect((await peer.expect('detach')).error?.condition).toBe('amqp:not-found');
    await peer[Symbol.asyncDispose]();
  });

  test('finds a global shared subscription by its first link name, and cannot end it while it is used', async () => {
    await using engine = await amqpBroker();
    const shared = durable('topic://prices', { capabilities: ['topic', 'shared', 'global'] });
    const user = await attach(engine, { name: 'sub|global', source: shared }, { containerId: 'user' });
    const ask = { ...lookup, name: 'sub|global', desiredCapabilities: ['shared', 'global'] };
    const first = await attach(engine, ask, { containerId: 'one' });
    expect(first.reply.source?.capabilities).toEqual(['topic', 'shared', 'global']);
    expect((await detach(first.peer, true)).error?.condition).toBe('amqp:not-allowed');
    await detach(user.peer, false);
    const second = await attach(engine, ask, { containerId: 'two' });
    expect((await detach(second.peer, true)).error).toBeUndefined();
    expect(engine.broker.topics.subscriptionCount).toBe(0);
  });
});

describe('a shared subscription', () => {
  /** Receivers of one subscription, each on a connection of its own. */
  async function share(engine: AmqpBroker, names: readonly string[], fields: Partial<Composite<'source'>>) {
    const peers: RawPeer[] = [];
    for (const [i, name] of names.entries()) {
      const { peer, reply } = await attach(
        engine,
        { name, source: source('topic://prices', fields) },
        { containerId: `c${i}` },
      );
      expect(reply.source?.capabilities).toEqual(fields.capabilities);
      peer.grant(1);
      peers.push(peer);
    }
    return peers;
  }

  test.each([
    ['volatile', ['news|global-volatile1', 'news|global-volatile1'], {}],
    ['durable', ['news|global', 'news|global2'], { durable: 2, expiryPolicy: 'never' }],
  ])('that is %s gives each message to one of its receivers', async (_, names, fields) => {
    await using engine = await amqpBroker();
    const peers = await share(engine, names, { ...fields, capabilities: ['topic', 'shared', 'global'] });
    expect(engine.broker.topics.subscriptionCount).toBe(1);
    await publish(engine, 'topic://prices');
    await publish(engine, 'topic://prices');
    for (const peer of peers) await peer.expect('transfer');
    for (const peer of peers) await detach(peer, false);
    await until(() => engine.broker.topics.subscriptionCount === ('durable' in fields ? 1 : 0));
  });

  test('of a client identifier is not that of another', async () => {
    await using engine = await amqpBroker();
    const peers = await share(engine, ['news|volatile1', 'news|volatile1'], { capabilities: ['topic', 'shared'] });
    await publish(engine, 'topic://prices');
    for (const peer of peers) await peer.expect('transfer');
    for (const peer of peers) await peer[Symbol.asyncDispose]();
  });

  test('gives what its selector takes, and not what clients of its identifier send, if it has one', async () => {
    await using engine = await amqpBroker();
    const filters = [...selector('JMSPriority = 4'), ...noLocal];
    for (const capabilities of [
      ['topic', 'shared'],
      ['topic', 'shared', 'global'],
    ]) {
      const fields = { capabilities, filter: filters };
      const { peer, reply } = await attach(engine, { name: 'news|1', source: source('topic://prices', fields) });
      const isGlobal = capabilities.includes('global');
      // Whose messages would not be for everybody's subscription?
      expect(reply.source?.filter).toEqual(isGlobal ? selector('JMSPriority = 4') : filters);
      expect(reply.source?.capabilities).toEqual(capabilities);
      peer.attachSender({ handle: 1, target: terminus('target', 'topic://prices') });
      await peer.expect('attach');
      await peer.expect('flow');
      peer.deliver(0, durableMessage, { handle: 1 });
      await peer.expect('disposition');
      expect(engine.broker.topics.match('prices')[0]?.queue.readyCount).toBe(isGlobal ? 1 : 0);
      await peer[Symbol.asyncDispose]();
      await until(() => engine.broker.topics.subscriptionCount === 0);
    }
  });

  test('with other terms is refused while it is used', async () => {
    await using engine = await amqpBroker();
    const capabilities = ['topic', 'shared', 'global'];
    const [peer] = await share(engine, ['news|global-volatile1'], { capabilities });
    const other = await attach(engine, {
      name: 'news|global-volatile1',
      source: source('topic://others', { capabilities }),
    });
    expect(other.reply.source).toBeUndefined();
    expect((await other.peer.expect('detach')).error?.condition).toBe('amqp:not-allowed');
    await other.peer[Symbol.asyncDispose]();
    await peer?.[Symbol.asyncDispose]();
  });

  test('is offered, on the connection and where a link asks', async () => {
    await using engine = await amqpBroker();
    const { peer, reply } = await attach(engine, {
      source: source('topic://prices', { capabilities: ['topic', 'shared'] }),
      desiredCapabilities: ['SHARED-SUBS'],
    });
    expect(reply.offeredCapabilities).toEqual(['SHARED-SUBS']);
    await peer[Symbol.asyncDispose]();
  });
});

describe('a container that is to have one connection', () => {
  test('gets no second one, and is told which field is at fault', async () => {
    await using engine = await amqpBroker();
    await using first = await RawPeer.open(engine.port, { containerId: 'till', desiredCapabilities: sole });
    await using second = await RawPeer.handshake(engine.port);
    second.send(0, 'open', { containerId: 'till', desiredCapabilities: sole });
    const open = await second.expect('open');
    expect(open.properties).toContainEqual([
      { type: 'symbol', value: 'amqp:connection-establishment-failed' },
      { type: 'boolean', value: true },
    ]);
    expect(await second.closed()).toMatchObject({
      condition: 'amqp:invalid-field',
      info: [
        [
          { type: 'symbol', value: 'invalid-field' },
          { type: 'symbol', value: 'container-id' },
        ],
      ],
    });
    first.send(0, 'close', {});
    await first.expect('close');
    await until(() => engine.context.clients.size === 0);
    await using third = await RawPeer.handshake(engine.port);
    third.send(0, 'open', { containerId: 'till', desiredCapabilities: sole });
    const { offeredCapabilities, properties } = await third.expect('open');
    expect(offeredCapabilities).toEqual(['ANONYMOUS-RELAY', 'DELAYED_DELIVERY', 'SHARED-SUBS', ...sole]);
    const names = properties?.map(([name]) => name.value);
    expect(names).toEqual(['product', 'version', 'platform', 'queue-prefix', 'topic-prefix']);
  });

  test.each([
    ['where the first wants to be alone', sole, undefined],
    ['where the second wants to be', undefined, sole],
  ])('gets no second one %s', async (_, one, other) => {
    await using engine = await amqpBroker();
    await using first = await RawPeer.open(engine.port, { containerId: 'till', desiredCapabilities: one });
    await using second = await RawPeer.handshake(engine.port);
    second.send(0, 'open', { containerId: 'till', desiredCapabilities: other });
    await second.expect('open');
    expect((await second.closed())?.condition).toBe('amqp:invalid-field');
    first.send(0, 'end', {});
    await first.expect('end');
  });

  test('is told by its name: those without one are not the same', async () => {
    await using engine = await amqpBroker();
    await using first = await RawPeer.open(engine.port, { containerId: '', desiredCapabilities: sole });
    await using second = await RawPeer.open(engine.port, { containerId: '', desiredCapabilities: sole });
    expect([first, second]).toHaveLength(2);
    second.attachReceiver({ name: 'sub', source: durable('topic://prices') });
    await second.expect('attach');
    expect((await second.expect('detach')).error?.condition).toBe('amqp:invalid-field');
  });

  test('may have several otherwise', async () => {
    await using engine = await amqpBroker();
    await using first = await RawPeer.open(engine.port, { containerId: 'till' });
    await using second = await RawPeer.open(engine.port, { containerId: 'till' });
    expect([first, second]).toHaveLength(2);
    expect(engine.context.clients.size).toBe(2);
  });
});
