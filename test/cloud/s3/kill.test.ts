// What an engine that is killed leaves to the next: every object that was acknowledged, whole; and nothing of the others.

import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { hash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.ts';
import { closed, open } from '../raw-http.ts';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';

const Bucket = 'things';
const writers = 8;
const rounds = Number(process.env['S3_KILLS'] ?? 4);

function bodyOf(key: string, version: number): Buffer {
  return Buffer.alloc(1000 + ((version * 7919) % 300_000), `${key} ${version} `);
}

async function start(
  dataDirectory: string,
  options: { readonly ha?: boolean; readonly set?: readonly string[] } = {},
): Promise<{ readonly engine: EngineProcess; readonly s3: S3Client; readonly port: number }> {
  const engine = new EngineProcess({ dataDirectory, ...options });
  const { listeners } = await engine.seen('ready');
  const port = listeners['cloud']?.port ?? 0;
  return { engine, s3: clientOf(port), port };
}

function clientOf(port: number): S3Client {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const endpoint = `http://127.0.0.1:${port}`;
  return new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true, maxAttempts: 1 });
}

async function filesIn(directory: string): Promise<string[]> {
  const all = await readdir(join(directory, 'objects'), { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map(({ name }) => name);
}

interface Written {
  acknowledged: number;
  sent: number;
}

/** Writes new versions of its object, one after the other, until the engine is gone. */
async function write(s3: S3Client, key: string, written: Written): Promise<void> {
  for (;;) {
    written.sent += 1;
    const Body = bodyOf(key, written.sent);
    try {
      await s3.send(new PutObjectCommand({ Bucket, Key: key, Body }));
    } catch {
      return;
    }
    written.acknowledged = written.sent;
  }
}

it('keeps what was acknowledged, whole, and nothing else', async () => {
  await using directory = await temporaryDirectory();
  const all = new Map<string, Written>();
  for (let round = 0; round < rounds; round++) {
    const { engine, s3 } = await start(directory.path);
    await using _ = engine;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const keys = Array.from({ length: writers }, (_value, index) => `${round}/${index}`);
    for (const key of keys) all.set(key, { acknowledged: 0, sent: 0 });
    const writing = keys.map((key) => write(s3, key, all.get(key)!));
    await waitUntil(() => keys.every((key) => all.get(key)!.acknowledged >= 3), 30_000);
    await engine.kill();
    await Promise.all(writing);
    s3.destroy();
  }
  const { engine, s3 } = await start(directory.path);
  await using _ = engine;
  for (const [key, { acknowledged, sent }] of all) {
    const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    const version = Number(bytes.toString('latin1', 0, 30).split(' ')[1]);
    expect(bytes.equals(bodyOf(key, version))).toBe(true);
    expect(ETag).toBe(`"${hash('md5', bytes, 'hex')}"`);
    // One that was sent, and not acknowledged, may be there.
    expect([acknowledged, sent]).toContain(version);
  }
  expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(all.size);
  expect(await filesIn(directory.path)).toHaveLength(all.size);
  s3.destroy();
}, 120_000);

it('goes on with the standby, from whom the one that was stopped takes nothing', async () => {
  await using directory = await temporaryDirectory();
  const set = ['ha.leaseMs=1000'];
  const { engine, s3, port } = await start(directory.path, { ha: true, set });
  await using _ = engine;
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'first' }));
  await using standby = new EngineProcess({ dataDirectory: directory.path, ha: true, set });
  await standby.seen('standby');
  // In the middle of a put, the active engine stands still.
  const socket = await open(port);
  const gone = closed(socket);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.write(`PUT /${Bucket}/k HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(199_990)}`);
  await waitUntil(async () => (await filesIn(directory.path)).length === 2);
  engine.signal('SIGSTOP');
  const { listeners } = await standby.seen('ready');
  const next = clientOf(listeners['cloud']?.port ?? 0);
  const read = async (): Promise<string | undefined> =>
    (await next.send(new GetObjectCommand({ Bucket, Key: 'k' }))).Body?.transformToString();
  expect(await read()).toBe('first');
  await next.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'second' }));
  engine.signal('SIGCONT');
  socket.write('x'.repeat(10));
  await gone;
  await engine.exited;
  expect(answer).not.toContain('HTTP/1.1 200');
  expect(await read()).toBe('second');
  s3.destroy();
  next.destroy();
}, 60_000);
