// The methods over a real broker, as a script would call them.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MethodName, Methods, Overview } from '../../broker/control/api.ts';
import type { CloudMessage, ConsoleRoute, ConsoleShadow } from '../../broker/control/console-engine.ts';
import { Console } from '../../broker/control/console.ts';
import type { Broker } from '../../broker/core/broker.ts';
import { subscriptions } from '../../broker/core/namespaces.ts';
import type { Clients } from '../../broker/core/clients.ts';
import type { Message } from '../../broker/core/message.ts';
import type { Queue } from '../../broker/core/queue.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import type { TestBroker } from '../support/broker.ts';
import { testBroker } from '../support/broker.ts';
import { comparisonOf, shadowRoutes } from '../support/fake-shadows.ts';
import { message } from '../support/messages.ts';
import { noCloud } from './no-cloud.ts';

const token = 'a-token-of-this-test';
const cloudNamespace = 'aws/000000000000/us-east-1';

class FakeRoute implements ConsoleRoute {
  readonly name = 'orders';
  readonly from = 'queue://orders';
  readonly to = 'sqs://orders';
  readonly error = undefined;
  shadow: ConsoleShadow | undefined = undefined;
  state: 'running' | 'paused' = 'running';
  transferred = 40;
  deadLettered = 0;
  losses = () => [{ field: 'timestamp', outcome: 'changed', reason: 'SQS sets SentTimestamp', count: 40 }] as const;
  pause = () => void (this.state = 'paused');
  resume = () => void (this.state = 'running');
  drain = () => void (this.state = 'paused');
  rewinds: number[] = [];
  rewind = async (to: number) => void this.rewinds.push(to);
  retryDead = async () => 3;
  ledger = () => [
    {
      field: 'a,b',
      outcome: 'dropped' as const,
      reason: 'x',
      count: 2,
      firstAt: 0,
      lastAt: 1000,
      examples: ['=1+1', 'say "hi"'],
    },
  ];
}

let test: TestBroker;
let broker: Broker;
let clients: Clients;
let route: FakeRoute;
let sentToCloud: { queue: Queue; message: CloudMessage }[];
let console: Console;
let origin: string;

beforeEach(async () => {
  test = await testBroker();
  ({ broker, clients } = test.context);
  route = new FakeRoute();
  sentToCloud = [];
  console = new Console({
    host: '127.0.0.1',
    port: 0,
    token,
    clock: systemClock,
    log: silent,
    engine: {
      version: '1.2.3',
      startedAt: 1_700_000_000_000,
      dataDirectory: '/data',
      broker,
      clients,
      routes: [route],
      listeners: () => ({ amqp: { host: '127.0.0.1', port: 5672, anonymous: true } }),
      users: () => 3,
      previewRoute: (name) => ({ route: name, to: '', fields: [] }),
      reload: async () => ({ started: [], ended: [], kept: ['orders'], waiting: [] }),
      cloud: {
        ...noCloud,
        send: async (queue, sent) => {
          sentToCloud.push({ queue, message: sent });
          return 'cloud-1';
        },
      },
    },
  });
  const { port } = await console.start();
  origin = `http://127.0.0.1:${port}`;
});
afterEach(async () => {
  await console.close();
  await test[Symbol.asyncDispose]();
});

type Refusal = { readonly status: number; readonly code: string; readonly message: string };

async function post(method: string, request: object): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${origin}/api/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  return { status: response.status, answer: await response.json() };
}

async function call<M extends MethodName>(method: M, request: Methods[M]['request']): Promise<Methods[M]['response']> {
  const { status, answer } = await post(method, request);
  expect(answer).not.toHaveProperty('error');
  expect(status).toBe(200);
  return answer as Methods[M]['response'];
}

async function refusal<M extends MethodName>(method: M, request: Methods[M]['request']): Promise<Refusal> {
  const { status, answer } = await post(method, request);
  return { status, ...(answer as { error: Omit<Refusal, 'status'> }).error };
}

