// Requests that are made to cost much: an engine as a process of its own answers them with an error or closes the connection,
// goes on serving others, and takes little memory for them.

import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { within } from '../support/within.ts';
import { flags, frame, frameTypes, http2Peer, kinesisHeaders, literal } from './http2-frames.ts';
import { closed, open } from './raw-http.ts';

const mebibyte = 1024 * 1024;
/** Just under what a body may be. */
const size = 15 * mebibyte;
/** What all of them together may add to what the engine takes at its most. Some would take gigabytes each without bounds. */
const allowedMebibytes = 900;

let directory: AsyncDisposable & { readonly path: string };
let engine: EngineProcess;
let port: number;
let peakBefore: number;

beforeAll(async () => {
  directory = await temporaryDirectory();
  engine = new EngineProcess({ dataDirectory: directory.path, set: ['cloud.quotas=off'] });
  port = (await engine.seen('ready')).listeners['cloud']!.port;
  peakBefore = peak();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** What the engine has taken at its most, in MiB. */
function peak(): number {
  const status = readFileSync(`/proc/${engine.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

async function ask(headers: Record<string, string>, body: Buffer | string): Promise<readonly [number, string]> {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers,
    body: Buffer.from(body) as BodyInit,
  });
  return [response.status, await response.text()];
}

/** Before any time-out of the engine could make room. */
const soonMs = 10_000;

/** Others are served, and soon. */
async function expectService(): Promise<void> {
  const started = performance.now();
  const [status] = await ask(
    { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' },
    '{}',
  );
  expect(status).toBe(200);
  expect(performance.now() - started).toBeLessThan(soonMs);
}

async function expectBounded(act: () => Promise<void>): Promise<void> {
  await act();
  await expectService();
  expect(peak() - peakBefore).toBeLessThan(allowedMebibytes);
}

describe('a body of many values, or deep ones, is refused', () => {
  const text = (name: string): Buffer => Buffer.concat([Buffer.of(0x60 + name.length), Buffer.from(name)]);
  const announced = (major: number, count: number): Buffer => {
    const head = Buffer.alloc(5, (major << 5) | 26);
    head.writeUInt32BE(count, 1);
    return head;
  };
  const records = Buffer.concat([Buffer.of(0xa1), text('Records')]);
  const many = (item: readonly number[], count = Math.floor(size / item.length)): Buffer =>
    Buffer.concat([records, announced(4, count), Buffer.alloc(count * item.length, Buffer.from(item))]);
  const enormous = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

  it.each<[what: string, body: () => Buffer]>([
    ['empty maps', () => many([0xa0])],
    ['empty arrays', () => many([0x80])],
    ['empty texts', () => many([0x60])],
    ['half floats', () => many([0xf9, 0x3c, 0x01])],
    [
      'maps within what is not known',
      () => Buffer.concat([Buffer.of(0xa1), text('Other'), announced(4, size), Buffer.alloc(size, 0xa0)]),
    ],
    ['maps as keys', () => Buffer.concat([announced(5, size / 2), Buffer.alloc(size, Buffer.of(0xa0, 0xf6))])],
    ['nested arrays', () => Buffer.alloc(size, 0x81)],
    ['nested maps', () => Buffer.alloc(size, Buffer.of(0xa1, 0x60))],
    ['nested arrays without a length', () => Buffer.alloc(size, 0x9f)],
    ['tags of tags', () => Buffer.alloc(size, 0xc1)],
    [
      'a text in empty pieces',
      () =>
        Buffer.concat([
          Buffer.of(0xa1),
          text('StreamName'),
          Buffer.of(0x7f),
          Buffer.alloc(size, 0x60),
          Buffer.of(0xff),
        ]),
    ],
    [
      'bytes in endless pieces',
      () => Buffer.concat([Buffer.of(0xa1), text('Data'), Buffer.of(0x5f), Buffer.alloc(size, Buffer.of(0x41, 0x00))]),
    ],
    ['bytes of 16 EiB', () => Buffer.concat([records, Buffer.of(0x5b, ...enormous)])],
    ['an array of 16 E', () => Buffer.concat([records, Buffer.of(0x9b, ...enormous)])],
    ['a map of 16 E', () => Buffer.of(0xbb, ...enormous)],
  ])('CBOR: %s', async (_, body) => {
    const headers = { 'x-amz-target': 'Kinesis_20131202.PutRecords', 'content-type': 'application/x-amz-cbor-1.1' };
    await expectBounded(async () => {
      const [status, answer] = await ask(headers, body());
      expect([status, answer]).toEqual([400, expect.stringContaining('SerializationException')]);
    });
  });

  const times = (item: string, length = size): string => item.repeat(Math.floor(length / item.length));
  const texts: readonly (readonly [what: string, body: () => string])[] = [
    ['empty objects', () => `{"Records":[${times('{},')}{}],"Entries":[]}`],
    ['empty arrays', () => `{"Entries":[${times('[],')}[]]}`],
    ['numbers', () => `{"Entries":[${times('0,')}0]}`],
    ['members', () => `{${Array.from({ length: 1e6 }, (_, index) => `"k${index}":0`).join(',')}}`],
    ['arrays in arrays', () => `{"Entries":${times('[', size / 2)}${times(']', size / 2)}}`],
    ['arrays that do not end', () => times('[')],
    ['objects that do not end', () => times('{"a":')],
    ['strings that do not end', () => `{"MessageBody":"${times('\\"')}`],
    ['escapes', () => `{"MessageBody":[${times('"\\\\",')}0]}`],
  ];
  it.each(texts)('JSON 1.0: %s', async (_, body) => {
    const headers = { 'x-amz-target': 'AmazonSQS.SendMessageBatch', 'content-type': 'application/x-amz-json-1.0' };
    await expectBounded(async () => {
      expect(await ask(headers, body())).toEqual([400, '{"__type":"com.amazon.coral.service#SerializationException"}']);
    });
  });
  it.each(texts)('JSON 1.1: %s', async (_, body) => {
    const headers = { 'x-amz-target': 'Kinesis_20131202.PutRecords', 'content-type': 'application/x-amz-json-1.1' };
    await expectBounded(async () => {
      expect(await ask(headers, body())).toEqual([400, '{"__type":"SerializationException"}']);
    });
  });

  it.each<[what: string, body: () => string]>([
    ['parameters', () => `Action=SendMessage&${times('a=b&')}`],
    ['separators', () => `Action=SendMessage&${times('&')}`],
    ['levels', () => `Action=SendMessage&${times('a.')}=1`],
    ['numbers', () => `Action=SendMessageBatch&SendMessageBatchRequestEntry.${times('9')}.Id=a`],
    ['values that are escaped', () => `Action=Publish&Version=2010-03-31&TopicArn=x&Message=${times('%3C%26')}`],
    ['an action', () => `Version=2012-11-05&Action=${times('%3C')}`],
  ])('Query: %s', async (_, body) => {
    await expectBounded(async () => {
      const [status, answer] = await ask({ 'content-type': 'application/x-www-form-urlencoded' }, body());
      expect([status, answer.slice(0, 21)]).toEqual([400, '<?xml version="1.0"?>']);
    });
  });
});

describe('a body without end is cut off', () => {
  it('in chunks, over HTTP/1.1', async () => {
    await expectBounded(async () => {
      const socket = await open(port);
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      const gone = closed(socket);
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
      const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(mebibyte, 97), Buffer.from('\r\n')]);
      for (let sent = 0; sent < 200 && !socket.destroyed; sent++) {
        await new Promise((resolve) => void socket.write(chunk, resolve));
      }
      socket.end();
      await gone;
      expect(answer === '' || answer.startsWith('HTTP/1.1 413 ')).toBe(true);
    });
  });

  it('and one that is announced with 10 GB, over HTTP/2', async () => {
    await expectBounded(async () => {
      using peer = await http2Peer(port);
      const headers = kinesisHeaders('PutRecords', [literal('content-length', '10737418240')]);
      await peer.write(frame(frameTypes.headers, flags.endHeaders, 1, headers));
      await expect.poll(() => peer.count(frameTypes.headers)).toBe(1);
      // What follows is not taken: the window of the stream is never opened again.
      for (let sent = 0; sent < 64; sent++) if (!(await peer.write(frame(0, 0, 1, Buffer.alloc(16_384))))) break;
    });
  });

  it('of many requests at once, none of which is ever whole', async () => {
    await expectBounded(async () => {
      const sockets = await Promise.all(Array.from({ length: 40 }, () => open(port)));
      const body = Buffer.alloc(14 * mebibyte, 97);
      for (const socket of sockets) {
        socket.on('error', () => undefined);
        socket.resume();
        socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${15 * mebibyte}\r\n\r\n`);
        socket.write(body);
      }
      // Those that are too many are told so, and closed; what is small is served all the while.
      await Promise.all(Array.from({ length: 20 }, () => expectService()));
      await expect.poll(() => sockets.filter((socket) => socket.destroyed).length).toBeGreaterThan(20);
      await expectService();
      for (const socket of sockets) socket.destroy();
    });
  });
});

describe('answers that nobody takes', () => {
  let ShardIterator: string;
  beforeAll(async () => {
    const call = async (action: string, input: object): Promise<unknown> => {
      const headers = { 'x-amz-target': `Kinesis_20131202.${action}`, 'content-type': 'application/x-amz-json-1.1' };
      const [, answer] = await ask(headers, JSON.stringify(input));
      return answer === '' ? {} : JSON.parse(answer);
    };
    await call('CreateStream', { StreamName: 's', ShardCount: 1 });
    const Data = Buffer.alloc(900 * 1024, 1).toString('base64');
    for (let i = 0; i < 12; i++) await call('PutRecord', { StreamName: 's', PartitionKey: 'k', Data });
    const place = { StreamName: 's', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
    ({ ShardIterator } = (await call('GetShardIterator', place)) as { ShardIterator: string });
  });

  it('over HTTP/2, on a connection whose window is shut', { timeout: 60_000 }, async () => {
    await expectBounded(async () => {
      const session = http2.connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
      session.on('error', () => undefined);
      const statuses: number[] = [];
      for (let i = 0; i < 150; i++) {
        const stream = session.request({
          ':method': 'POST',
          ':path': '/',
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'Kinesis_20131202.GetRecords',
        });
        stream.on('error', () => undefined);
        stream.on('response', ({ ':status': status = 0 }) => statuses.push(status));
        stream.end(JSON.stringify({ ShardIterator }));
      }
      await expect.poll(() => statuses.length).toBe(150);
      expect(new Set(statuses)).toEqual(new Set([200, 503]));
      expect(statuses.filter((status) => status === 200).length).toBeLessThan(20);
      session.destroy();
    });
  });

  it('over HTTP/1.1, by clients that ask on and do not read', { timeout: 60_000 }, async () => {
    await expectBounded(async () => {
      const body = JSON.stringify({ ShardIterator });
      const request =
        'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.1\r\n' +
        `X-Amz-Target: Kinesis_20131202.GetRecords\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const sockets = await Promise.all(Array.from({ length: 60 }, () => open(port)));
      for (const socket of sockets) {
        socket.on('error', () => undefined);
        socket.pause();
        socket.write(request.repeat(4));
      }
      for (let i = 0; i < 10; i++) await expectService();
      for (const socket of sockets) socket.destroy();
    });
  });

  it('leave room for the next reader once they are gone', async () => {
    const headers = { 'x-amz-target': 'Kinesis_20131202.GetRecords', 'content-type': 'application/x-amz-json-1.1' };
    await expect.poll(async () => (await ask(headers, JSON.stringify({ ShardIterator })))[0]).toBe(200);
  });
});

describe('HTTP/2', () => {
  it('is ended where streams are opened and reset in a flood', async () => {
    await expectBounded(async () => {
      using peer = await http2Peer(port);
      const cancel = Buffer.of(0, 0, 0, 8);
      const headers = kinesisHeaders('ListStreams');
      let isOpen = true;
      for (let stream = 1; isOpen && stream < 200_000; stream += 200) {
        const frames = Array.from({ length: 100 }, (_, index) => [
          frame(frameTypes.headers, flags.endHeaders, stream + 2 * index, headers),
          frame(frameTypes.reset, flags.none, stream + 2 * index, cancel),
        ]).flat();
        isOpen = await peer.write(Buffer.concat(frames));
      }
      expect(isOpen).toBe(false);
      await peer.goneAway;
    });
  });

  it.each<[what: string, bytes: () => Buffer]>([
    [
      'headers that go on and on',
      () => frame(frameTypes.continuation, flags.none, 1, literal('x-a', 'a'.repeat(8000))),
    ],
    ['headers that go on with nothing', () => frame(frameTypes.continuation, flags.none, 1)],
  ])('is ended by %s', async (_, bytes) => {
    await expectBounded(async () => {
      using peer = await http2Peer(port);
      await peer.write(frame(frameTypes.headers, flags.none, 1, kinesisHeaders('ListStreams')));
      const flood = Buffer.concat(Array.from({ length: 64 }, bytes));
      for (let round = 0; round < 500; round++) if (!(await peer.write(flood))) break;
      await within(peer.goneAway, 20_000, () => 'the connection to be ended');
    });
  });

  it('refuses a request with huge headers, or ends', async () => {
    await expectBounded(async () => {
      using peer = await http2Peer(port);
      const header = literal('x-long', 'a'.repeat(15_000));
      const [first = header, ...others] = Array.from({ length: 7 }, () => header);
      await peer.write(frame(frameTypes.headers, flags.endStream, 1, first));
      for (const [index, more] of others.entries()) {
        const last = index === others.length - 1 ? flags.endHeaders : flags.none;
        await peer.write(frame(frameTypes.continuation, last, 1, more));
      }
      await expect
        .poll(() => peer.socket.destroyed || peer.count(frameTypes.reset) > 0 || peer.count(frameTypes.headers) > 0)
        .toBe(true);
    });
  });

  it('has a thousand streams at once at most', async () => {
    await expectBounded(async () => {
      using peer = await http2Peer(port);
      const headers = kinesisHeaders('PutRecords');
      const frames = Array.from({ length: 3000 }, (_, index) =>
        frame(frameTypes.headers, flags.endHeaders, 1 + 2 * index, headers),
      );
      await peer.write(Buffer.concat(frames));
      await expect.poll(() => peer.socket.destroyed || peer.count(frameTypes.reset) >= 2000).toBe(true);
    });
  });

  it.each<[what: string, bytes: Buffer]>([
    ['pings', frame(frameTypes.ping, flags.none, 0, Buffer.alloc(8))],
    ['settings', frame(frameTypes.settings, flags.none, 0, Buffer.of(0, 4, 0, 0, 0, 0))],
  ])('keeps few answers to a flood of %s that are not read', async (_, bytes) => {
    await expectBounded(async () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.pause();
      socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(frameTypes.settings, 0, 0)]));
      const flood = Buffer.concat(Array.from({ length: 2000 }, () => bytes));
      for (let round = 0; round < 400 && !socket.destroyed; round++) {
        const written = new Promise<string>((resolve) => void socket.write(flood, () => resolve('written')));
        // Once neither side reads, that is an end, too.
        if ((await Promise.race([written, expectService().then(() => 'stuck')])) === 'stuck') break;
      }
      socket.destroy();
    });
  });
});

