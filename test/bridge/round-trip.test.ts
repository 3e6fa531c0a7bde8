// Messages at random, from the broker into SQS and back: what is not noted as lost comes back equal, and every field has one
// outcome.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapToRecord } from '../../broker/bridge/endpoints/kinesis-target.ts';
import { mapToSqs } from '../../broker/bridge/endpoints/sqs.ts';
import { LossLedger } from '../../broker/bridge/loss-ledger.ts';
import { isTold, losing, noRules, silent } from '../../broker/bridge/mapping.ts';
import type { Header, MappingRules, Notes, Outcome } from '../../broker/bridge/mapping.ts';
import { messageOfEvent } from '../../broker/bridge/mapping/cloud-event.ts';
import { fromAttributes } from '../../broker/bridge/mapping/from-attributes.ts';
import type { Message, Property } from '../../broker/core/message.ts';
import { testBroker } from '../support/broker.ts';

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom('', ' ', '\u0000', '\ufffe', 'é', '{"a":1}', 'x'.repeat(300)),
);
const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z.]{0,8}[a-z]$/),
  fc.constantFrom(
    'a b',
    'type',
    'priority',
    'timestamp',
    'destination',
    'aws.x',
    'causeway.x',
    '__proto__',
    'ce-id',
    'durable',
    'p',
  ),
  fc.string({ minLength: 1, maxLength: 10 }),
);
const milliseconds = fc.integer({ min: 0, max: 4_000_000_000_000 });

