// Kinesis as the AWS SDK for Java 2 speaks it: CBOR whose maps and lists have no lengths, as its generator (Jackson) writes
// them, numbers as short as they are, blobs as byte strings; and answers that its parser reads: request bytes to answer bytes.

import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CborDecoder } from '../../../broker/cloud/wire/cbor-decoder.ts';
import { isOwn, target } from '../target.ts';
import type { Target } from '../target.ts';

/** `text` with the length of the text before it, as CBOR has it; other words are bytes in hexadecimal. */
function cbor(...words: readonly (string | readonly string[])[]): Buffer {
  return Buffer.concat(
    words.flat().map((word) => {
      const text = /^'(.*)'$/s.exec(word)?.[1];
      if (text === undefined) return Buffer.from(word, 'hex');
      const bytes = Buffer.from(text);
      const head = bytes.length < 24 ? Buffer.of(0x60 + bytes.length) : Buffer.of(0x78, bytes.length);
      return Buffer.concat([head, bytes]);
    }),
  );
}

const object = 'bf';
const array = '9f';
const end = 'ff';
const notFound = 'Stream none under account 000000000000 not found.';

interface Row {
  readonly action: string;
  readonly body: Buffer;
  readonly status: number;
  /** Bytes, or what they say where they differ from time to time. */
  readonly answer: Buffer | object;
}

const digits = expect.stringMatching(/^\d{56}$/);
const rows: readonly Row[] = [
  {
    action: 'CreateStream',
    body: cbor(object, "'StreamName'", "'s'", "'ShardCount'", '01', end),
    status: 200,
    answer: Buffer.alloc(0),
  },
  {
    action: 'PutRecord',
    body: cbor(object, "'StreamName'", "'s'", "'Data'", '44', '00ff6869', "'PartitionKey'", "'kéy'", end),
    status: 200,
    answer: { ShardId: 'shardId-000000000000', SequenceNumber: digits },
  },
  {
    action: 'PutRecords',
    body: cbor(
      [object, "'Records'", array],
      [object, "'Data'", '4161', "'PartitionKey'", "'k'", end],
      [object, "'Data'", '40', "'ExplicitHashKey'", "'1'", "'PartitionKey'", "'k'", end],
      [end, "'StreamName'", "'s'", end],
    ),
    status: 200,
    answer: {
      FailedRecordCount: 0,
      Records: [
        { SequenceNumber: digits, ShardId: 'shardId-000000000000' },
        { SequenceNumber: digits, ShardId: 'shardId-000000000000' },
      ],
    },
  },
  {
    action: 'GetShardIterator',
    // A moment is a tagged number of milliseconds.
    body: cbor(
      [object, "'ShardId'", "'shardId-000000000000'", "'ShardIteratorType'", "'AT_TIMESTAMP'", "'StreamName'", "'s'"],
      ["'Timestamp'", 'c1', '1b0000018bcfe56800', end],
    ),
    status: 200,
    answer: { ShardIterator: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/) },
  },
  {
    action: 'ListTagsForStream',
    body: cbor(object, "'StreamName'", "'s'", end),
    status: 200,
    answer: cbor('a2', "'Tags'", '80', "'HasMoreTags'", 'f4'),
  },
  {
    action: 'DescribeStreamSummary',
    body: cbor(object, "'StreamName'", "'none'", end),
    status: 400,
    answer: cbor('a2', "'__type'", "'ResourceNotFoundException'", "'message'", `'${notFound}'`),
  },
  {
    action: 'DescribeStreamSummary',
    // A number where a text should be.
    body: cbor(object, "'StreamName'", '01', end),
    status: 400,
    answer: cbor('a1', "'__type'", "'SerializationException'"),
  },
  {
    action: 'Nonsense',
    body: cbor(object, end),
    status: 400,
    answer: cbor('a1', "'__type'", "'UnknownOperationException'"),
  },
];

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, item]) => [name, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

describe.skipIf(!isOwn)('the SDK for Java', () => {
  let aws: Target;
  beforeAll(async () => {
    aws = await target();
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  it.each(rows.map((row) => [row.action, row.status, row] as const))('%s, %i', async (_action, _status, row) => {
    const headers = {
      'amz-sdk-invocation-id': '5d0d7d55-7d7e-4a3b-a0b8-0d8d33b5f1e3',
      'amz-sdk-request': 'attempt=1; max=4',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/us-east-1/kinesis/aws4_request, ' +
        'SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-date;x-amz-target, Signature=0',
      'content-type': 'application/x-amz-cbor-1.1',
      'x-amz-date': '20261121T193216Z',
      'x-amz-target': `Kinesis_20131202.${row.action}`,
      'content-length': row.body.length,
    };
    const [status, type, body] = await new Promise<[number, string, Buffer]>((resolve, reject) => {
      const sent = request(aws.url!, { method: 'POST', headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve([response.statusCode ?? 0, response.headers['content-type'] ?? '', Buffer.concat(chunks)]);
        });
      });
      sent.on('error', reject);
      sent.end(row.body);
    });
    expect([status, type]).toEqual([row.status, 'application/x-amz-cbor-1.1']);
    if (Buffer.isBuffer(row.answer)) expect(body.toString('hex')).toBe(row.answer.toString('hex'));
    else expect(plain(new CborDecoder(body).whole())).toEqual(row.answer);
  });
});