describe('XML', () => {
  const entities =
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>' +
    '<a>&c;&f;<![CDATA[]]>]]&gt;</a>';
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  it('that is no request is not read', async () => {
    for (const type of ['text/xml', 'application/xml']) {
      expect(await ask({ 'content-type': type }, entities)).toEqual([404, '<UnknownOperationException/>\n']);
    }
  });

  it('in a message is text, in the answer too', async () => {
    const query = (parameters: Record<string, string>): Promise<readonly [number, string]> =>
      ask(form, new URLSearchParams({ Version: '2012-11-05', ...parameters }).toString());
    await query({ Action: 'CreateQueue', QueueName: 'xml' });
    const QueueUrl = `http://127.0.0.1:${port}/000000000000/xml`;
    expect((await query({ Action: 'SendMessage', QueueUrl, MessageBody: entities }))[0]).toBe(200);
    const [, answer] = await query({ Action: 'ReceiveMessage', QueueUrl });
    const body = /<Body>([^<>]*)<\/Body>/.exec(answer)?.[1] ?? '';
    const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&' };
    expect(body.replace(/&(\w+);/g, (_, name: string) => characters[name] ?? '')).toBe(entities);
  });

  it.each(['Action', 'Version'])('in what a refusal repeats is text: %s', async (name) => {
    const parameters = { Action: 'Publish', Version: '2010-03-31', [name]: entities };
    const [status, answer] = await ask(form, new URLSearchParams(parameters).toString());
    expect(status).toBe(400);
    expect(answer).not.toContain('<!');
    expect(answer.match(/<\/?ErrorResponse/g)).toHaveLength(2);
  });
});
