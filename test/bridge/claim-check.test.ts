// Bodies that are too large for SQS and SNS: put into an object store, and taken from there, in the extended clients' format.

import { describe, expect, it } from 'vitest';
import { isClaimed, keyFor, pointerBytes, pointerOf, pointerTo, restored } from '../../broker/bridge/claim-check.ts';
import { loadConfig } from '../../broker/config.ts';
import type { Message, Property } from '../../broker/core/message.ts';
import { BrokerError } from '../../broker/core/errors.ts';
import { message } from '../support/messages.ts';
import { memoryObjects } from './claim-check-objects.ts';
import { world } from './world.ts';
import type { World } from './world.ts';

const limit = 1024 * 1024;
const bucket = 'bodies';
const large = 'x'.repeat(limit + 1);
const pointerClass = 'software.amazon.payloadoffloading.PayloadS3Pointer';

const sizeOf = (text: string): Property => ({
  name: 'ExtendedPayloadSize',
  type: 'decimal',
  value: String(text.length),
});

async function publish({ broker }: World, ...messages: readonly Parameters<typeof message>[0][]): Promise<void> {
  for (const fields of messages) await broker.publish({ kind: 'queue', name: 'in' }, message(fields));
}

async function into(w: World, name: string, ...messages: readonly Parameters<typeof message>[0][]): Promise<void> {
  const transaction = w.broker.transaction();
  for (const fields of messages) transaction.put([w.sqs(name)], message(fields));
  await transaction.commit();
}

/** As an extended client sends it. */
function claim(key: string, size = '5', attribute = 'ExtendedPayloadSize', type = pointerClass) {
  const text = JSON.stringify([type, { s3BucketName: bucket, s3Key: key }]);
  return { text, properties: [{ name: attribute, type: 'decimal', value: size }] as const };
}

const out = async (w: World): Promise<readonly Message[]> => w.messages(w.broker.queue('out'));
const texts = (messages: readonly Message[]): string[] => messages.map(({ body }) => body.toString());

describe('the format', () => {
  it('is that of the extended clients', () => {
    expect(pointerTo({ bucket: 'b', key: 'k/é"' })).toBe(
      '["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"b","s3Key":"k/é\\""}]',
    );
    const rules = { bucket: 'b', keys: 'route', deletes: false };
    expect(keyFor(rules, 'one')).toMatch(/^route\/[\da-f]{64}$/);
    expect(keyFor(rules, 'one')).toBe(keyFor(rules, 'one'));
    expect(keyFor(rules, 'one')).not.toBe(keyFor(rules, 'two'));
    expect(pointerBytes(rules)).toBe(pointerTo({ bucket: 'b', key: keyFor(rules, 'any') }).length);
  });

  it.each([
    ['of today', pointerClass, 'ExtendedPayloadSize'],
    ['of before', 'com.amazon.sqs.javamessaging.MessageS3Pointer', 'SQSLargePayloadSize'],
  ])('is read, the one %s', (_when, type, attribute) => {
    const sent = message(claim('k', '5', attribute, type));
    expect(isClaimed(sent)).toBe(true);
    expect(pointerOf(sent)).toEqual({ bucket, key: 'k' });
    expect(restored(sent, Buffer.from('whole'))).toMatchObject({ body: Buffer.from('whole'), properties: [] });
  });

  // As Jackson writes it, whatever the order and the space.
  it('is read with other members and other space', () => {
    const text = ` [ "${pointerClass}" , {"s3Key":"k", "other":1,"s3BucketName" : "b"} ] `;
    expect(pointerOf(message({ text }))).toEqual({ bucket: 'b', key: 'k' });
  });

  it.each([
    '',
    'text',
    '[]',
    '{}',
    'null',
    `["${pointerClass}"]`,
    `["other",{"s3BucketName":"b","s3Key":"k"}]`,
    `["${pointerClass}",{"s3BucketName":1,"s3Key":"k"}]`,
    `["${pointerClass}",null]`,
    `["${pointerClass}",{},{}]`,
  ])('is not %j', (text) => {
    expect(pointerOf(message({ text }))).toMatch(/its body names no object/);
  });
});

