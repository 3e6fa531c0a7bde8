// Extended clients of SQS on one side, a route on the other, over the real engine: what AWS's clients for Java and Python do is
// done here by hand, step by step as their sources have it, with the AWS SDK. And kills between the object and its message.

import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { freePort } from '../support/free-port.ts';

const bucket = 'bodies';
const configuration = `
cloud: { buckets: [${bucket}], queues: [{ name: in }, { name: out }, { name: plain }] }
routes:
  - { name: through, from: sqs://in, to: sqs://out, claimCheck: { bucket: ${bucket}, over: 1000 } }
  - { name: whole, from: sqs://plain, to: sqs://out, claimCheck: { bucket: ${bucket}, over: 1000, delete: true } }
`;

interface Running extends AsyncDisposable {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  urlOf(queue: string): string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

async function running(): Promise<Running> {
  const directory = await temporaryDirectory();
  const config = join(directory.path, 'causeway.yml');
  await writeFile(config, configuration);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  };
  const sqs = new SQSClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  let engine: EngineProcess | undefined;
  return {
    sqs,
    s3,
    urlOf: (queue) => `${endpoint}/000000000000/${queue}`,
    start: async () => {
      engine = new EngineProcess({ dataDirectory: directory.path, config, set: [`listeners.cloud=${port}`] });
      await engine.seen('ready');
    },
    kill: async () => {
      await engine?.kill();
    },
    [Symbol.asyncDispose]: async () => {
      sqs.destroy();
      s3.destroy();
      await engine?.kill();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** What an extended client sends for a message that is too large: the object, then the pointer with its attribute. */
async function sendExtended({ sqs, s3, urlOf }: Running, queue: string, body: string): Promise<void> {
  const key = randomUUID();
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: urlOf(queue),
      // As Python's json.dumps writes it.
      MessageBody: `["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3BucketName": "${bucket}", "s3Key": "${key}"}]`,
      MessageAttributes: { ExtendedPayloadSize: { DataType: 'Number', StringValue: String(Buffer.byteLength(body)) } },
    }),
  );
}

/** What an extended client receives: the reserved attribute says whether the body is elsewhere. */
async function receiveExtended({ sqs, s3, urlOf }: Running, queue: string): Promise<string[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: urlOf(queue),
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 1,
      MessageAttributeNames: ['ExtendedPayloadSize', 'SQSLargePayloadSize'],
    }),
  );
  const bodies: string[] = [];
  for (const { Body = '', MessageAttributes = {}, ReceiptHandle } of Messages) {
    const size = MessageAttributes['ExtendedPayloadSize'];
    let body = Body;
    if (size !== undefined) {
      const parsed = JSON.parse(Body) as [string, { s3BucketName: string; s3Key: string }];
      expect(parsed).toHaveLength(2);
      expect(parsed[0]).toBe('software.amazon.payloadoffloading.PayloadS3Pointer');
      const { s3BucketName, s3Key } = parsed[1];
      const got = await s3.send(new GetObjectCommand({ Bucket: s3BucketName, Key: s3Key }));
      body = (await got.Body?.transformToString()) ?? '';
      expect(size).toMatchObject({ DataType: 'Number', StringValue: String(Buffer.byteLength(body)) });
    }
    bodies.push(body);
    await sqs.send(new DeleteMessageCommand({ QueueUrl: urlOf(queue), ReceiptHandle }));
  }
  return bodies;
}

async function objects({ s3 }: Running): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

it('extended clients and routes read what the others wrote', async () => {
  await using run = await running();
  await run.start();
  const large = 'ünï '.repeat(300_000);
  await sendExtended(run, 'in', large);
  await sendExtended(run, 'in', 'small after all');
  const received: string[] = [];
  await expect.poll(async () => received.push(...(await receiveExtended(run, 'out')))).toBe(2);
  expect(received.toSorted()).toEqual(['small after all', large].toSorted());
  // The sender's two stay, as nobody said otherwise; the route has stored its own.
  const keys = await objects(run);
  expect(keys.filter((key) => key.startsWith('through/'))).toHaveLength(1);
  expect(keys).toHaveLength(3);
  await sendExtended(run, 'plain', 'to be removed');
  await expect.poll(() => receiveExtended(run, 'out')).toEqual(['to be removed']);
  await expect.poll(async () => (await objects(run)).length).toBe(3);
}, 60_000);

it('each message has one object, whatever is killed between the two', async () => {
  await using run = await running();
  await run.start();
  const accepted = new Set<string>();
  const kills = Number(process.env['CLAIM_KILLS'] ?? 4);
  for (let round = 0; round <= kills; round++) {
    const sends = Array.from({ length: 40 }, async (_, index) => {
      const body = `${round}-${index} ${'x'.repeat(1000 + index * 500)}`;
      await run.sqs.send(new SendMessageCommand({ QueueUrl: run.urlOf('in'), MessageBody: body }));
      accepted.add(body);
    });
    const all = Promise.allSettled(sends);
    if (round === kills) await all;
    else {
      await expect.poll(() => accepted.size).toBeGreaterThan(round * 30);
      await run.kill();
      await all;
      await run.start();
    }
  }
  const received: string[] = [];
  const isComplete = async (): Promise<boolean> => {
    received.push(...(await receiveExtended(run, 'out')));
    const found = new Set(received);
    return [...accepted].every((body) => found.has(body));
  };
  await expect.poll(isComplete, { timeout: 40_000 }).toBe(true);
  expect(received).toHaveLength(new Set(received).size);
  // Of what was sent again after a kill there is one object, as of all others.
  expect(await objects(run)).toHaveLength(received.length);
}, 90_000);
