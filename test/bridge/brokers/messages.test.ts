// What becomes of a message's fields at another broker, and what the ledger says of it.

import { describe, expect, it } from 'vitest';
import rhea from 'rhea';
import type { Message } from '../../../broker/core/message.ts';
import { listening } from '../../protocols/listening.ts';
import { message } from '../../support/messages.ts';
import { near } from './near.ts';
import type { Near } from './near.ts';

const full: Partial<Message> = {
  id: 'm-1',
  contentType: 'text/plain',
  contentEncoding: 'identity',
  priority: 7,
  timestamp: 1_700_000_000_000,
  expiresAt: 4_000_000_000_000,
  correlationId: 'c',
  replyTo: 'topic://answers',
  type: 't',
  groupId: 'g',
  groupSequence: 3,
  userId: 'u',
  properties: [
    { name: 'text', type: 'string', value: 'x' },
    { name: 'number', type: 'int', value: 7 },
    { name: 'amount', type: 'decimal', value: '1.50' },
    { name: 'nothing', type: 'null', value: null },
  ],
};

/** Field by field, of one message that crossed. */
function outcomes({ route }: Near): Record<string, string> {
  return Object.fromEntries(route.ledger().map(({ field, outcome }) => [field, outcome]));
}

async function cross(type: 'amqp' | 'stomp' | 'mqtt', sent: Message, rules = {}) {
  await using far = await listening('any');
  await using seen = await near('topic://out', 'queue://out', { type, port: 1, base: far as never });
  const place = type === 'mqtt' ? 'topic' : 'queue';
  await using here = await near('queue://in', `${place}://out@far`, { type, port: far.port, rules });
  await here.publish('queue://in', [sent]);
  await expect.poll(() => here.route.transferred + here.route.deadLettered).toBe(1);
  if (type === 'mqtt') await expect.poll(() => far.broker.queue('out').readyCount).toBe(1);
  const [arrived] = await seen.held('out');
  return { arrived: arrived!, ledger: outcomes(here) };
}

describe('over AMQP 1.0', () => {
  it('a message that came in AMQP goes byte for byte', async () => {
    const encoded = rhea.message.encode({
      message_annotations: { 'x-opt-own': rhea.types.wrap_ushort(3) },
      message_id: rhea.generate_uuid(),
      application_properties: { long: rhea.types.wrap_ulong(7), list: 'x' },
      body: rhea.types.wrap_list([1, 'two', rhea.types.wrap_symbol('three')]),
    });
    // Without the header, an empty one, which is between neighbours.
    const bytes = encoded.subarray(4);
    const { arrived, ledger } = await cross('amqp', message({ original: { dialect: 'amqp', bytes } }));
    expect(arrived.original?.dialect).toBe('amqp');
    expect(arrived.original!.bytes.subarray(-bytes.length)).toEqual(bytes);
    expect(new Set(Object.values(ledger))).toEqual(new Set(['kept']));
  });

  it('others keep all that AMQP has a place for', async () => {
    const { arrived, ledger } = await cross('amqp', message({ text: 'body', ...full }));
    expect(arrived).toMatchObject({
      ...full,
      to: 'queue://out',
      body: Buffer.from('body'),
      bodyType: 'text',
      properties: [
        { name: 'text', type: 'string', value: 'x' },
        { name: 'number', type: 'int', value: 7 },
        { name: 'amount', type: 'string', value: '1.50' },
        { name: 'nothing', type: 'null', value: null },
      ],
    });
    expect(Object.entries(ledger).filter(([, outcome]) => outcome !== 'kept')).toEqual([['amount', 'changed']]);
  });

  it('takes the names that the route gives', async () => {
    const rename = new Map([
      ['text', 'renamed'],
      ['number', null],
      ['type', 'kind'],
    ]);
    const { arrived, ledger } = await cross('amqp', message({ text: 'body', ...full }), { rename });
    expect(arrived.type).toBeUndefined();
    expect(arrived.properties.map(({ name }) => name)).toEqual(['kind', 'renamed', 'amount', 'nothing']);
    expect(ledger).toMatchObject({ text: 'renamed', number: 'dropped', type: 'renamed', amount: 'changed' });
  });
});

describe('over STOMP', () => {
  it('headers have the names that ActiveMQ gives them, and properties are text', async () => {
    const { arrived, ledger } = await cross('stomp', message({ text: 'body', ...full, expiresAt: 4_000_000_000_000 }));
    const { id, userId, properties: _, ...kept } = full;
    expect(arrived).toMatchObject({ ...kept, bodyType: 'text', body: Buffer.from('body') });
    expect(arrived.id).not.toBe(id);
    expect(arrived.userId).not.toBe(userId);
    expect(arrived.properties).toEqual([
      { name: 'text', type: 'string', value: 'x' },
      { name: 'number', type: 'string', value: '7' },
      { name: 'amount', type: 'string', value: '1.50' },
      { name: 'nothing', type: 'string', value: '' },
    ]);
    expect(Object.entries(ledger).filter(([, outcome]) => outcome !== 'kept')).toEqual([
      ['id', 'dropped'],
      ['userId', 'dropped'],
      ['number', 'changed'],
      ['amount', 'changed'],
      ['nothing', 'changed'],
    ]);
  });

  it('bytes arrive as bytes, NUL and line feeds included', async () => {
    const body = Buffer.from([0, 10, 13, 58, 92, 255, 0]);
    const { arrived } = await cross('stomp', message({ body, bodyType: 'bytes' }));
    expect(arrived.bodyType).toBe('bytes');
    expect(arrived.body).toEqual(body);
  });
});

describe('over MQTT 5', () => {
  it('properties go as text, and what MQTT has no field for is in the ledger', async () => {
    const { arrived, ledger } = await cross('mqtt', message({ text: 'body', ...full }));
    expect(arrived).toMatchObject({
      body: Buffer.from('body'),
      bodyType: 'text',
      contentType: 'text/plain',
      correlationId: 'c',
      replyTo: 'topic://answers',
      properties: [
        { name: 'text', type: 'string', value: 'x' },
        { name: 'number', type: 'string', value: '7' },
        { name: 'amount', type: 'string', value: '1.50' },
      ],
    });
    expect(arrived.expiresAt).toBeDefined();
    expect(Object.fromEntries(Object.entries(ledger).filter(([, outcome]) => outcome !== 'kept'))).toEqual({
      id: 'dropped',
      contentEncoding: 'dropped',
      priority: 'dropped',
      timestamp: 'dropped',
      type: 'dropped',
      groupId: 'dropped',
      groupSequence: 'dropped',
      userId: 'dropped',
      number: 'changed',
      amount: 'changed',
      nothing: 'dropped',
    });
  });

  it('a message that was to be retained is', async () => {
    await using far = await listening('any');
    await using here = await near('queue://in', 'topic://out@far', { type: 'mqtt', port: far.port });
    const properties = [{ name: 'ActiveMQ.Retain', type: 'boolean', value: true }] as const;
    await here.publish('queue://in', [message({ text: 'kept', properties })]);
    await expect.poll(() => here.route.transferred).toBe(1);
    await using late = await near('topic://out@far', 'queue://seen', { type: 'mqtt', port: far.port });
    await expect.poll(() => late.base.broker.queue('seen').readyCount).toBe(1);
    const [seen] = await late.held('seen');
    expect(seen).toMatchObject({ body: Buffer.from('kept'), properties });
  });
});
