// Claim checks of routes to and from AWS far away: a second engine plays it, its bucket is there too.

import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { message } from '../support/messages.ts';
import { farAws } from './remote/far-aws.ts';
import type { FarAws } from './remote/far-aws.ts';
import { world } from './world.ts';
import type { World } from './world.ts';

const bucket = 'far-bodies';
let far: FarAws;
let s3: S3Client;

beforeAll(async () => {
  far = await farAws();
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  s3 = new S3Client({ endpoint: far.proxy.endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterAll(async () => {
  s3.destroy();
  await far[Symbol.asyncDispose]();
});
afterEach(() => {
  far.proxy.faults = () => 'pass';
});

const near = (routes: string): Promise<World> => world({ remotes: `{far: ${far.remote}}`, routes });
const keys = async (prefix: string): Promise<string[]> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return Contents.map(({ Key = '' }) => Key);
};
const textOf = async (Key: string): Promise<string | undefined> =>
  (await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body?.transformToString();

async function publish({ broker }: World, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await broker.publish({ kind: 'queue', name: 'in' }, message({ text }));
}

it.each(['sqs://claimed@far', 'sns://claims@far'])(
  'to %s, bodies go into the bucket there',
  async (to) => {
    await far.queue('claimed');
    if (to.startsWith('sns')) await far.topic('claims', 'claimed');
    const name = `r-${to.slice(0, 3)}`;
    await using w = await near(
      `[{name: ${name}, from: queue://in, to: "${to}", claimCheck: {bucket: ${bucket}, over: 100000}}]`,
    );
    const bodies = Array.from({ length: 12 }, (_, index) => `${index} ${'ü'.repeat(200_000)}`);
    await publish(w, ...bodies, 'small');
    await expect.poll(() => w.route(name).transferred).toBe(13);
    const received: string[] = [];
    for (const { Body = '', MessageAttributes = {} } of await far.drain('claimed')) {
      if (MessageAttributes['ExtendedPayloadSize'] === undefined) received.push(Body);
      else {
        const [, { s3BucketName, s3Key }] = JSON.parse(Body) as [string, { s3BucketName: string; s3Key: string }];
        expect(s3BucketName).toBe(bucket);
        received.push((await textOf(s3Key)) ?? '');
      }
    }
    expect(received.toSorted()).toEqual([...bodies, 'small'].toSorted());
    expect(await keys(`${name}/`)).toHaveLength(12);
  },
  30_000,
);

it('what has to be sent again finds its object', async () => {
  await far.queue('again');
  await using w = await near(
    `[{name: again, from: queue://in, to: sqs://again@far, claimCheck: {bucket: ${bucket}, over: 10}}]`,
  );
  let failed = 0;
  far.proxy.faults = ({ action }) => (action === 'SendMessageBatch' && failed++ < 4 ? 'fail' : 'pass');
  await publish(w, 'x'.repeat(1000), 'y'.repeat(1000));
  await expect.poll(() => w.route('again').transferred).toBe(2);
  expect(failed).toBeGreaterThan(4);
  expect(await far.drain('again')).toHaveLength(2);
  expect(await keys('again/')).toHaveLength(2);
});

it('a bucket that is not there is the state of the route', async () => {
  await far.queue('waits');
  await using w = await near(
    '[{name: waits, from: queue://in, to: sqs://waits@far, claimCheck: {bucket: not-yet-there, over: 10}}]',
  );
  await publish(w, 'x'.repeat(1000));
  await expect.poll(() => w.route('waits').error).toBe('s3://not-yet-there@far does not exist');
  expect([w.route('waits').state, w.broker.queue('in').readyCount]).toEqual(['failed', 1]);
  await s3.send(new CreateBucketCommand({ Bucket: 'not-yet-there' }));
  await expect.poll(() => w.route('waits').transferred).toBe(1);
});

it('from SQS there, bodies come from the bucket, and go once they have crossed', async () => {
  const url = await far.queue('theirs');
  const send = async (key: string, body: string | undefined): Promise<void> => {
    if (body !== undefined) await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    const pointer = { s3BucketName: bucket, s3Key: key };
    await far.sqs.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: JSON.stringify(['com.amazon.sqs.javamessaging.MessageS3Pointer', pointer]),
        MessageAttributes: { SQSLargePayloadSize: { DataType: 'Number', StringValue: String(body?.length ?? 0) } },
      }),
    );
  };
  const bodies = Array.from({ length: 10 }, (_, index) => `${index} ${'x'.repeat(300_000)}`);
  for (const [index, body] of bodies.entries()) await send(`theirs/${index}`, body);
  await send('theirs/none', undefined);
  await using w = await near(
    `[{name: theirs, from: sqs://theirs@far, to: queue://out, deadLetter: queue://dead, claimCheck: {bucket: ${bucket}, delete: true}}]`,
  );
  await expect.poll(() => w.route('theirs').transferred).toBe(10);
  await expect.poll(() => w.route('theirs').deadLettered).toBe(1);
  const out = (await w.messages(w.broker.queue('out'))).map(({ body }) => body.toString());
  expect(out.toSorted()).toEqual(bodies.toSorted());
  await expect.poll(() => keys('theirs/')).toEqual([]);
  await expect.poll(() => far.depth('theirs')).toBe(0);
  const [dead] = await w.broker.queue('dead').browse(0, 10);
  expect(dead?.entry.dead?.reason).toBe('route theirs: its body is not in the bucket "far-bodies": "theirs/none"');
}, 60_000);