function put(name: string, fields: Partial<Message> & { text?: string } = {}): Promise<void> {
  return broker.publish({ kind: 'queue', name }, message({ to: `queue://${name}`, ...fields }));
}

describe('overview', () => {
  it('tells of the engine, its memory, its store and its totals since it started', async () => {
    await put('orders', { text: 'x'.repeat(1000) });
    route.transferred += 2;
    const overview: Overview = await call('overview', {});
    expect(overview).toMatchObject({
      version: '1.2.3',
      role: 'active',
      epoch: test.store.epoch,
      dataDirectory: '/data',
      listeners: { amqp: { port: 5672 } },
      totals: { received: 1, delivered: 0, bridged: 2 },
    });
    expect(overview.memory.messageBytes).toBeGreaterThan(1000);
    expect(overview.memory.messageLimitBytes).toBe(64 * 1024 * 1024);
    expect(overview.memory.residentBytes).toBeGreaterThan(10_000_000);
    expect(overview.store.commits).toBeGreaterThan(0);
  });

  it('has a history from the moment it opens', async () => {
    const { samples } = await call('history', {});
    expect(samples).toEqual([expect.objectContaining({ received: 0, delivered: 0, bridged: 0 })]);
  });
});

describe('peek', () => {
  it('shows messages from the head, page by page, and takes none', async () => {
    for (let i = 0; i < 5; i += 1) await put('orders', { text: `order ${i}` });
    const first = await call('peek', { destination: 'mq:orders', limit: 2 });
    const second = await call('peek', { destination: 'mq:orders', limit: 2, after: first.next! });
    const third = await call('peek', { destination: 'mq:orders', limit: 2, after: second.next! });
    const bodies = [first, second, third].flatMap(({ messages }) =>
      messages.map(({ bodyBase64 }) => Buffer.from(bodyBase64, 'base64').toString()),
    );
    expect(bodies).toEqual(['order 0', 'order 1', 'order 2', 'order 3', 'order 4']);
    expect(third).not.toHaveProperty('next');
    expect(broker.queue('orders').readyCount).toBe(5);
    expect(broker.queue('orders').inFlightCount).toBe(0);
  });

  it('says no more follows when a page ends with the queue', async () => {
    for (let i = 0; i < 4; i += 1) await put('orders');
    const page = await call('peek', { destination: 'mq:orders', limit: 4 });
    expect(page.messages).toHaveLength(4);
    expect(page).not.toHaveProperty('next');
  });

  it('shows headers with their types, and the message as it is', async () => {
    await put('orders', {
      id: 'ID:1',
      text: '{"a":1}',
      contentType: 'application/json',
      correlationId: 'c-1',
      replyTo: 'queue://answers',
      priority: 9,
      durable: false,
      expiresAt: 4_000_000_000_000,
      properties: [
        { name: 'tenant', type: 'string', value: 'nord' },
        { name: 'big', type: 'long', value: 9_007_199_254_740_993n },
        { name: 'express', type: 'boolean', value: true },
        { name: 'raw', type: 'binary', value: Buffer.from([1, 2, 3]) },
        { name: 'weight', type: 'decimal', value: '1.10', label: 'kg' },
        { name: 'none', type: 'null', value: null },
      ],
    });
    const { messages } = await call('peek', { destination: 'mq:orders' });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      id: 'ID:1',
      state: 'ready',
      attempts: 0,
      durable: false,
      priority: 9,
      expiresAt: 4_000_000_000_000,
      contentType: 'application/json',
      bodyBytes: 7,
      bodyIsText: true,
      headers: [
        { name: 'to', type: 'header', value: 'queue://orders' },
        { name: 'correlation-id', type: 'header', value: 'c-1' },
        { name: 'reply-to', type: 'header', value: 'queue://answers' },
        { name: 'tenant', type: 'string', value: 'nord' },
        { name: 'big', type: 'long', value: '9007199254740993' },
        { name: 'express', type: 'boolean', value: 'true' },
        { name: 'raw', type: 'binary', value: 'AQID' },
        { name: 'weight', type: 'decimal.kg', value: '1.10' },
        { name: 'none', type: 'null', value: 'null' },
      ],
    });
  });

  it('shows what is in flight, how often it was tried, and why a dead letter died', async () => {
    await put('orders', { text: 'poison' });
    await put('orders', { text: 'next' });
    const queue = broker.queue('orders');
    const [pulled] = await queue.pull({ max: 1, leaseMs: 60_000, waitMs: 0 });
    const leased = await call('peek', { destination: 'mq:orders' });
    expect(leased.messages.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['in-flight', 1],
      ['ready', 0],
    ]);
    await broker.deadLetter(pulled!.entry, 'it is poison');
    const dead = await call('peek', { destination: 'mq:ActiveMQ.DLQ' });
    expect(dead.messages).toHaveLength(1);
    expect(dead.messages[0]?.dead).toMatchObject({ reason: 'it is poison', origin: 'queue://orders' });
  });

  it('shows delayed messages after all others, with when they are ready', async () => {
    await put('orders', { text: 'now' });
    const transaction = broker.transaction();
    transaction.put([broker.queue('orders')], message({ text: 'later' }), { delayMs: 3_600_000 });
    await transaction.commit();
    const page = await call('peek', { destination: 'mq:orders' });
    expect(page.messages.map(({ state }) => state)).toEqual(['ready', 'delayed']);
    expect(page.messages[1]?.dueAt).toBeGreaterThan(Date.now() + 3_500_000);
    const first = await call('peek', { destination: 'mq:orders', limit: 1 });
    const second = await call('peek', { destination: 'mq:orders', limit: 1, after: first.next! });
    expect(second.messages.map(({ state }) => state)).toEqual(['delayed']);
    expect(second).not.toHaveProperty('next');
  });

  it('sends the first 64 KiB of a body, and tells bytes from text', async () => {
    await put('big', { body: Buffer.from('ü'.repeat(40_000)) });
    await put('big', { body: Buffer.from([0xff, 0xfe, 0x00]), bodyType: 'bytes' });
    await put('big', { body: Buffer.from('a\0b'), bodyType: 'bytes' });
    await put('big', { body: Buffer.from('{"a":1}\r\n'), bodyType: 'bytes' });
    const { messages } = await call('peek', { destination: 'mq:big' });
    expect(messages[0]).toMatchObject({ bodyBytes: 80_000, bodyIsText: true });
    expect(Buffer.from(messages[0]!.bodyBase64, 'base64')).toHaveLength(65_536);
    expect(messages.map(({ bodyIsText }) => bodyIsText)).toEqual([true, false, false, true]);
  });

  it('refuses topics and what is not there', async () => {
    expect(await refusal('peek', { destination: 'topic:telemetry' })).toMatchObject({
      status: 409,
      code: 'not-allowed',
    });
    for (const destination of ['mq:nowhere', 'queue://nowhere', 'nonsense', ':', 'aws/1/x:orders']) {
      expect(await refusal('peek', { destination })).toMatchObject({ status: 404, code: 'not-found' });
    }
    expect(broker.find('mq', 'nowhere')).toBeUndefined();
  });
});

