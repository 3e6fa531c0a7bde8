import { describe, expect, test } from 'vitest';
import { readComposite, writeComposite, type Draft } from '../../../../broker/protocols/amqp/codec/composite.ts';
import { Reader } from '../../../../broker/protocols/amqp/codec/reader.ts';
import { tables, type CompositeKind } from '../../../../broker/protocols/amqp/codec/tables.ts';
import { Writer } from '../../../../broker/protocols/amqp/codec/writer.ts';
import { hex } from './bytes.ts';

const kinds = Object.keys(tables) as CompositeKind[];

/** Clause, kind, what is encoded, its octets. Every field of every performative stands in one of them. */
const rows: [string, CompositeKind, Draft<CompositeKind>, string][] = [
  row('2.7.1 open, mandatory fields', 'open', { containerId: 'c' }, '00 53 10 c0 04 01 a10163'),
  row(
    '2.7.1 open, all fields',
    'open',
    {
      containerId: 'c',
      hostname: 'h',
      maxFrameSize: 4096,
      channelMax: 9,
      idleTimeOut: 300,
      outgoingLocales: ['en-US'],
      incomingLocales: ['de-DE'],
      offeredCapabilities: ['a', 'b'],
      desiredCapabilities: ['x'],
      properties: [
        [
          { type: 'symbol', value: 'p' },
          { type: 'int', value: 1 },
        ],
      ],
    },
    `00 53 10 c0 3e 0a a10163 a10168 70 00001000 60 0009 70 0000012c
     e0 08 01 a3 05 656e2d5553 e0 08 01 a3 05 64652d4445 e0 06 02 a3 0161 0162 e0 04 01 a3 0178 c1 06 02 a30170 5401`,
  ),
  row(
    '2.7.2 begin',
    'begin',
    { remoteChannel: 1, nextOutgoingId: 0, incomingWindow: 10, outgoingWindow: 300, handleMax: 7 },
    '00 53 11 c0 0e 05 60 0001 43 52 0a 70 0000012c 52 07',
  ),
  row(
    '2.7.3 attach of a sender',
    'attach',
    {
      name: 'l',
      handle: 0,
      role: false,
      sndSettleMode: 1,
      rcvSettleMode: 1,
      source: { kind: 'source', ...sourceDefaults(), address: { type: 'string', value: 's' } },
      target: { kind: 'target', ...targetDefaults(), address: { type: 'string', value: 't' } },
      initialDeliveryCount: 0,
      maxMessageSize: 1000n,
    },
    `00 53 12 c0 28 0b a1016c 43 42 50 01 50 01 00 53 28 c0 04 01 a10173 00 53 29 c0 04 01 a10174 40 40 43
     80 00000000000003e8`,
  ),
  row(
    '2.7.3 attach to a coordinator (part 4, 4.5.1)',
    'attach',
    { name: 'l', handle: 1, role: false, target: { kind: 'coordinator', capabilities: ['amqp:local-transactions'] } },
    `00 53 12 c0 2c 07 a1016c 52 01 42 40 40 40 00 53 30 c0 1d 01 e0 1a 01 a3 17 ${Buffer.from('amqp:local-transactions').toString('hex')}`,
  ),
  row(
    '2.7.4 flow',
    'flow',
    {
      nextIncomingId: 1,
      incomingWindow: 2,
      nextOutgoingId: 3,
      outgoingWindow: 4,
      handle: 5,
      deliveryCount: 6,
      linkCredit: 7,
      available: 8,
      drain: true,
      echo: true,
    },
    '00 53 13 c0 13 0a 5201 5202 5203 5204 5205 5206 5207 5208 41 41',
  ),
  row(
    '2.7.5 transfer',
    'transfer',
    {
      handle: 0,
      deliveryId: 1,
      deliveryTag: hex('0001'),
      messageFormat: 0,
      settled: false,
      more: true,
      rcvSettleMode: 0,
      state: { kind: 'transactionalState', txnId: hex('07'), outcome: undefined },
      resume: true,
      aborted: true,
      batchable: true,
    },
    '00 53 14 c0 19 0b 43 5201 a0020001 43 42 41 5000 00 53 34 c0 04 01 a00107 41 41 41',
  ),
  row(
    '2.7.6 disposition, accepted',
    'disposition',
    { role: true, first: 1, last: 2, settled: true, state: { kind: 'accepted' } },
    '00 53 15 c0 0b 05 41 5201 5202 41 00 53 24 45',
  ),
  row(
    '2.7.6 disposition, rejected',
    'disposition',
    { role: true, first: 1, state: { kind: 'rejected', error: error('amqp:not-found', 'no') } },
    `00 53 15 c0 26 05 41 5201 40 40 00 53 25 c0 1b 01 00 53 1d c0 15 02 a3 0e 616d71703a6e6f742d666f756e64 a1026e6f`,
  ),
  row(
    '3.4.5 modified',
    'modified',
    { deliveryFailed: true, undeliverableHere: true, messageAnnotations: [] },
    '00 53 27 c0 06 03 41 41 c10100',
  ),
  row('3.4.4 released', 'released', {}, '00 53 26 45'),
  row('3.4.1 received', 'received', { sectionNumber: 0, sectionOffset: 9n }, '00 53 23 c0 04 02 43 5309'),
  row('2.7.7 detach', 'detach', { handle: 2, closed: true }, '00 53 16 c0 04 02 5202 41'),
  row('2.7.8 end', 'end', {}, '00 53 17 45'),
  row(
    '2.7.9 close',
    'close',
    { error: error('amqp:not-found', undefined) },
    '00 53 18 c0 17 01 00 53 1d c0 11 01 a3 0e 616d71703a6e6f742d666f756e64',
  ),
  row('4.5.2 declare', 'declare', {}, '00 53 31 45'),
  row('4.5.3 discharge', 'discharge', { txnId: hex('07'), fail: true }, '00 53 32 c0 05 02 a00107 41'),
  row('4.5.5 declared', 'declared', { txnId: hex('07') }, '00 53 33 c0 04 01 a00107'),
  row(
    '5.3.3.1 sasl-mechanisms',
    'saslMechanisms',
    { saslServerMechanisms: ['PLAIN'] },
    '00 53 40 c0 0b 01 e0 08 01 a3 05 504c41494e',
  ),
  row(
    '5.3.3.2 sasl-init',
    'saslInit',
    { mechanism: 'PLAIN', initialResponse: hex('007500 70'), hostname: 'h' },
    '00 53 41 c0 11 03 a305504c41494e a004 00750070 a10168',
  ),
  row('5.3.3.3 sasl-challenge', 'saslChallenge', { challenge: hex('01') }, '00 53 42 c0 04 01 a00101'),
  row('5.3.3.4 sasl-response', 'saslResponse', { response: hex('') }, '00 53 43 c0 03 01 a000'),
  row('5.3.3.5 sasl-outcome', 'saslOutcome', { code: 1 }, '00 53 44 c0 03 01 5001'),
  row(
    '3.2.1 header',
    'header',
    { durable: true, priority: 9, ttl: 1000, firstAcquirer: true, deliveryCount: 2 },
    '00 53 70 c0 0c 05 41 5009 70 000003e8 41 5202',
  ),
  row(
    '3.2.4 properties',
    'properties',
    {
      messageId: { type: 'ulong', value: 1n },
      userId: hex('75'),
      to: { type: 'string', value: 't' },
      subject: 's',
      replyTo: { type: 'string', value: 'r' },
      correlationId: { type: 'string', value: 'c' },
      contentType: 'a/b',
      contentEncoding: 'gzip',
      absoluteExpiryTime: 1,
      creationTime: 2,
      groupId: 'g',
      groupSequence: 3,
      replyToGroupId: 'h',
    },
    `00 53 73 c0 37 0d 5301 a00175 a10174 a10173 a10172 a10163 a303612f62 a304677a6970
     83 0000000000000001 83 0000000000000002 a10167 5203 a10168`,
  ),
];

