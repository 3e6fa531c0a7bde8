// Bodies that are too large for a message go into an object store, and the message says where: the format of the extended
// clients of SQS and SNS (awslabs/amazon-sqs-java-extended-client-lib, amazon-sqs-python-extended-client-lib), which both ways
// is as they write it and read it.

import { hash } from 'node:crypto';
import type { Message, Property } from '../core/message.ts';

/** What a route says of it. */
export interface ClaimCheck {
  readonly bucket: string;
  /** Bytes that a message may have, with its attributes, before its body goes there; absent: what the target takes. */
  readonly over?: number | undefined;
  /** What keys of objects begin with: the route's name. */
  readonly keys: string;
  /** What was read is removed there once the message has crossed. */
  readonly deletes: boolean;
}

/** Where the bodies go. None of it is the message's fault: it is tried again. */
export interface ObjectStore {
  /** Replaces what has the key. @throws RemoteTrouble. */
  put(bucket: string, key: string, body: Buffer): Promise<void>;
  /** Undefined: it is not there. Text: why it is not read, now or ever. @throws RemoteTrouble. */
  get(bucket: string, key: string, mostBytes: number): Promise<Buffer | string | undefined>;
  /** What is not there is as good as deleted. @throws RemoteTrouble. */
  delete(bucket: string, key: string): Promise<void>;
}

export interface Pointer {
  readonly bucket: string;
  readonly key: string;
}

/** What tells a pointer from a body: the size of what is elsewhere. */
export const sizeAttribute = 'ExtendedPayloadSize';
/** Its name before 2020; it is still read. */
const formerSizeAttribute = 'SQSLargePayloadSize';
const pointerClass = 'software.amazon.payloadoffloading.PayloadS3Pointer';
const pointerClasses: ReadonlySet<unknown> = new Set([pointerClass, 'com.amazon.sqs.javamessaging.MessageS3Pointer']);

/** Attributes that are the extended clients' own. */
export function isSizeAttribute(name: string): boolean {
  return name === sizeAttribute || name === formerSizeAttribute;
}

/** The same for the same message: what is sent again replaces what was stored before. */
export function keyFor({ keys }: ClaimCheck, identity: string): string {
  return `${keys}/${hash('sha256', identity, 'hex')}`;
}

export function pointerTo({ bucket, key }: Pointer): string {
  return JSON.stringify([pointerClass, { s3BucketName: bucket, s3Key: key }]);
}

/** How long the pointers of a route are. */
export function pointerBytes(claimCheck: ClaimCheck): number {
  return Buffer.byteLength(pointerTo({ bucket: claimCheck.bucket, key: keyFor(claimCheck, '') }));
}

export function sizeProperty(body: Buffer): Property {
  return { name: sizeAttribute, type: 'decimal', value: String(body.length) };
}

/** Whether a message in the form of SQS has a body that belongs elsewhere, or a pointer to one. */
export function isClaimed({ properties }: Message): boolean {
  return properties.some(({ name }) => isSizeAttribute(name));
}

/** Where the body of a claimed message is. Text: why that cannot be told. */
export function pointerOf({ body }: Message): Pointer | string {
  const found = pointerIn(body.toString());
  return found ?? `it has the attribute ${sizeAttribute}, but its body names no object`;
}

function pointerIn(text: string): Pointer | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const entries: readonly unknown[] = Array.isArray(parsed) ? parsed : [];
  if (entries.length !== 2) return undefined;
  const [type, named] = entries;
  if (!pointerClasses.has(type) || typeof named !== 'object' || named === null) return undefined;
  const { s3BucketName: bucket, s3Key: key } = { s3BucketName: undefined, s3Key: undefined, ...named };
  return typeof bucket === 'string' && typeof key === 'string' ? { bucket, key } : undefined;
}

/** The message as its sender wrote it. */
export function restored(message: Message, body: Buffer): Message {
  return { ...message, body, properties: message.properties.filter(({ name }) => !isSizeAttribute(name)) };
}