describe('send', () => {
  it('puts a message into a queue, and answers when it is stored', async () => {
    await put('orders');
    const { id } = await call('send', {
      destination: 'mq:orders',
      body: 'grüße',
      encoding: 'text',
      contentType: 'text/plain',
      properties: { tenant: 'nord' },
    });
    const { messages } = await call('peek', { destination: 'mq:orders' });
    expect(messages[1]).toMatchObject({ id, durable: true, contentType: 'text/plain', bodyBytes: 7 });
    expect(messages[1]?.headers).toContainEqual({ name: 'tenant', type: 'string', value: 'nord' });
  });

  it('makes a broker queue that is named by its address on first use', async () => {
    await call('send', { destination: 'queue://fresh', body: 'AAEC', encoding: 'base64', durable: false });
    const { messages } = await call('peek', { destination: 'queue://fresh' });
    expect(messages[0]).toMatchObject({ durable: false, bodyBase64: 'AAEC', bodyIsText: false });
  });

  it('reaches the subscriptions of a topic', async () => {
    const queue = broker.declare({ namespace: subscriptions, name: 'dashboard' });
    broker.topics.subscribe({ filter: 'telemetry.>', queue });
    await call('send', { destination: 'topic://telemetry.press', body: '1', encoding: 'text' });
    await call('send', { destination: 'topic:telemetry.oven', body: '2', encoding: 'text' });
    expect(queue.readyCount).toBe(2);
  });

  it('goes by the API of SQS for its queues', async () => {
    const queue = broker.declare({ namespace: cloudNamespace, name: 'orders' });
    const request = { destination: `${cloudNamespace}:orders`, body: 'x', encoding: 'text' } as const;
    const answer = await call('send', {
      ...request,
      contentType: 'text/plain',
      properties: { tenant: 'nord' },
      groupId: 'g',
    });
    expect(answer.id).toBe('cloud-1');
    const attributes = new Map([
      ['tenant', 'nord'],
      ['content-type', 'text/plain'],
    ]);
    const sent = { body: 'x', attributes, subject: undefined, groupId: 'g', deduplicationId: undefined };
    expect(sentToCloud).toEqual([{ queue, message: sent }]);
    expect(await refusal('send', { ...request, subject: 'S' })).toMatchObject({ code: 'invalid' });
    expect(await refusal('send', { ...request, encoding: 'base64' })).toMatchObject({ code: 'invalid' });
    expect(await refusal('send', { ...request, durable: false })).toMatchObject({ code: 'invalid' });
  });

  it.each([
    ['subscription:dashboard', 'not-allowed'],
    ['topic://telemetry.>', 'invalid'],
    ['topic:telemetry.*', 'invalid'],
    ['queue://', 'invalid'],
    ['mq:nowhere', 'not-found'],
  ])('refuses %s', async (destination, code) => {
    broker.declare({ namespace: subscriptions, name: 'dashboard' });
    expect(await refusal('send', { destination, body: '', encoding: 'text' })).toMatchObject({ code });
  });

  it.each(['=', 'a', 'YQ=', 'YQ=!', 'YQ==YQ==', 'Y===', 'YQ-_'])('refuses %j as base64', async (body) => {
    const answer = await refusal('send', { destination: 'queue://x', body, encoding: 'base64' });
    expect(answer).toMatchObject({ code: 'invalid', message: 'the body is not base64' });
  });

  it.each(['YQ==', 'YQ', 'Y Q\n==', ''])('takes %j as base64', async (body) => {
    await call('send', { destination: 'queue://x', body, encoding: 'base64' });
    const { messages } = await call('peek', { destination: 'queue://x' });
    expect(messages[0]?.bodyBase64).toBe(body === '' ? '' : 'YQ==');
  });
});

