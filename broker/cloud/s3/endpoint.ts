// S3 at the cloud endpoint: the way of one request, step by step. Route, identify, admit, authorize, act, answer.

import { randomBytes } from 'node:crypto';
import { BrokerError } from '../../core/errors.ts';
import type { Log } from '../../util/log.ts';
import type { Authorization } from '../auth/authorization.ts';
import { AwsError } from '../errors.ts';
import { identify } from '../identity.ts';
import type { Identity } from '../identity.ts';
import { admit, noteUser } from '../pipeline.ts';
import type { Endpoint } from '../pipeline.ts';
import type { Head, StreamedAnswer, StreamedOutcome, StreamedRequest, StreamingService } from '../streaming.ts';
import { addressOf, isForS3 } from './addressing.ts';
import type { Address } from './addressing.ts';
import type { Asked, ObjectOperation } from './asked.ts';
import { s3Authorization } from './authorization.ts';
import { refusal } from './errors.ts';
import type { ObjectStorage } from './model/storage.ts';
import { operationFor } from './operations.ts';
import { refusalAnswer } from './wire/answers.ts';

const name = 's3';
const noBucket: Address = { bucket: '', key: '', parameters: new Map() };

export class ObjectEndpoint implements StreamingService {
  readonly #storage: ObjectStorage;
  readonly #authorization: Authorization;

  constructor(storage: ObjectStorage) {
    this.#storage = storage;
    this.#authorization = s3Authorization(storage.buckets);
  }

  claims(head: Head): boolean {
    return isForS3(head);
  }

  async respond(request: StreamedRequest, endpoint: Endpoint): Promise<StreamedOutcome> {
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    const hostId = randomBytes(57).toString('base64');
    const ids = ['x-amz-request-id', requestId, 'x-amz-id-2', hostId, 'Server', 'AmazonS3'];
    let operation: ObjectOperation | undefined;
    let identity: Identity | undefined;
    const answered = (answer: StreamedAnswer, code?: string): StreamedOutcome => ({
      answer: { ...answer, headers: [...ids, ...answer.headers] },
      service: name,
      operation: operation?.name,
      identity,
      refusal: code,
    });
    try {
      const address = addressOf(request);
      refuseOldSignature(request, address);
      const found = tryTo(() => operationFor(request.method, address, request.headers));
      operation = found instanceof AwsError ? undefined : found;
      identity = this.#identify(request, operation?.name ?? '', address, endpoint);
      admit(endpoint, identity);
      noteUser(request.client, identity, request.headers['user-agent']);
      if (found instanceof AwsError) {
        if (address.bucket !== '') this.#storage.buckets.at(address.bucket);
        throw found;
      }
      const asked = this.#ask(request, address, identity, endpoint);
      // Of a list, each object is asked about by itself.
      if (found.name !== 'DeleteObjects') asked.permit(found.name, address.bucket, address.key);
      this.#expectOwner(request, address);
      return answered(await found.act(asked, this.#storage));
    } catch (error) {
      const refused = asRefusal(error, endpoint.log, requestId);
      const about = { requestId, hostId, isHead: request.method === 'HEAD' };
      return answered(refusalAnswer(refused, about), refused.kind.code);
    }
  }

  #identify(request: StreamedRequest, operation: string, { parameters }: Address, endpoint: Endpoint): Identity {
    const { guard, defaults } = endpoint;
    if (guard === undefined) return identify(request.headers, parameters, defaults);
    const authorization = this.#authorization;
    return guard.identify(request, { name, authorization }, { name: operation }, parameters, defaults);
  }

  #ask(request: StreamedRequest, address: Address, identity: Identity, { guard }: Endpoint): Asked {
    const { account, region, seal } = identity;
    const { client, headers, origin, requestId, signal, incoming } = request;
    const call = { account, region, client, headers, origin, requestId, signal };
    return {
      ...address,
      headers,
      account,
      region,
      origin,
      incoming,
      seal,
      permit: (operation, bucket, key) => {
        const { parameters } = address;
        const input = {
          Bucket: bucket,
          Key: key,
          Prefix: parameters.get('prefix'),
          Delimiter: parameters.get('delimiter'),
          MaxKeys: parameters.get('max-keys'),
        };
        guard?.authorize({ name, authorization: this.#authorization }, { name: operation }, input, call, identity);
      },
    };
  }

  #expectOwner({ headers }: StreamedRequest, { bucket }: Address): void {
    const expected = headers['x-amz-expected-bucket-owner'];
    if (typeof expected === 'string' && !/^\d{12}$/.test(expected)) {
      const message = `The value of the expected bucket owner parameter must be an AWS Account ID... [${expected}]`;
      throw refusal('InvalidBucketOwnerAWSAccountID', {}, message);
    }
    const owner = this.#storage.buckets.find(bucket)?.owner;
    if (expected !== undefined && owner !== undefined && expected !== owner) throw refusal('AccessDenied');
  }
}

/** Version 2 of signatures. */
function refuseOldSignature({ headers }: Head, { parameters }: Address = noBucket): void {
  if (headers.authorization?.startsWith('AWS ') !== true && !parameters.has('AWSAccessKeyId')) return;
  throw refusal(
    'InvalidRequest',
    {},
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  );
}

function tryTo<T>(work: () => T): T | AwsError {
  try {
    return work();
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}

function asRefusal(error: unknown, log: Log, requestId: string): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof BrokerError) {
    switch (error.code) {
      case 'limit':
        return refusal('SlowDown');
      case 'store-full':
      case 'fenced':
      case 'closed':
        return refusal('ServiceUnavailable');
      case 'store-failed':
      case 'invalid':
      case 'not-found':
      case 'exists':
      case 'not-allowed':
      case 'unauthorized':
      case 'too-large':
      case 'unsupported':
        break;
    }
  }
  // Nobody is there any more to be answered.
  if (isCut(error)) return refusal('IncompleteBody');
  log.error({ err: error, requestId }, 'answer a request');
  return refusal('InternalError');
}

/** The client went in the middle of its body. */
function isCut(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
