// The engine, killed with -9 under puts: what was acknowledged is there after the next start, in order, once.

import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';

const rounds = 5;
const shards = 4;
const producers = 8;

interface Put {
  readonly ShardId: string;
  readonly SequenceNumber: string;
  readonly text: string;
}

async function call(port: number, action: string, input: object): Promise<{ readonly body: unknown }> {
  const response = await fetch(`http://127.0.0.1:${port}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Kinesis_20131202.${action}` },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${action}: ${text}`);
  return { body: text === '' ? undefined : JSON.parse(text) };
}

/** Puts until the engine is gone; gives back what was acknowledged. */
async function putUntilKilled(port: number, name: string, count: { acknowledged: number }): Promise<Put[]> {
  const acknowledged: Put[] = [];
  for (let i = 0; ; i++) {
    const texts = Array.from({ length: 10 }, (_, j) => `${name} ${i} ${j}`);
    const Records = texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text).toString('base64') }));
    try {
      const { body } = await call(port, 'PutRecords', { StreamName: 's', Records });
      const results = (body as { Records: Omit<Put, 'text'>[] }).Records;
      acknowledged.push(...results.map((result, j) => ({ ...result, text: texts[j]! })));
      count.acknowledged += texts.length;
    } catch {
      return acknowledged;
    }
  }
}

async function readAll(port: number, shard: number): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const ShardId = `shardId-${String(shard).padStart(12, '0')}`;
  const place = { StreamName: 's', ShardId, ShardIteratorType: 'TRIM_HORIZON' };
  let { ShardIterator } = (await call(port, 'GetShardIterator', place)).body as { ShardIterator: string };
  for (;;) {
    const { body } = await call(port, 'GetRecords', { ShardIterator });
    const page = body as { Records: { SequenceNumber: string; Data: string }[]; NextShardIterator: string };
    if (page.Records.length === 0) return found;
    for (const { SequenceNumber, Data } of page.Records) {
      expect(found.has(SequenceNumber)).toBe(false);
      found.set(SequenceNumber, Buffer.from(Data, 'base64').toString());
    }
    ShardIterator = page.NextShardIterator;
  }
}

it('every acknowledged record survives kill -9, once and in order', { timeout: 120_000 }, async () => {
  await using directory = await temporaryDirectory();
  const dataDirectory = directory.path;
  const acknowledged: Put[] = [];
  for (let round = 0; round < rounds; round++) {
    await using engine = new EngineProcess({ dataDirectory });
    const port = (await engine.seen('ready')).listeners['cloud']!.port;
    if (round === 0) await call(port, 'CreateStream', { StreamName: 's', ShardCount: shards });
    const count = { acknowledged: 0 };
    const running = Array.from({ length: producers }, (_, i) => putUntilKilled(port, `${round}.${i}`, count));
    await expect.poll(() => count.acknowledged).toBeGreaterThan(500 * (round + 1));
    await engine.kill();
    for (const puts of await Promise.all(running)) acknowledged.push(...puts);
  }
  await using engine = new EngineProcess({ dataDirectory });
  const port = (await engine.seen('ready')).listeners['cloud']!.port;
  const found = new Map<string, string>();
  for (let shard = 0; shard < shards; shard++) {
    const ofShard = await readAll(port, shard);
    const numbers = [...ofShard.keys()].map(BigInt);
    expect(numbers).toEqual(numbers.toSorted((a, b) => (a < b ? -1 : 1)));
    for (const [number, text] of ofShard) found.set(`${shard} ${number}`, text);
  }
  const lost = acknowledged.filter(
    ({ ShardId, SequenceNumber, text }) => found.get(`${Number(ShardId.slice(8))} ${SequenceNumber}`) !== text,
  );
  expect(lost).toEqual([]);
  const texts = [...found.values()];
  expect(new Set(texts).size).toBe(texts.length);
  expect(acknowledged.length).toBeGreaterThan(2500);
  await engine.kill();
});
