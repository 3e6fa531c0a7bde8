// What becomes of each field of a broker message in SQS.

import { describe, expect, it } from 'vitest';
import type { Message, Property } from '../../broker/core/message.ts';
import type { Death } from '../../broker/core/store.ts';
import { noRules } from '../../broker/bridge/mapping.ts';
import type { MappingRules, Notes } from '../../broker/bridge/mapping.ts';
import { toAttributes } from '../../broker/bridge/mapping/to-attributes.ts';
import { message } from '../support/messages.ts';

interface Mapped {
  readonly body: string | undefined;
  readonly properties: readonly Property[];
  /** Without what arrived as it was. */
  readonly losses: readonly object[];
}

const limit = 1024 * 1024;

interface Given {
  readonly rules?: Partial<MappingRules>;
  readonly maxBytes?: number;
  readonly death?: Death;
}

/** By default, what has no attribute of its own is dropped. */
function mapAll(given: Message, { rules, maxBytes = limit, death }: Given = {}): Mapped {
  const noted: object[] = [];
  const notes: Notes = {
    note: (field, outcome, reason) => {
      if (outcome !== 'kept') noted.push({ field, outcome, reason });
    },
  };
  const mapped = toAttributes(given, { ...noRules, overflow: 'drop', ...rules }, maxBytes, notes, { death });
  return { body: mapped?.body.toString(), properties: mapped?.attributes ?? [], losses: noted };
}

function map(fields: Partial<Message> & { text?: string }, rename: Record<string, string | null> = {}): Mapped {
  return mapAll(message({ text: 'body', ...fields }), { rules: { rename: new Map(Object.entries(rename)) } });
}

function attributes({ properties }: Mapped): Record<string, unknown> {
  return Object.fromEntries(properties.map(({ name, value }) => [name, value]));
}

function losses(mapped: Mapped): readonly object[] {
  return mapped.losses;
}

const timestamp = 1_790_000_000_000;

describe('the body', () => {
  it('stays as it is when it is text that XML can hold', () => {
    const mapped = map({ text: 'grüße\t\n' });
    expect(mapped.body).toBe('grüße\t\n');
    expect(mapped.losses).toEqual([]);
  });

  it.each([
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe])],
    ['a control character', Buffer.from('a\u0001b')],
    ['U+FFFF', Buffer.from('a\uffffb')],
  ])('becomes marked base64 when it has %s', (_, body) => {
    const mapped = map({ body, bodyType: 'bytes' });
    expect(Buffer.from(mapped.body!, 'base64')).toEqual(body);
    expect(attributes(mapped)).toMatchObject({ 'causeway.body-encoding': 'base64' });
    expect(losses(mapped)).toEqual([]);
  });

  it('is refused when it is empty, or too large', () => {
    const refused = expect.arrayContaining([expect.objectContaining({ field: 'body', outcome: 'refused' })]);
    expect(map({ text: '' })).toMatchObject({ body: undefined, losses: refused });
    const large = mapAll(message({ body: Buffer.alloc(2000, 65) }), { maxBytes: 1024 });
    expect(large).toMatchObject({ body: undefined, losses: refused });
  });
});

describe('headers', () => {
  it('become attributes', () => {
    const mapped = map({
      id: 'ID:1',
      to: 'topic://telemetry.a',
      contentType: 'text/plain',
      correlationId: 'c-1',
      replyTo: 'queue://r',
      type: 't',
      groupId: 'g',
      userId: 'u',
      timestamp,
      properties: [],
    });
    expect(attributes(mapped)).toEqual({
      'content-type': 'text/plain',
      'correlation-id': 'c-1',
      'reply-to': 'queue://r',
      type: 't',
      'group-id': 'g',
      'user-id': 'u',
      destination: 'topic://telemetry.a',
      'message-id': 'ID:1',
      timestamp: String(timestamp),
    });
    expect(losses(mapped)).toEqual([]);
  });

  it('are kept before properties where a receiver needs them, and behind them otherwise', () => {
    const properties: Property[] = Array.from({ length: 9 }, (_, i) => ({ name: `p${i}`, type: 'string', value: 'x' }));
    const mapped = map({ id: 'ID:1', correlationId: 'c', type: 't', properties });
    expect(Object.keys(attributes(mapped))).toEqual(['correlation-id', ...properties.map(({ name }) => name)]);
    expect(losses(mapped)).toEqual([
      { field: 'type', outcome: 'dropped', reason: 'over 10 attributes' },
      { field: 'id', outcome: 'dropped', reason: 'over 10 attributes' },
      { field: 'timestamp', outcome: 'dropped', reason: 'over 10 attributes' },
    ]);
  });

  it('say that a typed value is JSON now, unless its sender called it something else', () => {
    expect(attributes(map({ text: '{"a":1}', bodyType: 'value' }))).toMatchObject({
      'content-type': 'application/json',
    });
    const named = map({ text: '{"a":1}', bodyType: 'value', contentType: 'application/vnd.shop+json' });
    expect(attributes(named)).toMatchObject({ 'content-type': 'application/vnd.shop+json' });
  });

  it('tell of a dead letter why and where it became one, before its properties', () => {
    const properties: Property[] = Array.from({ length: 9 }, (_, i) => ({ name: `p${i}`, type: 'string', value: 'x' }));
    const death = { reason: 'expired', origin: 'queue://orders', at: 0 };
    const mapped = mapAll(message({ text: 'body', properties }), { death });
    expect(attributes(mapped)).toMatchObject({
      'dead-letter-reason': 'expired',
      'dead-letter-origin': 'queue://orders',
      p7: 'x',
    });
    expect(losses(mapped)).toContainEqual({ field: 'p8', outcome: 'dropped', reason: 'over 10 attributes' });
  });

  it('say nothing about the default priority', () => {
    expect(attributes(map({ priority: 4 }))).not.toHaveProperty('priority');
    expect(attributes(map({ priority: 9 }))).toMatchObject({ priority: '9' });
  });
});