describe('encodes and decodes', () => {
  test.each(rows)('%s', (_, kind, draft, octets) => {
    const writer = new Writer(1);
    writeComposite(writer, kind, draft);
    expect(writer.copy().toString('hex')).toBe(hex(octets).toString('hex'));
    const reader = new Reader(hex(octets));
    const decoded = readComposite(reader, kinds);
    expect(decoded).toMatchObject({ kind, ...draft });
    expect(reader.position).toBe(reader.end);
  });
});

describe('decodes what is equal to it', () => {
  const open = { kind: 'open', containerId: 'c', channelMax: 65535, maxFrameSize: 0xffffffff, hostname: undefined };
  test.each([
    ['1.4 a descriptor as a symbol', '00 a30e 616d71703a6f70656e3a6c697374 c0 04 01 a10163'],
    ['1.4 a descriptor as a ulong of eight octets', '00 80 0000000000000010 c0 04 01 a10163'],
    ['1.6.22 the list as list32', '00 53 10 d0 00000007 00000001 a10163'],
    ['1.4 trailing fields as nulls', '00 53 10 c0 08 05 a10163 40 40 40 40'],
  ])('%s', (_, octets) => {
    expect(readComposite(new Reader(hex(octets)), ['open'])).toMatchObject(open);
  });

  test('1.4 a multiple field as a single value', () => {
    const octets = '00 53 30 c0 04 01 a30161';
    expect(readComposite(new Reader(hex(octets)), ['coordinator'])).toMatchObject({ capabilities: ['a'] });
  });
});