describe('a durable subscription', () => {
  const id = 'subscription:durable:office:s';
  const join = () =>
    broker.subscribe({
      from: [{ kind: 'topic', name: 'prices.>' }],
      selector: { text: 'JMSPriority > 3' },
      noLocal: true,
      publisher: { clientId: 'office' },
      subscription: { name: 's', durable: true, shared: false },
      label: 'test',
      deliver: () => undefined,
      onDeleted: () => undefined,
    });

  it('is described by its terms, looked into, and ended while nobody receives from it', async () => {
    const subscriber = join();
    await subscriber.saved;
    const described = {
      durable: true,
      shared: false,
      filters: ['prices.>'],
      selector: 'JMSPriority > 3',
      noLocal: true,
    };
    expect(await call('describeSubscription', { destination: id })).toEqual({ ...described, active: true });
    expect(await refusal('unsubscribe', { destination: id })).toMatchObject({ code: 'not-allowed' });
    subscriber.close();
    expect(await call('describeSubscription', { destination: id })).toEqual({ ...described, active: false });
    await broker.publish({ kind: 'topic', name: 'prices.a' }, message({ text: 'kept' }));
    expect((await call('peek', { destination: id })).messages).toHaveLength(1);
    expect(await call('unsubscribe', { destination: id })).toEqual({});
    expect(await refusal('describeSubscription', { destination: id })).toMatchObject({ status: 404 });
    expect([...broker.subscriptions]).toEqual([]);
  });

  it('is not what ends with its clients, nor a queue', async () => {
    broker.declare({ namespace: subscriptions, name: 'mqtt:press-7' });
    expect(await refusal('unsubscribe', { destination: 'subscription:mqtt:press-7' })).toMatchObject({
      code: 'not-allowed',
    });
    await put('orders');
    expect(await refusal('unsubscribe', { destination: 'mq:orders' })).toMatchObject({ code: 'not-found' });
  });
});

