// What a failed call to AWS means: trouble that is not the messages' fault, in a sentence for people; or a refusal of what the
// call said. By the names of errors in the API references of SQS, SNS, Kinesis and STS ("Common Errors" among them).

import { RemoteTrouble } from '../../remote.ts';

/** The call as a whole was refused for what it said: of several messages, at least one is to blame. */
export class CallRefused extends Error {
  override readonly name = 'CallRefused';
}

/** Where the call went. */
export interface Place {
  /** Of the configuration. */
  readonly remote: string;
  readonly profile: string | undefined;
  /** `sqs://orders@production`, as far as it is about one. */
  readonly address: string;
}

const throttling: ReadonlySet<string> = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'Throttled',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'BandwidthLimitExceeded',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'KMSThrottlingException',
  'KMSThrottling',
  'KmsThrottled',
  'PriorRequestNotComplete',
  'SlowDown',
  'OverLimit',
]);

const expired: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'RequestExpired',
]);

const unknownCaller: ReadonlySet<string> = new Set([
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'InvalidAccessKeyId',
  'AuthFailure',
  'InvalidSecurity',
]);

const denied: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'KMSAccessDenied',
  'KMSAccessDeniedException',
  'KmsAccessDenied',
  'NotAuthorized',
]);

const missing: ReadonlySet<string> = new Set([
  'QueueDoesNotExist',
  'NonExistentQueue',
  'NotFound',
  'NotFoundException',
  'ResourceNotFoundException',
  'NoSuchBucket',
]);

/** What was sent is to blame, and sending it again would not help. */
const aboutMessages: ReadonlySet<string> = new Set([
  'InvalidMessageContents',
  'BatchRequestTooLong',
  'InvalidParameterValue',
  'InvalidParameterValueException',
  'InvalidParameter',
  'InvalidParameterException',
  'InvalidArgumentException',
  'InvalidAttributeValue',
  'ValidationError',
  'ValidationException',
  'MissingParameter',
  'SerializationException',
  'RequestEntityTooLarge',
]);

/** Of the search for credentials, before anything is sent. */
const noCredentials: ReadonlySet<string> = new Set(['CredentialsProviderError', 'TokenProviderError', 'ProviderError']);

const ours: readonly (new () => Error)[] = [TypeError, RangeError, ReferenceError];

export function isThrottling(code: string | undefined): boolean {
  return code !== undefined && throttling.has(code);
}

/** @returns the trouble, or the refusal; an error that is neither, as it is: a bug. */
export function judge(error: unknown, place: Place): unknown {
  if (error instanceof RemoteTrouble || error instanceof CallRefused || !(error instanceof Error)) return error;
  const name = error.name.replace('AWS.SimpleQueueService.', '');
  const status = statusOf(error);
  const words = wordsOf(error, name, status);
  const where = `remote "${place.remote}"`;
  const trouble = (kind: RemoteTrouble['kind'], sentence: string): RemoteTrouble =>
    new RemoteTrouble(kind, sentence, { cause: error });
  if (isThrottling(name) || status === 429) return trouble('throttled', `${where} has too much to do: ${words}`);
  if (missing.has(name)) return trouble('not-found', `${place.address} does not exist`);
  if (noCredentials.has(name)) {
    const by = place.profile === undefined ? '' : ` by profile "${place.profile}"`;
    return trouble('not-allowed', `${where} has no credentials${by}: ${error.message}${loginHint(place)}`);
  }
  if (error.message === 'Region is missing') {
    return trouble(
      'not-allowed',
      `${where} has no region: neither the configuration nor the profile nor AWS_REGION says it`,
    );
  }
  if (expired.has(name)) {
    return trouble('not-allowed', `the credentials of ${where} have expired: ${words}${loginHint(place)}`);
  }
  if (unknownCaller.has(name)) return trouble('not-allowed', `${where} does not take the credentials: ${words}`);
  if (denied.has(name)) return trouble('not-allowed', `the credentials of ${where} do not suffice: ${words}`);
  if (status === undefined) {
    const isBug = ours.some((kind) => error instanceof kind) && codeOf(error) === undefined;
    return isBug ? error : trouble('away', `${where} cannot be reached: ${words}`);
  }
  if (status >= 500) return trouble('away', `${where} answers with a failure of its own: ${words}`);
  if (aboutMessages.has(name) || status === 413) return new CallRefused(words, { cause: error });
  if (status >= 400) return trouble('not-allowed', `${where} refuses ${place.address}: ${words}`);
  return trouble('away', `${where} gives answers that are none: ${words}`);
}

/** The credentials are good, but not for that call. */
export function isDenied(error: unknown): boolean {
  return error instanceof RemoteTrouble && error.cause instanceof Error && denied.has(error.cause.name);
}

/** The page that was to be read next is not known any more (GetRecords). */
export function isExpiredIterator(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.name === 'ExpiredIteratorException';
}

/** Others may be found the next time. */
export function isAboutCredentials(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return expired.has(error.name) || unknownCaller.has(error.name) || noCredentials.has(error.name);
}

function loginHint({ profile }: Place): string {
  const login = profile === undefined ? 'aws sso login' : `aws sso login --profile ${profile}`;
  return `; log in again (${login}), or renew them where they come from`;
}

function wordsOf(error: Error, name: string, status: number | undefined): string {
  const code = codeOf(error);
  if (status === undefined) return error.message === '' ? (code ?? name) : error.message;
  const said = name === 'Error' || name === 'UnknownError' ? `status ${status}` : name;
  return error.message === '' || error.message === name ? said : `${said}: ${error.message}`;
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function statusOf(error: Error): number | undefined {
  const metadata = '$metadata' in error ? numberIn(error.$metadata, 'httpStatusCode') : undefined;
  // Of an answer that could not be read.
  return metadata ?? ('$response' in error ? numberIn(error.$response, 'statusCode') : undefined);
}

function numberIn(value: unknown, key: string): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'number' ? found : undefined;
}