const typed: fc.Arbitrary<Omit<Property, 'name'>> = fc.oneof(
  fc.record({ type: fc.constant('string' as const), value: text }),
  fc.record({ type: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({ type: fc.constantFrom('byte' as const, 'short' as const, 'int' as const), value: fc.integer() }),
  fc.record({
    type: fc.constant('long' as const),
    value: fc.oneof(
      fc.maxSafeInteger(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
      fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    ),
  }),
  fc.record({ type: fc.constantFrom('float' as const, 'double' as const), value: fc.double() }),
  fc.record({
    type: fc.constant('decimal' as const),
    value: fc.constantFrom('1.10', '-0.0', '12345678901234567890', 'NaN', ''),
  }),
  fc.record({ type: fc.constant('timestamp' as const), value: milliseconds }),
  fc.record({
    type: fc.constant('binary' as const),
    value: fc.uint8Array({ maxLength: 10 }).map((bytes) => Buffer.from(bytes)),
  }),
  fc.constant({ type: 'null' as const, value: null }),
);

const properties = fc.array(
  fc.tuple(name, typed).map(([own, rest]): Property => ({ name: own, ...rest })),
  { maxLength: 15 },
);

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const body = fc.oneof(
  fc.record({ body: text.map((value) => Buffer.from(value.toWellFormed())), bodyType: fc.constant('text' as const) }),
  fc.record({
    body: fc.uint8Array({ minLength: 1, maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
    bodyType: fc.constant('bytes' as const),
  }),
  fc.record({
    body: fc.json({ maxDepth: 2 }).map((json) => Buffer.from(json)),
    bodyType: fc.constant('value' as const),
  }),
);

const messages: fc.Arbitrary<Message> = fc
  .tuple(
    body,
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 20 }),
      to: fc.constantFrom('queue://a', 'topic://a.b'),
      durable: fc.boolean(),
      priority: fc.integer({ min: 0, max: 9 }),
      timestamp: milliseconds,
      properties,
      contentType: optional(fc.oneof(fc.constantFrom('application/json', 'text/plain'), text)),
      contentEncoding: optional(text),
      correlationId: optional(text),
      replyTo: optional(text),
      type: optional(text),
      groupId: optional(text),
      groupSequence: optional(fc.nat()),
      userId: optional(text),
      expiresAt: optional(milliseconds),
    }),
  )
  .map(([own, rest]) => ({ ...own, ...rest }));

const headers: readonly Header[] = [
  'id',
  'contentType',
  'contentEncoding',
  'durable',
  'priority',
  'timestamp',
  'expiresAt',
  'correlationId',
  'replyTo',
  'type',
  'groupId',
  'groupSequence',
  'userId',
];

class Noted implements Notes {
  readonly all: { readonly field: string; readonly outcome: Outcome }[] = [];

  note(field: string, outcome: Outcome): void {
    this.all.push({ field, outcome });
  }

  lost(): ReadonlySet<string> {
    return new Set(this.all.filter(({ outcome }) => losing.has(outcome)).map(({ field }) => field));
  }
}

function fieldCount(message: Message): number {
  const told = [...headers, 'to' as const].filter((header) => isTold(message, header)).length;
  return 1 + told + message.properties.length;
}

const arrival = { clock: { now: () => 1_790_000_000_000 }, account: '000000000000' };
const crossing = { death: undefined, key: undefined, path: 'r' };

function comparable(found: readonly Property[], without: ReadonlySet<string>): unknown[] {
  const kept = found.filter(({ name: own }) => !without.has(own));
  // The order of properties of different names is not kept.
  return kept.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function expectSame(sent: Message, back: Message, lost: ReadonlySet<string>): void {
  for (const header of headers) {
    if (!lost.has(header)) expect({ [header]: back[header] }).toEqual({ [header]: sent[header] });
  }
  if (!lost.has('body')) {
    expect([back.bodyType, back.body.toString('hex')]).toEqual([sent.bodyType, sent.body.toString('hex')]);
  }
  // Added where a topic was written to.
  const own = sent.to.startsWith('topic://')
    ? back.properties.filter(({ name: n, value }) => !((n === 'destination' || n === 'ce-source') && value === sent.to))
    : back.properties;
  expect(comparable(own, lost)).toEqual(comparable(sent.properties, lost));
}

const runs = { numRuns: 2000, seed: 20_261_121 };

describe.each([
  ['as attributes', noRules],
  ['as attributes, dropping what has none', { ...noRules, overflow: 'drop' }],
  ['as a CloudEvent in binary mode', { ...noRules, envelope: 'binary' }],
  ['as a CloudEvent in structured mode', { ...noRules, envelope: 'structured' }],
] as const satisfies readonly (readonly [string, MappingRules])[])('a message into SQS, %s', (_, rules) => {
  it('comes back equal in all that was not noted as lost', () => {
    fc.assert(
      fc.property(messages, fc.constantFrom(1024 * 1024, 1024, 330, 100, 50, 30), (sent, maxBytes) => {
        const noted = new Noted();
        const mapped = mapToSqs(sent, crossing, rules, maxBytes, arrival, noted);
        expect(noted.all).toHaveLength(fieldCount(sent));
        if (mapped === undefined) return;
        expect(mapped.properties.length).toBeLessThanOrEqual(10);
        expectSame(sent, fromAttributes(mapped, silent), noted.lost());
      }),
      runs,
    );
  });
});

it('a message into a stream, as a CloudEvent, comes back equal', () => {
  fc.assert(
    fc.property(messages, (sent) => {
      const noted = new Noted();
      const record = mapToRecord(
        sent,
        { key: 'k', path: 'r' },
        { ...noRules, envelope: 'structured' },
        1024 * 1024,
        noted,
      );
      expect(noted.all).toHaveLength(fieldCount(sent));
      const arrived = { ...sent, ...record, properties: [], groupId: undefined };
      expectSame(sent, messageOfEvent(record!.body, bare(arrived))!, noted.lost());
    }),
    runs,
  );
});

/** What a record says by itself. */
function bare({ id, to, body: data, timestamp }: Message): Message {
  return { id, to, body: data, bodyType: 'text', durable: true, priority: 4, timestamp, properties: [] };
}

it('the ledger counts as many fields as there are', async () => {
  await using test = await testBroker();
  await fc.assert(
    fc.asyncProperty(fc.array(messages, { minLength: 1, maxLength: 20 }), async (all) => {
      const ledger = new LossLedger(`r${test.store.nextId()}`);
      let seen = 0;
      const transaction = test.broker.transaction();
      for (const sent of all) {
        ledger.begin();
        const mapped = mapToSqs(sent, crossing, noRules, 1024, arrival, ledger);
        ledger.end(mapped === undefined ? 'deadLettered' : 'transferred', 1);
        seen += fieldCount(sent);
      }
      ledger.settle(transaction);
      await transaction.commit();
      const count = (rows: readonly { readonly count: number }[]): number =>
        rows.reduce((sum, row) => sum + row.count, 0);
      expect(count(ledger.rows())).toBe(seen);
      const again = new LossLedger(ledger.prefix.split(':')[1]!);
      await again.restore(test.store);
      expect(again.rows()).toEqual(ledger.rows());
    }),
    { ...runs, numRuns: 100 },
  );
});