describe('a route to SQS with a claim check', () => {
  // What every message has, and would be sent.
  const bare = 'rename: {id: null, timestamp: null}';
  const toQueue = `[{name: r, from: queue://in, to: sqs://q, ${bare}, claimCheck: {bucket: ${bucket}}}]`;

  it('puts what is too large into the bucket, and the rest into the queue', async () => {
    const objects = memoryObjects();
    await using w = await world({ queues: ['q'], routes: toQueue, objects });
    const property = { name: 'colour', type: 'string', value: 'red' } as const;
    await publish(w, { text: 'small' }, { text: large, correlationId: 'c', properties: [property] });
    await expect.poll(() => w.sqs('q').readyCount).toBe(2);
    const [small, claimed] = await w.messages(w.sqs('q'));
    expect(small).toMatchObject({ body: Buffer.from('small'), properties: [] });
    expect(claimed?.properties.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      sizeOf(large),
      property,
      { name: 'correlation-id', type: 'string', value: 'c' },
    ]);
    const [[place = '', body] = []] = objects.held;
    expect(place).toMatch(/^bodies\/r\/[\da-f]{64}$/);
    expect(body?.toString()).toBe(large);
    expect(claimed?.body.toString()).toBe(pointerTo({ bucket, key: place.slice(bucket.length + 1) }));
    const rows = w.route('r').ledger();
    expect(
      rows.filter(({ field }) => field === 'body').map(({ outcome, reason, count }) => [outcome, reason, count]),
    ).toEqual(
      expect.arrayContaining([
        ['kept', '', 1],
        ['moved', 'into the bucket "bodies"', 1],
      ]),
    );
  });

  it('does so from a size on that the route says, with the attributes', async () => {
    const objects = memoryObjects();
    const over = `[{name: r, from: queue://in, to: sqs://q, ${bare}, claimCheck: {bucket: ${bucket}, over: 20}}]`;
    await using w = await world({ queues: ['q'], routes: over, objects });
    // Name, type and value count.
    const eleven = [{ name: 'abcd', type: 'string', value: '1' }] as const;
    await publish(
      w,
      { text: 'x'.repeat(20) },
      { text: 'x'.repeat(21) },
      { text: 'x'.repeat(9), properties: eleven },
      { text: 'x'.repeat(10), properties: eleven },
    );
    await expect.poll(() => w.sqs('q').readyCount).toBe(4);
    expect((await w.messages(w.sqs('q'))).map(isClaimed)).toEqual([false, true, false, true]);
    expect([...objects.held.values()].map(({ length }) => length)).toEqual([21, 10]);
  });

  it('leaves room for the attribute of its own: nine others', async () => {
    await using w = await world({ queues: ['q'], routes: toQueue });
    const properties = Array.from({ length: 10 }, (_, i) => ({ name: `p${i}`, type: 'string', value: 'v' }) as const);
    await publish(w, { text: large, properties });
    await expect.poll(() => w.sqs('q').readyCount).toBe(1);
    const [sent] = await w.messages(w.sqs('q'));
    const names = sent?.properties.map(({ name }) => name) ?? [];
    expect(names).toHaveLength(10);
    expect(names).toEqual(expect.arrayContaining(['ExtendedPayloadSize', 'causeway.packed']));
  });

  it('gives its name to no property of a message that is whole', async () => {
    await using w = await world({ queues: ['q'], routes: toQueue });
    await publish(w, { text: 'small', properties: [{ name: 'ExtendedPayloadSize', type: 'int', value: 3 }] });
    await expect.poll(() => w.sqs('q').readyCount).toBe(1);
    const [sent] = await w.messages(w.sqs('q'));
    expect(sent?.properties.map(({ name }) => name)).toEqual(['causeway.packed']);
  });

  it('stores the body before the message, under the same key when it has to be sent again', async () => {
    const objects = memoryObjects();
    await using w = await world({ queues: ['q'], routes: toQueue, objects });
    objects.trouble = 'nobody is there';
    await publish(w, { text: large });
    await expect.poll(() => w.route('r').error).toBe('nobody is there');
    expect([w.route('r').state, w.sqs('q').readyCount, w.broker.queue('in').readyCount]).toEqual(['failed', 0, 1]);
    objects.trouble = undefined;
    await expect.poll(() => w.sqs('q').readyCount).toBe(1);
    expect(objects.held.size).toBe(1);
    expect(objects.calls.filter((call) => call === 'put bodies').length).toBeGreaterThan(1);
  });

  it('makes a dead letter of what is too large where there is none', async () => {
    await using w = await world({ queues: ['q'], routes: '[{name: r, from: queue://in, to: sqs://q}]' });
    await publish(w, { text: large });
    await expect.poll(() => w.route('r').deadLettered).toBe(1);
  });

  it.each(['sns://n', 'sqs://q.fifo'])('and to %s, so that what is taken from there is whole', async (to) => {
    const objects = memoryObjects();
    const key = to.endsWith('.fifo') ? ', key: "constant:g"' : '';
    const check = `claimCheck: {bucket: ${bucket}}`;
    await using w = await world({
      queues: ['q.fifo'],
      topics: ['n'],
      objects,
      routes: `[{name: r, from: queue://in, to: "${to}", ${check}${key}}, {name: s, from: "${to}", to: queue://out, ${check}}]`,
    });
    const fields = { correlationId: 'c', properties: [{ name: 'n', type: 'int', value: 7 }] as const };
    const bytes = Buffer.alloc(limit, Buffer.from([0, 255, 7]));
    await publish(w, { text: large, ...fields }, { text: 'small' });
    await w.broker.publish({ kind: 'queue', name: 'in' }, { ...message({ text: '' }), body: bytes, bodyType: 'bytes' });
    await expect.poll(async () => (await out(w)).length).toBe(3);
    const [first, second, third] = await out(w);
    expect(first).toMatchObject({ ...fields, bodyType: 'text' });
    expect(first?.body.toString()).toBe(large);
    expect(second?.body.toString()).toBe('small');
    expect([third?.bodyType, third?.body.equals(bytes)]).toEqual(['bytes', true]);
    // Nobody said that they are to go.
    expect(objects.held.size).toBe(2);
  });

  it('shows in a preview what would be sent', async () => {
    await using w = await world({ queues: ['q'], routes: toQueue });
    const { after, fields } = w.routes.preview('r', { body: large });
    expect(after?.body).toMatch(/^\["software\.amazon\.payloadoffloading\.PayloadS3Pointer",\{"s3BucketName":"bodies"/);
    expect(after?.attributes).toContainEqual({
      name: 'ExtendedPayloadSize',
      type: 'Number',
      value: String(large.length),
    });
    expect(fields.find(({ field }) => field === 'body')?.outcome).toBe('moved');
  });
});

describe('a route from SQS with a claim check', () => {
  const fromQueue = (more = ''): string =>
    `[{name: r, from: sqs://q, to: queue://out, deadLetter: queue://dead, claimCheck: {bucket: ${bucket}${more}}}]`;

  it('takes the bodies of what extended clients sent, and keeps the order', async () => {
    const objects = memoryObjects();
    const bodies = Array.from({ length: 20 }, (_, i) => `body ${i}`);
    for (const [index, body] of bodies.entries()) objects.held.set(`${bucket}/k${index}`, Buffer.from(body));
    await using w = await world({ queues: ['q'], routes: fromQueue(), objects });
    const sent = bodies.flatMap((_body, index) => [claim(`k${index}`), { text: `plain ${index}` }]);
    await into(w, 'q', ...sent);
    await expect.poll(async () => (await out(w)).length).toBe(40);
    expect(texts(await out(w))).toEqual(bodies.flatMap((body, index) => [body, `plain ${index}`]));
    expect((await out(w)).every(({ properties }) => properties.length === 0)).toBe(true);
    expect(objects.held.size).toBe(20);
  });

  it('removes the bodies once their messages have crossed, if it is told to', async () => {
    const objects = memoryObjects();
    objects.held.set(`${bucket}/k`, Buffer.from('body'));
    await using w = await world({ queues: ['q'], routes: fromQueue(', delete: true'), objects });
    await into(w, 'q', claim('k'));
    await expect.poll(() => objects.held.size).toBe(0);
    expect(texts(await out(w))).toEqual(['body']);
    // Its message cannot be settled: it stays.
    objects.held.set(`${bucket}/kept`, Buffer.from('kept'));
    await into(w, 'q', claim('kept'));
    w.store.fail(new BrokerError('store-failed', 'no'));
    await expect.poll(() => w.route('r').error).toBe('no');
    expect(objects.held.size).toBe(1);
    w.store.fail(undefined);
    await expect.poll(async () => texts(await out(w))).toEqual(['body', 'kept']);
    await expect.poll(() => objects.held.size).toBe(0);
  });

  it.each([
    ['whose body is not there', claim('none'), 'its body is not in the bucket "bodies": "none"'],
    [
      'whose body names no object',
      { text: 'hello', properties: claim('k').properties },
      'it has the attribute ExtendedPayloadSize, but its body names no object',
    ],
    [
      'whose body is in the bucket of another',
      { ...claim('k'), text: pointerTo({ bucket: 'secret', key: 'k' }) },
      'its body is in the bucket "secret", which is not the route\'s',
    ],
    ['whose body is too large', claim('huge'), 'its body is not read: it has 104857601 bytes'],
  ])('makes a dead letter of a message %s', async (_what, sent, reason) => {
    const objects = memoryObjects();
    objects.held.set('secret/k', Buffer.from('secret'));
    objects.held.set(`${bucket}/huge`, Buffer.alloc(100 * limit + 1));
    await using w = await world({ queues: ['q'], routes: fromQueue(', delete: true'), objects });
    await into(w, 'q', sent, { text: 'next' });
    await expect.poll(async () => texts(await out(w))).toEqual(['next']);
    const [dead] = await w.broker.queue('dead').browse(0, 10);
    expect(dead?.entry.dead?.reason).toBe(`route r: ${reason}`);
    // As it came: it can be sent again once the body is there.
    expect(dead?.message.body.toString()).toBe(sent.text);
    expect(objects.held.size).toBe(2);
  });

  it('takes a dead letter again once its body is there', async () => {
    const objects = memoryObjects();
    await using w = await world({ queues: ['q'], routes: fromQueue(), objects });
    await into(w, 'q', claim('late'));
    await expect.poll(() => w.route('r').deadLettered).toBe(1);
    objects.held.set(`${bucket}/late`, Buffer.from('body'));
    expect(await w.route('r').retryDead()).toBe(1);
    await expect.poll(async () => texts(await out(w))).toEqual(['body']);
  });

  it('keeps everything in the source while the object store is away', async () => {
    const objects = memoryObjects();
    for (const key of ['a', 'b']) objects.held.set(`${bucket}/${key}`, Buffer.from(key));
    objects.trouble = 'nobody is there';
    await using w = await world({ queues: ['q'], routes: fromQueue(), objects });
    await into(w, 'q', claim('a'), { text: 'between' }, claim('b'));
    await expect.poll(() => [w.route('r').state, w.route('r').error]).toEqual(['failed', 'nobody is there']);
    expect((await out(w)).length).toBe(0);
    objects.trouble = undefined;
    await expect.poll(async () => texts(await out(w))).toEqual(['a', 'between', 'b']);
    expect(w.route('r').error).toBeUndefined();
  });

  it('gives back what waits when it is closed', async () => {
    const objects = memoryObjects();
    const never = { ...objects, get: () => new Promise<undefined>(() => undefined) };
    await using w = await world({ queues: ['q'], routes: fromQueue(), objects: never });
    await into(w, 'q', claim('a'), { text: 'b' });
    await expect.poll(() => w.sqs('q').inFlightCount).toBe(2);
    w.route('r').close();
    expect([w.sqs('q').inFlightCount, w.sqs('q').readyCount]).toEqual([0, 2]);
  });
});

describe('the configuration', () => {
  const load = (route: string) => () => loadConfig({ set: [`routes=[${route}]`] });

  it.each([
    ['{name: r, from: queue://a, to: queue://b, claimCheck: {bucket: bodies}}', /only messages of SQS and SNS/],
    [
      '{name: r, from: queue://a, to: kinesis://b, key: "constant:k", claimCheck: {bucket: bodies}}',
      /only messages of SQS/,
    ],
    ['{name: r, from: queue://a, to: sqs://b, claimCheck: {bucket: Bodies}}', /not the name of a bucket/],
    ['{name: r, from: queue://a, to: sqs://b, claimCheck: {}}', /bucket/],
    ['{name: r, from: queue://a, to: sqs://b, claimCheck: {bucket: bodies, ovr: 1}}', /unknown key.*did you mean/],
    [
      '{name: r, from: sqs://a, to: [queue://b, queue://c], claimCheck: {bucket: bodies, delete: true}}',
      /the other targets still need/,
    ],
    ['{name: r, from: sqs://a, to: queue://b, mode: shadow, claimCheck: {bucket: bodies}}', /by routes that move/],
  ])('is refused: %s', (route, problem) => {
    expect(load(route)).toThrow(problem);
  });
});