describe('refuses', () => {
  test.each([
    ['a value that is not described', 'amqp:decode-error', 'c0 04 01 a10163'],
    ['an unknown descriptor', 'amqp:decode-error', '00 53 99 45'],
    ['another composite', 'amqp:decode-error', '00 53 28 45'],
    ['a composite that is a map', 'amqp:decode-error', '00 53 10 c1 01 00'],
    ['2.7.1 an open without its container-id', 'amqp:invalid-field', '00 53 10 45'],
    ['2.7.1 an open whose container-id is null', 'amqp:invalid-field', '00 53 10 c0 02 01 40'],
    ['2.7.1 an open whose container-id is a symbol', 'amqp:decode-error', '00 53 10 c0 04 01 a30163'],
    ['2.7.1 an open of eleven fields', 'amqp:decode-error', '00 53 10 c0 0e 0b a10163 40404040404040404040'],
    ['2.7.1 a list longer than its fields', 'amqp:decode-error', '00 53 10 c0 05 01 a10163 40'],
    [
      '2.7.1 capabilities that are an array of strings',
      'amqp:decode-error',
      '00 53 10 c0 10 08 a10163 404040404040 e0 04 01 a1 0161',
    ],
  ])('%s', (_, condition, octets) => {
    expect(() => readComposite(new Reader(hex(octets)), ['open', 'begin'])).toThrow(
      expect.objectContaining({ condition, scope: 'connection' }),
    );
  });
});

function row<K extends CompositeKind>(
  title: string,
  kind: K,
  draft: Draft<K>,
  octets: string,
): [string, CompositeKind, Draft<CompositeKind>, string] {
  return [title, kind, draft, octets];
}

function error(condition: string, description: string | undefined) {
  return { kind: 'error', condition, description, info: undefined } as const;
}

function targetDefaults() {
  return {
    address: undefined,
    durable: 0,
    expiryPolicy: 'session-end',
    timeout: 0,
    dynamic: false,
    dynamicNodeProperties: undefined,
    capabilities: undefined,
  } as const;
}

function sourceDefaults() {
  return {
    ...targetDefaults(),
    distributionMode: undefined,
    filter: undefined,
    defaultOutcome: undefined,
    outcomes: undefined,
  } as const;
}