describe('scheduled messages', () => {
  const later = { delayMs: 3_600_000 };

  it('are listed, the first due first, with what is to be done, and counted in the overview', async () => {
    const topic = { kind: 'topic', name: 'prices' } as const;
    const orders = { kind: 'queue', name: 'orders' } as const;
    await broker.publish(orders, message({ id: 'third', text: 'x'.repeat(1000) }), { delayMs: 10_800_000 });
    await broker.publish(topic, message({ id: 'second' }), {
      delayMs: 7_200_000,
      schedule: { periodMs: 60_000, repeat: -1 },
    });
    await broker.publish(topic, message({ id: 'first' }), later);
    const { messages } = await call('scheduled', {});
    expect(messages.map(({ id, to, repeat, periodMs }) => [id, to, repeat, periodMs])).toEqual([
      ['first', 'topic://prices', undefined, undefined],
      ['second', 'topic://prices', -1, 60_000],
      ['third', 'queue://orders', undefined, undefined],
    ]);
    expect(messages[2]).toMatchObject({ bodyBytes: 1000, bodyIsText: true });
    expect(messages[2]?.bodyBase64.length).toBeLessThan(400);
    expect(await call('overview', {})).toMatchObject({ scheduled: 3, users: 3 });
  });

  it('are cancelled one by one, even where identifiers repeat', async () => {
    const orders = { kind: 'queue', name: 'orders' } as const;
    await broker.publish(orders, message({ id: 'same', text: 'a' }), later);
    await broker.publish(orders, message({ id: 'same', text: 'b' }), later);
    await broker.publish(orders, message({ id: 'nightly' }), { schedule: { cron: '0 2 * * *' } });
    const { messages } = await call('scheduled', {});
    const nightly = messages.find(({ cron }) => cron === '0 2 * * *');
    const b = messages.find(({ bodyBase64 }) => bodyBase64 === 'Yg==');
    expect(await call('cancelScheduled', { key: b!.key })).toEqual({});
    expect(await call('cancelScheduled', { key: nightly!.key })).toEqual({});
    expect(await refusal('cancelScheduled', { key: b!.key })).toMatchObject({ code: 'not-found' });
    const left = await call('scheduled', {});
    expect(left.messages.map(({ bodyBase64 }) => bodyBase64)).toEqual(['YQ==']);
  });
});

it('purges a queue with what is in flight, and says how much that was', async () => {
  for (let i = 0; i < 3; i += 1) await put('orders');
  await broker.queue('orders').pull({ max: 1, leaseMs: 60_000, waitMs: 0 });
  expect(await call('purge', { destination: 'mq:orders' })).toEqual({ removed: 3 });
  expect(broker.queue('orders').readyCount + broker.queue('orders').inFlightCount).toBe(0);
  expect(await refusal('purge', { destination: 'topic:x' })).toMatchObject({ code: 'not-allowed' });
});

