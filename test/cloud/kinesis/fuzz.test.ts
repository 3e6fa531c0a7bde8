// Spoiled requests for Kinesis, in JSON and in CBOR, all the way to the actions; and spoiled HTTP/2: an AWS error or a closed
// connection, and the next request is served.

import { connect } from 'node:net';
import { describe, expect } from 'vitest';
import { CborEncoder } from '../../../broker/cloud/wire/cbor-encoder.ts';
import { fuzzTest } from '../../support/fuzz.ts';
import { Mutator } from '../mutation.ts';
import { account, kinesisEndpoint } from './endpoint.ts';

const usual = { cases: 3000, seed: 20_261_121 };

const StreamARN = `arn:aws:kinesis:us-east-1:${account}:stream/s`;
const requests: readonly (readonly [action: string, input: object])[] = [
  [
    'PutRecord',
    { StreamName: 's', PartitionKey: 'k', Data: 'AP8=', ExplicitHashKey: '12', SequenceNumberForOrdering: '1' },
  ],
  [
    'PutRecords',
    {
      StreamARN,
      Records: [
        { PartitionKey: 'a', Data: '' },
        { PartitionKey: 'b', Data: 'AAAA' },
      ],
    },
  ],
  ['ListShards', { StreamName: 's', MaxResults: 5, ShardFilter: { Type: 'AT_TIMESTAMP', Timestamp: 1_700_000_000.5 } }],
  ['DescribeStream', { StreamName: 's', Limit: 10, ExclusiveStartShardId: 'shardId-000000000000' }],
  ['SplitShard', { StreamName: 's', ShardToSplit: 'shardId-000000000001', NewStartingHashKey: '1' }],
  ['AddTagsToStream', { StreamName: 's', Tags: { team: 'shop', cost: '1' } }],
  ['EnableEnhancedMonitoring', { StreamName: 's', ShardLevelMetrics: ['IncomingBytes', 'ALL'] }],
  ['GetRecords', { ShardIterator: 'AAAAAAAAAAE=', Limit: 100 }],
  ['RegisterStreamConsumer', { StreamARN, ConsumerName: 'c' }],
];

function encode(encoder: CborEncoder, value: unknown): void {
  if (typeof value === 'string') encoder.text(value);
  else if (typeof value === 'number') encoder.integer(Math.trunc(value));
  else if (Array.isArray(value)) {
    encoder.array(value.length);
    for (const item of value) encode(encoder, item);
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    encoder.map(entries.length);
    for (const [name, item] of entries) {
      encoder.text(name);
      if (name === 'Data') encoder.bytes(Buffer.from(String(item), 'base64'));
      else encode(encoder, item);
    }
  }
}

function cborOf(input: object): Buffer {
  const encoder = new CborEncoder();
  encode(encoder, input);
  return encoder.take();
}

describe('spoiled bodies', () => {
  const types: readonly (readonly [type: string, bytesOf: (input: object) => Buffer])[] = [
    ['application/x-amz-json-1.1', (input: object) => Buffer.from(JSON.stringify(input))],
    ['application/x-amz-cbor-1.1', cborOf],
  ];
  for (const [type, bytesOf] of types) {
    fuzzTest(`are answered or refused: ${type}`, usual, async ({ cases, seed }) => {
      await using endpoint = await kinesisEndpoint();
      await endpoint.ok('CreateStream', { StreamName: 's', ShardCount: 2 });
      const mutator = new Mutator(seed);
      const statuses = new Map<number, number>();
      for (let round = 0; round < cases / 30; round++) {
        const batch = Array.from({ length: 30 }, () => {
          const [action, input] = mutator.from(requests);
          return { action, body: mutator.mutate(bytesOf(input)) };
        });
        const answers = await Promise.all(
          batch.map(async ({ action, body }) => {
            const headers = { 'content-type': type, 'x-amz-target': `Kinesis_20131202.${action}` };
            const response = await fetch(endpoint.url, { method: 'POST', headers, body: Uint8Array.from(body) });
            await response.arrayBuffer();
            return response.status;
          }),
        );
        for (const [index, status] of answers.entries()) {
          const { action, body } = batch[index]!;
          expect([200, 400], `${action} ${body.toString('hex')}`).toContain(status);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }
      expect(statuses.get(200)).toBeGreaterThan(cases / 100);
      expect(statuses.get(400)).toBeGreaterThan(cases / 10);
      expect((await endpoint.ok('ListStreams')).StreamNames).toEqual(['s']);
    });
  }
});

describe('spoiled HTTP/2', () => {
  /** Preface, settings, and a request with its headers in the clear (RFC 7541, literals without indexing). */
  function conversation(): Buffer {
    const literal = (name: string, value: string): Buffer =>
      Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), Buffer.of(value.length), Buffer.from(value)]);
    const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
      const head = Buffer.alloc(9);
      head.writeUIntBE(payload.length, 0, 3);
      head.writeUInt8(type, 3);
      head.writeUInt8(flags, 4);
      head.writeUInt32BE(stream, 5);
      return Buffer.concat([head, payload]);
    };
    const headers = Buffer.concat([
      literal(':method', 'POST'),
      literal(':path', '/'),
      literal(':scheme', 'http'),
      literal(':authority', 'localhost'),
      literal('content-type', 'application/x-amz-json-1.1'),
      literal('x-amz-target', 'Kinesis_20131202.ListStreams'),
    ]);
    return Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      frame(4, 0, 0, Buffer.alloc(0)),
      frame(1, 4, 1, headers),
      frame(0, 1, 1, Buffer.from('{}')),
      frame(6, 0, 0, Buffer.alloc(8)),
      frame(8, 0, 0, Buffer.of(0, 0, 255, 255)),
      frame(7, 0, 0, Buffer.alloc(8)),
    ]);
  }

  function send(port: number, bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.resume();
      socket.end(bytes);
    });
  }

  fuzzTest('ends its connection, and no other', { ...usual, cases: 150, mostRounds: 10 }, async ({ cases, seed }) => {
    await using endpoint = await kinesisEndpoint({ limits: { headersMs: 300, stalledMs: 300 } });
    const mutator = new Mutator(seed);
    const whole = conversation();
    for (let round = 0; round < cases / 10; round++) {
      const batch = Array.from({ length: 10 }, () => {
        const mutated = mutator.mutate(whole);
        // Often only what follows the preface, which would otherwise make it another protocol.
        return mutator.pick(4) === 0
          ? mutated
          : Buffer.concat([whole.subarray(0, 24), mutator.mutate(whole.subarray(24))]);
      });
      await Promise.all(batch.map((bytes) => send(endpoint.port, bytes)));
    }
    expect((await endpoint.ok('ListStreams')).StreamNames).toEqual([]);
  });
});