describe('properties', () => {
  const kept: [Property, Partial<Property>][] = [
    [
      { name: 's', type: 'string', value: 'v' },
      { type: 'string', value: 'v' },
    ],
    [
      { name: 'i', type: 'int', value: 7 },
      { type: 'decimal', value: '7', label: 'int' },
    ],
    [
      { name: 'l', type: 'long', value: 9_007_199_254_740_993n },
      { type: 'decimal', value: '9007199254740993' },
    ],
    [
      { name: 'd', type: 'double', value: 0.1 },
      { type: 'decimal', value: '0.1' },
    ],
    [
      { name: 'n', type: 'decimal', value: '1.10', label: 'x' },
      { type: 'decimal', value: '1.10', label: 'x' },
    ],
    [
      { name: 'f', type: 'boolean', value: true },
      { type: 'string', value: 'true', label: 'boolean' },
    ],
    [
      { name: 't', type: 'timestamp', value: 5 },
      { type: 'decimal', value: '5', label: 'timestamp' },
    ],
    [
      { name: 'd', type: 'double', value: NaN },
      { type: 'string', value: 'NaN', label: 'double' },
    ],
    [
      { name: 'd', type: 'double', value: -0 },
      { type: 'decimal', value: '-0', label: 'double' },
    ],
    [
      { name: 'd', type: 'double', value: 1e300 },
      { type: 'string', value: '1e+300', label: 'double' },
    ],
    [
      { name: 'z', type: 'null', value: null },
      { type: 'string', value: 'null', label: 'null' },
    ],
    [
      { name: 'b', type: 'binary', value: Buffer.from([1]) },
      { type: 'binary', value: Buffer.from([1]) },
    ],
  ];

  it.each(kept)('keep %o', (property, expected) => {
    const mapped = map({ properties: [property] });
    expect(mapped.properties[0]).toMatchObject(expected);
    expect(losses(mapped)).toEqual([]);
  });

  const lossy: [Property, object][] = [
    [
      { name: 'e', type: 'string', value: '' },
      { outcome: 'dropped', reason: 'SQS takes no empty value' },
    ],
    [
      { name: 'c', type: 'string', value: '\u0000' },
      { outcome: 'dropped', reason: 'the value has characters that SQS does not take' },
    ],
    [
      { name: 'a b', type: 'string', value: 'x' },
      { outcome: 'dropped', reason: 'the name is not one that SQS takes' },
    ],
    [
      { name: 'correlation-id', type: 'string', value: 'x' },
      { outcome: 'dropped', reason: 'the name is that of a header' },
    ],
    [
      { name: 'aws.x', type: 'string', value: 'x' },
      { outcome: 'dropped', reason: 'the name is not one that SQS takes' },
    ],
    [
      { name: 'a..b', type: 'string', value: 'x' },
      { outcome: 'dropped', reason: 'the name is not one that SQS takes' },
    ],
    [
      { name: 'x'.repeat(257), type: 'string', value: 'x' },
      { outcome: 'dropped', reason: 'the name is not one that SQS takes' },
    ],
  ];

  it.each(lossy)('count what %o loses', (property, loss) => {
    expect(losses(map({ properties: [property] }))).toEqual([{ field: property.name, ...loss }]);
  });

  it('of the same name are counted from the second on', () => {
    const property: Property = { name: 'p', type: 'string', value: '1' };
    const mapped = map({ properties: [property, { ...property, value: '2' }] });
    expect(attributes(mapped)).toMatchObject({ p: '1' });
    expect(losses(mapped)).toEqual([{ field: 'p', outcome: 'dropped', reason: 'another field has the same name' }]);
  });

  it('take a new name, or are left out, by the rules of the route', () => {
    const properties: Property[] = [
      { name: 'bad name', type: 'string', value: '1' },
      { name: 'secret', type: 'string', value: '2' },
    ];
    const mapped = map({ properties }, { 'bad name': 'good', secret: null });
    expect(attributes(mapped)).toMatchObject({ good: '1' });
    expect(losses(mapped)).toEqual([
      { field: 'secret', outcome: 'dropped', reason: 'left out by the route' },
      { field: 'bad name', outcome: 'renamed', reason: 'to good' },
    ]);
  });

  it('give way when the message would be too large', () => {
    const properties: Property[] = [{ name: 'p', type: 'string', value: 'x'.repeat(100) }];
    const mapped = mapAll(message({ id: '1', text: 'x'.repeat(960), properties }), { maxBytes: 1024 });
    expect(losses(mapped)).toEqual([{ field: 'p', outcome: 'dropped', reason: 'the message would be too large' }]);
    expect(attributes(mapped)).toMatchObject({ 'message-id': '1', timestamp: expect.any(String) });
  });
});
