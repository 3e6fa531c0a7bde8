// That docs/routes.md has an outcome for every field, and the right one.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { mapToRecord } from '../../broker/bridge/endpoints/kinesis-target.ts';
import { mapToSqs } from '../../broker/bridge/endpoints/sqs.ts';
import { noRules } from '../../broker/bridge/mapping.ts';
import type { Notes } from '../../broker/bridge/mapping.ts';
import type { Message } from '../../broker/core/message.ts';
import { encodeMessage, readMessage } from '../../broker/core/message-codec.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/routes.md', import.meta.url)), 'utf8');

/** Every field that there is, each with something to say. */
const full: Required<Omit<Message, 'original' | 'path'>> = {
  id: 'i',
  to: 'topic://a',
  body: Buffer.from('x'),
  bodyType: 'text',
  contentType: 'text/plain',
  contentEncoding: 'gzip',
  durable: false,
  priority: 9,
  timestamp: 1,
  expiresAt: 2,
  correlationId: 'c',
  replyTo: 'queue://r',
  type: 't',
  groupId: 'g',
  groupSequence: 3,
  userId: 'u',
  properties: [],
};

const rows = new Map(
  [...page.matchAll(/^\| `?(\w+)`? \| (.*?) \| (.*?) \| (.*?) \|$/gm)].map(([, field, ...cells]) => [field!, cells]),
);

const fields = Object.keys(full).filter((name) => !['bodyType', 'properties'].includes(name));

it.each(fields)('says what becomes of %s', (field) => {
  const [attribute = '', event = '', record = ''] = rows.get(field) ?? [];
  expect([attribute, event, record].every((cell) => cell !== '')).toBe(true);
  if (field === 'body') return;
  // Alone, so that all of them have attributes.
  const sent = {
    ...full,
    ...Object.fromEntries(fields.map((other) => [other, undefined])),
    durable: true,
    priority: 4,
    to: 'queue://a',
    timestamp: 1,
    id: 'i',
    body: full.body,
    bodyType: 'text',
    properties: [],
    [field]: Reflect.get(full, field),
  } as Message;
  const outcomes = new Map<string, string>();
  const notes: Notes = { note: (noted, outcome) => outcomes.set(noted, outcome) };
  const arrival = { clock: { now: () => 0 }, account: '' };
  const mapped = mapToSqs(sent, { death: undefined, key: undefined, path: undefined }, noRules, 10_000, arrival, notes);
  expect(outcomes.get(field)).toBe('kept');
  const [, name] = /^`([\w-]+)`/.exec(attribute) ?? [];
  expect(mapped?.properties.map((property) => property.name)).toContain(name);
  const written = mapToRecord(
    sent,
    { key: 'k', path: undefined },
    { ...noRules, envelope: 'structured' },
    10_000,
    notes,
  );
  const member = /^`(\w+)`/.exec(event)?.[1] ?? '';
  expect(Object.keys(JSON.parse(written!.body.toString()) as object)).toContain(member);
  mapToRecord(sent, { key: 'k', path: undefined }, noRules, 10_000, notes);
  expect([record, outcomes.get(field)]).toEqual(['dropped', 'dropped']);
});

it('of a message that has all fields, each is kept over the store', () => {
  const { original, ...back } = readMessage(encodeMessage({ ...full, path: 'a,b' }));
  expect(original).toBeUndefined();
  expect(back).toEqual({ ...full, path: 'a,b' });
});