it('pauses and resumes a route, and answers with the route as it is then', async () => {
  expect(await call('pauseRoute', { name: 'orders' })).toMatchObject({ state: 'paused', transferred: 40 });
  expect(await call('resumeRoute', { name: 'orders' })).toMatchObject({ state: 'running', losses: [{ count: 40 }] });
  expect(await refusal('pauseRoute', { name: 'none' })).toMatchObject({ status: 404, message: 'no route "none"' });
});

it('drains and replays a route, and answers with its ledger', async () => {
  expect(await call('drainRoute', { name: 'orders' })).toMatchObject({ state: 'paused' });
  expect(await call('replayRoute', { name: 'orders', from: 'dead-letter' })).toEqual({ replayed: 3 });
  expect(await call('replayRoute', { name: 'orders', from: '2026-11-21T12:00:00Z' })).toEqual({});
  expect(route.rewinds).toEqual([Date.UTC(2026, 10, 21, 12)]);
  expect(await refusal('replayRoute', { name: 'orders', from: 'soon' })).toMatchObject({ code: 'invalid' });
  expect(await call('routeLedger', { name: 'orders' })).toMatchObject({ rows: [{ field: 'a,b', count: 2 }] });
  const { csv } = (await call('routeLedger', { name: 'orders', format: 'csv' })) as { csv: string };
  expect(csv.split('\r\n')).toEqual([
    'field,outcome,reason,count,first,last,example1,example2,example3',
    `"a,b",dropped,x,2,1970-01-01T00:00:00.000Z,1970-01-01T00:00:01.000Z,'=1+1,"say ""hi""",`,
    '',
  ]);
});

it('answers with what a shadow compares, and refuses for a route that moves', async () => {
  expect(await refusal('compareRoute', { name: 'orders' })).toMatchObject({ code: 'unsupported' });
  route.shadow = { mode: 'dry-run', behind: 1, dropped: 2, report: () => undefined };
  expect(await call('compareRoute', { name: 'orders' })).toEqual({
    name: 'orders',
    mode: 'dry-run',
    from: 'queue://orders',
    to: 'sqs://orders',
    sent: 40,
    refused: 0,
    behind: 1,
    dropped: 2,
  });
  const { routes } = (await call('listRoutes', {})) as { routes: object[] };
  expect(routes[0]).toMatchObject({ mode: 'dry-run', behind: 1, droppedCopies: 2 });
  const compared = comparisonOf(shadowRoutes[0], 60_000).compared!;
  route.shadow = { mode: 'shadow', behind: 0, dropped: 0, report: () => compared };
  expect(await call('compareRoute', { name: 'orders' })).toMatchObject({ compared });
  expect((await call('listRoutes', {})) as object).toMatchObject({ routes: [{ compared: { arrived: 20_366 } }] });
  const { csv } = (await call('compareRoute', { name: 'orders', format: 'csv' })) as { csv: string };
  const lines = csv.split('\r\n');
  expect(lines[0]).toBe('what,count,example1,example2,example3');
  expect(lines).toContain('late,148,ID:shop-web-1-41000-1:1:91: 7.3 s,,');
  expect(lines).toContain(
    'different,3,ID:shop-web-1-41000-1:1:97: $.customer.address.country: DE / (absent),' +
      'ID:shop-web-1-41000-1:1:99: $.card.token: (hidden) / (hidden),',
  );
  expect(lines).toContain('waiting on the left,13,,,');
});

it('disconnects a client for a reason that it can show to a person', async () => {
  const reasons: string[] = [];
  const { id } = clients.add({
    protocol: 'mqtt',
    address: '127.0.0.1:5',
    messagesIn: 0,
    messagesOut: 0,
    disconnect: (reason) => reasons.push(reason),
  });
  expect(await call('disconnectClient', { id })).toEqual({});
  expect(reasons).toEqual(['disconnected by hand, from the console']);
  expect(await refusal('disconnectClient', { id: '999' })).toMatchObject({ status: 404 });
});
