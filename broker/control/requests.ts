// What each method of the control API accepts: the schemas of its requests, with their limits.

import { z } from 'zod';
import { BrokerError } from '../core/errors.ts';
import type { MethodName, Methods } from './api.ts';
import type { PreviewMessage } from './api-routes.ts';

const destination = z.string().min(1).max(2048);

const previewMessage = z.strictObject({
  body: z.string().max(4 * 1024 * 1024),
  encoding: z.enum(['text', 'base64']).exactOptional(),
  bodyType: z.enum(['text', 'bytes', 'value']).exactOptional(),
  headers: z.record(z.string().max(64), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
  properties: z
    .array(
      z.strictObject({
        name: z.string(),
        type: z.string().max(16),
        value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
      }),
    )
    .max(1000)
    .exactOptional(),
});

/** For the command line, which reads a message from a file. @throws BrokerError `invalid`. */
export function parsePreviewMessage(value: unknown): PreviewMessage {
  const parsed = previewMessage.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new BrokerError('invalid', `the message: ${faults.join('; ')}`);
}

const schemas: { readonly [M in MethodName]: z.ZodType<Methods[M]['request']> } = {
  overview: z.strictObject({}),
  history: z.strictObject({}),
  peek: z.strictObject({
    destination,
    after: z.int().min(0).exactOptional(),
    limit: z.int().min(1).max(100).exactOptional(),
  }),
  send: z.strictObject({
    destination,
    body: z.string().max(4 * 1024 * 1024),
    encoding: z.enum(['text', 'base64']),
    contentType: z.string().min(1).max(256).exactOptional(),
    durable: z.boolean().exactOptional(),
    properties: z
      .record(z.string().min(1).max(256), z.string().max(65_536))
      .refine((properties) => Object.keys(properties).length <= 100, 'at most 100 properties')
      .exactOptional(),
    subject: z.string().min(1).max(100).exactOptional(),
    groupId: z.string().min(1).max(128).exactOptional(),
    deduplicationId: z.string().min(1).max(128).exactOptional(),
  }),
  describeTopic: z.strictObject({ destination }),
  describeStream: z.strictObject({ destination }),
  describeSubscription: z.strictObject({ destination }),
  unsubscribe: z.strictObject({ destination }),
  peekShard: z.strictObject({
    destination,
    shard: z.int().min(0),
    before: z.int().min(0).exactOptional(),
    limit: z.int().min(1).max(100).exactOptional(),
  }),
  putRecord: z.strictObject({
    destination,
    partitionKey: z.string().min(1).max(256),
    hashKey: z
      .string()
      .regex(/^\d{1,39}$/, 'a hash key is a decimal number')
      .exactOptional(),
    body: z.string().max(4 * 1024 * 1024),
    encoding: z.enum(['text', 'base64']),
  }),
  scheduled: z.strictObject({}),
  cancelScheduled: z.strictObject({ key: z.string().min(1).max(70_000) }),
  purge: z.strictObject({ destination }),
  pauseRoute: z.strictObject({ name: z.string().min(1).max(256) }),
  resumeRoute: z.strictObject({ name: z.string().min(1).max(256) }),
  listRoutes: z.strictObject({}),
  reload: z.strictObject({}),
  drainRoute: z.strictObject({ name: z.string().min(1).max(256) }),
  replayRoute: z.strictObject({ name: z.string().min(1).max(256), from: z.string().min(1).max(64) }),
  routeLedger: z.strictObject({
    name: z.string().min(1).max(256),
    format: z.enum(['json', 'csv']).exactOptional(),
  }),
  compareRoute: z.strictObject({
    name: z.string().min(1).max(256),
    format: z.enum(['json', 'csv']).exactOptional(),
  }),
  previewRoute: z.strictObject({ name: z.string().min(1).max(256), message: previewMessage }),
  cloudQuotas: z.strictObject({}),
  cloudMetrics: z.strictObject({
    service: z.enum(['sqs', 'sns', 'kinesis']),
    after: z.string().min(1).max(2048).exactOptional(),
  }),
  mailbox: z
    .strictObject({
      kind: z.enum(['email', 'email-json', 'sms', 'application']).exactOptional(),
      before: z.int().min(0).exactOptional(),
      after: z.int().min(0).exactOptional(),
      limit: z.int().min(1).max(100).exactOptional(),
      bodyCharacters: z.int().min(0).max(65_536).exactOptional(),
    })
    .refine(({ before, after }) => before === undefined || after === undefined, {
      path: ['after'],
      error: 'either before or after, not both',
    }),
  clearMailbox: z.strictObject({}),
  disconnectClient: z.strictObject({ id: z.string().min(1).max(256) }),
};

export function isMethod(name: string): name is MethodName {
  return Object.hasOwn(schemas, name);
}

/** @throws BrokerError `invalid` that names every field that is wrong. */
export function parseRequest<M extends MethodName>(method: M, body: unknown): Methods[M]['request'] {
  const parsed = schemas[method].safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new BrokerError('invalid', faults.join('; '));
}
